"""The contract of customer segments: recency, frequency and monetary value, for any source."""

from __future__ import annotations

from agm_platform.contracts.model import Column, Table, Type
from agm_platform.contracts.rules import in_set, unique

NAME = "segments"
INTEGER, NUMBER = Type.INTEGER, Type.NUMBER
MONEY = ("subtotal_usd_cents", "revenue_usd_cents")
"""What an order is worth, as the shared model names it; the first that orders have counts."""
LABELS = ("loyal", "promising", "regular", "at_risk", "lapsed")


def segments_of(source: str, identity: str) -> Table:
    """Return the contract of `source.segments`, made from `source.orders` without further code.

    `identity` says whose numbers the customers have. A source offers segments by having this table
    among its `TABLES`; its orders need customer_id, order_date and one of the columns `MONEY`.
    """
    return Table(
        source,
        NAME,
        "One row a customer with orders: recency, frequency and monetary value scored by fixed "
        "edges.",
        (
            Column("customer_id", Type.TEXT, "Customer number.", nullable=False, identity=identity),
            Column(
                "recency_days",
                INTEGER,
                "Days from the last order to the last day of the data.",
                unit="days",
            ),
            Column("order_count", INTEGER, "Orders."),
            Column("orders_per_30_days", NUMBER, "Orders per 30 days of the data's span."),
            Column("monetary_usd_cents", INTEGER, "Spent in all.", unit="USD cents"),
            Column(
                "usd_cents_per_30_days",
                NUMBER,
                "Spent per 30 days of the data's span.",
                unit="USD cents",
            ),
            Column("recency_score", INTEGER, "5 recent to 1 long ago."),
            Column("frequency_score", INTEGER, "5 often to 1 seldom."),
            Column("monetary_score", INTEGER, "5 much to 1 little."),
            Column(
                "segment",
                Type.TEXT,
                "loyal, promising, regular, at_risk or lapsed.",
                nullable=False,
                harmless=True,
            ),
        ),
        key=("customer_id",),
        rules=(
            unique("customer_id", "one row a customer"),
            in_set("segment__known", list(LABELS), "every customer is in a known segment"),
        ),
        one_row_a_person=True,
    )
