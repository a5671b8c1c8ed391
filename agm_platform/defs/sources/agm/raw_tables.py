"""AGM's files as received: seven snapshots, each replaced by a newer file."""

from collections.abc import Iterator

import dagster as dg
import narwhals as nw
import pandas as pd

from agm_platform.contracts import agm
from agm_platform.defs.landing.files import file_key
from agm_platform.defs.landing_resource import Landing
from agm_platform.defs.sources.snapshots import newest
from agm_platform.defs.table import table_out
from agm_platform.quality.checks import POOL
from agm_platform.warehouse.engine import Engine
from agm_platform.warehouse.tables import read_table


@dg.multi_asset(
    name="agm_raw_tables",
    outs={
        contract.name: table_out(contract) for contract in (*agm.RAW_TABLES.values(), agm.RAW_FILES)
    },
    deps=[file_key(feed) for feed in agm.FEEDS],
    internal_asset_deps={
        **{agm.RAW_TABLES[feed.name].name: {file_key(feed)} for feed in agm.FEEDS},
        agm.RAW_FILES.name: {file_key(feed) for feed in agm.FEEDS},
    },
    pool=POOL,
)
def raw_tables(
    context: dg.AssetExecutionContext, engine: Engine, landing: Landing
) -> Iterator[dg.Output]:
    """Read the newest file of each feed; a feed without files gives an empty table."""
    files = []
    for feed in agm.FEEDS:
        contract = agm.RAW_TABLES[feed.name]
        received = newest(engine, landing, feed, contract, agm.RAW_FILES)
        files.append(received.file)
        context.log.info("%s: %s", feed.name, received.file["state"])
        rows = read_table(engine.connection, contract) if received.rows is None else received.rows
        yield dg.Output(nw.from_native(rows.select(*contract.column_names)), contract.name)
    yield dg.Output(
        pd.DataFrame(files).reindex(columns=list(agm.RAW_FILES.column_names)), agm.RAW_FILES.name
    )
