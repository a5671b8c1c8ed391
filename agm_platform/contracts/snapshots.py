"""Senders that deliver whole tables as CSV: what the contracts of such a source are made of."""

from __future__ import annotations

from dataclasses import dataclass

from agm_platform.contracts.model import Column, Delivery, Feed, Table, Type
from agm_platform.contracts.rules import in_set

TEXT, INTEGER = Type.TEXT, Type.INTEGER

ROW_NUMBER = Column("row_number", INTEGER, "Place of the row in its file, from 1.", nullable=False)
RECORD = Column(
    "record",
    TEXT,
    "The row as received, JSON, where a value that should be a whole number is none; else null.",
    personal=True,
)
RECONCILIATION = "reconciliation"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One feed and its tables: as received, with types and broken rules, and what is accepted.

    Without `staged` and `accepted` nothing is set aside and there is nothing to balance. Both are
    named by `row_number` and `failed_rule`. Raises ValueError if only one of the two is given.
    """

    feed: Feed
    raw: Table
    staged: Table | None = None
    accepted: Table | None = None

    def __post_init__(self) -> None:
        """Check that rows are judged and accepted, or neither."""
        if (self.staged is None) != (self.accepted is None):
            msg = f"{self.raw.full_name}: give a staged and an accepted table, or neither"
            raise ValueError(msg)


def csv_feed(source: str, name: str, description: str) -> Feed:
    """Return the feed of `<name>.csv` or .xlsx, also under a copy's name: `<name> (1).csv`."""
    pattern = rf"{name}([ ._(-].*)?\.(csv|xlsx)"
    return Feed(source, name, pattern, Delivery.SNAPSHOT, description, "text/csv")


def raw_table(
    source: str, name: str, description: str, *columns: Column, one_row_a_person: bool = False
) -> Table:
    """Return the contract of `source.raw_<name>`: `row_number` and the columns of the file.

    If some are whole numbers, `record` keeps the rows that hold something else as received.
    """
    numbers = any(column.type is INTEGER for column in columns)
    form = "whole numbers as such, all else text" if numbers else "text"
    return Table(
        source,
        f"raw_{name}",
        f"{description} As received: {form}, file order, duplicates kept.",
        (ROW_NUMBER, *columns, *([RECORD] if numbers else [])),
        key=("row_number",),
        publish=False,
        one_row_a_person=one_row_a_person,
    )


def received(
    name: str,
    description: str,
    *,
    type_: Type = TEXT,
    personal: bool = False,
    required: bool = True,
    usual: bool = True,
    aliases: tuple[str, ...] = (),
    if_absent: str = "",
    identity: str | None = None,
) -> Column:
    """Return a column of a file, as text by default; the rest is as in `Column`."""
    return Column(
        name,
        type_,
        f"{description}, as received.",
        personal=personal,
        required=required,
        usual=usual,
        aliases=aliases,
        if_absent=if_absent,
        identity=identity,
    )


def reconciliation_of(source: str) -> Table:
    """Return the contract of `source.reconciliation`: a balance for each table that is judged."""
    return Table(
        source,
        RECONCILIATION,
        "Rows received and what became of them, one row a table.",
        (
            Column("table_name", TEXT, "Table of the rows as received.", nullable=False),
            Column("received", INTEGER, "Rows of the files read.", nullable=False),
            Column("accepted", INTEGER, "Rows in the accepted table.", nullable=False),
            Column("quarantined", INTEGER, "Rows set aside.", nullable=False),
            Column(
                "superseded", INTEGER, "Rows of files that a later file replaced.", nullable=False
            ),
            Column(
                "unaccounted",
                INTEGER,
                "received - accepted - quarantined - superseded.",
                harmless=True,
            ),
        ),
        key=("table_name",),
        rules=(
            in_set(
                "unaccounted__zero",
                [0],
                "received = accepted + quarantined + superseded",
            ),
        ),
    )
