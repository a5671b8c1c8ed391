"""Fetching the few figures of a query in the engine's own exact types (pandas would round)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import narwhals as nw


def rows_of(frame: nw.LazyFrame) -> list[dict[str, Any]]:
    """Return the rows of `frame`, which are few."""
    native: Any = frame.to_native()
    if frame.implementation.is_duckdb():
        return [dict(zip(native.columns, row, strict=True)) for row in native.fetchall()]
    if frame.implementation.is_spark_like():
        return [row.asDict() for row in native.collect()]
    return list(frame.collect().rows(named=True))


def one_row(frame: nw.LazyFrame) -> dict[str, Any]:
    """Return the only row of `frame`."""
    return dict(rows_of(frame)[0])
