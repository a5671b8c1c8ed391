"""A bench for the I/O manager: tiny contracts, written and read through Dagster itself."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import narwhals as nw
import pytest

from agm_platform.contracts.model import Column, Table, Type
from agm_platform.warehouse.connection import Claim
from agm_platform.warehouse.engine import Engine
from agm_platform.warehouse.io_manager import Warehouse
from agm_platform.warehouse.tables import replace_rows

DAYS = dg.DynamicPartitionsDefinition(name="test_days")
KNOWN_DAYS = [f"2020-{month:02}-{day:02}" for month in range(9, 12) for day in range(1, 31)]

VISITS = Table(
    "shop",
    "visits",
    "Visits, partitioned by day.",
    (
        Column("day", Type.DATE, "The day."),
        Column("visitor", Type.TEXT, "Who came.", personal=True),
        Column("spent", Type.INTEGER, "What was spent.", unit="cents"),
    ),
    partition_column="day",
)
PRICES = Table(
    "shop",
    "prices",
    "Prices, one snapshot.",
    (
        Column("item", Type.TEXT, "The item."),
        Column("price", Type.INTEGER, "The price.", unit="cents"),
    ),
    key=("item",),
)


class Bench:
    """Writes one table at a time with Dagster and reads the file when the run is over."""

    def __init__(self, database: Path, instance: dg.DagsterInstance) -> None:
        self.database = database
        self.instance = instance
        self.contracts = {("shop", table.name): table for table in (VISITS, PRICES)}

    def resources(self) -> dict[str, Any]:
        contracts = self.contracts

        class BenchWarehouse(Warehouse):
            @staticmethod
            def contract(source: str, name: str) -> Table | None:
                return contracts.get((source, name))

        path = str(self.database)
        return {
            "io_manager": BenchWarehouse(database=path),
            "engine": Engine(database=path),
            "nowhere": dg.mem_io_manager,
        }

    def run(self, assets: Sequence[Any], days: Sequence[str] = (), **options: Any) -> Any:
        """Materialize in one run: the days given (first to last), or unpartitioned."""
        names = ("dagster/asset_partition_range_start", "dagster/asset_partition_range_end")
        tags = dict(zip(names, (days[0], days[-1]), strict=True)) if days else {}
        return dg.materialize(
            assets, instance=self.instance, resources=self.resources(), tags=tags, **options
        )

    def read(self, reader: Any, table: Table, days: Sequence[str] = ()) -> Any:
        """Materialize only `reader`, which loads `table` as it is stored."""
        return self.run([asset_of(table, ""), reader], days, selection=[reader])

    def given(self, table: Table, rows: str, days: Sequence[str] = ()) -> None:
        """Store rows as a run before would have; without Dagster, which is not what is tested."""
        with Claim(self.database) as claim:
            connection = claim.connection
            replace_rows(connection, table, connection.sql(rows), list(days) or None)

    def write(self, table: Table, rows: Any, days: Sequence[str] = ()) -> Any:
        """Materialize `table` from SQL, a frame, or a function of the connection."""
        self.contracts[table.source, table.name] = table
        return self.run([asset_of(table, rows)], days)

    def refused(self, table: Table, rows: Any, days: Sequence[str] = ()) -> str:
        """Return the message with which the write was refused; the run must fail."""
        with pytest.raises(Exception) as caught:  # noqa: PT011
            self.write(table, rows, days)
        return str(caught.value)

    def sql(self, query: str) -> list[tuple[Any, ...]]:
        """Query the file; the run must have closed it."""
        with duckdb.connect(str(self.database)) as connection:
            return connection.execute(query).fetchall()

    def visits(self) -> list[tuple[str, str, int]]:
        """Return the stored visits, day by day, each day in its stored order."""
        return self.sql("select day::varchar, visitor, spent from shop.visits order by day, rowid")


def asset_of(table: Table, rows: Any) -> dg.AssetsDefinition:
    """Return an asset of `table` that returns `rows`: SQL, a frame, or made of the connection."""
    partitioned: dict[str, Any] = {}
    if table.partition_column:
        partitioned = {
            "partitions_def": DAYS,
            "backfill_policy": dg.BackfillPolicy.single_run(),
            "metadata": {"partition_expr": table.partition_column},
        }

    @dg.asset(key=[table.source, table.name], **partitioned)
    def table_asset(engine: Engine):
        if isinstance(rows, str):
            return nw.from_native(engine.connection.sql(rows))
        return rows(engine.connection) if callable(rows) else rows

    return table_asset
