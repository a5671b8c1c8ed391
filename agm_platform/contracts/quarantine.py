"""What every source's quarantine looks like: the same columns, whoever sent the rows."""

from __future__ import annotations

from agm_platform.contracts.model import Column, OnFailure, Rule, Severity, Table, Type

TEXT, INTEGER = Type.TEXT, Type.INTEGER

TABLE_NAME = Column("table_name", TEXT, "Table of the row as received.", nullable=False)
FILE_NAME = Column("file_name", TEXT, "Name of the file the row came from.")
POSITION = Column(
    "position",
    INTEGER,
    "Place of the row in its file, from 1; of a line, the place of its sale.",
    nullable=False,
)
LINE_NUMBER = Column(
    "line_number", INTEGER, "Number of the line in its sale, from 1; null for any other row."
)
RULE = Column("rule", TEXT, "First rule that the row breaks.", nullable=False)
NAME = "quarantine"


def quarantine_of(
    source: str,
    description: str,
    *more: Column,
    partition: Column | None = None,
    lines: bool = False,
) -> Table:
    """Return the contract of `source.quarantine`, with columns of its own `more` before the record.

    A source that is kept by day gives its date as `partition`; one whose rows have numbered lines
    inside says `lines`.
    """
    own = [partition] if partition else []
    numbers = [LINE_NUMBER] if lines else []
    columns = (
        *own,
        TABLE_NAME,
        FILE_NAME,
        POSITION,
        *numbers,
        RULE,
        Column("rules", TEXT, "All rules that the row breaks.", nullable=False),
        Column("reason", TEXT, "The rule in words.", nullable=False),
        *more,
        Column("record", TEXT, "The row as received, JSON.", nullable=False, personal=True),
    )
    return Table(
        source,
        NAME,
        description,
        columns,
        key=tuple(column.name for column in (*own, TABLE_NAME, POSITION, *numbers)),
        rules=(
            Rule(
                "rows__none",
                "expect_table_row_count_to_equal",
                {"value": 0},
                "nothing had to be set aside",
                OnFailure.WARN,
                Severity.WARNING,
            ),
        ),
        partition_column=partition.name if partition else None,
    )
