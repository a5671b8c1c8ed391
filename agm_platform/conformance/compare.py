"""Two engines' rows of one table side by side; what is told holds no personal value."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from agm_platform.contracts.model import Type

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from agm_platform.contracts.model import Column, Table

Row = tuple[Any, ...]
TOLERANCE = 1e-9
"""Relative and absolute: engines add floats up in different orders."""
SHOWN = 3
"""Differing rows that are told of a table."""


def differences(table: Table, one: Sequence[Row], other: Sequence[Row]) -> list[str]:
    """Return how two lists of rows of a table differ, at most SHOWN rows; empty if they do not.

    Order does not count, nor the last digits of floats. Rows are paired by the table's key (all
    columns where it has none), rows of one key in order of their values.
    """
    columns = table.columns
    key = [table.column_names.index(name) for name in table.key or table.column_names]
    ours, theirs = _by_key(one, key), _by_key(other, key)
    found = [] if len(one) == len(other) else [f"{len(one):,} rows against {len(other):,}"]
    for name in sorted({*ours, *theirs}):
        left, right = ours.get(name, []), theirs.get(name, [])
        where = _named(left or right, key, columns)
        if len(left) != len(right):
            found.append(f"{where}: {len(left)} rows against {len(right)}")
        found += [
            f"{where} {column.name}: {_shown(a, b, column)}"
            for row, twin in zip(left, right, strict=False)
            for column, a, b in zip(columns, row, twin, strict=True)
            if not same(a, b)
        ]
        if len(found) > SHOWN:
            return [*found[:SHOWN], "and more"]
    return found


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same: of one type, null like null, floats within TOLERANCE."""
    if isinstance(one, float) and isinstance(other, float):
        if math.isnan(one) or math.isnan(other):
            return math.isnan(one) and math.isnan(other)
        return math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return type(one) is type(other) and bool(one == other)


def _by_key(rows: Iterable[Row], key: Sequence[int]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[repr([_rounded(row[place]) for place in key])].append(row)
    return {name: sorted(group, key=repr) for name, group in found.items()}


def _rounded(value: Any) -> Any:
    return f"{value:.6g}" if isinstance(value, float) else value


def _named(rows: Sequence[Row], key: Sequence[int], columns: Sequence[Column]) -> str:
    """Name a row by the parts of its key that may be told."""
    parts = [
        f"{columns[place].name}={rows[0][place]}" for place in key if _may_be_told(columns[place])
    ]
    return ", ".join(parts) or "a row"


def _shown(one: Any, other: Any, column: Column) -> str:
    if _may_be_told(column):
        return f"{one!r} against {other!r}"
    return f"{_kind(one)} against {_kind(other)}, not the same"


def _may_be_told(column: Column) -> bool:
    is_free_text = column.type is Type.TEXT and not column.harmless and column.nullable
    return not (column.personal or column.identity or is_free_text)


def _kind(value: Any) -> str:
    return "nothing" if value is None else type(value).__name__
