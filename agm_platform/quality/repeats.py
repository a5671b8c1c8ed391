"""How many rows share their key with another row: exactly, and with as few groups as can be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals as nw

from agm_platform.contracts.model import Type
from agm_platform.quality.layout import Layout
from agm_platform.quality.one_row import one_row
from agm_platform.quality.plan import ROWS

if TYPE_CHECKING:
    from collections.abc import Sequence

BLOCK = "__block"
LAST_BIT = 63  # of an unsigned BIGINT, one bit for each number of a block


def repeated_rows(frame: nw.LazyFrame, columns: Sequence[str], considered: nw.Expr | None) -> int:
    """Return how many of the considered rows share their values of `columns` with another one.

    Missing values are values here: two rows that both lack one share it. On DuckDB a key with a
    whole number in it, as the line number of an order, is counted by blocks of numbers first.
    """
    rows = frame if considered is None else frame.filter(considered)
    if rows.implementation.is_duckdb():
        layout = Layout.of(rows)
        numbers = [name for name in columns if layout.type(name) is Type.INTEGER]
        if numbers:
            return _repeated_by_blocks(rows, columns, numbers[-1])
    groups = rows.group_by(columns).agg(nw.len().alias(ROWS)).filter(nw.col(ROWS) > 1)
    return int(one_row(groups.select(nw.col(ROWS).sum()))[ROWS] or 0)


def _repeated_by_blocks(rows: nw.LazyFrame, columns: Sequence[str], number: str) -> int:
    """Count in DuckDB the rows that share a key which holds the whole number `number`.

    One group stands for a block of 64 neighbouring numbers, one bit for each number that occurs
    (null counts as one more, in a block of its own). If the bits are as many as the rows, no number
    of the block comes twice; only the rows of other blocks are grouped by the whole key. A ninth of
    the groups, and a fifth of the time, for orders of 9 lines; never more groups.
    """
    native: Any = rows.to_native()
    name, keys = _quoted(number), ", ".join(map(_quoted, columns))
    block = [*(_quoted(column) for column in columns if column != number), BLOCK]
    same = " and ".join(f"keyed.{part} is not distinct from suspicious.{part}" for part in block)
    query = f"""
        with keyed as (select {keys}, {name} - ({name} & {LAST_BIT}) as {BLOCK} from rows),
        suspicious as (
            select {", ".join(block)} from keyed group by all
            having count(*) <> cast(count({name}) < count(*) as integer) + bit_count(
                coalesce(bit_or(cast(1 as ubigint) << cast({name} & {LAST_BIT} as ubigint)), 0)
            )
        )
        select coalesce(sum({ROWS}), 0) from (
            select count(*) as {ROWS} from keyed semi join suspicious on {same}
            group by {keys} having count(*) > 1
        )"""
    return int(native.query("rows", query).fetchall()[0][0])


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
