"""`make review`: open pairs become a file for its owner only; no work is written over."""

import csv
import stat
import subprocess
import sys
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from agm_platform.cli.review_pairs import review_pairs
from agm_platform.contracts import agm, peak, reviews
from agm_platform.contracts.model import Table
from agm_platform.defs.customers.review_desk import fold
from agm_platform.matching.record_quality import scored
from agm_platform.settings import Settings
from agm_platform.warehouse.tables import replace_rows
from agm_platform.warehouse.types import create_statement

PEAKS = [("7", "Clemens", "Lorentz", "12 Oak Lane"), ("8", "Robb", "Weaving", "3 Elm Court")]
AGMS = [("1", "Clemens", "Lorentz", "990 Birch Road"), ("2", "Rob", "Weaver", "3 Elm Court")]
LEVELS = "first_name=same|last_name=same|street=other|place=missing"


def customers(rows: list[tuple[str, str, str, str]], contract: Table) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["customer_id", "first_name", "last_name", "street"])
    return scored(frame).reindex(columns=list(contract.column_names))


def store(settings: Settings, decisions: pd.DataFrame | None = None) -> None:
    """Fill the warehouse as a run does: one pair to review, one accepted, one without a partner."""
    settings.warehouse_path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(settings.warehouse_path)) as connection:
        for contract, rows in ((peak.CLEAN_CUSTOMERS, PEAKS), (agm.CLEAN_CUSTOMERS, AGMS)):
            frame = connection.from_df(customers(rows, contract))
            replace_rows(connection, contract, frame)
        connection.execute("create schema if not exists customers")
        connection.execute(
            "create or replace table customers.links as select * from (values "
            "('7', '1', 0.4, 'review', $1), ('8', '2', 0.99, 'accept', $1), "
            "('9', null, null, null, null)) "
            "as t(customer_id, agm_customer_id, probability, band, agreement)",
            [LEVELS],
        )
        if decisions is None:
            connection.execute(create_statement(reviews.REVIEW_DECISIONS))
        else:
            rows = connection.from_df(decisions)
            replace_rows(connection, reviews.REVIEW_DECISIONS, rows)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path)


def path(settings: Settings) -> Path:
    return settings.review_desk_path / "to_decide.csv"


def rows(settings: Settings) -> list[dict[str, str]]:
    with path(settings).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def fill_in(settings: Settings, decision: str, target: Path) -> None:
    filled = [{**row, "decision": decision} for row in rows(settings)]
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(filled[0]))
        writer.writeheader()
        writer.writerows(filled)


def test_open_pairs_are_written_for_their_owner_only_and_the_next_step_is_told(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    store(settings)
    assert review_pairs(settings) == 0
    assert [(row["left_id"], row["right_id"], row["decision"]) for row in rows(settings)] == [
        ("7", "1", "")
    ]
    assert stat.S_IMODE(path(settings).stat().st_mode) == 0o600
    assert [each.name for each in settings.review_desk_path.iterdir() if each.is_file()] == [
        "to_decide.csv"
    ]
    told = capsys.readouterr().out
    assert "1 pair is open" in told
    assert "make run" in told
    assert "Lorentz" not in told


def test_a_pair_once_decided_is_not_asked_again(settings: Settings) -> None:
    store(settings)
    review_pairs(settings)
    fill_in(settings, "no", settings.review_desk_path / "decided" / "ann.csv")
    decisions, _ = fold(settings.review_desk_path / "decided")
    assert decisions["decision"].tolist() == ["no"]
    store(settings, decisions)
    assert review_pairs(settings) == 0
    assert rows(settings) == []


def test_decisions_that_no_run_has_read_are_not_written_over(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    store(settings)
    review_pairs(settings)
    fill_in(settings, "yes", path(settings))
    assert review_pairs(settings) == 1
    assert "1 decisions that no run has read" in capsys.readouterr().out
    assert [row["decision"] for row in rows(settings)] == ["yes"]


def test_a_spoilt_file_is_left_alone_and_told_by_row_and_column(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    store(settings)
    review_pairs(settings)
    fill_in(settings, "perhaps", path(settings))
    assert review_pairs(settings) == 1
    told = capsys.readouterr().out
    assert "row 2, column decision" in told
    assert "perhaps" not in told


def test_without_a_warehouse_or_links_it_says_what_to_do_and_makes_nothing(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert review_pairs(settings) == 1
    assert not settings.warehouse_path.exists()
    settings.warehouse_path.parent.mkdir(parents=True)
    duckdb.connect(str(settings.warehouse_path)).close()
    assert review_pairs(settings) == 1
    assert capsys.readouterr().out.count("make run") == 2
    assert not settings.review_desk_path.exists()


def test_a_warehouse_in_use_is_told(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    store(settings)
    code = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); "
        "sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(settings.warehouse_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        assert review_pairs(settings) == 1
        writer.communicate()
    assert "one writer at a time" in capsys.readouterr().out
