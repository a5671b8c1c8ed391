"""The history kept on open connections: the same files as the stock storage, fewer waits."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import dagster as dg
import psutil
import pytest
import yaml
from dagster import DagsterEventType as Event
from dagster._core.events import DagsterEvent, EngineEventData
from dagster._core.storage.asset_check_execution_record import (
    AssetCheckExecutionRecordStatus as CheckStatus,
)
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage

from agm_platform.instance import prepare_dagster_home
from agm_platform.orchestration.event_log import KEPT_OPEN, EventLog
from agm_platform.settings import REPOSITORY

DAYS = dg.DynamicPartitionsDefinition(name="days")
KEYS = ["2020-10-03", "2020-10-05", "2020-10-04"]
RANGE = {
    "dagster/asset_partition_range_start": KEYS[0],
    "dagster/asset_partition_range_end": KEYS[-1],
}
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
SINGLE_RUN = dg.BackfillPolicy.single_run()


@dg.asset(pool="duckdb", partitions_def=DAYS, backfill_policy=SINGLE_RUN)
def sales() -> dg.MaterializeResult[None]:
    return dg.MaterializeResult(metadata={"rows": 3}, tags={"kind": "daily"})


@dg.asset(pool="duckdb", deps=[sales], partitions_def=DAYS, backfill_policy=SINGLE_RUN)
def totals(context: dg.AssetExecutionContext) -> None:
    context.log.info("a line for the log")


@dg.asset_check(asset=sales, pool="duckdb")
def sales_known() -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=True, metadata={"rows_checked": 3})


@dg.asset_check(asset=sales, partitions_def=DAYS)
def sales_of_the_day() -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=False, severity=dg.AssetCheckSeverity.WARN)


def run_all(instance: dg.DagsterInstance, **tags: str) -> dg.ExecuteInProcessResult:
    definitions = dg.Definitions(
        assets=[sales, totals],
        asset_checks=[sales_known, sales_of_the_day],
        jobs=[dg.define_asset_job("everything")],
        executor=dg.in_process_executor,
    )
    return definitions.resolve_job_def("everything").execute_in_process(
        instance=instance, tags=tags, run_config=QUIET
    )


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dg.DagsterInstance]:
    home = prepare_dagster_home(tmp_path_factory.mktemp("home"))
    with dg.DagsterInstance.from_config(str(home)) as instance:
        instance.add_dynamic_partitions("days", KEYS)
        yield instance


@pytest.fixture(scope="module")
def entries(instance: dg.DagsterInstance) -> list[dg.EventLogEntry]:
    """All events of a run of a range and of a run of one day."""
    runs = [run_all(instance, **RANGE), run_all(instance, **{"dagster/partition": KEYS[1]})]
    return [entry for run in runs for entry in instance.all_logs(run.run_id)]


@pytest.fixture(scope="module")
def stock_rows(
    entries: list[dg.EventLogEntry], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """What the stock storage writes for them, by file."""
    stock = SqliteEventLogStorage(str(tmp_path_factory.mktemp("stock")))
    for entry in entries:
        stock.store_event(entry)
    shards = {*(entry.run_id for entry in entries), "index"}
    return {shard: rows(Path(stock.path_for_shard(shard))) for shard in shards}


@pytest.fixture
def log(tmp_path: Path) -> Iterator[EventLog]:
    log = EventLog(str(tmp_path / "log"))
    yield log
    log.dispose()


@pytest.fixture
def stock(tmp_path: Path) -> SqliteEventLogStorage:
    return SqliteEventLogStorage(str(tmp_path / "stock"))


def said(run_id: str, message: str) -> dg.EventLogEntry:
    event = DagsterEvent(
        event_type_value=Event.ENGINE_EVENT.value,
        job_name="job",
        message=message,
        event_specific_data=EngineEventData(),
    )
    return dg.EventLogEntry(
        error_info=None,
        level="debug",
        user_message=message,
        run_id=run_id,
        timestamp=0.0,
        job_name="job",
        dagster_event=event,
    )


def messages(log: SqliteEventLogStorage, run_id: str) -> list[str]:
    return [entry.user_message for entry in log.get_logs_for_run(run_id)]


def rows(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return every table of a file but for the time at which a row was entered."""
    with sqlite3.connect(path) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        tables = {}
        for (name,) in names:
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({name})")]
            kept = ", ".join(f'"{column}"' for column in columns if "create_time" not in column)
            tables[name] = connection.execute(f"SELECT {kept} FROM {name} ORDER BY 1").fetchall()
    connection.close()
    tables["secondary_indexes"] = []  # holds the time at which the file was made
    return tables


