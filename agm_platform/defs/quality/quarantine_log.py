"""The log of every row ever set aside, and its summary; what they say is in quarantine_history."""

from datetime import UTC, date, datetime
from pathlib import Path

import dagster as dg
import narwhals as nw

from agm_platform.contracts import landing as landing_contracts
from agm_platform.contracts import quarantine
from agm_platform.contracts.quarantine_log import QUARANTINE_LOG, QUARANTINE_SUMMARY
from agm_platform.contracts.registry import TABLES
from agm_platform.defs.publish.shelf import Shelf
from agm_platform.defs.quality.quarantine_history import Moment, set_aside, summed_up, written_on
from agm_platform.defs.sources.peak.partitions import PEAK_DAYS
from agm_platform.defs.table import asset_key, table
from agm_platform.quality.checks import partitions_of
from agm_platform.warehouse.engine import Engine
from agm_platform.warehouse.publish_copy import read_copy
from agm_platform.warehouse.tables import kept_rows, read_table
from agm_platform.warehouse.types import empty_relation

QUARANTINES = [contract for contract in TABLES if contract.name == quarantine.NAME]


@table(
    QUARANTINE_LOG,
    reads={"ledger": landing_contracts.LEDGER},
    deps=[asset_key(contract) for contract in QUARANTINES],
    duckdb_only="reads its own table and all quarantines from the warehouse",
)
def quarantine_log(
    context: dg.AssetExecutionContext, engine: Engine, shelf: Shelf, ledger: nw.LazyFrame
) -> nw.LazyFrame:
    """The log so far, changed by what this run judged.

    No other table could tell it again: a lost warehouse takes it up from what was last published.
    """
    quarantines = {
        contract.source: nw.from_native(read_table(engine.connection, contract))
        for contract in QUARANTINES
    }
    return written_on(
        nw.from_native(_log_so_far(engine, shelf)),
        set_aside(quarantines, ledger),
        ledger,
        _judged(context),
        Moment(context.run.run_id, datetime.now(UTC).replace(tzinfo=None)),
    )


@table(QUARANTINE_SUMMARY)
def quarantine_summary(quarantine_log: nw.LazyFrame) -> nw.LazyFrame:
    """What waits, was released and was superseded, by sender, table, file, date and rule."""
    return summed_up(quarantine_log)


def _log_so_far(engine: Engine, shelf: Shelf) -> object:
    """Return the rows of the log: as stored, else as published, else none."""
    rows = kept_rows(engine.connection, QUARANTINE_LOG)
    if rows is None:
        published = Path(shelf.published_path) / "insights.duckdb"
        rows = read_copy(engine.connection, published, QUARANTINE_LOG)
    return empty_relation(engine.connection, QUARANTINE_LOG) if rows is None else rows


def _judged(context: dg.AssetExecutionContext) -> dict[str, list[date] | None]:
    """Return the sources whose rows this run (or the one that it repeats) judged, and the days."""
    runs = {context.run.run_id, context.run.parent_run_id, context.run.root_run_id}
    judged: dict[str, list[date] | None] = {}
    for contract in QUARANTINES:
        made = context.instance.get_latest_materialization_event(asset_key(contract))
        if made is None or made.run_id not in runs:
            continue
        days = partitions_of(context.run, context.instance, PEAK_DAYS)
        of_days = contract.partition_column is not None
        judged[contract.source] = [date.fromisoformat(day) for day in days] if of_days else None
    return judged
