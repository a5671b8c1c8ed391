"""Dagster's private SQLite event log as ours rests on it; each test names what would break.

Should these fail on an upgrade: `storage: {sqlite: {base_dir: data/dagster}}` in dagster.yaml is
the stock storage on the same files, only slower.
"""

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster import DagsterEventType as Event
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage, _event_logs_directory

DAYS = dg.DynamicPartitionsDefinition(name="upstream_days")
KEYS = ["2020-10-03", "2020-10-05", "2020-10-04"]


class Recording(SqliteEventLogStorage):
    """Tells which files were opened and which calls came in."""

    calls: list[Any]

    def __init__(self, base_dir: str) -> None:
        self.calls = []
        super().__init__(base_dir)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Any]:
        self.calls.append(shard)
        with super()._connect(shard) as connection:
            yield connection


@pytest.fixture
def stock(tmp_path: Path) -> Recording:
    return Recording(str(tmp_path))


def parameters(method: Callable[..., Any]) -> list[str]:
    return list(inspect.signature(method).parameters)


def test_every_table_is_reached_through_one_method(stock: Recording) -> None:
    """Otherwise some statements would go past the connections that are kept."""
    stock.calls.clear()
    with stock.index_connection() as connection:
        assert connection.in_transaction()
    with stock.run_connection("run"):
        pass
    assert stock.calls == ["index", "run"]
    stock.calls.clear()
    stock.claim_concurrency_slot("pool", "run", "step")
    stock.free_concurrency_slot_for_step("run", "step")
    assert len(stock.calls) > 4
    assert set(stock.calls) == {"index"}


def test_a_new_file_gets_its_schema_and_a_write_ahead_log_once(stock: Recording) -> None:
    """Ours calls the same `_initdb`, and reads commit while another process writes."""
    with stock.run_connection("run") as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    assert stock._initialized_dbs == {"index", "run"}
    assert Path(stock.path_for_shard("run")).name == "run.db"
    assert parameters(stock._initdb)[0] == "engine"


def test_the_parts_of_storing_an_event_have_the_form_that_ours_calls(stock: Recording) -> None:
    assert parameters(stock._event_to_row) == ["event"]
    assert parameters(stock._store_asset_event_tags) == ["conn", "events", "event_ids"]
    assert parameters(stock._store_asset_event) == ["conn", "event", "event_id"]
    assert parameters(stock.store_asset_check_event) == ["event", "event_id"]
    assert parameters(stock._has_asset_key_col_on_connection) == ["conn", "column_name"]


def test_ids_of_events_go_up_one_by_one(stock: Recording) -> None:
    """Ours counts back from the highest after a batch."""
    with stock.index_connection() as connection:
        (sql,) = connection.exec_driver_sql(
            "SELECT sql FROM sqlite_master WHERE name = 'event_logs'"
        ).one()
    assert "id INTEGER NOT NULL" in sql
    assert "PRIMARY KEY (id)" in sql


def test_the_events_of_a_range_come_in_batches_when_the_variable_is_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    batches: list[list[Event | None]] = []

    @dg.asset(partitions_def=DAYS, backfill_policy=dg.BackfillPolicy.single_run())
    def daily() -> None:
        """Say nothing."""

    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("upstream_days", KEYS)
        monkeypatch.setattr(
            instance.event_log_storage,
            "store_event_batch",
            lambda events: batches.append([event.dagster_event_type for event in events]),
        )
        for size in ("0", "1000"):
            monkeypatch.setenv("DAGSTER_EVENT_BATCH_SIZE", size)
            tags = {
                "dagster/asset_partition_range_start": KEYS[0],
                "dagster/asset_partition_range_end": KEYS[-1],
            }
            assert dg.materialize([daily], instance=instance, tags=tags).success
    planned, materialized = batches
    assert planned == [Event.ASSET_MATERIALIZATION_PLANNED] * 3
    assert materialized == [Event.ASSET_MATERIALIZATION] * 3


def test_the_storage_of_all_three_takes_its_event_log_from_an_attribute(tmp_path: Path) -> None:
    storage = DagsterSqliteStorage.from_local(str(tmp_path))
    log = storage.event_log_storage
    assert storage._event_log_storage is log
    assert isinstance(log, SqliteEventLogStorage)
    assert Path(log._base_dir) == Path(_event_logs_directory(str(tmp_path)))
    storage.dispose()
