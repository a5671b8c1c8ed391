"""The row-level difference: repeats counted, nulls equal, what is ignored is ignored."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agm_platform.landing.difference import Difference, difference

if TYPE_CHECKING:
    import duckdb

Row = tuple[str | None, str | None]


def rows(connection: duckdb.DuckDBPyConnection, *values: Row) -> duckdb.DuckDBPyRelation:
    """A table with key, value and a position that never agrees."""
    table = connection.sql("select null::varchar as k, null::varchar as v, 0 as position limit 0")
    for position, (key, value) in enumerate(values):
        one = connection.sql("select ?, ?, ?", params=[key, value, position * len(values)])
        table = table.union(one)
    return table


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ([], [], (0, 0, 0)),
        ([("1", "a")], [("1", "a")], (0, 0, 0)),
        ([("1", None)], [("1", None)], (0, 0, 0)),
        ([(None, "a")], [(None, "b")], (0, 0, 1)),
        ([("1", "a")], [("1", "b")], (0, 0, 1)),
        ([("1", "a")], [("1", None)], (0, 0, 1)),
        ([("1", "a")], [("1", "a"), ("2", "a")], (1, 0, 0)),
        ([("1", "a"), ("2", "a")], [("2", "a")], (0, 1, 0)),
        ([("1", "a")], [("1", "a"), ("1", "a")], (1, 0, 0)),
        ([("1", "a"), ("1", "a")], [("1", "a"), ("1", "b")], (0, 0, 1)),
        ([("1", "a"), ("2", "b")], [("2", "c"), ("3", "d"), ("4", "e")], (2, 1, 1)),
    ],
)
def test_rows_are_added_removed_or_changed(
    connection: duckdb.DuckDBPyConnection,
    old: list[Row],
    new: list[Row],
    expected: tuple[int, int, int],
) -> None:
    found = difference(rows(connection, *old), rows(connection, *new), ["k"], ["position"])
    assert found == Difference(*expected)


def test_the_order_of_the_columns_does_not_matter(connection: duckdb.DuckDBPyConnection) -> None:
    old = rows(connection, ("1", "a"))
    assert difference(old.project("position, v, k"), old, ["k"]) == (0, 0, 0)


def test_a_missing_column_is_named(connection: duckdb.DuckDBPyConnection) -> None:
    table = rows(connection, ("1", "a"))
    with pytest.raises(ValueError, match=r"without the columns \['v'\]"):
        difference(table.project("k, position"), table, ["k"])
    with pytest.raises(ValueError, match=r"without the columns \['id'\]"):
        difference(table, table, ["id"])


pairs = st.lists(st.tuples(st.sampled_from("12"), st.sampled_from("ab")), max_size=5)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pairs, pairs)
def test_the_counts_lead_from_the_old_rows_to_the_new(
    connection: duckdb.DuckDBPyConnection, old: list[Row], new: list[Row]
) -> None:
    found = difference(rows(connection, *old), rows(connection, *new), ["k"], ["position"])
    back = difference(rows(connection, *new), rows(connection, *old), ["k"], ["position"])
    assert len(old) + found.added - found.removed == len(new)
    assert found.added + found.changed == (Counter(new) - Counter(old)).total()
    assert (back.added, back.removed, back.changed) == (found.removed, found.added, found.changed)
