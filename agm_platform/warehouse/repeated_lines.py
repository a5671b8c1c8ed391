"""Rows in which a number comes twice, found by one bit a number instead of one group."""

from __future__ import annotations

from typing import Any

import narwhals as nw

from agm_platform.warehouse.types import quoted

LAST_BIT = 63


def with_repeated_numbers(lines: nw.LazyFrame, order: str, number: str) -> nw.LazyFrame:
    """Return the lines of the orders in which a whole number may come twice, or is missing.

    On DuckDB one group stands for 64 neighbouring numbers of an order: if its bits are as many as
    its lines, none comes twice. Other engines get all lines, of which the caller finds the same
    repeats.
    """
    if not lines.implementation.is_duckdb():
        return lines
    native: Any = lines.to_native()
    group, place = quoted(order), quoted(number)
    # Negative numbers and nulls make bits and lines differ, which is on the safe side.
    suspicious = native.query(
        "lines",
        f"""select distinct {group} from (
            select {group} from lines group by {group}, {place} - ({place} & {LAST_BIT})
            having count(*) <> bit_count(
                coalesce(bit_or(cast(1 as ubigint) << cast({place} & {LAST_BIT} as ubigint)), 0))
        )""",
    )
    return lines.join(nw.from_native(suspicious), on=order, how="semi")


def with_repeated_values(rows: nw.LazyFrame, number: str) -> nw.LazyFrame:
    """Return the rows of those blocks of 64 neighbouring numbers in which one comes twice.

    As above, for a key that is one whole number, never null. Other engines get all rows, of which
    the caller finds the same repeats.
    """
    if not rows.implementation.is_duckdb():
        return rows
    native: Any = rows.to_native()
    value = f"rows.{quoted(number)}"
    block = f"{value} - ({value} & {LAST_BIT})"
    return nw.from_native(
        native.query(
            "rows",
            f"""select rows.* from rows semi join (
                select {block} as __block from rows group by __block
                having count(*) <> bit_count(
                    bit_or(cast(1 as ubigint) << cast({value} & {LAST_BIT} as ubigint)))
            ) as suspicious on {block} = suspicious.__block""",
        )
    )
