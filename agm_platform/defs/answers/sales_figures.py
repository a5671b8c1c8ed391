"""The rows that the answers about sales rest on, and the words that these answers share."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from agm_platform.defs.answers.answer import Answer, Row, told, unanswered

NO_ORDERS = "no orders have arrived; drop sales_data.csv into landing/sales."
NO_CUSTOMERS = (
    "no customer of the orders is known; drop customer_info.csv into landing/sales beside the "
    "orders."
)
TOO_FEW = "too few customers to be told apart; more orders are needed."


@dataclass(frozen=True, slots=True)
class SalesFigures:
    """The rows of each insight table of sales."""

    revenue: list[Row]
    levels: list[Row]
    effects: list[Row]
    correlations: list[Row]
    drivers: list[Row]
    tiers: list[Row]
    rates: list[Row]
    tests: list[Row]
    statuses: list[Row]
    earlier: list[Row]
    as_of: date | None = None

    @property
    def total(self) -> Row | None:
        """The totals over all accepted orders; None if there are none."""
        return next((row for row in self.revenue if row["dimension"] == "total"), None)

    @property
    def known_tiers(self) -> list[Row]:
        """The tiers that may be told, best buyer first."""
        return [row for row in told(self.tiers) if row["tier"] != "unknown"]

    def members(self, dimension: str) -> list[Row]:
        """Return the groups of a dimension, most ordered revenue first."""
        rows = [row for row in self.revenue if row["dimension"] == dimension]
        return sorted(rows, key=lambda row: (-row["ordered_usd_cents"], row["member"]))

    def groups(self, dimension: str) -> list[Row]:
        """Return the delivery rates of a dimension."""
        return [row for row in self.rates if row["dimension"] == dimension]

    def correlation(self, first: str, second: str) -> Row | None:
        """Return a correlation, if it could be made."""
        return found(self.correlations, first=first, second=second)

    def effect(self, contrast: str, method: str) -> Row | None:
        """Return an effect of discounts, if it could be made."""
        row = found(self.effects, contrast=contrast, method=method)
        return row if row and row["value"] is not None else None

    def test(self, dimension: str, outcome: str) -> Row | None:
        """Return a test of delivery rates, if there are groups to be tested."""
        row = found(self.tests, dimension=dimension, outcome=outcome)
        return row if row and row["most"] is not None else None

    def published(self, name: str, show: Callable[[float], str]) -> str | None:
        """Say what the earlier analysis made of a figure, what is right, and why."""
        row = found(self.earlier, name=name)
        if row is None or row["earlier"] is None or row["right_value"] is None:
            return None
        before, now = show(row["earlier"]), show(row["right_value"])
        if before == now:
            return f"An earlier way ({row['reason']}) gives the same here: {now}."
        return f"An earlier analysis has {before}, right is {now}: {row['reason']}."


def found(rows: list[Row], **wanted: Any) -> Row | None:
    """Return the first row with these values."""
    return next((row for row in rows if all(row[k] == v for k, v in wanted.items())), None)


def without(name: str, question: str, missing: str, evidence: str) -> Answer:
    """Return the row of a question about sales that the data cannot answer."""
    return unanswered(f"sales.{name}", question, missing, evidence)


def interval(low: float | None, high: float | None, show: Callable[[float], str]) -> str:
    """Return "(a to b)"; empty if there is none."""
    return "" if low is None or high is None else f" ({show(low)} to {show(high)})"


def plain(value: float) -> str:
    """Return 0.7218 as "0.722"."""
    return f"{value:.3f}"


def whole(value: float) -> str:
    """Return 2996.0 as "2,996"."""
    return f"{value:,.0f}"


def in_dollars(usd: float) -> str:
    """Return 240390.53 as "$240,390.53"."""
    return f"${usd:,.2f}"


def p_value(value: float | None) -> str:
    """Return a p value as readers expect it."""
    if value is None:
        return "p not known"
    return "p < 0.001" if value < 0.001 else f"p = {value:.3f}"
