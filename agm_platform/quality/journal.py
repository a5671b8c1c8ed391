"""The journal: an SQLite file with the result of every check of every run, and table profiles.

Written by the check step itself, so it holds what a run found before it stopped, and it outlives
the warehouse. Several processes may use it at once; every method is one transaction. Put it on a
local disk: SQLite's locks need one.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agm_platform.quality.journal_schema import MIGRATIONS
from agm_platform.quality.profile import WHOLE, Counts, Profile
from agm_platform.quality.results import expected, shown, words

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Mapping, Sequence

    from agm_platform.contracts.model import Rule, Table
    from agm_platform.quality.results import Result

BUSY_SECONDS = 5.0
"""How long a step waits for another writer; a transaction takes milliseconds."""


class JournalError(RuntimeError):
    """The journal cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Step:
    """One judging of one table: which run, when (UTC), of which partitions or which delivery."""

    run_id: str
    judged_at: datetime
    table: Table
    partitions: tuple[str, ...] = ()
    delivery: str | None = None


class Journal:
    """The journal in the file `path`; nothing is opened or made before the first use.

    Every method raises JournalError for a file that a newer version wrote, `sqlite3.Error` and
    `OSError` for one that cannot be opened, read or written.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._held: sqlite3.Connection | None = None

    def hold(self) -> None:
        """Keep the file open until `release`, for a run of many steps in one thread.

        The last one to close the file makes SQLite tidy up and wait for the disk: thirty
        milliseconds a step instead of one.
        """
        if self._held is None:
            self._held = self._connect()

    def release(self) -> None:
        """Close what `hold` opened."""
        if self._held is not None:
            self._held.close()
            self._held = None

    def record(
        self,
        step: Step,
        results: Sequence[Result],
        profiles: Sequence[Profile] = (),
        queries: Mapping[str, str] | None = None,
    ) -> None:
        """Write what one step found; a step that is tried again in its run replaces itself.

        `queries` show the failing rows, by the rule's name. Observed values of a personal column
        are not written, whatever the results hold.
        """
        table = step.table
        personal = {column.name for column in table.columns if column.personal or column.identity}
        with self._open() as db:
            db.execute(
                "delete from steps where run_id = ? and source = ? and table_name = ?",
                (step.run_id, table.source, table.name),
            )
            step_id = db.execute(
                "insert into steps values (null, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    step.run_id,
                    step.judged_at.astimezone(UTC).isoformat(timespec="milliseconds"),
                    table.source,
                    table.name,
                    ", ".join(step.partitions) or None,
                    min(step.partitions, default=None),
                    max(step.partitions, default=None),
                    step.delivery,
                ),
            ).lastrowid
            db.executemany(
                "insert into results values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        step_id,
                        _rule_id(db, table, result.rule),
                        result.state.value,
                        result.element_count,
                        result.missing_count,
                        result.unexpected_count,
                        _observed(result, personal),
                        result.description,
                        (queries or {}).get(result.name),
                        result.duration_ms,
                    )
                    for result in results
                ],
            )
            db.executemany(
                "insert into profiles values (?, ?, ?, ?, ?)",
                [
                    (step_id, one.partition, one.rows, _json(one.missing), _json(one.counts))
                    for one in profiles
                ],
            )

    def earlier(
        self, table: Table, *, before: str | None = None, delivery: str | None = None, limit: int
    ) -> list[Profile]:
        """Return the profiles that a table had before, oldest first, at most the newest `limit`.

        With `before`, one a partition earlier than that one, each as it was last judged. Without,
        one a delivery of the whole table but `delivery`, each as it was last judged.
        """
        condition, group, values = (
            ("p.partition < ? and p.partition <> ''", "p.partition", [before])
            if before is not None
            else ("p.partition = '' and s.delivery <> ?", "s.delivery", [delivery or ""])
        )
        # SQLite gives the other columns from the row that has the maximum.
        sql = (
            "select p.partition, p.rows, p.missing, p.counts, max(p.step_id) as step_id"
            " from profiles as p join steps as s using (step_id)"
            f" where s.source = ? and s.table_name = ? and {condition} group by {group}"
            f" order by {'p.partition' if before is not None else 'step_id'} desc limit ?"
        )
        with self._open() as db:
            rows = db.execute(sql, (table.source, table.name, *values, limit)).fetchall()
        return [profile_of_row(*row[:4]) for row in reversed(rows)]

    def query(self, sql: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Return the rows of a select, as dicts."""
        with self._open() as db:
            cursor = db.execute(sql, values)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor]

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Give a connection and one transaction on it; close it unless it is held."""
        db = self._held or self._connect()
        try:
            db.execute("begin")
            with db:  # commits, or rolls back on an exception
                yield db
        finally:
            if db is not self._held:
                db.close()

    def _connect(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        db = sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            db.execute("pragma synchronous = normal")
            db.execute("pragma foreign_keys = on")
            _migrate(db, self.path)
        except BaseException:
            db.close()
            raise
        return db


def profile_of_row(partition: str, rows: int, missing: str, counts: str) -> Profile:
    """Return a profile as the journal keeps it."""
    by_rule = {name: Counts(*numbers) for name, numbers in json.loads(counts).items()}
    return Profile(partition or WHOLE, rows, json.loads(missing), by_rule)


def _rule_id(db: sqlite3.Connection, table: Table, rule: Rule) -> int:
    """Return the number of a rule in these very words, entering it when they are new."""
    values = (
        table.source,
        table.name,
        rule.name,
        rule.expectation,
        str(rule.kwargs.get("column", "")),  # no null: nulls are never equal to each other
        rule.severity.value,
        rule.on_failure.value,
        words(rule),
        expected(rule),
    )
    names = (
        "source, table_name, check_name, expectation, column_name, severity, on_failure, words,"
        " expected"
    )
    find = f"select rule_id from rules where ({names}) = (?, ?, ?, ?, ?, ?, ?, ?, ?)"
    known = db.execute(find, values).fetchone()
    if known is None:
        insert = f"insert into rules ({names}) values (?, ?, ?, ?, ?, ?, ?, ?, ?) returning rule_id"
        known = db.execute(insert, values).fetchone()
    return int(known[0])


def _observed(result: Result, personal: set[str]) -> str | None:
    named = {
        *result.rule.kwargs.get("column_list", ()),
        *(result.rule.kwargs.get(name) for name in ("column", "column_A", "column_B")),
    }
    return None if result.observed is None or named & personal else shown(result.observed)


def _json(figures: Mapping[str, Any]) -> str:
    return json.dumps(figures, separators=(",", ":"))


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
            raise JournalError(msg)
        for statements in MIGRATIONS[version:]:
            for statement in statements:
                db.execute(statement)
        db.execute(f"pragma user_version = {len(MIGRATIONS)}")


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("pragma user_version").fetchone()[0])
