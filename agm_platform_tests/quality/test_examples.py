"""Values that break a rule: only of harmless columns, few, and never a personal one."""

from typing import Any

import pytest

from agm_platform.contracts.model import Column, OnFailure, Rule, Table, Type
from agm_platform.contracts.registry import TABLES
from agm_platform.quality.checks import check_results
from agm_platform.quality.predicates import ROW_RULES
from agm_platform_tests.quality.frames import duckdb_frame


def rule(column: str, expectation: str, **kwargs: Any) -> Rule:
    name = f"{column}__{expectation[:12]}"
    return Rule(name, f"expect_column_{expectation}", {"column": column, **kwargs}, "")


RULES = (
    rule("quantity", "values_to_be_between", min_value=1),
    rule("state", "values_to_be_in_set", value_set=["delivered"]),
    rule("note", "values_to_be_in_set", value_set=["x"]),
    rule("street", "values_to_match_regex", regex=r"\d"),
    rule("quantity", "max_to_be_between", max_value=0),
    Rule("state__present", "expect_column_values_to_not_be_null", {"column": "state"}, ""),
    Rule(
        "quantity__mostly",
        "expect_column_values_to_be_between",
        {"column": "quantity", "min_value": 0, "mostly": 0.1},
        "",
        OnFailure.WARN,
    ),
)
DELIVERIES = Table(
    "shop",
    "deliveries",
    "",
    (
        Column("quantity", Type.INTEGER, "", harmless=True),
        Column("state", Type.TEXT, "", harmless=True),
        Column("note", Type.TEXT, ""),
        Column("street", Type.TEXT, "", personal=True),
    ),
    rules=RULES,
)
FRAME = {
    "quantity BIGINT": [-7, 0, 0, -1, -2, -3, -4, 5, None],
    "state VARCHAR": ["lost " * 50, "late", None, *["delivered"] * 6],
    "note VARCHAR": ["call Ann"] * 9,
    "street VARCHAR": ["Elm"] * 9,
}


def shown() -> dict[str, Any]:
    names = {one.name for one in RULES}
    found = check_results(DELIVERIES, duckdb_frame(FRAME), names)
    return {one.check_name: one for one in found}


def test_a_failed_rule_about_a_harmless_column_shows_its_least_five_different_values():
    results = shown()
    values = results["quantity__values_to_be"].metadata["failing_values"].value
    assert values == [-7, -4, -3, -2, -1]


def test_texts_are_cut_and_missing_values_are_no_example():
    results = shown()
    values = results["state__values_to_be"].metadata["failing_values"].value
    assert values == ["late", ("lost " * 50)[:60]]
    assert "failing_values" not in results["state__present"].metadata


def test_nothing_else_shows_a_value():
    results = shown()
    assert [name for name, one in results.items() if "failing_values" in one.metadata] == [
        "quantity__values_to_be",
        "state__values_to_be",
    ]
    everything = " ".join(f"{one.description} {one.metadata}" for one in results.values())
    assert "Elm" not in everything
    assert "Ann" not in everything


def test_a_personal_column_is_never_harmless():
    with pytest.raises(ValueError, match="street: a personal column is never harmless"):
        Column("street", Type.TEXT, "", personal=True, harmless=True)


def test_contracts_mark_columns_harmless_where_rows_are_judged_and_no_text_as_received():
    marked = [(table, column) for table in TABLES for column in table.columns if column.harmless]
    assert len(marked) > 10
    for table, column in marked:
        judged = {one.kwargs.get("column") for one in table.rules if one.expectation in ROW_RULES}
        assert column.name in judged, (table.full_name, column.name)
        assert "as received" not in column.description
