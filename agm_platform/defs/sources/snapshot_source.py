"""The assets of a source that sends whole tables, made from its contracts.

A source of this kind writes only its contracts and how its rows get their types.
"""

from collections.abc import Iterator, Sequence

import dagster as dg
import narwhals as nw
import pandas as pd

from agm_platform.contracts import landing as landing_contracts
from agm_platform.contracts.model import Table
from agm_platform.contracts.snapshots import Snapshot
from agm_platform.defs.landing.files import file_key
from agm_platform.defs.landing_resource import Landing
from agm_platform.defs.privacy import Privacy
from agm_platform.defs.sources.quarantine import Judged, set_aside
from agm_platform.defs.sources.reconciliation import balance, totals
from agm_platform.defs.sources.snapshots import newest
from agm_platform.defs.table import table, table_out
from agm_platform.quality.checks import POOL
from agm_platform.warehouse.engine import Engine
from agm_platform.warehouse.tables import read_table

LEDGER = "ledger"
RAW_FILES = "raw_files"


def raw_tables_asset(snapshots: Sequence[Snapshot], raw_files: Table) -> dg.AssetsDefinition:
    """Return the assets that read the newest file of each feed into its raw table and `raw_files`.

    A feed without files gives an empty table, or the one that the platform carries.
    """
    keys = {file_key(snapshot.feed) for snapshot in snapshots}

    @dg.multi_asset(
        name=f"{raw_files.source}_raw_tables",
        outs={
            contract.name: table_out(contract)
            for contract in (*(snapshot.raw for snapshot in snapshots), raw_files)
        },
        deps=sorted(keys),
        internal_asset_deps={
            **{snapshot.raw.name: {file_key(snapshot.feed)} for snapshot in snapshots},
            raw_files.name: keys,
        },
        pool=POOL,
    )
    def raw_tables(
        context: dg.AssetExecutionContext, engine: Engine, landing: Landing, privacy: Privacy
    ) -> Iterator[dg.Output]:
        """Read the newest file of each feed."""
        files = []
        for snapshot in snapshots:
            contract = snapshot.raw
            received = newest(engine, landing, snapshot.feed, contract, raw_files)
            files.append(received.file)
            context.log.info("%s: %s", snapshot.feed.name, received.file["state"])
            rows = received.rows
            if rows is None:
                rows = read_table(engine.connection, contract)
            rows = privacy.without_erased(contract, rows.select(*contract.column_names))
            yield dg.Output(nw.from_native(rows), contract.name)
        described = pd.DataFrame(files).reindex(columns=list(raw_files.column_names))
        yield dg.Output(described, raw_files.name)

    return raw_tables


def quarantine_asset(
    snapshots: Sequence[Snapshot], raw_files: Table, contract: Table
) -> dg.AssetsDefinition:
    """Return the asset of the rows of all judged tables that break a row rule."""
    judged = [(snapshot, snapshot.staged) for snapshot in snapshots if snapshot.staged]
    tables = [table for snapshot, staged in judged for table in (snapshot.raw, staged)]

    @table(contract, reads={RAW_FILES: raw_files, **{each.name: each for each in tables}})
    def quarantine(**frames: nw.LazyFrame) -> nw.LazyFrame:
        """Rows that break a row rule, with the rules, their file and the record as received."""
        return set_aside(
            frames[RAW_FILES],
            *(
                Judged(snapshot, frames[snapshot.raw.name], frames[staged.name])
                for snapshot, staged in judged
            ),
        )

    return quarantine


def reconciliation_asset(
    snapshots: Sequence[Snapshot], quarantine: Table, contract: Table
) -> dg.AssetsDefinition:
    """Return the asset that balances every judged table."""
    let_in = [(snapshot, snapshot.accepted) for snapshot in snapshots if snapshot.accepted]
    tables = [table for snapshot, accepted in let_in for table in (snapshot.raw, accepted)]
    reads = {
        LEDGER: landing_contracts.LEDGER,
        quarantine.name: quarantine,
        **{each.name: each for each in tables},
    }

    @table(contract, reads=reads, tells=totals)
    def reconciliation(**frames: nw.LazyFrame) -> nw.LazyFrame:
        """Rows received, accepted, set aside and superseded, one row a table."""
        accounts = [
            balance(
                snapshot,
                frames[snapshot.raw.name],
                frames[accepted.name],
                frames[quarantine.name],
                frames[LEDGER],
            )
            for snapshot, accepted in let_in
        ]
        return nw.concat(accounts).sort("table_name")

    return reconciliation
