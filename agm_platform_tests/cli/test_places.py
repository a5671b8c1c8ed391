"""One DATA folder, several landing zones: their states never mix and none is lost."""

from pathlib import Path

import pytest

from agm_platform.cli.places import settle_in
from agm_platform.landing.belonging import OtherZoneError, claim_for, owner
from agm_platform.settings import Settings


def at(folder: Path, zone: str) -> Settings:
    (folder / zone).mkdir(exist_ok=True)
    return Settings(landing=str(folder / zone), data=folder / "data")


def write(settings: Settings, text: str) -> None:
    """Leave a trace as a run does: a warehouse, a snapshot and the link that readers open."""
    settings.warehouse_path.parent.mkdir(parents=True)
    settings.warehouse_path.write_text(text)
    snapshot = settings.snapshots_path / "run"
    snapshot.mkdir(parents=True)
    (snapshot / "answers.json").write_text(text)
    settings.published_path.symlink_to("snapshots/run")


def test_the_first_zone_moves_in_without_a_word(tmp_path: Path) -> None:
    settings = at(tmp_path, "a")
    assert settle_in(settings) is None
    assert owner(settings.ledger_path) == str(tmp_path / "a")
    assert settle_in(settings) is None


def test_another_zone_starts_empty_and_the_first_one_comes_back_whole(tmp_path: Path) -> None:
    first, second = at(tmp_path, "a"), at(tmp_path, "b")
    settle_in(first)
    write(first, "of a")
    told = settle_in(second)
    assert told is not None
    assert str(tmp_path / "a") in told
    assert not second.warehouse_path.exists()
    assert not second.published_path.exists()
    write(second, "of b")
    settle_in(first)
    assert first.warehouse_path.read_text() == "of a"
    assert (first.published_path / "answers.json").read_text() == "of a"
    settle_in(second)
    assert (second.published_path / "answers.json").read_text() == "of b"


def test_an_interrupted_change_is_taken_up_again(tmp_path: Path) -> None:
    first, second = at(tmp_path, "a"), at(tmp_path, "b")
    settle_in(first)
    write(first, "of a")
    settle_in(second)
    shelf = next((tmp_path / "data" / "other_landing_zones").iterdir())
    # As if the process had died before the ledger was moved.
    (second.ledger_path.parent / "landing_zone").unlink()
    second.ledger_path.parent.rmdir()
    (shelf / "ledger").rename(second.ledger_path.parent)
    settle_in(second)
    assert owner(second.ledger_path) == str(tmp_path / "b")
    assert (shelf / "warehouse" / "warehouse.duckdb").read_text() == "of a"


def test_a_ledger_of_another_zone_is_refused_with_what_to_do(tmp_path: Path) -> None:
    ledger = tmp_path / "data" / "ledger" / "ledger.sqlite"
    claim_for(ledger, "s3://bucket/landing/")
    claim_for(ledger, "s3://bucket/landing")
    with pytest.raises(OtherZoneError, match="give another DATA folder"):
        claim_for(ledger, str(tmp_path))
