"""`make ui`: Dagster's web server and daemon on loopback, with the same history as `make run`."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import NoReturn

from agm_platform.cli.places import settle_in
from agm_platform.instance import prepare_dagster_home
from agm_platform.settings import REPOSITORY, get_settings


def ui(port: int) -> NoReturn:
    """Replace this process by Dagster's; it ends with Ctrl-C."""
    settings = get_settings()
    moved = settle_in(settings)
    if moved:
        print(moved)  # noqa: T201
    home = prepare_dagster_home(settings.dagster_home)
    os.environ["DAGSTER_HOME"] = str(home)
    # From its home, so that Dagster does not warn of the dagster.yaml of the repository.
    os.chdir(home)
    os.environ["PYTHONPATH"] = os.pathsep.join(
        filter(None, [str(REPOSITORY), os.environ.get("PYTHONPATH")])
    )
    print(f"Web server: http://127.0.0.1:{port} (ready in about 20 seconds; Ctrl-C ends it)")  # noqa: T201
    # Beside Dagster, and for as long as this process, which becomes Dagster's, is alive.
    watched = ["review", "--while", str(os.getpid())]
    subprocess.Popen([sys.executable, "-m", "agm_platform", *watched])
    workspace = str(REPOSITORY / "workspace.yaml")
    command = ["dev", "-w", workspace, "-h", "127.0.0.1", "-p", str(port)]
    os.execv(sys.executable, [sys.executable, "-m", "dagster", *command])
