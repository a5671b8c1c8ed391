"""`make dashboard`: what is published, to look into, on loopback; no telemetry, nothing written."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

from agm_platform.settings import REPOSITORY

if TYPE_CHECKING:
    from agm_platform.settings import Settings

LOOPBACK = "127.0.0.1"
APP = REPOSITORY / "agm_platform" / "dashboard" / "app.py"
OPTIONS = {
    "server.address": LOOPBACK,
    # No browser is opened and no e-mail address asked for.
    "server.headless": "true",
    "server.showEmailPrompt": "false",
    "server.fileWatcherType": "none",
    # A text in the code that stands alone is a comment, not something to show.
    "runner.magicEnabled": "false",
    "browser.serverAddress": LOOPBACK,
    "browser.gatherUsageStats": "false",
    # No button to deploy, no links to search engines below an error.
    "client.toolbarMode": "viewer",
    "client.showErrorDetails": "none",
    "client.showErrorLinks": "false",
}


def command(settings: Settings, port: int) -> list[str]:
    """Return the command that serves the published folder of these settings."""
    options = [f"--{name}={value}" for name, value in {**OPTIONS, "server.port": port}.items()]
    # A page elsewhere by a name that leads to loopback is refused.
    options += [f"--server.allowedHosts={host}" for host in (LOOPBACK, "localhost")]
    return [
        *(sys.executable, "-m", "streamlit", "run", str(APP), *options),
        *("--", str(settings.published_path)),
    ]


def dashboard(settings: Settings, port: int) -> int:
    """Serve until Ctrl-C; return the exit status."""
    if find_spec("streamlit") is None:
        print("The dashboard is not installed: make install")  # noqa: T201
        return 1
    print(f"Dashboard of {settings.published_path}: http://{LOOPBACK}:{port} (Ctrl-C ends it)")  # noqa: T201
    path = os.pathsep.join(filter(None, [str(REPOSITORY), os.environ.get("PYTHONPATH")]))
    try:
        done = subprocess.run(
            command(settings, port), env={**os.environ, "PYTHONPATH": path}, check=False
        )
    except KeyboardInterrupt:
        return 0
    return done.returncode
