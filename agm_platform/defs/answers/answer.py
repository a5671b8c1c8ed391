"""What an answer is, and the words that every answer shares."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import date
from json import dumps
from math import isfinite
from typing import Any

import pandas as pd

from agm_platform.contracts.answers import COLUMNS
from agm_platform.statistics.intervals import Estimate
from agm_platform.warehouse.publish_copy import SIGNIFICANT_DIGITS

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """One row of the table answers: see its contract for what each field means."""

    answer_id: str
    question: str
    answer: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    unit: str | None = None
    sample_size: int | None = None
    details: list[Row] = field(default_factory=list)
    caveat: str | None = None
    evidence: str | None = None
    method: str | None = None
    as_of: date | None = None

    def row(self) -> Row:
        """Return the answer as a row of the table: with its source, and details as JSON text."""
        row = asdict(self)
        row["source"] = self.answer_id.partition(".")[0]
        for figure in ("value", "low", "high"):
            row[figure] = steady(row[figure])
        row["details"] = dumps(steady(self.details), ensure_ascii=False, default=str)
        return row


def steady(told: Any) -> Any:
    """Return what is told with its fractions to SIGNIFICANT_DIGITS, lists and records too.

    The engine's parallel sums differ from run to run in digits beyond.
    """
    if isinstance(told, float) and isfinite(told):
        return float(f"{told:.{SIGNIFICANT_DIGITS}g}")
    if isinstance(told, list):
        return [steady(each) for each in told]
    if isinstance(told, dict):
        return {name: steady(each) for name, each in told.items()}
    return told


def table_of(rows: list[Answer]) -> pd.DataFrame:
    """Return answers as the table that its contract describes."""
    return pd.DataFrame([row.row() for row in rows], columns=[column.name for column in COLUMNS])


def unanswered(answer_id: str, question: str, missing: str, evidence: str) -> Answer:
    """Return the row of a question that the data cannot answer: it says what is missing."""
    return Answer(
        answer_id,
        question,
        f"Cannot be answered yet: {missing}",
        caveat=missing,
        evidence=evidence,
        sample_size=0,
    )


def estimated(estimate: Estimate) -> dict[str, Any]:
    """Return value, low, high and sample_size of an estimate."""
    return {
        "value": estimate.value,
        "low": estimate.low,
        "high": estimate.high,
        "sample_size": estimate.sample_size,
    }


def shown(row: Row, figure: str, flag: str = "suppressed") -> Any:
    """Return a figure of an insight row; None where it describes too few customers to be told."""
    return None if row[flag] else row[figure]


def told(rows: list[Row]) -> list[Row]:
    """Return the rows whose figures may be told."""
    return [row for row in rows if not row["suppressed"]]


TOO_FEW = "Groups of too few customers are left empty."


def left_empty(rows: list[Row]) -> str | None:
    """Say that figures are missing, if some are."""
    return TOO_FEW if len(told(rows)) < len(rows) else None


def percent(fraction: float) -> str:
    """Return 0.866 as "86.6 %"."""
    return f"{fraction:.1%}".replace("%", " %")


def dollars(usd_cents: int) -> str:
    """Return 648000 as "$6,480.00"."""
    return f"${usd_cents / 100:,.2f}"


def sentence(*parts: str | None) -> str | None:
    """Join what there is to say; None if there is nothing."""
    return " ".join(part for part in parts if part) or None


def listed(names: Iterable[str]) -> str:
    """Return "a, b and c"."""
    *head, last = names
    return f"{', '.join(head)} and {last}" if head else last
