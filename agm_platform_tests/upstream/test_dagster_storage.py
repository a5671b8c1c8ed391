"""Dagster's private database I/O manager as our own rests on it; each test names what would break.

Should these fail on an upgrade: `warehouse.io_manager` can become a ConfigurableIOManager of its
own in about a hundred lines; `warehouse.tables` stays as it is.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import dagster as dg
import pandas as pd
import pytest
from dagster._core.storage.db_io_manager import DbClient, DbIOManager, DbTypeHandler
from dagster_duckdb import DuckDBIOManager
from dagster_duckdb_pandas import DuckDBPandasTypeHandler

DAYS = dg.DynamicPartitionsDefinition(name="upstream_days")
RANGE = {
    "dagster/asset_partition_range_start": "2020-10-03",
    "dagster/asset_partition_range_end": "2020-10-04",
}

calls: list[Any] = []


class Recorder(DbClient):
    @staticmethod
    @contextmanager
    def connect(_context: Any, _slice: Any) -> Iterator[str]:
        calls.append("connect")
        yield "connection"
        calls.append("disconnect")

    @staticmethod
    def ensure_schema_exists(_context: Any, _slice: Any, connection: Any) -> None:
        calls.append(("schema", connection))

    @staticmethod
    def delete_table_slice(_context: Any, _slice: Any, connection: Any) -> None:
        calls.append(("delete", connection))

    @staticmethod
    def get_select_statement(_slice: Any) -> str:
        return "the query"

    @staticmethod
    def get_table_name(_slice: Any) -> str:
        return "the.name"


class Texts(DbTypeHandler[str]):
    def handle_output(self, context: Any, table_slice: Any, obj: str, connection: Any) -> Any:
        calls.append((obj, connection, table_slice, context.has_asset_partitions))
        return {"dagster/row_count": 1}

    def load_input(self, context: Any, table_slice: Any, _connection: Any) -> str:
        calls.append((table_slice, context.step_context.entity_partitions_def))
        return "loaded"

    @property
    def supported_types(self) -> list[type]:
        return [str]


class Recording(DuckDBIOManager):
    @staticmethod
    def type_handlers() -> list[Any]:
        return []

    def create_io_manager(self, _context: Any) -> DbIOManager:
        return DbIOManager(
            type_handlers=[Texts()],
            db_client=Recorder(),
            database=self.database,
            io_manager_name="Recording",
            default_load_type=str,
        )

    def teardown_after_execution(self, _context: Any) -> None:
        calls.append("teardown")


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    calls.clear()
    with dg.DagsterInstance.ephemeral() as instance:
        # A range of dynamic partitions is counted in the order in which they were added.
        instance.add_dynamic_partitions("upstream_days", ["2020-10-03", "2020-10-05", "2020-10-04"])
        yield instance


def materialize(instance: dg.DagsterInstance, *assets: Any, **options: Any) -> Any:
    resources = {"io_manager": Recording(database="unused")}
    return dg.materialize([*assets], instance=instance, resources=resources, **options)


@dg.asset(key=["shop", "whole"])
def whole_asset() -> str:
    return "rows"


@dg.asset(
    key=["shop", "daily"],
    partitions_def=DAYS,
    backfill_policy=dg.BackfillPolicy.single_run(),
    metadata={"partition_expr": "day"},
)
def daily_asset() -> str:
    return "rows"


def test_a_write_is_one_visit_to_the_client_and_its_metadata_are_merged(
    instance: dg.DagsterInstance,
) -> None:
    result = materialize(instance, whole_asset)
    connect, schema, delete, write, disconnect, teardown = calls
    assert [connect, schema, delete] == [
        "connect",
        ("schema", "connection"),
        ("delete", "connection"),
    ]
    assert write[:2] == ("rows", "connection")
    assert (write[2].schema, write[2].table, write[2].partition_dimensions) == ("shop", "whole", [])
    assert write[3] is False
    assert [disconnect, teardown] == ["disconnect", "teardown"]
    (event,) = result.asset_materializations_for_node("shop__whole")
    assert {name: value.value for name, value in event.metadata.items()} == {
        "dagster/row_count": 1,
        "dagster/table_name": "the.name",
        "Query": "the query",
    }


def test_a_range_of_days_is_one_step_with_their_keys_and_an_event_for_each(
    instance: dg.DagsterInstance,
) -> None:
    result = materialize(instance, daily_asset, tags=RANGE)
    (write,) = [call for call in calls if call[0] == "rows"]
    (dimension,) = write[2].partition_dimensions
    assert dimension.partition_expr == "day"
    assert set(dimension.partitions) == {"2020-10-03", "2020-10-04", "2020-10-05"}
    assert write[3] is True
    events = result.asset_materializations_for_node("shop__daily")
    assert {event.partition for event in events} == set(dimension.partitions)


def test_the_step_tells_whether_the_reader_is_partitioned(instance: dg.DagsterInstance) -> None:
    """It decides between the run's days and the whole table, for assets and for checks."""

    @dg.asset(
        key=["shop", "by_day"],
        partitions_def=DAYS,
        backfill_policy=dg.BackfillPolicy.single_run(),
        metadata={"partition_expr": "day"},
    )
    def by_day(daily: str) -> str:
        return daily

    @dg.asset(key=["shop", "of_all"])
    def of_all(daily: str) -> str:
        return daily

    @dg.asset_check(asset=daily_asset, partitions_def=DAYS)
    def day_check(daily: str) -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=True)

    @dg.asset_check(asset=daily_asset)
    def whole_check(daily: str) -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=True)

    for reader, selection, partitioned in [
        (by_day, dg.AssetSelection.assets(by_day), True),
        (of_all, dg.AssetSelection.assets(of_all), False),
        (day_check, dg.AssetSelection.checks(day_check), True),
        (whole_check, dg.AssetSelection.checks(whole_check), False),
    ]:
        calls.clear()
        tags = RANGE if partitioned else {}
        materialize(instance, daily_asset, reader, selection=selection, tags=tags)
        (load,) = [call for call in calls if isinstance(call[0], tuple) and call[0][0] == "daily"]
        assert (load[1] is not None) is partitioned


def test_the_io_manager_is_torn_down_after_a_failure_too(instance: dg.DagsterInstance) -> None:
    @dg.asset(deps=[whole_asset])
    def failing() -> str:
        raise RuntimeError("on purpose")

    assert not materialize(instance, whole_asset, failing, raise_on_error=False).success
    assert calls[-1] == "teardown"


def test_the_pandas_handler_is_for_pandas_frames_alone() -> None:
    assert DuckDBPandasTypeHandler().supported_types == [pd.DataFrame]
