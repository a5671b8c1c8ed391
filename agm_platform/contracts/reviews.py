"""Contracts of what people decide about pairs that the matching model leaves open."""

from __future__ import annotations

from agm_platform.contracts.model import Column, OnFailure, Severity, Table, Type
from agm_platform.contracts.rules import in_set

TEXT, INTEGER = Type.TEXT, Type.INTEGER
SOURCE = "customers"
GROUP = "customers"

REVIEW_DECISIONS = Table(
    SOURCE,
    "review_decisions",
    "Decisions of people about pairs of records; a later version of a pair's decision counts.",
    (
        Column("left_id", TEXT, "Peak's number of the customer.", nullable=False, identity="peak"),
        Column("right_id", TEXT, "AGM's number of the customer.", nullable=False, identity="agm"),
        Column("decision", TEXT, "yes: one person; no: two.", nullable=False),
        Column("left_digest", TEXT, "Of Peak's record as it was decided on.", nullable=False),
        Column("right_digest", TEXT, "Of AGM's record as it was decided on.", nullable=False),
        Column("decided_by", TEXT, "Name of the review file, without its ending.", nullable=False),
        Column("decided_on", TEXT, "ISO date of the review file.", nullable=False),
        Column("version", INTEGER, "1 for the first decision on the pair.", nullable=False),
    ),
    key=("left_id", "right_id", "version"),
    rules=(in_set("decision__known", ["yes", "no"], "a decision is yes or no"),),
    publish=False,
    group=GROUP,
)

REVIEW_FILES = Table(
    SOURCE,
    "review_files",
    "One row a review file that came back, and what became of it.",
    (
        Column("file_name", TEXT, "Name of the file.", nullable=False),
        Column("state", TEXT, "accepted or refused.", nullable=False),
        Column("reason", TEXT, "Why it was refused: row and column."),
        Column("decisions", INTEGER, "Decisions in it."),
    ),
    key=("file_name",),
    rules=(
        in_set(
            "state__accepted",
            ["accepted"],
            "every review file could be read; a refused one decides nothing",
            OnFailure.WARN,
            Severity.WARNING,
        ),
    ),
    publish=False,
    group=GROUP,
)

TABLES = (REVIEW_DECISIONS, REVIEW_FILES)
