"""The rows that the answers about the points programme rest on, and how they are looked up."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from agm_platform.defs.answers.answer import Answer, Row, unanswered

NO_FILES = (
    "the programme's files have not arrived; drop customers.csv and transactions.csv into "
    "landing/loyalty."
)
TOO_FEW = "too few customers to be told; more of them are needed."
GROUPS = ("enrolled", "control")
GROUP_WORDS = {"enrolled": "Members", "control": "The control group", "all": "All customers"}


@dataclass(frozen=True, slots=True)
class LoyaltyFigures:
    """Rows of the insight tables, and a few plain counts of the accepted files."""

    insights: list[Row] = field(default_factory=list)
    comparison: list[Row] = field(default_factory=list)
    balance: list[Row] = field(default_factory=list)
    retention: list[Row] = field(default_factory=list)
    holders: list[Row] = field(default_factory=list)
    levels: list[Row] = field(default_factory=list)
    tests: list[Row] = field(default_factory=list)
    prediction: list[Row] = field(default_factory=list)
    experiments: list[Row] = field(default_factory=list)
    files: Row = field(default_factory=dict)

    @property
    def as_of(self) -> date | None:
        """The last day with a purchase."""
        return self.files.get("last_day")

    def members(self, dimension: str) -> dict[str, Row]:
        """Return the groups of a dimension by name."""
        return {row["member"]: row for row in self.insights if row["dimension"] == dimension}

    @property
    def total(self) -> Row | None:
        """The sums over all customers; None if there are none."""
        return self.members("total").get("all")

    def measure(self, name: str) -> Row | None:
        """Return a comparison that may be told; None if there is none."""
        found = (row for row in self.comparison if row["measure"] == name)
        return next((row for row in found if not row["suppressed"]), None)

    def after(self, group: str, number: int) -> Row | None:
        """Return a group's retention after its n-th purchase; None if it may not be told."""
        for row in self.retention:
            if (row["member_group"], row["purchase_number"]) == (group, number):
                return None if row["suppressed"] else row
        return None

    def why_not(self) -> str:
        """Say why a figure is missing: no files, or too few customers."""
        return TOO_FEW if self.total else NO_FILES

    def missing(self, name: str, question: str, evidence: str, why: str | None = None) -> Answer:
        """Return the row of a question that cannot be answered."""
        return unanswered(f"loyalty.{name}", question, why or self.why_not(), evidence)


def p_words(p_value: float) -> str:
    """Return "p = 0.012" or "p < 0.001"."""
    return "p < 0.001" if p_value < 0.001 else f"p = {p_value:.3f}"


def money(usd_cents: float) -> str:
    """Return 30348.2 as "$303.48"; a negative amount as "-$5.00"."""
    sign = "-" if usd_cents < 0 else ""
    return f"{sign}${abs(usd_cents) / 100:,.2f}"


def change(ratio: float, digits: int = 0) -> str:
    """Return 1.486 as "+49 %"."""
    return f"{ratio - 1:+.{digits}%}".replace("%", " %")


def only(row: Row, *names: str) -> dict[str, Any]:
    """Return some columns of a row, for an answer's details."""
    return {name: row[name] for name in names}
