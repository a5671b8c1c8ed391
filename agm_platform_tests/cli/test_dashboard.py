"""The dashboard listens on loopback, tells nobody, and opens what is published only."""

from __future__ import annotations

from pathlib import Path

from agm_platform.cli.dashboard import command
from agm_platform.settings import Settings


def test_it_serves_the_published_folder_on_loopback_and_tells_nobody(tmp_path: Path) -> None:
    words = command(Settings(data=tmp_path), 8765)
    place = words.index("--")
    assert words[place + 1 :] == [str(tmp_path / "published")]
    assert {
        "--server.address=127.0.0.1",
        "--server.port=8765",
        "--browser.gatherUsageStats=false",
        "--server.headless=true",
    } <= set(words[:place])
