"""The product mapping as received: every version that is in force."""

from collections.abc import Iterator
from datetime import date

import dagster as dg
import duckdb
import narwhals as nw
import pandas as pd

from agm_platform.contracts import peak
from agm_platform.defs.landing.files import file_key
from agm_platform.defs.landing_resource import Landing
from agm_platform.defs.sources.snapshots import read_delivery, stored_files
from agm_platform.defs.table import table_out
from agm_platform.quality.checks import POOL
from agm_platform.warehouse.engine import Engine
from agm_platform.warehouse.tables import read_table


@dg.multi_asset(
    name="peak_raw_map",
    outs={
        contract.name: table_out(contract)
        for contract in (peak.RAW_PRODUCT_MAP, peak.RAW_MAP_FILES)
    },
    deps=[file_key(peak.PRODUCT_MAPPING)],
    pool=POOL,
)
def raw_map(engine: Engine, landing: Landing) -> Iterator[dg.Output]:
    """Read each version's newest file; a version whose file cannot be read keeps its rows."""
    connection, contract = engine.connection, peak.RAW_PRODUCT_MAP
    deliveries, fetched = landing.due(peak.PRODUCT_MAPPING)
    rows = read_table(connection, contract)
    stored = stored_files(engine, peak.RAW_MAP_FILES)
    known = {file["business_date"]: file for file in stored if file["state"] != "missing"}
    for delivery in deliveries:
        path = fetched.paths.get(delivery.delivery_id)
        if path is None:
            continue
        received = read_delivery(engine, landing, peak.PRODUCT_MAPPING, contract, delivery, path)
        if received.rows is None:
            earlier = known.get(delivery.business_date, {})
            received.file["rows_from"] = earlier.get("rows_from")
        known[delivery.business_date] = received.file
        if received.rows is not None:
            version = duckdb.ConstantExpression(delivery.business_date).cast("DATE")
            new = received.rows.select(
                duckdb.StarExpression(),
                version.alias("version_date"),
                duckdb.ConstantExpression(delivery.file_name).alias("file_name"),
            )
            rows = rows.filter(_is_other_version(delivery.business_date)).union(
                new.select(*contract.column_names)
            )
    yield dg.Output(nw.from_native(rows), contract.name)
    if not known:
        known[None] = {
            "feed": peak.PRODUCT_MAPPING.name,
            "state": "missing",
            "reason": "no peak_product_mapping file has arrived in landing/peak",
        }
    yield dg.Output(
        pd.DataFrame(list(known.values())).reindex(columns=list(peak.RAW_MAP_FILES.column_names)),
        peak.RAW_MAP_FILES.name,
    )


def _is_other_version(day: date | None) -> duckdb.Expression:
    column = duckdb.ColumnExpression("version_date")
    if day is None:
        return column.isnotnull()
    return column.isnull() | (column != duckdb.ConstantExpression(day))
