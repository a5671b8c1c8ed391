"""Dirty categories: the list of reviewed spellings, its lookup, and what waits for a review."""

from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agm_platform.contracts import sales
from agm_platform.contracts.categories import (
    SYNONYMS,
    UNKNOWN_SPELLINGS,
    Category,
    Unseen,
    spelled,
    with_unseen,
)
from agm_platform.contracts.model import Column, OnFailure, Severity, Table, Type
from agm_platform.contracts.registry import CATEGORIES, find_table
from agm_platform.defs.landing_resource import Landing
from agm_platform.defs.quality.unknown_spellings import unknown_spellings
from agm_platform.defs.sources.reference.synonyms import FILE_NAME, synonyms
from agm_platform.defs.sources.sales.staging import staged_customer_info
from agm_platform.defs.spellings import as_set
from agm_platform.landing.categories import with_values
from agm_platform.quality.predicates import split
from agm_platform.quality.proposals import proposed
from agm_platform.quality.quarantine import in_words
from agm_platform.settings import REPOSITORY
from agm_platform.warehouse.rows import records
from agm_platform_tests.defs.conftest import Make, Row, rows_of

HEADER = "source,field,spelling,value,reviewed_by,reviewed_on,reason\n"
KNOWN = {"source": "sales", "field": "gender", "spelling": "femle", "value": "Female"}


