"""Whole-table files as received: the newest one that can be read, else what the warehouse holds."""

from typing import Any, NamedTuple

import duckdb

from agm_platform.contracts.model import Feed, Table
from agm_platform.contracts.snapshots import RECORD
from agm_platform.defs.landing_resource import Landing
from agm_platform.landing.csv_reader import read_csv_file
from agm_platform.landing.delivery import Delivery
from agm_platform.warehouse.engine import Engine
from agm_platform.warehouse.tables import kept_rows
from agm_platform.warehouse.types import empty_relation

POSITIONS = ("row_number", "file_name", "version_date", RECORD.name)


class Received(NamedTuple):
    """The rows of one file, or None to keep those that are stored, and what became of the file."""

    rows: duckdb.DuckDBPyRelation | None
    file: dict[str, Any]


def read_delivery(
    engine: Engine, landing: Landing, feed: Feed, contract: Table, delivery: Delivery, path: Any
) -> Received:
    """Read one delivery; a file that cannot be read leaves the stored rows as they are."""
    received = [column for column in contract.columns if column.name not in POSITIONS]
    table = read_csv_file(engine.connection, path, received, landing.scratch())
    return Received(
        table.relation,
        {
            "feed": feed.name,
            "rows_from": None if table.relation is None else delivery.file_name,
            "business_date": delivery.business_date,
            "file_name": delivery.file_name,
            "file_sha256": delivery.sha256,
            "state": "quarantined" if table.relation is None else "accepted",
            "reason": table.reason,
            "line": table.line,
            "rows_received": table.rows,
            "notes": "; ".join(table.notes) or None,
        },
    )


def newest(engine: Engine, landing: Landing, feed: Feed, contract: Table, files: Table) -> Received:
    """Return the rows of a feed that sends its whole table in one file.

    The reference that the platform carries stands in until a first file has come; a file that
    left the landing zone, or cannot be read, leaves the stored rows.
    """
    deliveries, fetched = landing.due(feed, [None])
    for delivery in deliveries:
        path = fetched.paths.get(delivery.delivery_id)
        if path is not None:
            received = read_delivery(engine, landing, feed, contract, delivery, path)
            if received.rows is None:
                kept = _stored_file(engine, files, feed).get("rows_from")
                received.file["rows_from"] = kept
            return received
    if deliveries:
        return Received(None, _stored_file(engine, files, feed))
    reference = landing.reference(feed)
    if reference is not None:
        columns = [column for column in contract.columns if column.name not in POSITIONS]
        table = read_csv_file(engine.connection, reference, columns, landing.scratch())
        file = {"state": "reference", "file_name": reference.name, "rows_from": reference.name}
        return Received(table.relation, {"feed": feed.name, "rows_received": table.rows, **file})
    reason = f"no {feed.name} file has arrived in landing/{feed.source}"
    return Received(
        empty_relation(engine.connection, contract),
        {"feed": feed.name, "state": "missing", "reason": reason},
    )


def stored_files(engine: Engine, files: Table) -> list[dict[str, Any]]:
    """Return what the warehouse holds about the files behind a source's tables."""
    stored = kept_rows(engine.connection, files)
    if stored is None:
        return []
    return [dict(zip(stored.columns, row, strict=True)) for row in stored.fetchall()]


def _stored_file(engine: Engine, files: Table, feed: Feed) -> dict[str, Any]:
    """Return what is stored about the file of a feed that is no longer in the landing zone."""
    for known in stored_files(engine, files):
        if known["feed"] == feed.name:
            return known
    return {"feed": feed.name, "state": "missing", "reason": "the file left the landing zone"}
