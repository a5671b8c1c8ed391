"""Review files: written, filled in, read back strictly; decisions kept in versions."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from agm_platform.matching.linking import link
from agm_platform.matching.prepare import prepare
from agm_platform.matching.review import ReviewError, read_review, review_columns, review_file
from agm_platform.matching.review_decisions import add_decisions, current, digests, doubtful, valid

OURS = pd.DataFrame(
    {
        "customer_id": ["7", "8"],
        "first_name": ["Clemens", "=cmd()"],
        "last_name": ["Lorentz", "Weaving"],
        "street": ["12 Oak Lane", "3 Elm Court"],
    }
)
THEIRS = pd.DataFrame(
    {
        "customer_id": ["1", "2"],
        "first_name": ["Clemens", "Robb"],
        "last_name": ["Lorentz", "Weaving"],
        "street": ["990 Birch Road", "3 Elm Court"],
    }
)


@cache
def prepared(*streets: str) -> pd.DataFrame:
    return prepare(OURS.assign(street=streets))


@cache
def prepared_theirs() -> pd.DataFrame:
    return prepare(THEIRS)


def reviewable(left_id: str = "7", right_id: str = "1", band: str = "review") -> pd.DataFrame:
    text = "first_name=same|last_name=same|street=other|place=missing"
    return pd.DataFrame(
        {
            "left_id": [left_id],
            "right_id": [right_id],
            "band": [band],
            "probability": [0.4],
            "agreement": [text],
        }
    )


def written(
    path: Path, links: pd.DataFrame | None = None, store: pd.DataFrame | None = None, **change: Any
) -> list[dict[str, str]]:
    ours = OURS.assign(**change)
    review_file(
        reviewable() if links is None else links,
        ours,
        THEIRS,
        path,
        prepared_left=prepared(*ours["street"]),
        prepared_right=prepared_theirs(),
        decisions=store,
    )
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def fill_in(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, review_columns())
        writer.writeheader()
        writer.writerows(rows)


def decided(path: Path, decision: str) -> pd.DataFrame:
    rows = written(path)
    rows[0]["decision"] = decision
    fill_in(path, rows)
    return add_decisions(None, read_review(path), "ann", "2020-10-05")


def test_a_file_shows_both_sides_and_the_reasons_with_an_empty_decision(tmp_path: Path) -> None:
    (row,) = written(tmp_path / "review.csv")
    assert row["decision"] == ""
    assert (row["left_street"], row["right_street"]) == ("12 Oak Lane", "990 Birch Road")
    assert row["reasons"].startswith("same first name; same last name")


def test_a_value_that_looks_like_a_formula_is_text(tmp_path: Path) -> None:
    (row,) = written(tmp_path / "review.csv", reviewable("8", "2"))
    assert row["left_first_name"] == "'=cmd()"


def test_only_the_review_band_is_asked(tmp_path: Path) -> None:
    assert written(tmp_path / "review.csv", reviewable(band="accept")) == []


def test_what_was_filled_in_comes_back_and_open_rows_do_not(tmp_path: Path) -> None:
    store = decided(tmp_path / "review.csv", " Yes ")
    assert store[["left_id", "right_id", "decision", "version"]].values.tolist() == [
        ["7", "1", "yes", 1]
    ]
    assert decided(tmp_path / "review.csv", "").empty


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("decision", "perhaps", "row 2, column decision"),
        ("left_id", "", "row 2, column left_id: empty"),
        ("right_digest", " ", "row 2, column right_digest: empty"),
    ],
)
def test_a_wrong_cell_is_named_by_row_and_column(
    tmp_path: Path, column: str, value: str, message: str
) -> None:
    rows = written(tmp_path / "review.csv")
    rows[0][column] = value
    fill_in(tmp_path / "review.csv", rows)
    with pytest.raises(ReviewError, match=message):
        read_review(tmp_path / "review.csv")


def test_a_pair_that_stands_twice_is_named_with_both_rows(tmp_path: Path) -> None:
    rows = written(tmp_path / "review.csv")
    fill_in(tmp_path / "review.csv", rows * 2)
    with pytest.raises(ReviewError, match=r"row 3.*row 2"):
        read_review(tmp_path / "review.csv")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "row 1: the header"),
        (b"decision,left_id\nyes,7\n", "missing: probability"),
        (b"\xff\xfe\x00yes", "not CSV in UTF-8"),
    ],
)
def test_another_file_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "review.csv").write_bytes(content)
    with pytest.raises(ReviewError, match=message):
        read_review(tmp_path / "review.csv")


def test_a_row_that_lost_a_cell_is_named(tmp_path: Path) -> None:
    path = tmp_path / "review.csv"
    written(path)
    path.write_text(path.read_text(encoding="utf-8") + "yes,0.4\n", encoding="utf-8")
    with pytest.raises(ReviewError, match="row 3: 2 cells"):
        read_review(path)


def test_no_message_holds_a_personal_value(tmp_path: Path) -> None:
    rows = written(tmp_path / "review.csv")
    rows[0]["decision"] = rows[0]["left_last_name"]
    fill_in(tmp_path / "review.csv", rows)
    with pytest.raises(ReviewError) as refused:
        read_review(tmp_path / "review.csv")
    assert "Lorentz" not in str(refused.value)


def test_a_decided_pair_is_not_asked_again(tmp_path: Path) -> None:
    store = decided(tmp_path / "review.csv", "no")
    assert written(tmp_path / "again.csv", store=store) == []


def test_a_decision_is_asked_again_when_a_record_changed_and_not_when_its_spelling_did(
    tmp_path: Path,
) -> None:
    store = decided(tmp_path / "review.csv", "yes")
    respelled = ["12 OAK LN.", "3 Elm Court"]
    assert written(tmp_path / "again.csv", store=store, street=respelled) == []
    moved = ["77 Pine Street", "3 Elm Court"]
    accepted = reviewable(band="accept")
    assert len(written(tmp_path / "again.csv", accepted, store, street=moved)) == 1
    ours, theirs = digests(prepared(*moved)), digests(prepared_theirs())
    assert valid(store, ours, theirs).empty
    assert doubtful(store, ours, theirs)["left_id"].tolist() == ["7"]


def test_a_second_decision_is_another_version_and_the_same_one_is_none(tmp_path: Path) -> None:
    store = decided(tmp_path / "review.csv", "yes")
    taken = store[["left_id", "right_id", "decision", "left_digest", "right_digest"]]
    assert len(add_decisions(store, taken, "bea", "2020-10-06")) == 1
    twice = add_decisions(store, taken.assign(decision="no"), "bea", "2020-10-06")
    assert twice["version"].tolist() == [1, 2]
    assert current(twice)["decision"].tolist() == ["no"]


def test_decisions_beat_the_model() -> None:
    decisions = pd.DataFrame(
        {"left_id": ["7", "8"], "right_id": ["1", "2"], "decision": ["yes", "no"]}
    )
    bands = link(OURS, THEIRS, decisions=decisions).set_index(["left_id", "right_id"])["band"]
    assert bands["7", "1"] == "accept"
    assert bands["8", "2"] == "reject"
