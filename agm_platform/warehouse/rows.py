"""A small table's rows as Python values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import narwhals as nw


def records(frame: nw.LazyFrame) -> list[dict[str, Any]]:
    """Return the rows as dicts, None where null.

    A DuckDB relation gives its rows itself: the way over pandas would turn integers with nulls
    into floats, and the one over Arrow needs a package more.
    """
    native = frame.to_native()
    if frame.implementation.is_duckdb():
        return [dict(zip(native.columns, row, strict=True)) for row in native.fetchall()]
    return frame.collect().rows(named=True)
