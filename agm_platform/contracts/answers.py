"""Contract of the answers: one row a question that an owner of data asked."""

from __future__ import annotations

from agm_platform.contracts.model import Column, Owner, Rule, Table, Type
from agm_platform.contracts.rules import unique

TEXT, NUMBER = Type.TEXT, Type.NUMBER

COLUMNS = (
    Column("answer_id", TEXT, "source.short_name.", nullable=False),
    Column("source", TEXT, "Whose data answer it.", nullable=False),
    Column("question", TEXT, "The question in words.", nullable=False),
    Column("answer", TEXT, "The answer, a sentence with its figures.", nullable=False),
    Column("value", NUMBER, "The figure; rates are fractions; null where there is none."),
    Column("low", NUMBER, "Lower end of the interval; null where it is no estimate."),
    Column("high", NUMBER, "Upper end of the interval; null where it is no estimate."),
    Column("unit", TEXT, "Unit of value."),
    Column("sample_size", Type.INTEGER, "How many observations the answer rests on."),
    Column("details", TEXT, "Rankings and breakdowns: a JSON list of records."),
    Column("caveat", TEXT, "What the reader must know before using the answer."),
    Column("evidence", TEXT, "Table that holds the figures."),
    Column("method", TEXT, "How the figure was made."),
    Column("as_of", Type.DATE, "Last business date in the data; null where there are none."),
)

ANSWERS = Table(
    "answers",
    "answers",
    "One row a question: the sentence, the figure, how sure it is and what it rests on.",
    COLUMNS,
    key=("answer_id",),
    rules=(
        unique(
            "answer_id",
            "a question is answered once",
        ),
        Rule(
            "answer__not_blank",
            "expect_column_values_to_match_regex",
            {"column": "answer", "regex": r"\s*\S"},
            "every question has an answer in words",
        ),
        Rule(
            "low__not_above_value",
            "expect_column_pair_values_a_to_be_greater_than_b",
            {
                "column_A": "value",
                "column_B": "low",
                "or_equal": True,
                "ignore_row_if": "either_value_is_missing",
            },
            "the interval holds the value",
        ),
        Rule(
            "high__not_below_value",
            "expect_column_pair_values_a_to_be_greater_than_b",
            {
                "column_A": "high",
                "column_B": "value",
                "or_equal": True,
                "ignore_row_if": "either_value_is_missing",
            },
            "the interval holds the value",
        ),
    ),
    owner=Owner.ANALYTICS,
)


def answers_of(source: str) -> Table:
    """Return the contract of the answers that one source's data give; part of its `TABLES`."""
    return Table(
        "answers",
        source,
        f"The answers that the data of {source} give; all of them together are answers.answers.",
        COLUMNS,
        key=("answer_id",),
        publish=False,
        owner=Owner.ANALYTICS,
    )


TABLES = (ANSWERS,)
