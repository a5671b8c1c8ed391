"""Contracts of quality over time: what every check found in every run, and scores by day."""

from __future__ import annotations

from agm_platform.contracts.model import Column, Rule, Table, Type
from agm_platform.contracts.rules import in_set

TEXT, INTEGER, NUMBER = Type.TEXT, Type.INTEGER, Type.NUMBER

SOURCE = "quality"

CHECK_RESULTS = Table(
    SOURCE,
    "check_results",
    "One row a check and run, of the newest runs: a copy of the journal, which holds all of them.",
    (
        Column("run_id", TEXT, "Dagster run.", nullable=False),
        Column("judged_at", Type.TIMESTAMP, "When the table was judged, UTC.", nullable=False),
        Column("source", TEXT, "Source of the table judged.", nullable=False),
        Column("table_name", TEXT, "Table judged.", nullable=False),
        Column("check_name", TEXT, "Name of the check.", nullable=False),
        Column("expectation", TEXT, "What was asked, as Great Expectations calls it."),
        Column("column_name", TEXT, "Column that the rule is about; null for several or none."),
        Column("partitions", TEXT, "Partitions judged, separated by commas; null for all."),
        Column("first_partition", TEXT, "First partition judged."),
        Column("last_partition", TEXT, "Last partition judged."),
        Column("severity", TEXT, "critical, warning or info.", nullable=False),
        Column(
            "is_blocking", Type.BOOLEAN, "Whether a failure stops what is downstream.", None, False
        ),
        Column("state", TEXT, "passed, failed, crashed or off.", nullable=False),
        Column("element_count", INTEGER, "Rows that are the rule's business."),
        Column("unexpected_count", INTEGER, "Rows that fail."),
        Column("observed", TEXT, "Figure observed; never of a personal column."),
        Column("duration_ms", NUMBER, "Time taken, shared by rules judged in one pass.", unit="ms"),
    ),
    key=("run_id", "source", "table_name", "check_name"),
    rules=(
        in_set(
            "state__known",
            ["passed", "failed", "crashed", "off"],
            "a check passed, failed, crashed or was switched off",
        ),
    ),
    publish=False,
)

DIMENSION_MEANINGS = {
    "completeness": "Values that are there, of those that must be",
    "validity": "Values that their own column's rules allow (set, range, length, pattern, shape)",
    "uniqueness": "Rows that share their value with no other",
    "consistency": "Rows whose columns, or tables, agree with each other",
    "timeliness": "Files received in time; null for what was there at the first look",
}
"""The dimensions of data quality and what their numerator counts."""

SCORES = Table(
    SOURCE,
    "scores",
    "One row a table, column and day: how good the data is, as fractions with their counts.",
    (
        Column("source", TEXT, "Source of the table.", nullable=False),
        Column("table_name", TEXT, "Table.", nullable=False),
        Column(
            "column_name", TEXT, "Column; * for rules of several columns or none.", nullable=False
        ),
        Column(
            "score_date",
            Type.DATE,
            "Business date of a table kept by day, else the UTC date of the run.",
            nullable=False,
        ),
        *(
            column
            for name, words in DIMENSION_MEANINGS.items()
            for column in (
                Column(name, NUMBER, f"{words}, a fraction; null where nothing was judged."),
                Column(f"{name}_passed", INTEGER, f"{words}: how many are right."),
                Column(f"{name}_judged", INTEGER, f"{words}: how many were judged."),
            )
        ),
    ),
    key=("source", "table_name", "column_name", "score_date"),
    rules=(
        Rule(
            "score_date__one_row",
            "expect_compound_columns_to_be_unique",
            {"column_list": ["source", "table_name", "column_name", "score_date"]},
            "one row a table, column and day",
        ),
        *(
            Rule(
                f"{name}__fraction",
                "expect_column_values_to_be_between",
                {"column": name, "min_value": 0, "max_value": 1},
                "a score lies between 0 and 1",
            )
            for name in DIMENSION_MEANINGS
        ),
    ),
)

TABLES = (CHECK_RESULTS, SCORES)
