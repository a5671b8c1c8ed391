"""Order lines summed up by order, with the set of departments as bits: what Narwhals cannot say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals as nw

from agm_platform.warehouse.types import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_POSITIONS = 62
"""Bits of a whole number that are used; the last ones are left for its sign."""
LAST_SLOT = 63
"""Remainders by 64 are told apart: one bit each of an unsigned whole number."""


def summed_baskets(
    lines: nw.LazyFrame,
    sums: Mapping[str, str],
    counts: Mapping[str, str],
    *,
    position: str = "position",
    number: str = "add_to_cart_order",
) -> nw.LazyFrame:
    """Return order_id, order_lines, named sums and counts of columns, `departments`, `cart_slots`.

    Bit p of `departments` is set if a line of the order has `position` p (0 to 61, or null).
    `cart_slots` counts the different remainders by 64 of `number`, a whole number or null: as many
    as lines if no number comes twice. On other engines than DuckDB the bits are one maximum each.
    """
    slot = LAST_SLOT + 1
    if lines.implementation.is_duckdb():
        native: Any = lines.to_native()
        parts = [
            f"cast(coalesce(sum({quoted(column)}), 0) as bigint) as {quoted(name)}"
            for name, column in sums.items()
        ]
        parts += [f"count({quoted(column)}) as {quoted(name)}" for name, column in counts.items()]
        place = quoted(number)
        query = f"""select order_id, count(*) as order_lines, {", ".join(parts)},
            coalesce(bit_or(cast(1 as bigint) << cast({quoted(position)} as bigint)), 0)
                as departments,
            coalesce(bit_count(bit_or(
                cast(1 as ubigint) << cast({place} & {LAST_SLOT} as ubigint))), 0) as cart_slots
            from lines group by order_id"""
        return nw.from_native(native.query("lines", query))
    flagged, bits = _flagged(lines, nw.col(position), MOST_POSITIONS)
    slots = {f"_slot_{place}": place for place in range(slot)}
    remainder = (nw.col(number) % slot + slot) % slot
    found = (
        flagged.with_columns(
            **{name: (remainder == place).cast(nw.Int64) for name, place in slots.items()}
        )
        .group_by("order_id")
        .agg(
            order_lines=nw.len(),
            **{name: nw.col(column).sum() for name, column in sums.items()},
            **{name: nw.col(column).count() for name, column in counts.items()},
            **{name: nw.col(name).max() for name in (*bits, *slots)},
        )
    )
    filled = found.with_columns(
        *(nw.col(name).fill_null(0).cast(nw.Int64) for name in sums),
        cart_slots=nw.sum_horizontal(*(nw.col(name).fill_null(0) for name in slots)),
    )
    return _joined(filled.drop(*slots), bits)


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
