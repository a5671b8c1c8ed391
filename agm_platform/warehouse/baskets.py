"""Order lines summed up by order, with the set of departments as bits: what Narwhals cannot say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals as nw

from agm_platform.warehouse.types import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_POSITIONS = 62
"""Bits of a whole number that are used; the last ones are left for its sign."""


def summed_baskets(
    lines: nw.LazyFrame, sums: Mapping[str, str], position: str = "position"
) -> nw.LazyFrame:
    """Return order_id, order_lines, the named sums of columns, and `departments`.

    Bit p of `departments` is set if a line of the order has `position` p (0 to 61, or null). On
    other engines than DuckDB the bits are one maximum each.
    """
    if lines.implementation.is_duckdb():
        native: Any = lines.to_native()
        summed = "".join(
            f", cast(coalesce(sum({quoted(column)}), 0) as bigint) as {quoted(name)}"
            for name, column in sums.items()
        )
        query = f"""select order_id, count(*) as order_lines{summed},
            coalesce(bit_or(cast(1 as bigint) << cast({quoted(position)} as bigint)), 0)
                as departments
            from lines group by order_id"""
        return nw.from_native(native.query("lines", query))
    flagged, bits = _flagged(lines, nw.col(position), MOST_POSITIONS)
    found = flagged.group_by("order_id").agg(
        order_lines=nw.len(),
        **{name: nw.col(column).sum() for name, column in sums.items()},
        **{name: nw.col(name).max() for name in bits},
    )
    return _joined(found, bits)


def united_sets(frame: nw.LazyFrame, key: str) -> nw.LazyFrame:
    """Return `key` and the union of its rows' sets, in the column `departments`."""
    if frame.implementation.is_duckdb():
        native: Any = frame.to_native()
        query = f"""select {quoted(key)}, bit_or(departments) as departments
            from sets group by {quoted(key)}"""
        return nw.from_native(native.query("sets", query))
    names = {f"_bit_{place}": place for place in range(MOST_POSITIONS)}
    flagged = frame.with_columns(
        **{
            name: (nw.col("departments") // (1 << place) % 2).cast(nw.Int64)
            for name, place in names.items()
        }
    )
    found = flagged.group_by(key).agg(**{name: nw.col(name).max() for name in names})
    return _joined(found, list(names))


def _flagged(frame: nw.LazyFrame, position: nw.Expr, most: int) -> tuple[nw.LazyFrame, list[str]]:
    bits = {f"_bit_{place}": (position == place).cast(nw.Int64) for place in range(most)}
    return frame.with_columns(**bits), list(bits)


def _joined(frame: nw.LazyFrame, bits: list[str]) -> nw.LazyFrame:
    departments: nw.Expr = nw.lit(0)
    for place, name in enumerate(bits):
        departments = departments + nw.col(name).fill_null(0) * (1 << place)
    return frame.with_columns(departments=departments).drop(*bits)
