"""The ledger of files: an SQLite file with every delivery ever seen and what became of it.

Several processes may use it at once; every method is one transaction. It stays readable while the
warehouse is locked by its writer. Put it on a local disk: SQLite's locks need one.
"""

from __future__ import annotations

import sqlite3
import uuid
from contextlib import closing, contextmanager
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agm_platform.landing.delivery import Correction, Outcome
from agm_platform.landing.difference import Difference
from agm_platform.landing.ledger_schema import MIGRATIONS
from agm_platform.landing.ledger_writes import (
    SAME_SUBJECT,
    SELECT,
    LedgerError,
    close_unreadable,
    conclude,
    delivery_of,
    enter,
    iso,
    record_erasure,
)
from agm_platform.landing.zone import FileStat

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date, datetime

    from agm_platform.landing.delivery import Arrival, Candidate, Delivery

BUSY_SECONDS = 30.0


class Ledger:
    """The ledger in the file `path`, created or brought to the current schema on first use."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._connection() as db:
            _migrate(db, self.path)
            self.ledger_id: str = db.execute("select ledger_id from identity").fetchone()[0]

    def observed(self, source: str) -> dict[str, FileStat]:
        """Return the files of a source as they were when last read, by name, removed ones left out.

        A file that is equal to its entry need not be hashed again.
        """
        with self._connection() as db:
            rows = db.execute(
                "select source, path, name, size, modified_ns, version from observed"
                " where source = ? and removed_at is null",
                (source,),
            )
            return {row[2]: FileStat(*row) for row in rows}

    def register(
        self,
        source: str,
        candidates: Iterable[Candidate],
        *,
        removed: Iterable[str] = (),
        now: datetime,
    ) -> list[Arrival]:
        """Enter what a scan found, in the given order, and return what was entered.

        A delivery that waits for a run although its bytes are gone is closed. Safe to repeat:
        what another process has entered meanwhile is left alone.
        """
        moment = now.astimezone(UTC).isoformat()
        with self._write() as db:
            arrivals = [
                arrival
                for candidate in candidates
                if (arrival := enter(db, candidate, moment)) is not None
            ]
            db.executemany(
                "update observed set removed_at = ? where source = ? and name = ?",
                [(moment, source, name) for name in removed],
            )
            close_unreadable(db, source)
        return arrivals

    def pending(self, source: str | None = None) -> list[Delivery]:
        """Return what waits for a run, by source, feed, date and generation."""
        return self._deliveries(
            "where state = 'received' and (? is null or source = ?)"
            " order by source, feed, business_date, generation",
            (source, source),
        )

    def current(self, source: str, feed: str, business_date: date | None) -> Delivery | None:
        """Return the accepted delivery of a feed and date, None if there is none."""
        found = self._deliveries(
            f"where {SAME_SUBJECT} and state = 'accepted'", (source, feed, iso(business_date))
        )
        return found[0] if found else None

    def due(
        self, source: str, feed: str, business_dates: Iterable[date | None] | None = None
    ) -> list[Delivery]:
        """Return what a run of these dates (default: all) has to read, one delivery a date.

        That is the oldest one waiting, so that each correction is compared with what it corrects;
        where none waits, the accepted one (a run repeated by hand).
        """
        rows = self._deliveries(
            "where source = ? and feed = ? and state in ('received', 'accepted')"
            " order by business_date, state = 'accepted', generation",
            (source, feed),
        )
        wanted = None if business_dates is None else set(business_dates)
        first: dict[date | None, Delivery] = {}
        for delivery in rows:
            if wanted is None or delivery.business_date in wanted:
                first.setdefault(delivery.business_date, delivery)
        return list(first.values())

    def locate(self, deliveries: Iterable[Delivery]) -> dict[int, FileStat]:
        """Return for each delivery id a file that holds its bytes now; absent if none does."""
        found = {}
        with self._connection() as db:
            for delivery in deliveries:
                row = db.execute(
                    "select source, path, name, size, modified_ns, version from observed"
                    " where source = ? and sha256 = ? and removed_at is null"
                    " order by name = ? desc, name limit 1",
                    (delivery.source, delivery.sha256, delivery.file_name),
                ).fetchone()
                if row:
                    found[delivery.delivery_id] = FileStat(*row)
        return found

    def claim(self, deliveries: Iterable[Delivery], run_key: str, attempt: int) -> None:
        """Note that a run with this key is about to be asked for."""
        with self._write() as db:
            db.executemany(
                "update deliveries set run_key = ?, attempts = ?"
                " where delivery_id = ? and state = 'received'",
                [(run_key, attempt, delivery.delivery_id) for delivery in deliveries],
            )

    def conclude(self, outcomes: Iterable[Outcome], run_id: str) -> dict[int, int]:
        """Record what a run made of its deliveries, all or none.

        An accepted delivery supersedes the earlier ones of its feed and date. Returns which
        accepted delivery (value) each newly accepted one (key) replaced. Raises LedgerError for a
        duplicate, and when a newer delivery is in force: its rows must not be overwritten.
        """
        replaced: dict[int, int] = {}
        with self._write() as db:
            for outcome in outcomes:
                previous = conclude(db, outcome, run_id)
                if previous is not None:
                    replaced[outcome.delivery_id] = previous
        return replaced

    def accept(
        self, delivery_id: int, rows: int, run_id: str, lines: int | None = None
    ) -> int | None:
        """Record that a delivery's rows are in the warehouse; return the delivery it replaced."""
        outcome = Outcome(delivery_id, rows, lines)
        return self.conclude([outcome], run_id).get(delivery_id)

    def quarantine(
        self, delivery_id: int, reason: str, run_id: str, line: int | None = None
    ) -> None:
        """Record that a delivery could not be read; an earlier accepted one stays in force."""
        self.conclude([Outcome(delivery_id, reason=reason, line=line)], run_id)

    def reopen(self, delivery_ids: Iterable[int]) -> list[int]:
        """Make quarantined or given-up deliveries wait for a run again; return which.

        For a replay after a repair. One that no run has read (empty, no such day), whose bytes are
        gone, or whose feed and date has a newer delivery, stays closed.
        """
        reopened = []
        with self._write() as db:
            for delivery_id in delivery_ids:
                changed = db.execute(
                    "update deliveries as d set state = 'received', reason = null, line = null,"
                    " run_key = null, attempts = 0"
                    " where delivery_id = ?"
                    " and (state = 'received' or state = 'quarantined' and run_id is not null)"
                    " and exists (select * from observed as o where o.source = d.source"
                    "   and o.sha256 = d.sha256 and o.removed_at is null)"
                    " and not exists (select * from deliveries as n where n.source = d.source"
                    "   and n.feed = d.feed and n.business_date is d.business_date"
                    "   and n.generation > d.generation and n.state in ('received', 'accepted'))",
                    (delivery_id,),
                ).rowcount
                if changed:
                    reopened.append(delivery_id)
        return reopened

    def record_correction(
        self, delivery_id: int, replaced_id: int, differences: Mapping[str, Difference]
    ) -> None:
        """Keep how the rows of each table changed with a correction; repeating it replaces it."""
        with self._write() as db:
            db.executemany(
                "insert or replace into corrections values (?, ?, ?, ?, ?, ?)",
                [(delivery_id, replaced_id, table, *d) for table, d in differences.items()],
            )

    def record_erasure(
        self, before: str, now: Candidate, records: int, lines_removed: int, *, moment: datetime
    ) -> None:
        """Note that persons were taken out of a file, which is no correction of its sender.

        `before` is the SHA-256 of the file's old bytes; every entry gets that of the new ones.
        """
        with self._write() as db:
            record_erasure(
                db, before, now, records, lines_removed, moment.astimezone(UTC).isoformat()
            )

    def erasures(self) -> list[tuple[str, str, int]]:
        """Return source, file name and number of records of every erasure, in order."""
        with self._connection() as db:
            return db.execute(
                "select source, file_name, records from erasures order by erasure_id"
            ).fetchall()

    def corrections(self) -> list[Correction]:
        """Return every recorded correction, by delivery and table."""
        with self._connection() as db:
            rows = db.execute("select * from corrections order by delivery_id, table_name")
            return [
                Correction(delivery_id, replaced_id, table, Difference(*counts))
                for delivery_id, replaced_id, table, *counts in rows
            ]

    def history(self) -> list[Delivery]:
        """Return every delivery ever registered, in order of arrival."""
        return self._deliveries("order by delivery_id")

    def _deliveries(self, condition: str, values: Sequence[Any] = ()) -> list[Delivery]:
        with self._connection() as db:
            return [delivery_of(row) for row in db.execute(f"{SELECT} {condition}", values)]

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """Open the file for one method: connections are not shared between threads."""
        with closing(sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None)) as db:
            db.execute("pragma synchronous = normal")
            yield db

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        with self._connection() as db:
            db.execute("begin immediate")
            with db:  # commits, or rolls back on an exception
                yield db


def _migrate(db: sqlite3.Connection, path: Path) -> None:
    """Bring the schema to the current version, one process at a time."""
    if _version(db) == len(MIGRATIONS):
        return
    db.execute("pragma journal_mode = wal")
    db.execute("begin immediate")
    with db:
        version = _version(db)
        if version > len(MIGRATIONS):
            msg = (
                f"{path} was written by a newer version (schema {version}, this one knows"
                f" {len(MIGRATIONS)}): update the platform"
            )
            raise LedgerError(msg)
        for statements in MIGRATIONS[version:]:
            for statement in statements:
                db.execute(statement)
        if version == 0:
            db.execute("insert into identity values (?)", (uuid.uuid4().hex,))
        db.execute(f"pragma user_version = {len(MIGRATIONS)}")


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("pragma user_version").fetchone()[0])
