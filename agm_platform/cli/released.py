"""What a replay brought: files that could be read, rows that were let in, rows that still wait."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import narwhals as nw

from agm_platform.contracts.quarantine_log import QUARANTINE_LOG, RELEASED, WAITING
from agm_platform.landing.delivery import State
from agm_platform.landing.ledger import Ledger
from agm_platform.warehouse.connection import Claim
from agm_platform.warehouse.rows import records
from agm_platform.warehouse.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from rich.console import Console

    from agm_platform.settings import Settings


class Tally(NamedTuple):
    """Rows of one sender's table that one rule keeps or kept out."""

    table: str
    rule: str
    released: int
    waiting: int


def tally(log: nw.LazyFrame, runs: Sequence[str]) -> list[Tally]:
    """Count by table and rule what these runs released and what still waits; most waiting first."""
    released = (nw.col("state") == RELEASED) & nw.col("released_in_run").is_in(list(runs))
    waiting = nw.col("state") == WAITING
    counts = log.group_by("source", "table_name", "rule").agg(
        released=nw.when(released).then(nw.lit(1)).otherwise(nw.lit(0)).sum(),
        waiting=nw.when(waiting).then(nw.lit(1)).otherwise(nw.lit(0)).sum(),
    )
    rows = [
        Tally(f"{row['source']}.{row['table_name']}", row["rule"], row["released"], row["waiting"])
        for row in records(counts)
        if row["released"] or row["waiting"]
    ]
    return sorted(rows, key=lambda row: (-row.waiting, -row.released, row.table, row.rule))


def tell_released(
    console: Console, settings: Settings, reopened: Collection[int], runs: Sequence[str]
) -> None:
    """Print how many refused files were read by these runs, and the tally of rows."""
    if reopened:
        now_read = sum(
            delivery.delivery_id in reopened
            and delivery.state in {State.ACCEPTED, State.SUPERSEDED}
            for delivery in Ledger(settings.ledger_path).history()
        )
        console.print(f"Files read now: {now_read} of {len(reopened)}", highlight=False)
    with Claim(settings.warehouse_path) as claim:
        log = nw.from_native(read_table(claim.connection, QUARANTINE_LOG))
        counts = tally(log, runs)
    released, waiting = (sum(getattr(row, name) for row in counts) for name in Tally._fields[2:])
    console.print(f"Quarantine: {released:,} rows released, {waiting:,} still wait")
    for row in counts:
        console.print(
            f"  {row.table:<24} {row.rule:<32} {row.released:>8,} released {row.waiting:>8,} wait",
            highlight=False,
            soft_wrap=True,
        )
