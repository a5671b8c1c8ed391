"""The balance of rows received, let in, set aside and replaced, and its totals at a glance."""

import narwhals as nw

from agm_platform.contracts.snapshots import Snapshot
from agm_platform.warehouse.rows import records

FIGURES = ("received", "accepted", "quarantined", "superseded", "unaccounted")


def totals(reconciliation: nw.LazyFrame) -> dict[str, int]:
    """Return each figure of each table summed up, as metadata of the materialization."""
    summed = reconciliation.group_by("table_name").agg(*(nw.col(name).sum() for name in FIGURES))
    return {
        f"{row['table_name']}_{name}": int(row[name])
        for row in sorted(records(summed), key=lambda row: str(row["table_name"]))
        for name in FIGURES
    }


def balance(
    snapshot: Snapshot,
    raw: nw.LazyFrame,
    accepted: nw.LazyFrame,
    quarantine: nw.LazyFrame,
    ledger: nw.LazyFrame,
) -> nw.LazyFrame:
    """Return one row for a table that is sent whole: what came in against what became of it."""
    feed, table = snapshot.feed, snapshot.raw
    set_aside = quarantine.filter(nw.col("table_name") == table.name).select(quarantined=nw.len())
    replaced = ledger.filter(
        nw.col("source") == feed.source,
        nw.col("feed") == feed.name,
        nw.col("state") == "superseded",
    ).select(superseded=nw.col("rows_received").sum())
    return (
        raw.select(current=nw.len())
        .join(accepted.select(accepted=nw.len()), how="cross")
        .join(set_aside, how="cross")
        .join(replaced, how="cross")
        .with_columns(
            table_name=nw.lit(table.name),
            superseded=nw.col("superseded").fill_null(0).cast(nw.Int64),
        )
        .with_columns(
            received=nw.col("current") + nw.col("superseded"),
            unaccounted=nw.col("current") - nw.col("accepted") - nw.col("quarantined"),
        )
    )
