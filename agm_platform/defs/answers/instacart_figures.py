"""The rows that the answers about Instacart rest on, and what is said where they are missing."""

from dataclasses import dataclass, field

from agm_platform.contracts.instacart_rules import PRICE_BANDS
from agm_platform.defs.answers.answer import Answer, Row, unanswered

ORDERS_MISSING = "no orders have arrived; drop orders.csv into landing/instacart."
LINES_MISSING = (
    "no order lines have arrived; drop order_products__prior.csv and products.csv into "
    "landing/instacart."
)
PRODUCTS_MISSING = (
    "products.csv has not arrived and the order lines do not describe their products; drop it into "
    "landing/instacart. A line without a known product is set aside."
)
DEPARTMENTS_MISSING = (
    "no department is told of enough customers' lines; send products.csv, or joined order lines, "
    "with the column department_id."
)
PRICES_MISSING = (
    "no product has a believable price; send products.csv, or joined order lines, with the column "
    "prices."
)
REPEATS_MISSING = "no order line is marked as a repeat; send order lines with the column reordered."
LINES_SET_ASIDE = (
    "every order line is set aside: none has both a known order and a known product; see "
    "instacart.quarantine and send orders, lines and products that belong together."
)
CUSTOMERS_MISSING = (
    "customers.csv has not arrived; drop it into landing/instacart. Without it nothing is known of "
    "age, family, income or state."
)
TOO_FEW = "every group has too few customers to be told apart; more data are needed."

MOMENTS = {"day": 7, "hour": 24}
NO_ORDERS: Row = {
    **dict.fromkeys(("orders", "customers", "orders_with_lines", "order_lines"), 0),
    **dict.fromkeys(("priced_lines", "usd_cents", "share"), 0),
    **dict.fromkeys(("order_day", "order_hour", "label", "share_low", "share_high")),
    "suppressed": False,
}
"""A day or hour at which nobody orders: the tables have no row of it."""


@dataclass(frozen=True, slots=True)
class InstacartFigures:
    """Rows of the insight tables, by table."""

    habits: list[Row] = field(default_factory=list)
    bands: list[Row] = field(default_factory=list)
    departments: list[Row] = field(default_factory=list)
    pairs: list[Row] = field(default_factory=list)
    flags: list[Row] = field(default_factory=list)
    groups: list[Row] = field(default_factory=list)
    lines: list[Row] = field(default_factory=list)
    popular: list[Row] = field(default_factory=list)
    at_the_edge: Row = field(default_factory=dict)
    """Customers and order_lines of those whose last order is the first edge of loyal."""
    family: list[Row] = field(default_factory=list)
    """Customers by age_band and family_status."""

    def moments(self, dimension: str) -> list[Row]:
        """Return all days or hours, most orders first; none if there are no orders at all."""
        rows = [row for row in self.habits if row["dimension"] == dimension]
        known = {number(row) for row in rows}
        rows += [
            {**NO_ORDERS, f"order_{dimension}": other, "dimension": dimension}
            for other in range(MOMENTS[dimension] if rows else 0)
            if other not in known
        ]
        return sorted(rows, key=lambda row: (-row["orders"], number(row)))

    def members(self, grouping: str) -> list[Row]:
        """Return the known groups of one grouping."""
        return [
            row for row in self.groups if row["grouping"] == grouping and row["member"] != "unknown"
        ]

    def flag(self, flag: str) -> dict[str, Row]:
        """Return the rows of a flag by label."""
        return {row["label"]: row for row in self.flags if row["flag"] == flag}

    @property
    def total_orders(self) -> int:
        """All orders whose day is known."""
        return sum(row["orders"] for row in self.habits if row["dimension"] == "day")

    @property
    def lines_lack(self) -> str | None:
        """What is missing for an answer about lines; None if nothing is."""
        counts = self.line_counts
        if counts is None:
            return LINES_MISSING
        if counts["lines_accepted"]:
            return None
        if not self.total_orders:
            return ORDERS_MISSING
        return LINES_SET_ASIDE if self.bands else PRODUCTS_MISSING

    @property
    def prices_lack(self) -> str | None:
        """What is missing for an answer about money; None if nothing is."""
        has_price = any(row["price_band"] in PRICE_BANDS.names for row in self.bands)
        return self.lines_lack or (None if has_price else PRICES_MISSING)

    @property
    def line_counts(self) -> Row | None:
        """The balance of lines; None if no line has arrived."""
        row = next(iter(self.lines), None)
        return row if row and row["lines_received"] else None


def number(row: Row) -> int:
    """Return the day's or hour's number."""
    return int(row["order_hour"] if row["order_day"] is None else row["order_day"])


def missing(name: str, question: str, what: str, evidence: str) -> Answer:
    """Return the answer that cannot be given."""
    return unanswered(f"instacart.{name}", question, what, f"instacart.{evidence}")
