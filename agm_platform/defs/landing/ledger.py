"""The ledger of files as a table, once what this run read is entered in it."""

import dagster as dg
import narwhals as nw
import pandas as pd

from agm_platform.contracts import agm, peak
from agm_platform.contracts import landing as contracts
from agm_platform.defs.landing_resource import Landing
from agm_platform.defs.table import asset_key, table
from agm_platform.landing.delivery import Outcome, State
from agm_platform.warehouse.rows import records

FILES = {"days": peak.RAW_FILES, "mappings": peak.RAW_MAP_FILES, "snapshots": agm.RAW_FILES}


@table(contracts.LEDGER, reads=FILES)
def ledger(
    context: dg.AssetExecutionContext,
    landing: Landing,
    days: nw.LazyFrame,
    mappings: nw.LazyFrame,
    snapshots: nw.LazyFrame,
) -> pd.DataFrame:
    """Every delivery of a file and what became of it.

    First concludes what waited and has now been read: its rows are in the warehouse by the time
    this table is filled, so a crash in between only means that the file is read again.
    """
    files = [
        *({"source": "peak", "feed": peak.DAILY_SALES.name, **row} for row in records(days)),
        *({"source": "peak", **row} for row in records(mappings)),
        *({"source": "agm", **row} for row in records(snapshots)),
    ]
    read = {
        (file["source"], file["feed"], file["business_date"], file["file_sha256"]): file
        for file in files
    }
    book = landing.ledger()
    outcomes = []
    for delivery in book.pending():
        file = read.get((*delivery.subject, delivery.sha256))
        if file is not None:
            outcomes.append(
                Outcome(
                    delivery.delivery_id,
                    file["sales"] if "sales" in file else file["rows_received"],
                    file.get("order_lines"),
                    file["reason"] if file["state"] == "quarantined" else None,
                    file["line"],
                )
            )
    book.conclude(outcomes, context.run.run_id)
    history = book.history()
    in_force = {
        delivery.subject: delivery.generation
        for delivery in history
        if delivery.state is State.ACCEPTED
    }
    return pd.DataFrame(
        [
            {
                "delivery_id": delivery.delivery_id,
                "source": delivery.source,
                "feed": delivery.feed,
                "file_name": delivery.file_name,
                "business_date": delivery.business_date,
                "file_sha256": delivery.sha256,
                "size_bytes": delivery.size_bytes,
                "received_at": delivery.received_at.replace(tzinfo=None),
                "generation": delivery.generation,
                "state": delivery.state.value,
                "rows_received": delivery.rows_received,
                "lines_received": delivery.lines_received,
                "reason": delivery.reason,
                "line": delivery.line,
                "run_id": delivery.run_id,
                "superseded_by": delivery.superseded_by,
                "needs_attention": delivery.state is State.QUARANTINED
                and delivery.generation > in_force.get(delivery.subject, 0),
            }
            for delivery in history
        ],
        columns=list(contracts.LEDGER.column_names),
    )


@table(contracts.CORRECTIONS, deps=[asset_key(contracts.LEDGER)])
def corrections(landing: Landing) -> pd.DataFrame:
    """How each correction differs from what it replaced, by table."""
    return pd.DataFrame(
        [
            (entry.delivery_id, entry.replaced_id, entry.table, *entry.difference)
            for entry in landing.ledger().corrections()
        ],
        columns=list(contracts.CORRECTIONS.column_names),
    )
