"""Servers under test: started on a free loopback port, listened to, ended."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

from agm_platform.settings import REPOSITORY


def free_port() -> int:
    """Return a port that nobody listens to."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def serving(
    command: Sequence[str],
    says: str,
    environment: Mapping[str, str] | None = None,
    port: int | None = None,
) -> Iterator[list[str]]:
    """Start a server and wait until it `says` that it is ready; yield the lines it writes.

    With `port` wait until it listens there too: some say so before they do.

    AssertionError with those lines if it ends first.
    """
    plain = {n: v for n, v in os.environ.items() if not n.startswith(("AGM_", "DAGSTER_"))}
    given = {"PYTHONPATH": str(REPOSITORY), **(environment or {})}
    process = subprocess.Popen(
        command,
        env={**plain, **given},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line)
        if says in line:
            break
    else:
        raise AssertionError("".join(lines))
    # Whoever does not read lets the server wait for ever once the pipe is full.
    reader = threading.Thread(target=lambda: lines.extend(process.stdout or ()), daemon=True)
    reader.start()
    if port is not None:
        _listening(port)
    try:
        yield lines
    finally:
        process.terminate()
        process.wait(30)
        reader.join(30)


def _listening(port: int, tries: int = 600) -> None:
    """Wait until somebody listens on a loopback port, a minute at most."""
    pause = threading.Event()
    for _ in range(tries):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        pause.wait(0.1)
    raise AssertionError(f"nobody listens on port {port}")
