"""Dirty categories: the values that a field may have, and the reviewed spellings of each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from agm_platform.contracts.model import Column, OnFailure, Rule, Severity, Table, Type
from agm_platform.contracts.rules import in_set, not_in_set

TEXT, INTEGER = Type.TEXT, Type.INTEGER

UNKNOWN = "unknown"
"""What stands for a spelling that nobody has reviewed yet."""

LEAST_SCORE_PROPOSED = 0.6
"""Similarity from which a value is proposed for a spelling, as a fraction.

Source: one letter wrong or missing in a word of three still scores two thirds; words that mean
something else share fewer letters.
"""


class Unseen(StrEnum):
    """What becomes of a row whose spelling is in no list until a person has reviewed it."""

    QUARANTINE = "quarantine"  # the row waits
    UNKNOWN = "unknown"  # the row counts, its value is `unknown`


SPELLING_KNOWN = "__spelling_known"
EFFECTS = {
    Unseen.QUARANTINE: (OnFailure.QUARANTINE, Severity.CRITICAL),
    Unseen.UNKNOWN: (OnFailure.WARN, Severity.WARNING),
}
"""What the rule about a spelling does when it fails."""


@dataclass(frozen=True, slots=True)
class Category:
    """A field with a closed list of values, and where senders write it.

    `received_in` are pairs of raw table and column, both as named in the contracts. Raises
    ValueError where two values are the same but for case and blanks.
    """

    source: str
    field: str
    values: tuple[str, ...]
    received_in: tuple[tuple[str, str], ...]
    unseen: Unseen = Unseen.UNKNOWN

    def __post_init__(self) -> None:
        """Check that every spelling has one meaning."""
        normal = {" ".join(value.lower().split()) for value in (*self.values, UNKNOWN)}
        if len(normal) != len(self.values) + 1:
            msg = f"{self.source}.{self.field}: two values share a spelling, or one is {UNKNOWN}"
            raise ValueError(msg)


def spelled(category: Category, column: str | None = None) -> Rule:
    """Return the rule that a staged column (else the field's own) has no unreviewed spelling."""
    name = column or category.field
    on_failure, severity = EFFECTS[category.unseen]
    return not_in_set(
        f"{name}{SPELLING_KNOWN}",
        [UNKNOWN],
        f"every spelling of {name} is a value or in data/reference/synonyms.csv",
        on_failure,
        severity,
    )


def with_unseen(table: Table, unseen: Unseen | None) -> Table:
    """Return a contract whose rows with unreviewed spellings do what `unseen` says.

    None leaves what each category declares. Contracts themselves never depend on a setting.
    """
    if unseen is None:
        return table
    on_failure, severity = EFFECTS[unseen]
    rules = tuple(
        replace(rule, on_failure=on_failure, severity=severity)
        if rule.name.endswith(SPELLING_KNOWN)
        else rule
        for rule in table.rules
    )
    return table if rules == table.rules else replace(table, rules=rules)


SYNONYMS = Table(
    "reference",
    "synonyms",
    "Spellings that a person has reviewed, each with the value it stands for.",
    (
        Column("source", TEXT, "Sender.", nullable=False),
        Column("field", TEXT, "Field of the sender's contract.", nullable=False),
        Column("spelling", TEXT, "Spelling in lower case, single blanks.", nullable=False),
        Column("value", TEXT, "Value of the contract that it stands for.", nullable=False),
        Column("reviewed_by", TEXT, "Who decided it: a role.", nullable=False),
        Column("reviewed_on", Type.DATE, "When it was decided.", nullable=False),
        Column("reason", TEXT, "Why.", nullable=False),
        Column(
            "is_declared",
            Type.BOOLEAN,
            "Whether the contract of the sender has the field and the value.",
            nullable=False,
        ),
    ),
    key=("source", "field", "spelling"),
    rules=(
        Rule(
            "spelling__one_value",
            "expect_compound_columns_to_be_unique",
            {"column_list": ["source", "field", "spelling"]},
            "a spelling of a field stands for one value",
        ),
        in_set("is_declared__true", [True], "every value is one that its contract declares"),
        *(
            Rule(
                f"{name}__not_null",
                "expect_column_values_to_not_be_null",
                {"column": name},
                f"every reviewed spelling has a {name}",
            )
            for name in ("spelling", "reviewed_by", "reviewed_on", "reason")
        ),
    ),
    publish=False,
)

UNKNOWN_SPELLINGS = Table(
    "quality",
    "unknown_spellings",
    "Received spellings that are neither a value nor reviewed, with the value nearest to each.",
    (
        Column("source", TEXT, "Sender.", nullable=False),
        Column("field", TEXT, "Field of the sender's contract.", nullable=False),
        # A column shifted by a sender can put anything here: never shown outside.
        Column("spelling", TEXT, "Spelling, lower case.", nullable=False, personal=True),
        Column("rows", INTEGER, "Rows with it.", nullable=False),
        Column("proposed_value", TEXT, "Nearest value; null if none is near."),
        Column(
            "score", Type.NUMBER, "Similarity of the proposal, a fraction; null without proposal."
        ),
        Column(
            "unseen",
            TEXT,
            "What becomes of its rows meanwhile: quarantine or unknown.",
            nullable=False,
        ),
    ),
    key=("source", "field", "spelling"),
    rules=(
        Rule(
            "rows__none",
            "expect_table_row_count_to_equal",
            {"value": 0},
            "every spelling received is a value or has been reviewed",
            OnFailure.WARN,
            Severity.WARNING,
        ),
    ),
    publish=False,
)

TABLES = (SYNONYMS, UNKNOWN_SPELLINGS)
