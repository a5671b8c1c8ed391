"""Peak's daily files as received: read once, into four tables and a verdict a file."""

from collections.abc import Iterator, Mapping
from datetime import date

import dagster as dg
import duckdb
import narwhals as nw
import pandas as pd

from agm_platform.contracts import peak
from agm_platform.contracts.model import Table
from agm_platform.defs.landing.files import file_key
from agm_platform.defs.landing_resource import Landing
from agm_platform.defs.privacy import Privacy
from agm_platform.defs.sources.peak.partitions import PEAK_DAYS
from agm_platform.defs.table import table_out
from agm_platform.landing.delivery import Delivery
from agm_platform.landing.difference import difference
from agm_platform.landing.document import PEAK_DAY
from agm_platform.landing.json_reader import DayFile, JsonTables, Verdict, read_json_files
from agm_platform.quality.checks import POOL
from agm_platform.warehouse.engine import Engine
from agm_platform.warehouse.tables import read_table

RAW = (peak.RAW_ORDERS, peak.RAW_STORES, peak.RAW_CUSTOMERS, peak.RAW_ORDER_LINES)
# What a corrected sale or line is recognised by: the sale's own number, not its place in the file.
COMPARED = {
    peak.RAW_ORDERS.name: ("sale_id",),
    peak.RAW_ORDER_LINES.name: ("sale_id", "line_item_id"),
}
NOT_COMPARED = ("business_date", "file_name", "sale_position")


@dg.multi_asset(
    name="peak_raw_days",
    outs={contract.name: table_out(contract, PEAK_DAYS) for contract in (*RAW, peak.RAW_FILES)},
    deps=[file_key(peak.DAILY_SALES)],
    partitions_def=PEAK_DAYS,
    backfill_policy=dg.BackfillPolicy.single_run(),
    pool=POOL,
)
def raw_days(
    context: dg.AssetExecutionContext, engine: Engine, landing: Landing, privacy: Privacy
) -> Iterator[dg.Output]:
    """Read the files of the run's days; a day whose file cannot be read keeps the rows it had."""
    days = [date.fromisoformat(key) for key in context.partition_keys]
    deliveries, fetched = landing.due(peak.DAILY_SALES, days)
    files = {
        delivery.delivery_id: DayFile(
            delivery.business_date, delivery.file_name, fetched.paths[delivery.delivery_id]
        )
        for delivery in deliveries
        if delivery.delivery_id in fetched.paths and delivery.business_date is not None
    }
    for delivery in fetched.gone:
        context.log.warning(
            "%s is no longer in the landing zone; the rows of %s stay as they are",
            delivery.file_name,
            delivery.business_date,
        )
    read = read_json_files(
        engine.connection,
        list(files.values()),
        PEAK_DAY,
        landing.scratch(),
        lambda done, total: context.log.info("read %s of %s files", done, total),
    )
    verdicts = dict(zip(files, read.verdicts, strict=True))
    by_id = {delivery.delivery_id: delivery for delivery in deliveries}
    accepted = {
        by_id[number].business_date: by_id[number]
        for number, verdict in verdicts.items()
        if verdict.accepted
    }
    kept = sorted(set(days) - set(accepted))
    _record_corrections(engine.connection, landing, read, accepted)
    judged = {by_id[number].business_date for number in verdicts}
    yield dg.Output(
        _files(engine.connection, verdicts, by_id, [day for day in days if day not in judged]),
        peak.RAW_FILES.name,
    )
    for contract in RAW:
        rows = read.relations[contract.name].select(*contract.column_names)
        rows = privacy.without_erased(contract, rows)
        if kept:
            rows = rows.union(_rows_of(engine.connection, contract, kept))
        yield dg.Output(nw.from_native(rows), contract.name)


def _rows_of(
    connection: duckdb.DuckDBPyConnection, contract: Table, days: list[date]
) -> duckdb.DuckDBPyRelation:
    """Return the rows that the warehouse holds for some days."""
    stored = read_table(connection, contract, [day.isoformat() for day in days])
    return stored.select(*contract.column_names)


def _record_corrections(
    connection: duckdb.DuckDBPyConnection,
    landing: Landing,
    read: JsonTables,
    accepted: Mapping[date | None, Delivery],
) -> None:
    """Note for each corrected day how its rows differ from those it replaces."""
    ledger = landing.ledger()
    for day, delivery in accepted.items():
        current = ledger.current(delivery.source, delivery.feed, day)
        if day is None or current is None or current.delivery_id == delivery.delivery_id:
            continue
        differences = {}
        for contract in RAW:
            if contract.name in COMPARED:
                new = read.relations[contract.name].filter(
                    duckdb.ColumnExpression("business_date") == duckdb.ConstantExpression(day)
                )
                differences[contract.name] = difference(
                    _rows_of(connection, contract, [day]),
                    new,
                    COMPARED[contract.name],
                    NOT_COMPARED,
                )
        ledger.record_correction(delivery.delivery_id, current.delivery_id, differences)


def _files(
    connection: duckdb.DuckDBPyConnection,
    verdicts: Mapping[int, Verdict],
    deliveries: Mapping[int, Delivery],
    kept: list[date],
) -> pd.DataFrame:
    """Return the verdict on each file read, and the earlier ones of the days not read."""
    rows = [
        (
            verdict.file.business_date,
            verdict.file.file_name,
            deliveries[number].sha256,
            "accepted" if verdict.accepted else "quarantined",
            verdict.reason,
            verdict.line,
            verdict.records if verdict.accepted else None,
            verdict.items if verdict.accepted else None,
            "; ".join(verdict.notes) or None,
        )
        for number, verdict in verdicts.items()
    ]
    if kept:
        rows += _rows_of(connection, peak.RAW_FILES, kept).fetchall()
    return pd.DataFrame(rows, columns=list(peak.RAW_FILES.column_names))
