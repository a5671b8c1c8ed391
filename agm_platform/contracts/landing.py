"""Contracts of what arrives: the ledger of files, corrections, and the files behind a table."""

from __future__ import annotations

from dataclasses import dataclass

from agm_platform.contracts.model import Column, OnFailure, Rule, Severity, Table, Type
from agm_platform.contracts.rules import in_set, not_in_set

TEXT, INTEGER = Type.TEXT, Type.INTEGER

LEDGER = Table(
    "landing",
    "ledger",
    "One row a delivery of a file, kept for ever.",
    (
        Column(
            "delivery_id", INTEGER, "Number of the delivery, in order of arrival.", nullable=False
        ),
        Column("source", TEXT, "Sender.", nullable=False),
        Column("feed", TEXT, "Kind of file.", nullable=False),
        Column("file_name", TEXT, "Name of the file.", nullable=False),
        Column("business_date", Type.DATE, "Date in the file's name, if it has one."),
        Column("file_sha256", TEXT, "SHA-256 of the file's bytes.", nullable=False),
        Column("size_bytes", INTEGER, "Size of the file.", unit="bytes"),
        Column("received_at", Type.TIMESTAMP, "When the file was first seen whole, UTC."),
        Column("generation", INTEGER, "1 for the first file of its feed and date, then 2, 3."),
        Column(
            "state",
            TEXT,
            "received, accepted, quarantined, superseded or duplicate.",
            nullable=False,
        ),
        Column("rows_received", INTEGER, "Rows in the file; sales in a Peak file."),
        Column("lines_received", INTEGER, "Order lines in the file, where it has them."),
        Column("reason", TEXT, "Why the file was quarantined."),
        Column("line", INTEGER, "Line of the file where reading failed, from 1."),
        Column("run_id", TEXT, "Dagster run that read the file."),
        Column("superseded_by", INTEGER, "Delivery that replaced this one."),
        Column(
            "needs_attention",
            Type.BOOLEAN,
            "Quarantined, and no newer file of its feed and date has been accepted.",
            nullable=False,
        ),
    ),
    key=("delivery_id",),
    rules=(
        in_set(
            "state__known",
            ["received", "accepted", "quarantined", "superseded", "duplicate"],
            "every delivery has a known state",
        ),
        in_set(
            "needs_attention__none",
            [False],
            "no file is in quarantine without a good one having come after it",
            OnFailure.WARN,
            Severity.WARNING,
        ),
    ),
)

CORRECTIONS = Table(
    "landing",
    "corrections",
    "How the rows of a corrected file differ from those of the file that it replaced.",
    (
        Column("delivery_id", INTEGER, "The correction.", nullable=False),
        Column("replaced_id", INTEGER, "The delivery that it replaced.", nullable=False),
        Column("table_name", TEXT, "Table whose rows were compared.", nullable=False),
        Column("rows_added", INTEGER, "Rows that the file before did not have.", nullable=False),
        Column("rows_removed", INTEGER, "Rows that only the file before had.", nullable=False),
        Column("rows_changed", INTEGER, "Rows with the same key and other values.", nullable=False),
    ),
    key=("delivery_id", "table_name"),
)


def files_behind(source: str, name: str) -> Table:
    """Return the contract of a table that says which file each feed's rows came from."""
    return Table(
        source,
        name,
        "One row a feed (and version): the file that was read last, and what became of it.",
        (
            Column("feed", TEXT, "Name of the feed.", nullable=False),
            Column("business_date", Type.DATE, "Date in the file's name, if it has one."),
            Column("file_name", TEXT, "Name of the file; null if none has come."),
            Column("file_sha256", TEXT, "SHA-256 of the file's bytes."),
            Column(
                "state",
                TEXT,
                "accepted, quarantined, reference (comes with the platform) or missing.",
                nullable=False,
            ),
            Column("reason", TEXT, "Why the file was quarantined, or that none has come."),
            Column("line", INTEGER, "Line of the file where reading failed, from 1."),
            Column("rows_received", INTEGER, "Rows in the file."),
            Column(
                "rows_from",
                TEXT,
                "Name of the file whose rows the table holds: an earlier one than file_name "
                "where that was quarantined.",
            ),
            Column(
                "notes", TEXT, "What was odd but accepted: absent optional columns and the like."
            ),
        ),
        key=("feed", "business_date"),
        rules=(
            not_in_set(
                "state__not_quarantined",
                ["quarantined"],
                "every file could be read; a quarantined file leaves its table as it was",
                OnFailure.WARN,
                Severity.WARNING,
            ),
            not_in_set(
                "state__not_missing",
                ["missing"],
                "every feed has sent a file",
                OnFailure.WARN,
                Severity.INFO,
            ),
            Rule(
                "notes__none",
                "expect_column_values_to_be_null",
                {"column": "notes"},
                "no file lacks an optional column or is otherwise odd",
                OnFailure.WARN,
                Severity.INFO,
            ),
        ),
        publish=False,
    )


@dataclass(frozen=True, slots=True)
class FilesBehind:
    """A table that says what became of files, as the ledger reads it.

    `feed` is the feed of all its rows; None where its column `feed` says. `rows` and `lines` name
    the columns that count what a file held; not every sender has lines inside rows.
    """

    table: Table
    feed: str | None = None
    rows: str = "rows_received"
    lines: str | None = None


TABLES = (LEDGER, CORRECTIONS)
