"""What one transaction of the ledger does to its rows; `ledger` opens and closes it."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from agm_platform.landing.decisions import classify
from agm_platform.landing.delivery import Arrival, Candidate, Delivery, Outcome, State

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

COLUMNS = tuple(Delivery.__slots__)
SELECT = f"select {', '.join(COLUMNS)} from deliveries"
# Null is a subject of its own (a feed without dates), hence IS.
SAME_SUBJECT = "source = ? and feed = ? and business_date is ?"
GONE = "the file was removed or replaced before it was read"


class LedgerError(RuntimeError):
    """The ledger does not allow this, or cannot be used; the message says why."""


def enter(db: sqlite3.Connection, candidate: Candidate, moment: str) -> Arrival | None:
    """Enter one file; None when there is nothing to say about it."""
    file = candidate.file
    seen = db.execute(
        "select size, modified_ns, sha256, removed_at from observed where source = ? and name = ?",
        (file.source, file.name),
    ).fetchone()
    db.execute(
        "insert or replace into observed values (?, ?, ?, ?, ?, ?, ?, null)",
        (*file, candidate.sha256),
    )
    same = seen is not None and seen[:3] == (file.size, file.modified_ns, candidate.sha256)
    if same and seen[3] is None:
        return None  # another process was faster, or only the file's rights changed
    subject = (file.source, candidate.feed, iso(candidate.business_date))
    newest = f"{SELECT} where {SAME_SUBJECT} and state = ? order by generation desc limit 1"
    alive = [
        delivery_of(row)
        for state in (State.RECEIVED, State.ACCEPTED)
        for row in db.execute(newest, (*subject, state))
    ]
    last, seen_before = db.execute(
        f"select (select max(generation) from deliveries where {SAME_SUBJECT}),"
        f" exists (select * from deliveries where {SAME_SUBJECT} and sha256 = ?)",
        (*subject, *subject, candidate.sha256),
    ).fetchone()
    kind, state, generation, reason = classify(
        candidate,
        max(alive, key=lambda delivery: delivery.generation, default=None),
        last_generation=last or 0,
        seen_before=bool(seen_before),
    )
    if same and state is State.DUPLICATE:
        return None  # removed and put back as it was
    values = {
        "source": file.source,
        "feed": candidate.feed,
        "file_name": file.name,
        "business_date": subject[2],
        "sha256": candidate.sha256,
        "size_bytes": file.size,
        "received_at": moment,
        "generation": generation,
        "state": state.value,
        "reason": reason,
    }
    names, marks = ", ".join(values), ", ".join("?" * len(values))
    row_id = db.execute(
        f"insert into deliveries ({names}) values ({marks})", tuple(values.values())
    ).lastrowid
    row = db.execute(f"{SELECT} where delivery_id = ?", (row_id,)).fetchone()
    return Arrival(kind, delivery_of(row))


def close_unreadable(db: sqlite3.Connection, source: str) -> None:
    """Close what waits although no file holds its bytes any more."""
    gone = (
        "state = 'received' and source = ? and not exists (select * from observed as o"
        " where o.source = d.source and o.sha256 = d.sha256 and o.removed_at is null)"
    )
    newer = (
        "(select max(n.delivery_id) from deliveries as n where n.source = d.source"
        " and n.feed = d.feed and n.business_date is d.business_date"
        " and n.generation > d.generation and n.state in ('received', 'accepted'))"
    )
    db.execute(
        f"update deliveries as d set reason = ?, superseded_by = {newer},"
        f" state = iif({newer} is null, 'quarantined', 'superseded') where {gone}",
        (GONE, source),
    )


def conclude(db: sqlite3.Connection, outcome: Outcome, run_id: str) -> int | None:
    """Record one outcome; return the accepted delivery that it replaced. Raises LedgerError."""
    row = db.execute(f"{SELECT} where delivery_id = ?", (outcome.delivery_id,)).fetchone()
    if row is None or row[COLUMNS.index("state")] == State.DUPLICATE:
        msg = f"delivery {outcome.delivery_id} is nothing that a run reads"
        raise LedgerError(msg)
    delivery = delivery_of(row)
    subject = (delivery.source, delivery.feed, iso(delivery.business_date))
    previous = db.execute(
        f"select delivery_id, generation from deliveries where {SAME_SUBJECT}"
        " and state = 'accepted' and delivery_id <> ?",
        (*subject, delivery.delivery_id),
    ).fetchone()
    if previous and previous[1] > delivery.generation:
        msg = f"delivery {delivery.delivery_id}: the newer delivery {previous[0]} is in force"
        raise LedgerError(msg)
    accepted = outcome.reason is None
    db.execute(
        "update deliveries set state = ?, rows_received = ?, lines_received = ?, reason = ?,"
        " line = ?, run_id = ?, superseded_by = null where delivery_id = ?",
        (
            State.ACCEPTED if accepted else State.QUARANTINED,
            outcome.rows,
            outcome.lines,
            outcome.reason,
            outcome.line,
            run_id,
            outcome.delivery_id,
        ),
    )
    if not accepted:
        return None
    db.execute(
        f"update deliveries set state = 'superseded', superseded_by = ? where {SAME_SUBJECT}"
        " and generation < ? and state in ('received', 'accepted')",
        (delivery.delivery_id, *subject, delivery.generation),
    )
    return previous[0] if previous else None


def record_erasure(
    db: sqlite3.Connection, before: str, now: Candidate, records: int, lines: int, moment: str
) -> None:
    """Put a file's new bytes in the place of the old in every entry: nothing new has arrived.

    `now` is the file after an erasure, `before` its SHA-256 before it.
    """
    file = now.file
    db.execute(
        "insert or replace into observed values (?, ?, ?, ?, ?, ?, ?, null)", (*file, now.sha256)
    )
    db.execute(
        "update deliveries set sha256 = ?, size_bytes = ?, rows_received = rows_received - ?"
        " where source = ? and sha256 = ?",
        (now.sha256, file.size, lines, file.source, before),
    )
    db.execute(
        "insert into erasures (erased_at, source, file_name, sha256, records)"
        " values (?, ?, ?, ?, ?)",
        (moment, file.source, file.name, now.sha256, records),
    )


def delivery_of(row: Sequence[Any]) -> Delivery:
    """Return the delivery of a row that SELECT gave."""
    values = dict(zip(COLUMNS, row, strict=True))
    values["state"] = State(values["state"])
    values["received_at"] = datetime.fromisoformat(values["received_at"])
    if values["business_date"] is not None:
        values["business_date"] = date.fromisoformat(values["business_date"])
    return Delivery(**values)


def iso(day: date | None) -> str | None:
    """Return the date as the ledger keeps it."""
    return day.isoformat() if day else None
