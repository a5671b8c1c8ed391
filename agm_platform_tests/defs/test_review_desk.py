"""Decided files folded into the store: in order of names, refused whole, never an error."""

import csv
import os
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from agm_platform.contracts.reviews import REVIEW_DECISIONS, REVIEW_FILES
from agm_platform.defs.customers.review_desk import ReviewDesk, fold, review_desk
from agm_platform.matching.review import review_columns
from agm_platform.warehouse.connection import Claim
from agm_platform.warehouse.io_manager import Warehouse
from agm_platform.warehouse.tables import read_table

MONDAY = datetime(2020, 10, 5, 9, tzinfo=UTC).timestamp()


def put(folder: Path, name: str, *rows: tuple[str, str, str]) -> Path:
    """Write a file with rows of (Peak's number, AGM's number, decision)."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, review_columns(), restval="Lorentz")
        writer.writeheader()
        for left, right, decision in rows:
            keys = {"left_id": left, "right_id": right, "decision": decision}
            writer.writerow({**keys, "left_digest": "d1", "right_digest": "d2"})
    os.utime(path, (MONDAY, MONDAY))
    return path


def decisions(folder: Path) -> list[tuple[str, str, str, str, str, int]]:
    store, _ = fold(folder)
    columns = ["left_id", "right_id", "decision", "decided_by", "decided_on", "version"]
    return list(store[columns].itertuples(index=False, name=None))


def test_files_are_taken_in_the_order_of_their_names_and_the_last_word_counts(
    tmp_path: Path,
) -> None:
    put(tmp_path, "b_bea.csv", ("7", "1", "no"), ("8", "2", ""))
    put(tmp_path, "a_ann.csv", ("7", "1", "yes"))
    assert decisions(tmp_path) == [
        ("7", "1", "yes", "a_ann", "2020-10-05", 1),
        ("7", "1", "no", "b_bea", "2020-10-05", 2),
    ]


def test_a_file_that_cannot_be_read_is_refused_whole_and_names_no_value(tmp_path: Path) -> None:
    put(tmp_path, "a.csv", ("7", "1", "yes"), ("8", "2", "perhaps"))
    (tmp_path / "b.csv").write_bytes(b"\xff\xfe")
    put(tmp_path, "c.csv", ("9", "3", "no"))
    store, files = fold(tmp_path)
    assert store["left_id"].tolist() == ["9"]
    assert files["state"].tolist() == ["refused", "refused", "accepted"]
    assert files["decisions"].tolist()[2] == 1
    assert files["decisions"].isna().tolist() == [True, True, False]
    reason = files["reason"][0]
    assert "row 3, column decision" in reason
    assert "perhaps" not in reason
    assert "Lorentz" not in reason


def test_other_files_and_folders_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / ".~lock.a.csv").write_text("", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("", encoding="utf-8")
    put(tmp_path, "UPPER.CSV", ("7", "1", "yes"))
    assert fold(tmp_path)[1]["file_name"].tolist() == ["UPPER.CSV"]


def test_a_link_to_nothing_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "gone.csv").symlink_to(tmp_path / "nowhere")
    assert fold(tmp_path)[1].empty


def test_a_name_that_is_no_text_is_stored_as_one(tmp_path: Path) -> None:
    try:
        put(tmp_path, os.fsdecode(b"\xff.csv"), ("7", "1", "yes"))
    except OSError:
        pytest.skip("this file system takes no such name")
    assert fold(tmp_path)[1]["file_name"].tolist() == ["?.csv"]


@pytest.fixture
def materialize(tmp_path: Path) -> dict[str, object]:
    warehouse = str(tmp_path / "warehouse.duckdb")
    return {
        "io_manager": Warehouse(database=warehouse),
        "review_desk": ReviewDesk(path=str(tmp_path / "review")),
    }


def stored(tmp_path: Path) -> tuple[list[object], list[object]]:
    with Claim(tmp_path / "warehouse.duckdb") as claim:
        tables = (REVIEW_DECISIONS, REVIEW_FILES)
        first, second = (read_table(claim.connection, table).fetchall() for table in tables)
    return first, second


def test_without_a_folder_both_tables_are_there_and_empty(
    tmp_path: Path, materialize: dict[str, object]
) -> None:
    assert dg.materialize([review_desk], resources=materialize).success
    assert stored(tmp_path) == ([], [])


def test_a_lost_warehouse_has_the_same_decisions_after_the_next_run(
    tmp_path: Path, materialize: dict[str, object]
) -> None:
    put(tmp_path / "review" / "decided", "ann.csv", ("7", "1", "yes"))
    assert dg.materialize([review_desk], resources=materialize).success
    before = stored(tmp_path)
    (tmp_path / "warehouse.duckdb").unlink()
    assert dg.materialize([review_desk], resources=materialize).success
    assert stored(tmp_path) == before
    assert before[0] == [("7", "1", "yes", "d1", "d2", "ann", "2020-10-05", 1)]
