"""Dagster's SQLite history with connections kept open and one transaction for each call.

The stock event log opens a connection for every statement group, closes it, and waits for the
disk each time: about 20 ms an event, however small. The files, their schema and what is read
back are the same, so either storage reads what the other wrote.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from dagster._core.events import (
    ASSET_CHECK_EVENTS,
    ASSET_EVENTS,
    EVENT_TYPE_TO_PIPELINE_RUN_STATUS,
    DagsterEventType,
)
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus
from dagster._core.storage.event_log.schema import (
    AssetCheckExecutionsTable,
    SqlEventLogStorageTable,
)
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage, _event_logs_directory
from sqlalchemy import NullPool, create_engine, func, select

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dagster import EventLogEntry
    from dagster._serdes import ConfigurableClassData
    from dagster._utils.concurrency import ConcurrencyClaimStatus
    from sqlalchemy import Connection

# Every run has a file of its own; a server that shows many of them keeps the last few open.
KEPT_OPEN = 8
# Dagster hands over the events of a range of partitions one by one unless this is set.
BATCH_SIZE = ("DAGSTER_EVENT_BATCH_SIZE", "1000")

# Kept in the index of all runs besides the file of their run.
MIRRORED = {*ASSET_EVENTS, *ASSET_CHECK_EVENTS, *EVENT_TYPE_TO_PIPELINE_RUN_STATUS}


class _Kept(NamedTuple):
    connection: Connection
    inode: int | None


class EventLog(SqliteEventLogStorage):
    """The stock event log on connections that stay open, closed by `dispose`.

    No transaction outlives the call that began it: other processes read and write the same files.
    """

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        """Open the history in `base_dir`, made if absent."""
        self._lock = threading.RLock()
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._in_use: dict[str, Connection] = {}
        self._known: set[str] = set()
        os.environ.setdefault(*BATCH_SIZE)
        super().__init__(base_dir, inst_data)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        """Yield the shard's connection in a transaction, the caller's own if it has one."""
        with self._lock:
            if shard in self._in_use:
                yield self._in_use[shard]
                return
            connection = self._connection(shard)
            self._in_use[shard] = connection
            try:
                with connection.begin():
                    yield connection
            finally:
                del self._in_use[shard]

    def _connection(self, shard: str) -> Connection:
        kept = self._kept.get(shard)
        if kept:
            if kept.inode == self._inode(shard):
                self._kept.move_to_end(shard)
                return kept.connection
            # The history was deleted meanwhile; what is there now, if anything, is another file.
            self._close(shard)
            self._initialized_dbs.discard(shard)
        engine = create_engine(
            self.conn_string_for_shard(shard),
            poolclass=NullPool,
            connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS, "check_same_thread": False},
        )
        if shard not in self._initialized_dbs:
            self._initdb(engine)
            self._initialized_dbs.add(shard)
        connection = engine.connect()
        # With the write-ahead log that Dagster has chosen, a killed process loses nothing; a power
        # cut may lose the last events but leaves the file whole.
        connection.exec_driver_sql("PRAGMA synchronous=NORMAL")
        connection.commit()
        self._kept[shard] = _Kept(connection, self._inode(shard))
        for oldest in [name for name in self._kept if name not in self._in_use][:-KEPT_OPEN]:
            self._close(oldest)
        return connection

    def _inode(self, shard: str) -> int | None:
        try:
            return Path(self.path_for_shard(shard)).stat().st_ino
        except FileNotFoundError:
            return None

    def _close(self, shard: str) -> None:
        self._kept.pop(shard).connection.close()

    def store_event(self, event: EventLogEntry) -> None:
        """Store one event."""
        self.store_event_batch([event])

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """Store events in one transaction on each file, all of them or none."""
        for run_id, of_run in groupby(events, key=lambda event: event.run_id):
            entries = list(of_run)
            rows = [self._event_to_row(event) for event in entries]
            # The run's file is committed first, as upstream does it.
            with self.index_connection() as index, self.run_connection(run_id) as run:
                run.execute(SqlEventLogStorageTable.insert(), rows)
                mirrored = [
                    (event, row)
                    for event, row in zip(entries, rows, strict=True)
                    if event.dagster_event_type in MIRRORED
                ]
                if mirrored:
                    self._mirror(index, *zip(*mirrored, strict=True))
            # Who follows a run watches its file, which a write-ahead log leaves untouched.
            os.utime(self.path_for_shard(run_id))

    def _mirror(
        self, index: Connection, events: Sequence[EventLogEntry], rows: Sequence[dict[str, Any]]
    ) -> None:
        """Enter events in the index of all runs, with what it knows of assets and checks."""
        index.execute(SqlEventLogStorageTable.insert(), rows)
        # Nobody else can have written since: the transaction holds the file's one write lock.
        last = index.execute(select(func.max(SqlEventLogStorageTable.c.id))).scalar_one()
        entries = list(zip(events, range(last - len(rows) + 1, last + 1), strict=True))
        of_assets = [entry for entry in entries if entry[0].dagster_event_type in ASSET_EVENTS]
        if of_assets:
            self._store_asset_event_tags(index, *zip(*of_assets, strict=True))
        # The row of an asset holds its latest event of each type: the earlier ones need no write.
        latest: dict[Any, tuple[EventLogEntry, int]] = {}
        for event, event_id in of_assets:
            key = (event.get_dagster_event().asset_key, event.dagster_event_type)
            latest.pop(key, None)
            latest[key] = (event, event_id)
        for event, event_id in latest.values():
            self._store_asset_event(index, event, event_id)
        of_checks = [
            (event, event_id, row)
            for (event, event_id), row in zip(entries, rows, strict=True)
            if event.dagster_event_type in ASSET_CHECK_EVENTS
        ]
        for planned, group in groupby(of_checks, lambda entry: _plans_a_check(entry[0])):
            if planned:
                values = [_planned_check(*entry) for entry in group]
                index.execute(AssetCheckExecutionsTable.insert(), values)
            else:
                for event, event_id, _ in group:
                    self.store_asset_check_event(event, event_id)

    def claim_concurrency_slot(
        self, concurrency_key: str, run_id: str, step_key: str, priority: int | None = None
    ) -> ConcurrencyClaimStatus:
        """Claim a slot of a pool, in one transaction."""
        with self.index_connection():
            return super().claim_concurrency_slot(concurrency_key, run_id, step_key, priority)

    def free_concurrency_slot_for_step(self, run_id: str, step_key: str) -> None:
        """Give a slot back, in one transaction."""
        with self.index_connection():
            super().free_concurrency_slot_for_step(run_id, step_key)

    def has_table(self, table_name: str) -> bool:
        """Tell whether the index has a table, looking only until it has."""
        if table_name not in self._known and super().has_table(table_name):
            self._known.add(table_name)
        return table_name in self._known

    def _has_asset_key_col_on_connection(self, conn: Connection, column_name: str) -> bool:
        if column_name not in self._known and super()._has_asset_key_col_on_connection(
            conn, column_name
        ):
            self._known.add(column_name)
        return column_name in self._known

    def dispose(self) -> None:
        """Close every connection."""
        super().dispose()
        with self._lock:
            for shard in list(self._kept):
                self._close(shard)


def _plans_a_check(event: EventLogEntry) -> bool:
    """Whether the event plans a check of no partition, which is one row."""
    if event.dagster_event_type is not DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED:
        return False
    return event.get_dagster_event().asset_check_planned_data.partitions_subset is None


def _planned_check(event: EventLogEntry, event_id: int, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row that says that a check will run, as the stock storage writes it one by one."""
    planned = event.get_dagster_event().asset_check_planned_data
    return {
        "asset_key": planned.asset_key.to_string(),
        "check_name": planned.check_name,
        "partition": None,
        "run_id": event.run_id,
        "execution_status": AssetCheckExecutionRecordStatus.PLANNED.value,
        "evaluation_event": row["event"],
        "evaluation_event_timestamp": row["timestamp"],
        "evaluation_event_storage_id": event_id,
    }


class History(DagsterSqliteStorage):
    """Runs, events and schedules below one folder, as the stock storage lays them out."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        """Open the history in `base_dir`, made if absent."""
        super().__init__(base_dir, inst_data)
        self._event_log_storage = EventLog(_event_logs_directory(base_dir))

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> History:
        """Open what dagster.yaml asks for: `base_dir`."""
        return cls.from_local(inst_data=inst_data, **config_value)
