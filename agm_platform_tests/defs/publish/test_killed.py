"""Killed at any step, a publication leaves readers a whole snapshot, and the next one succeeds."""

import json
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.skipif(sys.platform == "win32", reason="forks, and limits the size of files")
def test_readers_find_a_whole_snapshot_whenever_a_publication_is_killed(tmp_path: Path) -> None:
    program = Path(__file__).with_name("killed.py")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(program), str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout)
    assert told["wrong"] == {}
    assert told["killed"]["size"] >= 3
    assert told["killed"]["step"] > 30
