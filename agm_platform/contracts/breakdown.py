"""The columns of a sales breakdown: orders summed up along one dimension after another.

Shared by every source whose orders are broken down, so that the same word means the same figure.
"""

from __future__ import annotations

from agm_platform.contracts.model import Column, Rule, Type


def suppressed(name: str = "suppressed", what: str = "the figures") -> Column:
    """Return the column that says which rows describe too few customers to be published."""
    return Column(
        name,
        Type.BOOLEAN,
        f"Whether {what} are hidden where published: they describe too few customers, or a row "
        "that does could be computed from them.",
        nullable=False,
    )


BREAKDOWN_COLUMNS = (
    Column(
        "dimension",
        Type.TEXT,
        "What the orders are grouped by: total, day, weekday, store, product...",
        nullable=False,
    ),
    Column("member", Type.TEXT, "The group's value; all for the total.", nullable=False),
    Column("orders", Type.INTEGER, "Orders in the group.", nullable=False),
    Column("customers", Type.INTEGER, "Different customers in the group.", nullable=False),
    Column("order_lines", Type.INTEGER, "Order lines in the group."),
    Column("meals", Type.INTEGER, "Meals in the group."),
    Column("gross_usd_cents", Type.INTEGER, "Price of the meals before tax.", unit="USD cents"),
    suppressed(),
)

BREAKDOWN_FIGURES = ("orders", "customers", "order_lines", "meals", "gross_usd_cents")

BREAKDOWN_RULES = (
    Rule(
        "dimension__member_unique",
        "expect_compound_columns_to_be_unique",
        {"column_list": ["dimension", "member"]},
        "one row a group",
    ),
)
