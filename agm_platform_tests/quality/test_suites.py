"""Suites: from contract to Great Expectations JSON and back, and the files of analysts."""

import json
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from agm_platform.contracts.model import Column, OnFailure, Rule, Severity, Table, Type
from agm_platform.quality.suites import (
    expectation,
    read_suite,
    stale_suites,
    suite,
    with_suites,
    write_suites,
)

BETWEEN = "expect_column_values_to_be_between"
ORDERS = Table(
    "shop",
    "orders",
    "Orders.",
    (
        Column("order_id", Type.TEXT, "Number."),
        Column("day", Type.DATE, "Day."),
        Column("cents", Type.INTEGER, "Amount."),
    ),
    rules=(
        Rule(
            "order_id__unique",
            "expect_column_values_to_be_unique",
            {"column": "order_id"},
            "an order stands once",
        ),
        Rule(
            "cents__positive",
            BETWEEN,
            {"column": "cents", "min_value": 1, "mostly": 0.6},
            "an amount is positive",
            OnFailure.WARN,
            Severity.WARNING,
            "staging",
        ),
    ),
)
STORES = Table("shop", "stores", "Stores.", (Column("store_id", Type.TEXT, "Number."),))


def by_hand(folder: Path, table: str, *expectations: object) -> Path:
    path = folder / "shop" / f"{table}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"name": f"shop.{table}", "expectations": expectations}))
    return path


def test_great_expectations_loads_and_runs_a_written_suite(tmp_path, great_expectations_says):
    (path,) = write_suites([ORDERS, STORES], tmp_path)
    frame = pd.DataFrame({"order_id": ["a", "a", "b"], "day": None, "cents": [0, 5, 7]})
    results = great_expectations_says(frame, json.loads(path.read_text()))
    assert {name: result["success"] for name, result in results.items()} == {
        "order_id__unique": False,
        "cents__positive": True,
    }
    assert results["cents__positive"]["expectation_config"]["severity"] == "warning"


def test_an_expectation_carries_name_words_and_consequence():
    assert expectation(ORDERS.rules[1]) == {
        "type": BETWEEN,
        "kwargs": {"column": "cents", "min_value": 1, "mostly": 0.6},
        "severity": "warning",
        "meta": {
            "name": "cents__positive",
            "description": "an amount is positive",
            "on_failure": "warn",
            "blocking": False,
            "source": "staging",
        },
    }


def test_dates_and_sets_are_written_as_plain_json():
    rule = Rule("day__known", "expect_x", {"value_set": {3, 1}, "min_value": date(2020, 10, 3)}, "")
    assert expectation(rule)["kwargs"] == {"value_set": [1, 3], "min_value": "2020-10-03"}


def test_what_json_cannot_hold_is_refused():
    with pytest.raises(TypeError, match="cannot be written as JSON"):
        expectation(Rule("x__odd", "expect_x", {"value": object()}, ""))


def test_a_second_writing_changes_nothing(tmp_path):
    (path,) = write_suites([ORDERS, STORES], tmp_path)
    first = path.read_bytes()
    assert write_suites([ORDERS, STORES], tmp_path) == []
    assert path.read_bytes() == first
    assert stale_suites([ORDERS, STORES], tmp_path) == []


def test_drift_between_files_and_contracts_is_told(tmp_path):
    assert stale_suites([ORDERS], tmp_path) == [f"{tmp_path / 'shop/orders.json'}: missing"]
    (path,) = write_suites([ORDERS], tmp_path)
    path.write_text(path.read_text().replace("0.6", "0.7"))
    gone = by_hand(tmp_path, "gone")
    assert stale_suites([ORDERS], tmp_path) == [
        f"{gone}: no contract stands behind it",
        f"{path}: differs from the contract",
    ]
    assert write_suites([ORDERS], tmp_path) == [gone, path]
    assert stale_suites([ORDERS], tmp_path) == []
    assert not gone.exists()


def test_a_suite_reads_back_as_the_rules_it_was_written_from(tmp_path):
    (path,) = write_suites([ORDERS], tmp_path)
    assert [expectation(rule) for rule in read_suite(path)][1] == suite(ORDERS)["expectations"][1]


def test_a_hand_written_suite_adds_checks_that_warn_and_are_named_by_column(tmp_path):
    entry = {"type": BETWEEN, "kwargs": {"column": "cents", "max_value": 9}, "severity": "info"}
    by_hand(tmp_path, "orders", entry)
    orders, stores = with_suites([ORDERS, STORES], tmp_path)
    assert stores is STORES
    assert orders.rules[:2] == ORDERS.rules
    added = orders.rules[2]
    assert (added.name, added.on_failure, added.severity, added.source) == (
        "cents__be_between",
        OnFailure.WARN,
        Severity.INFO,
        "orders.json",
    )


def test_a_hand_written_suite_may_block_and_be_worded(tmp_path):
    meta = {"name": "cents__sane", "on_failure": "block", "description": "sane"}
    entry = {"type": BETWEEN, "kwargs": {"column": "cents", "max_value": 9}, "meta": meta}
    by_hand(tmp_path, "orders", entry)
    added = with_suites([ORDERS], tmp_path)[0].rules[2]
    assert (added.name, added.on_failure, added.description) == (
        "cents__sane",
        OnFailure.BLOCK,
        "sane",
    )


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ({"type": BETWEEN, "kwargs": {"column": "colour"}}, "no such column: colour"),
        (
            {"type": BETWEEN, "kwargs": {"column": "cents"}, "meta": {"name": "cents__positive"}},
            "two rules share a name",
        ),
        ({"kwargs": {"column": "cents"}}, "expectation 1: KeyError"),
        ("expect_nothing", "expectation 1: AttributeError"),
        ({"type": BETWEEN, "kwargs": {"column": "cents"}, "severity": "fatal"}, "fatal"),
        (
            {"type": BETWEEN, "kwargs": {"column": "cents"}, "meta": {"on_failure": "quarantine"}},
            "only a contract's rule can set rows aside",
        ),
    ],
)
def test_a_wrong_hand_written_suite_is_refused_with_its_file(tmp_path, entry, reason):
    path = by_hand(tmp_path, "orders", entry)
    with pytest.raises(ValueError, match=reason) as raised:
        with_suites([ORDERS], tmp_path)
    assert str(raised.value).startswith(str(path))


def test_a_suite_for_an_unknown_table_is_refused(tmp_path):
    by_hand(tmp_path, "custommers")
    with pytest.raises(ValueError, match=r"there is no table shop\.custommers"):
        with_suites([ORDERS], tmp_path)


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"expectations": 3}'])
def test_a_file_that_is_no_suite_is_refused(tmp_path, text):
    path = tmp_path / "suite.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"suite\.json: not a Great Expectations suite"):
        read_suite(path)
