"""The rows that the answers about the shopping trends rest on, and how breakdowns are told."""

from dataclasses import dataclass

from agm_platform.defs.answers.answer import Row, told
from agm_platform.defs.insights.purchases import UNKNOWN

INSIGHTS = "shopping.purchase_insights"
NO_FILE = (
    "the shopping trends have not arrived or were refused; drop shopping_trends.csv with both "
    "payment columns into landing/shopping."
)
TOO_FEW = "every group has too few customers to be told apart; more purchases are needed."
ONE_PURCHASE = "One purchase a customer and no date: shares and means of one moment, not of a time."


@dataclass(frozen=True, slots=True)
class ShoppingFigures:
    """The rows of the insight tables; `words` counts words for frequency: received and meant."""

    purchases: list[Row]
    factors: list[Row]
    flag_effects: list[Row]
    anomalies: list[Row]
    prediction: list[Row]
    words: Row

    def members(self, dimension: str) -> list[Row]:
        """Return the rows of a dimension that may be told, the most money first."""
        rows = [row for row in self.purchases if row["dimension"] == dimension]
        return sorted(told(rows), key=lambda row: (-row["gross_usd_cents"], row["member"]))

    def hidden(self, dimension: str) -> int:
        """Return how many groups of a dimension have too few customers to be told."""
        rows = [row for row in self.purchases if row["dimension"] == dimension]
        return len(rows) - len(told(rows))

    def known(self, dimension: str) -> list[Row]:
        """Return the rows of a dimension whose member is known."""
        return [row for row in self.members(dimension) if row["member"] != UNKNOWN]

    @property
    def total(self) -> Row | None:
        """The totals over all accepted purchases; None if there are none."""
        return next(iter(self.members("total")), None)

    def factor(self, factor: str, outcome: str) -> Row | None:
        """Return the test of a factor against an outcome."""
        wanted = (factor, outcome)
        return next((r for r in self.factors if (r["factor"], r["outcome"]) == wanted), None)

    def flag(self, flag: str, population: str) -> Row | None:
        """Return the comparison of a flag in a population, if it may be told."""
        wanted = (flag, population)
        rows = told(self.flag_effects)
        return next((r for r in rows if (r["flag"], r["population"]) == wanted), None)

    def anomaly(self, name: str) -> Row | None:
        """Return the row of a check of anomalies."""
        return next((row for row in self.anomalies if row["check_name"] == name), None)


def detail(row: Row, name: str) -> Row:
    """Return a group as a record of an answer's details, money in dollars."""
    return {
        name: row["member"],
        "purchases": row["orders"],
        "customers": row["customers"],
        "sales_dollars": row["gross_usd_cents"] / 100,
        "share": row["share_of_gross"],
        "mean_dollars": _in_dollars(row["mean_usd_cents"]),
        "mean_low": _in_dollars(row["mean_low_usd_cents"]),
        "mean_high": _in_dollars(row["mean_high_usd_cents"]),
    }


def tested(row: Row | None, of_what: str) -> str:
    """Say in words what a test of a factor found."""
    if row is None or row["p_adjusted"] is None:
        return f"Whether {of_what} differ cannot be told from so few purchases."
    end = f"(p = {row['p_adjusted']:.2g} after Holm's adjustment for all tests)"
    if row["verdict"] == "differ":
        return f"{of_what} differ {end}; how much: effect size {row['effect_size']:.3f}."
    return f"{of_what} cannot be told apart {end}."


def _in_dollars(cents: float | None) -> float | None:
    return None if cents is None else cents / 100
