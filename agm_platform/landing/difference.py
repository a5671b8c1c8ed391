"""The row-level difference between two states of a table, counted in the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from duckdb import DuckDBPyRelation


class Difference(NamedTuple):
    """Rows only in the new state, only in the old one, and with the same key but other values."""

    added: int
    removed: int
    changed: int


def difference(
    old: DuckDBPyRelation,
    new: DuckDBPyRelation,
    key: Sequence[str],
    ignore: Collection[str] = (),
) -> Difference:
    """Count the rows that differ, comparing by name every column of `new` but those to `ignore`.

    Repeated rows count as often as they occur and nulls are equal. Ignore provenance and positions:
    one more row at the top of a file would change every position after it. Raises ValueError when a
    column of `new` or of the key is missing.
    """
    columns = [name for name in new.columns if name not in ignore]
    missing = (set(columns) - set(old.columns)) | (set(key) - set(columns))
    if missing:
        msg = f"no difference can be counted without the columns {sorted(missing)}"
        raise ValueError(msg)
    values, keys = _quoted(columns), _quoted(key)
    both = new.project(f"{values}, 1 as net").union(old.project(f"{values}, -1 as net"))
    surplus = both.aggregate(f"{values}, sum(net) as net", values)
    sums = "sum(greatest(net, 0)) as added, sum(greatest(-net, 0)) as removed"
    by_key = surplus.aggregate(f"{keys}, {sums}", keys)
    counts = by_key.aggregate(
        """coalesce(sum(added - least(added, removed)), 0)::bigint,
        coalesce(sum(removed - least(added, removed)), 0)::bigint,
        coalesce(sum(least(added, removed)), 0)::bigint"""
    ).fetchall()
    return Difference(*counts[0])


def _quoted(columns: Sequence[str]) -> str:
    return ", ".join('"' + name.replace('"', '""') + '"' for name in columns)
