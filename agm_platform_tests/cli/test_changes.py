"""What changed between two published snapshots, told by their manifests and answers."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from agm_platform.cli.changes import changes
from agm_platform.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path)


def snapshot(settings: Settings, name: str, age: int, value: float | None, digest: str) -> None:
    """Leave a snapshot as publishing does; `age` in seconds tells which one is newer."""
    folder = settings.snapshots_path / name
    folder.mkdir(parents=True)
    answer = {"answer_id": "peak.sales", "answer": f"Peak sold {value}.", "value": value}
    (folder / "answers.json").write_text(json.dumps([answer]), encoding="utf-8")
    manifest = {
        "tables": {"peak.orders": {"rows": 3 if digest == "a" else 4}},
        "files": {"parquet/peak.orders/peak.orders.parquet": {"sha256": digest}},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    os.utime(folder, (1_000_000 - age, 1_000_000 - age))


def test_tables_and_answers_that_changed_are_told(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    snapshot(settings, "monday", 20, 97.0, "a")
    snapshot(settings, "tuesday", 10, 98.0, "b")
    assert changes(settings, None, None) == 0
    assert capsys.readouterr().out.splitlines() == [
        "monday -> tuesday",
        "table peak.orders: 3 -> 4 rows",
        "answer peak.sales: 97.0 -> 98.0",
    ]


def test_the_same_twice_is_said_to_be_the_same(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    snapshot(settings, "monday", 20, None, "a")
    snapshot(settings, "tuesday", 10, None, "a")
    assert changes(settings, "monday", "tuesday") == 0
    assert capsys.readouterr().out.splitlines()[1:] == ["Nothing differs."]


def test_what_is_not_there_is_named(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert changes(settings, "sunday", None) == 2
    assert "no two snapshots" in capsys.readouterr().out
    snapshot(settings, "monday", 20, 1.0, "a")
    snapshot(settings, "tuesday", 10, 1.0, "a")
    assert changes(settings, "sunday", "monday") == 2
    assert "no snapshot sunday; there are: monday, tuesday" in capsys.readouterr().out