class OwnEngine:
    """A connection of the test, where the run's would be."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection


def read(connection: duckdb.DuckDBPyConnection, folder: Path, text: str | None) -> list[Row]:
    """The table that a file of this text makes."""
    if text is not None:
        (folder / FILE_NAME).write_text(text, encoding="utf-8")
    landing = Landing(
        zone_url=str(folder),
        ledger_path=str(folder / "ledger"),
        cache_path=str(folder / "cache"),
        reference_path=str(folder),
    )
    function = synonyms.op.compute_fn.decorated_fn
    return rows_of(function(engine=OwnEngine(connection), landing=landing), SYNONYMS)


def test_the_committed_list_holds_only_declared_values_each_spelling_once(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    text = (REPOSITORY / "data" / "reference" / FILE_NAME).read_text(encoding="utf-8")
    rows = read(connection, tmp_path, text)
    of_sales = [row for row in rows if row["source"] == "sales"]
    assert len(of_sales) >= 8
    assert all(row["is_declared"] and row["reviewed_by"] and row["reason"] for row in rows)
    keys = [(row["source"], row["field"], row["spelling"]) for row in rows]
    assert len(set(keys)) == len(keys)


def test_a_value_that_no_contract_declares_is_told_and_a_spelling_is_normalised(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = read(
        connection,
        tmp_path,
        HEADER + "sales,gender, FEM  le,Female,x,2026-11-25,y\nsales,gender,dame,Lady,x,,y\n",
    )
    told = {row["spelling"]: (row["is_declared"], row["reviewed_on"] is None) for row in rows}
    assert told == {"fem le": (True, False), "dame": (False, True)}


@pytest.mark.parametrize("text", [None, "source,field\nsales,gender\n", ""])
def test_a_list_that_is_not_there_or_not_readable_stops_the_run(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, text: str | None
) -> None:
    with pytest.raises(ValueError, match=r"synonyms\.csv"):
        read(connection, tmp_path, text)


@pytest.mark.parametrize(
    ("received", "value"),
    [
        ("Female", "Female"),
        ("  FEMALE ", "Female"),
        ("femle", "Female"),
        ("Fem", "unknown"),
        ("  ", None),
        (None, None),
    ],
)
def test_a_spelling_becomes_its_value_and_none_is_guessed(
    make: Make, received: str | None, value: str | None
) -> None:
    raw = make(sales.RAW_CUSTOMER_INFO, {"row_number": 1, "gender": received})
    other = {"source": "other", "field": "gender", "spelling": "fem", "value": "Female"}
    frame = with_values(raw, {"gender": sales.GENDER}, make(SYNONYMS, KNOWN, other))
    (row,) = records(frame)
    assert row["gender"] == value
    assert list(row) == list(sales.RAW_CUSTOMER_INFO.column_names)


def test_the_contract_says_whether_an_unreviewed_spelling_waits_or_counts(make: Make) -> None:
    raw = make(sales.RAW_CUSTOMER_INFO, {"row_number": 1, "gender": "fem"})
    for unseen, failed in ((Unseen.QUARANTINE, "gender__spelling_known"), (Unseen.UNKNOWN, None)):
        category = Category("sales", "gender", ("Female",), (), unseen)
        rule = spelled(category)
        rules = [rule] if rule.on_failure is OnFailure.QUARANTINE else []
        valued = with_values(raw, {"gender": category}, make(SYNONYMS))
        (row,) = records(split(valued, rules))
        assert (row["gender"], row["failed_rule"]) == ("unknown", failed)
    assert spelled(sales.GENDER).severity is Severity.WARNING


@pytest.mark.parametrize(
    ("setting", "failed", "severity"),
    [
        ("", None, Severity.WARNING),
        ("unknown", None, Severity.WARNING),
        ("quarantine", "loyalty_tier__spelling_known", Severity.CRITICAL),
    ],
)
def test_the_setting_says_whether_an_unreviewed_spelling_waits_or_counts(
    make: Make,
    monkeypatch: pytest.MonkeyPatch,
    setting: str,
    failed: str | None,
    severity: Severity,
) -> None:
    monkeypatch.setenv("AGM_UNKNOWN_SPELLINGS", setting)
    raw = make(
        sales.RAW_CUSTOMER_INFO,
        {"row_number": 1, "customer_id": "C00001", "loyalty_tier": "goldd"},
    )
    (row,) = rows_of(staged_customer_info(raw, make(SYNONYMS)), sales.STAGED_CUSTOMER_INFO)
    assert (row["loyalty_tier"], row["failed_rule"]) == ("unknown", failed)
    rules = {rule.name: rule for rule in as_set(sales.STAGED_CUSTOMER_INFO).rules}
    assert rules["loyalty_tier__spelling_known"].severity is severity
    declared = {rule.name: rule for rule in sales.STAGED_CUSTOMER_INFO.rules}
    assert declared["loyalty_tier__spelling_known"].severity is Severity.WARNING
    assert in_words(sales.STAGED_CUSTOMER_INFO)["loyalty_tier__spelling_known"]


def test_a_setting_of_unknown_counts_what_a_contract_lets_wait() -> None:
    waits = Category("sales", "gender", ("Female",), (), Unseen.QUARANTINE)
    table = Table("sales", "x", "X.", (Column("gender", Type.TEXT, "G."),), rules=(spelled(waits),))
    assert len(table.quarantine_rules()) == 1
    assert with_unseen(table, Unseen.UNKNOWN).quarantine_rules() == ()
    assert with_unseen(table, None) is table


def test_two_values_of_one_spelling_are_refused() -> None:
    with pytest.raises(ValueError, match="share a spelling"):
        Category("sales", "x", ("Gold", "GOLD"), ())


def test_every_category_says_where_it_is_received() -> None:
    for category in CATEGORIES:
        for name, column in category.received_in:
            table = find_table(category.source, name)
            assert table is not None
            assert table.column(column)


@pytest.mark.parametrize("unseen", ["unknown", "quarantine"])
def test_what_nobody_has_reviewed_is_listed_with_a_proposal(
    make: Make, monkeypatch: pytest.MonkeyPatch, unseen: str
) -> None:
    monkeypatch.setenv("AGM_UNKNOWN_SPELLINGS", unseen)
    customers = make(
        sales.RAW_CUSTOMER_INFO,
        {"row_number": 1, "gender": "femle", "region": "noth", "loyalty_tier": "gold"},
        {"row_number": 2, "gender": "MALE", "region": "zzz", "loyalty_tier": " goldd"},
    )
    orders = make(sales.RAW_SALES_DATA, {"row_number": 1, "region": "Noth "})
    # Raw tables of other senders with categories are wanted too: empty here.
    empty = {
        f"{category.source}_{name}": make(find_table(category.source, name))
        for category in CATEGORIES
        for name, _ in category.received_in
        if category.source != "sales"
    }
    found = rows_of(
        unknown_spellings(
            synonyms=make(SYNONYMS, KNOWN),
            sales_raw_customer_info=customers,
            sales_raw_sales_data=orders,
            **empty,
        ),
        UNKNOWN_SPELLINGS,
    )
    told = {
        (row["field"], row["spelling"]): (row["rows"], row["proposed_value"], row["unseen"])
        for row in found
    }
    assert told == {
        ("loyalty_tier", "goldd"): (1, "Gold", unseen),
        ("region", "noth"): (2, "North", unseen),
        ("region", "zzz"): (1, None, unseen),
    }
    scores = [row["score"] for row in found if row["proposed_value"]]
    assert all(0.6 <= score < 1 for score in scores)


@given(st.text(max_size=12))
def test_a_proposal_is_a_declared_value_with_a_score_or_nothing(spelling: str) -> None:
    found = proposed(spelling, ("Delivered", "Delayed", "Cancelled"))
    if found.value is None:
        assert found.score is None
    else:
        assert found.value in {"Delivered", "Delayed", "Cancelled"}
        assert found.score is not None
        assert 0.6 <= found.score <= 1


def test_between_two_values_equally_near_nothing_is_proposed() -> None:
    assert proposed("gald", ("Gold", "Geld")).value is None
    assert proposed("gold", ()).value is None