def batches(entries: list[dg.EventLogEntry], size: int) -> Iterator[list[dg.EventLogEntry]]:
    return (entries[start : start + size] for start in range(0, len(entries), size))


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_both_storages_write_the_same_rows_for_the_same_events(
    size: int, entries: list[dg.EventLogEntry], stock_rows: dict[str, Any], log: EventLog
) -> None:
    assert {entry.dagster_event_type for entry in entries} >= {
        Event.RUN_SUCCESS,
        Event.ASSET_MATERIALIZATION_PLANNED,
        Event.ASSET_MATERIALIZATION,
        Event.ASSET_CHECK_EVALUATION_PLANNED,
        Event.ASSET_CHECK_EVALUATION,
        None,
    }
    for batch in batches(entries, size):
        log.store_event_batch(batch)
    assert len(stock_rows) == 3
    assert stock_rows["index"]["asset_event_tags"]
    assert {shard: rows(Path(log.path_for_shard(shard))) for shard in stock_rows} == stock_rows


def test_a_run_is_read_back_as_from_the_stock_storage(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    home = prepare_dagster_home(tmp_path)
    config = yaml.safe_load((home / "dagster.yaml").read_text(encoding="utf-8"))
    config["storage"] = {"sqlite": {"base_dir": str(tmp_path)}}
    (home / "dagster.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    with dg.DagsterInstance.from_config(str(home)) as stock:
        assert type(stock.event_log_storage) is SqliteEventLogStorage
        stock.add_dynamic_partitions("days", KEYS)
        wanted = seen(stock)
    assert type(instance.event_log_storage) is EventLog
    told = seen(instance)
    assert told == wanted
    assert told["partitions"] == told["latest"] == set(KEYS)
    assert told["rows"] == [3, 3, 3]
    assert told["checks"]["sales_known"] == (CheckStatus.SUCCEEDED, None)
    assert told["checks"]["sales_of_the_day"][0] is CheckStatus.FAILED
    assert told["pool"] == 0


def seen(instance: dg.DagsterInstance) -> dict[str, Any]:
    """Return what the instance tells of a run of a range, without times and ids."""
    run_id = run_all(instance, **RANGE).run_id
    run = instance.get_run_by_id(run_id)
    log = instance.event_log_storage
    checks = [check.check_key for check in (sales_known, sales_of_the_day)]
    latest = log.get_latest_asset_check_execution_by_key(checks)
    (record,) = instance.get_asset_records([totals.key])
    materialization = Event.ASSET_MATERIALIZATION
    materialized = instance.fetch_materializations(sales.key, limit=3).records
    return {
        "run": run and run.status,
        "events": [
            (entry.dagster_event_type, entry.step_key, entry.get_dagster_event().partition)
            for entry in instance.all_logs(run_id)
            if entry.is_dagster_event
        ],
        "steps": {(step.step_key, step.status) for step in instance.get_run_step_stats(run_id)},
        "partitions": instance.get_materialized_partitions(sales.key),
        "latest": set(log.get_latest_storage_id_by_partition(sales.key, materialization)),
        "tags": {
            key: set(tags)
            for key, tags in log.get_latest_tags_by_partition(
                sales.key, materialization, ["dagster/data_version"]
            ).items()
        },
        "materialized": {record.partition_key for record in materialized},
        "rows": [record.asset_materialization.metadata["rows"].value for record in materialized],
        "record": (
            record.asset_entry.last_run_id == run_id,
            record.asset_entry.last_materialization.asset_materialization.partition,
        ),
        "checks": {key.name: (latest[key].status, latest[key].partition) for key in checks},
        "history": [
            (check.run_id == run_id, check.status, check.partition)
            for key in checks
            for check in log.get_asset_check_execution_history(key, limit=3)
            if check.run_id == run_id
        ],
        "of_the_day": [
            (info.partition_key, info.latest_execution_status, info.latest_planned_run_id == run_id)
            for info in log.get_asset_check_partition_info(checks[1:])
            if info.latest_planned_run_id == run_id
        ],
        "pool": log.get_concurrency_info("duckdb").active_slot_count,
    }


def test_a_history_of_the_stock_storage_opens_and_stays_readable_for_it(
    entries: list[dg.EventLogEntry], stock: SqliteEventLogStorage
) -> None:
    old, new = entries[: len(entries) // 2], entries[len(entries) // 2 :]
    for entry in old:
        stock.store_event(entry)
    log = EventLog(stock._base_dir)
    log.store_event_batch(new)
    for run_id in {entry.run_id for entry in entries}:
        wanted = [entry for entry in entries if entry.run_id == run_id]
        assert log.get_logs_for_run(run_id) == wanted
        assert stock.get_logs_for_run(run_id) == wanted
    keys = [asset.key for asset in (sales, totals)]
    assert stock.get_asset_records(keys) == log.get_asset_records(keys)
    log.dispose()


def test_a_batch_that_cannot_be_stored_leaves_nothing(
    entries: list[dg.EventLogEntry], log: EventLog
) -> None:
    planned = [e for e in entries if e.dagster_event_type is Event.ASSET_CHECK_EVALUATION_PLANNED]
    evaluated = [e for e in entries if e.dagster_event_type is Event.ASSET_CHECK_EVALUATION]
    (twice,) = [e for e in planned[:2] if "sales_known" in e.dagster_event.message]
    (once,) = [e for e in evaluated[:2] if "sales_known" in e.dagster_event.message]
    log.store_event_batch([twice, twice])
    before = rows(Path(log.path_for_shard("index")))
    with pytest.raises(dg.DagsterInvariantViolationError, match="Updated 2 rows"):
        log.store_event_batch([said(once.run_id, "lost"), once])
    assert rows(Path(log.path_for_shard("index"))) == before
    assert len(log.get_logs_for_run(once.run_id)) == 2
    log.store_event(said(once.run_id, "the log goes on"))
    assert messages(log, once.run_id)[-1] == "the log goes on"


def test_no_call_leaves_a_transaction_open(entries: list[dg.EventLogEntry], log: EventLog) -> None:
    for batch in batches(entries, 5):
        log.store_event_batch(batch)
    log.claim_concurrency_slot("duckdb", "run", "step")
    log.get_asset_records()
    for shard in {*(entry.run_id for entry in entries), "index"}:
        other = sqlite3.connect(log.path_for_shard(shard), timeout=0, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        other.execute("DELETE FROM event_logs")
        other.execute("COMMIT")
        # An old snapshot, kept by a statement never finished, would still show the rows.
        assert other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
        other.close()
    assert log.get_logs_for_run(entries[0].run_id) == []


def test_one_slot_goes_to_one_step_after_the_other(
    stock: SqliteEventLogStorage, log: EventLog
) -> None:
    def turns(storage: SqliteEventLogStorage) -> list[bool]:
        storage.set_concurrency_slots("duckdb", 1)
        first = storage.claim_concurrency_slot("duckdb", "one", "step").is_claimed
        waiting = storage.claim_concurrency_slot("duckdb", "two", "step").is_claimed
        storage.free_concurrency_slot_for_step("one", "step")
        second = storage.claim_concurrency_slot("duckdb", "two", "step").is_claimed
        again = storage.claim_concurrency_slot("duckdb", "one", "step").is_claimed
        return [first, waiting, second, again]

    assert turns(log) == turns(stock) == [True, False, True, False]
    waiting = [storage.get_concurrency_info("duckdb").pending_steps for storage in (log, stock)]
    ours, theirs = (
        [step.run_id for step in steps if not step.assigned_timestamp] for steps in waiting
    )
    assert ours == theirs == ["one"]


def test_threads_write_and_read_side_by_side(log: EventLog) -> None:
    def work(number: int) -> int:
        for turn in range(20):
            log.store_event_batch([said("shared", f"{number}"), said(f"own-{number}", f"{turn}")])
            assert f"{number}" in messages(log, "shared")
        return len(log.get_logs_for_run(f"own-{number}"))

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(work, range(4))) == [20] * 4
    assert sorted(messages(log, "shared")) == sorted(f"{n}" for n in range(4) for _ in range(20))


def test_only_a_few_files_stay_open_and_none_after_the_end(log: EventLog) -> None:
    def opened() -> set[str]:
        files = psutil.Process().open_files()
        return {file.path for file in files if file.path.startswith(log._base_dir)}

    for number in range(2 * KEPT_OPEN):
        log.store_event(said(f"run-{number}", "here"))
    shards = {path for path in opened() if path.endswith(".db")}
    assert KEPT_OPEN <= len(shards) <= KEPT_OPEN + 2
    assert messages(log, "run-0") == ["here"]
    log.dispose()
    assert opened() == set()
    assert list(Path(log._base_dir).glob("*-wal")) == []
    log.store_event(said("run-0", "again"))
    assert messages(log, "run-0") == ["here", "again"]


@pytest.mark.parametrize("reader", [SqliteEventLogStorage, EventLog])
def test_who_follows_a_run_sees_its_events_while_the_writer_goes_on(
    reader: Callable[[str], SqliteEventLogStorage], log: EventLog
) -> None:
    log.store_event(said("followed", "first"))
    follower = reader(log._base_dir)
    heard: list[str] = []
    last = threading.Event()

    def hear(entry: dg.EventLogEntry, _cursor: str) -> None:
        heard.append(entry.user_message)
        if entry.user_message == "last":
            last.set()

    follower.watch("followed", None, hear)
    log.store_event_batch([said("followed", "second"), said("followed", "last")])
    assert last.wait(timeout=20)
    assert heard == ["first", "second", "last"]
    follower.end_watch("followed", hear)
    follower.dispose()


def test_a_history_deleted_and_begun_anew_replaces_the_one_that_was_open(log: EventLog) -> None:
    """`make clean` and `make run` while the web server is up."""
    log.store_event(said("old", "gone"))
    log.store_event(said("both", "before"))
    shutil.rmtree(log._base_dir)
    successor = EventLog(log._base_dir)
    successor.store_event(said("both", "after"))
    successor.add_dynamic_partitions("days", ["2020-10-03"])
    assert messages(log, "both") == ["after"]
    assert log.get_dynamic_partitions("days") == ["2020-10-03"]
    log.dispose()
    successor.store_event(said("both", "later"))
    assert messages(successor, "both") == ["after", "later"]
    assert successor.get_dynamic_partitions("days") == ["2020-10-03"]
    successor.dispose()


WRITER = """
import sys
from agm_platform.orchestration.event_log import EventLog
from agm_platform_tests.orchestration.test_event_log import said
log = EventLog(sys.argv[1])
number = 0
while sys.stdin.readline():
    log.store_event_batch([said("run", f"{number + step}") for step in range(3)])
    number += 3
    print(number, flush=True)
"""


def test_another_process_reads_what_is_written_and_a_killed_writer_loses_nothing(
    log: EventLog,
) -> None:
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, log._base_dir],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as writer:
        assert writer.stdin
        assert writer.stdout
        for written in (3, 6, 9):
            writer.stdin.write("more\n")
            writer.stdin.flush()
            assert int(writer.stdout.readline()) == written
            assert messages(log, "run") == [f"{number}" for number in range(written)]
        log.store_event(said("run", "from here"))
        writer.send_signal(signal.SIGKILL)
    wanted = [*(f"{number}" for number in range(9)), "from here"]
    assert messages(log, "run") == wanted
    fresh = EventLog(log._base_dir)
    fresh.store_event(said("run", "after the kill"))
    assert messages(log, "run") == [*wanted, "after the kill"]
    fresh.dispose()
