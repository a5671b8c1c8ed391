"""Whole-table files as received: the newest one that can be read, else what the warehouse holds."""

from typing import Any, NamedTuple

import duckdb

from agm_platform.contracts.model import Feed, Table
from agm_platform.defs.landing_resource import Landing
from agm_platform.landing.csv_reader import read_csv_file
from agm_platform.landing.delivery import Delivery
from agm_platform.warehouse.engine import Engine
from agm_platform.warehouse.tables import read_table
from agm_platform.warehouse.types import empty_relation

POSITIONS = ("row_number", "file_name", "version_date")


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
            return read_delivery(engine, landing, feed, contract, delivery, path)
    if deliveries:
        return Received(None, _stored_file(engine, files, feed))
    reference = landing.reference(feed)
    if reference is not None:
        columns = [column for column in contract.columns if column.name not in POSITIONS]
        table = read_csv_file(engine.connection, reference, columns, landing.scratch())
        file = {"state": "reference", "file_name": reference.name, "rows_received": table.rows}
        return Received(table.relation, {"feed": feed.name, **file})
    reason = f"no {feed.name} file has arrived in landing/{feed.source}"
    return Received(
        empty_relation(engine.connection, contract),
        {"feed": feed.name, "state": "missing", "reason": reason},
    )


def _stored_file(engine: Engine, files: Table, feed: Feed) -> dict[str, Any]:
    """Return what is stored about the file of a feed that is no longer in the landing zone."""
    stored = read_table(engine.connection, files)
    for row in stored.fetchall():
        known = dict(zip(stored.columns, row, strict=True))
        if known["feed"] == feed.name:
            return known
    return {"feed": feed.name, "state": "missing", "reason": "the file left the landing zone"}
