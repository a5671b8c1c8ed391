"""Contracts of what became of every row that was ever set aside."""

from __future__ import annotations

from agm_platform.contracts.business import QUARANTINE_PATIENCE_DAYS
from agm_platform.contracts.model import Column, OnFailure, Rule, Severity, Table, Type
from agm_platform.contracts.quarantine import FILE_NAME, LINE_NUMBER, POSITION, RULE, TABLE_NAME
from agm_platform.contracts.rules import in_set

TEXT, INTEGER, TIMESTAMP = Type.TEXT, Type.INTEGER, Type.TIMESTAMP

WAITING, RELEASED, SUPERSEDED = "waiting", "released", "superseded"
RECLASSIFIED = "reclassified"
STATES = (WAITING, RELEASED, SUPERSEDED, RECLASSIFIED)

SOURCE = Column("source", TEXT, "Sender.", nullable=False)
BUSINESS_DATE = Column(
    "business_date", Type.DATE, "Business date of the row's file, if it has one."
)

QUARANTINE_LOG = Table(
    "quality",
    "quarantine_log",
    "One row for every row ever set aside and the rule that kept it out: since when, how often it "
    "was judged, and what became of it. Never the row itself.",
    (
        SOURCE,
        TABLE_NAME,
        FILE_NAME,
        Column(
            "file_sha256",
            TEXT,
            "SHA-256 of the file's bytes; null for a table that comes with the platform.",
        ),
        BUSINESS_DATE,
        POSITION,
        LINE_NUMBER,
        RULE,
        Column("state", TEXT, f"{', '.join(STATES[:-1])} or {STATES[-1]}.", nullable=False),
        Column("state_since", TIMESTAMP, "When it took this state, UTC.", nullable=False),
        Column("first_seen", TIMESTAMP, "When it was first set aside, UTC.", nullable=False),
        Column("last_seen", TIMESTAMP, "When it was last set aside, UTC.", nullable=False),
        Column("times_seen", INTEGER, "Runs that judged it and set it aside.", nullable=False),
        Column(
            "waiting_days",
            INTEGER,
            "Whole days it has waited when the log was written; null if it does not wait.",
            unit="days",
        ),
        Column("releases", INTEGER, "How often it was released.", nullable=False),
        Column("released_at", TIMESTAMP, "When it was last released, UTC."),
        Column("released_in_run", TEXT, "Dagster run that last released it."),
        Column("last_run", TEXT, "Dagster run that last set it aside.", nullable=False),
    ),
    key=(
        "source",
        "table_name",
        "file_sha256",
        "business_date",
        "position",
        "line_number",
        "rule",
    ),
    rules=(
        in_set("state__known", STATES, "every row that was set aside has a known state"),
        Rule(
            "waiting_days__within_patience",
            "expect_column_values_to_be_between",
            {"column": "waiting_days", "max_value": QUARANTINE_PATIENCE_DAYS},
            f"no row waits longer than {QUARANTINE_PATIENCE_DAYS} days",
            OnFailure.WARN,
            Severity.WARNING,
            "QUARANTINE_PATIENCE_DAYS",
        ),
    ),
)

QUARANTINE_SUMMARY = Table(
    "quality",
    "quarantine_summary",
    "What was ever set aside, counted by sender, table, file, business date and rule.",
    (
        SOURCE,
        TABLE_NAME,
        FILE_NAME,
        BUSINESS_DATE,
        RULE,
        Column("waiting", INTEGER, "Rows that wait.", nullable=False),
        Column("released", INTEGER, "Rows that were accepted in the end.", nullable=False),
        Column("superseded", INTEGER, "Rows whose file another one replaced.", nullable=False),
        Column("reclassified", INTEGER, "Rows that another rule keeps out now.", nullable=False),
        Column("first_seen", TIMESTAMP, "When the first of them was set aside, UTC."),
        Column("waiting_days", INTEGER, "Whole days that the oldest has waited.", unit="days"),
    ),
    key=("source", "table_name", "file_name", "business_date", "rule"),
)

TABLES = (QUARANTINE_LOG, QUARANTINE_SUMMARY)
