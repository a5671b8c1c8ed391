"""The ledger of files as a table, once what this run read is entered in it."""

from typing import Any

import dagster as dg
import narwhals as nw
import pandas as pd

from agm_platform.contracts import landing as contracts
from agm_platform.contracts.registry import FILES
from agm_platform.defs.landing_resource import Landing
from agm_platform.defs.table import asset_key, table
from agm_platform.landing.delivery import Outcome, State
from agm_platform.warehouse.engine import Engine
from agm_platform.warehouse.rows import records
from agm_platform.warehouse.tables import read_table


@table(contracts.LEDGER, deps=[asset_key(files.table) for files in FILES])
def ledger(context: dg.AssetExecutionContext, engine: Engine, landing: Landing) -> pd.DataFrame:
    """Every delivery of a file and what became of it.

    First concludes what waited and has now been read: its rows are in the warehouse by the time
    this table is filled, so a crash in between only means that the file is read again.
    """
    read = {
        (files.table.source, file["feed"], file["business_date"], file["file_sha256"]): file
        for files in FILES
        for file in _files(engine, files)
    }
    book = landing.ledger()
    outcomes = []
    for delivery in book.pending():
        file = read.get((*delivery.subject, delivery.sha256))
        if file is not None:
            outcomes.append(
                Outcome(
                    delivery.delivery_id,
                    file["rows_received"],
                    file["lines_received"],
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


def _files(engine: Engine, files: contracts.FilesBehind) -> list[dict[str, Any]]:
    """Return what a source says of its files, under the same names whoever sent them."""
    stored = records(nw.from_native(read_table(engine.connection, files.table)))
    return [
        {
            **file,
            "feed": files.feed or file["feed"],
            "rows_received": file[files.rows],
            "lines_received": file[files.lines] if files.lines else None,
        }
        for file in stored
    ]
