"""The rules that most tables need, by short names; each is one Great Expectations expectation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agm_platform.contracts.model import OnFailure, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agm_platform.contracts.model import Table

UNEXPECTED_ROWS = "unexpected_rows_expectation"
"""Great Expectations' rule in SQL: `{batch}` is the table, and every row found breaks the rule."""


def unique(column: str, words: str) -> Rule:
    """Return the rule that no two rows share a value; stops what is downstream."""
    return Rule(f"{column}__unique", "expect_column_values_to_be_unique", {"column": column}, words)


def not_null(column: str) -> Rule:
    """Return the rule that every row has a value; stops what is downstream."""
    return _not_null(column, f"{column} is present", OnFailure.BLOCK)


def required(column: str, words: str) -> Rule:
    """Return the rule that a row without a value is set aside."""
    return _not_null(column, words, OnFailure.QUARANTINE)


def first_copy(words: str) -> Rule:
    """Return the rule that of rows with the same key the first one counts."""
    return in_set("copy_number__first", [1], words, OnFailure.QUARANTINE)


def in_set(
    name: str,
    values: Sequence[Any],
    words: str,
    on_failure: OnFailure = OnFailure.BLOCK,
    severity: Severity = Severity.CRITICAL,
    source: str = "",
) -> Rule:
    """Return the rule that the column, which begins the rule's name, has one of the values."""
    return _of_set(
        "expect_column_values_to_be_in_set", name, values, words, on_failure, severity, source
    )


def not_in_set(
    name: str,
    values: Sequence[Any],
    words: str,
    on_failure: OnFailure = OnFailure.BLOCK,
    severity: Severity = Severity.CRITICAL,
    source: str = "",
) -> Rule:
    """Return the rule that the column, which begins the rule's name, has none of the values."""
    return _of_set(
        "expect_column_values_to_not_be_in_set", name, values, words, on_failure, severity, source
    )


def refers_to(
    column: str,
    table: Table,
    key: str,
    words: str,
    on_failure: OnFailure = OnFailure.BLOCK,
    severity: Severity = Severity.CRITICAL,
    source: str = "",
) -> Rule:
    """Return the rule that every value of `column` stands in the column `key` of `table`.

    A row without a value refers to nothing and passes. The SQL is that of DuckDB and Spark.
    KeyError if the table has no such column.
    """
    parent, name = table.column(key).name, table.full_name
    query = (
        f"SELECT child.{column} FROM {{batch}} AS child ANTI JOIN {name} AS parent "
        f"ON parent.{parent} = child.{column} WHERE child.{column} IS NOT NULL"
    )
    return Rule(
        f"{column}__in_{table.name}",
        UNEXPECTED_ROWS,
        {"unexpected_rows_query": query},
        words,
        on_failure,
        severity,
        source,
        reads=(name,),
    )


def at_least_one(name: str, words: str) -> Rule:
    """Return the rule that the column, which begins the rule's name, is 1 or more in every row."""
    return Rule(
        name,
        "expect_column_values_to_be_between",
        {"column": name.partition("__")[0], "min_value": 1},
        words,
        OnFailure.QUARANTINE,
    )


def _of_set(
    expectation: str,
    name: str,
    values: Sequence[Any],
    words: str,
    on_failure: OnFailure,
    severity: Severity,
    source: str,
) -> Rule:
    column = name.partition("__")[0]
    kwargs = {"column": column, "value_set": list(values)}
    return Rule(name, expectation, kwargs, words, on_failure, severity, source)


def _not_null(column: str, words: str, on_failure: OnFailure) -> Rule:
    return Rule(
        f"{column}__not_null",
        "expect_column_values_to_not_be_null",
        {"column": column},
        words,
        on_failure,
    )
