"""Contract of the ledger: every file that ever arrived and what became of it."""

from __future__ import annotations

from agm_platform.contracts.model import Column, OnFailure, Rule, Severity, Table, Type

TEXT, INTEGER = Type.TEXT, Type.INTEGER

LEDGER = Table(
    "landing",
    "ledger",
    "One row a delivery of a file, kept for ever.",
    (
        Column("delivery_id", INTEGER, "Number of the delivery, in order of arrival.", nullable=False),
        Column("source", TEXT, "Sender.", nullable=False),
        Column("feed", TEXT, "Kind of file.", nullable=False),
        Column("file_name", TEXT, "Name of the file.", nullable=False),
        Column("business_date", Type.DATE, "Date in the file's name, if it has one."),
        Column("file_sha256", TEXT, "SHA-256 of the file's bytes.", nullable=False),
        Column("size_bytes", INTEGER, "Size of the file.", unit="bytes"),
        Column("received_at", Type.TIMESTAMP, "When the file was first seen whole, UTC."),
        Column("generation", INTEGER, "1 for the first file of its feed and date, then 2, 3."),
        Column("state", TEXT, "received, accepted, quarantined, superseded or duplicate.", nullable=False),
        Column("rows_received", INTEGER, "Rows in the file; sales in a Peak file."),
        Column("lines_received", INTEGER, "Order lines in the file, where it has them."),
        Column("reason", TEXT, "Why the file was quarantined."),
        Column("line", INTEGER, "Line of the file where reading failed, from 1."),
        Column("run_id", TEXT, "Dagster run that read the file."),
        Column("superseded_by", INTEGER, "Delivery that replaced this one."),
        Column("rows_added", INTEGER, "Rows of this correction that the file before did not have."),
        Column("rows_removed", INTEGER, "Rows of the file before that this correction lacks."),
        Column("rows_changed", INTEGER, "Rows with the same key and other values."),
    ),
    key=("delivery_id",),
    rules=(
        Rule(
            "state__known",
            "expect_column_values_to_be_in_set",
            {
                "column": "state",
                "value_set": ["received", "accepted", "quarantined", "superseded", "duplicate"],
            },
            "every delivery has a known state",
        ),
        Rule(
            "state__not_quarantined",
            "expect_column_values_to_not_be_in_set",
            {"column": "state", "value_set": ["quarantined"]},
            "no file is in quarantine",
            OnFailure.WARN,
            Severity.WARNING,
        ),
    ),
)

TABLES = (LEDGER,)
