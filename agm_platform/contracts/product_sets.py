"""The contract of products bought together, for any source with order lines, and its rules."""

from __future__ import annotations

from agm_platform.contracts.model import Column, Owner, Table, Type
from agm_platform.contracts.rules import unique

NAME = "product_sets"
LEAST_SUPPORT = 0.005
"""Share of orders that hold a set, at the least, for it to be counted.

Source: Agrawal and Srikant, VLDB 1994, name support the measure and leave the limit to the user;
one order in two hundred is what a shelf can be arranged by.
"""
MOST_PRODUCTS = 1_000
"""Products of which sets are sought: the most frequent. Source: memory; half a million pairs."""
MOST_TOLD = 1_000
"""Sets of each size that are kept, those in most orders. Source: more than a person reads."""

INTEGER, NUMBER, TEXT = Type.INTEGER, Type.NUMBER, Type.TEXT


def product_sets_of(source: str, product_id: Type = TEXT) -> Table:
    """Return the contract of `source.product_sets`; `product_id` is the type of its numbers."""
    return Table(
        source,
        NAME,
        "Pairs and triples of products in one order: how often, and whether beyond what baskets of "
        "that size (pairs) or their pairs (triples) hold anyway.",
        (
            Column("set_id", TEXT, "Numbers of the products, joined by +.", nullable=False),
            Column("set_size", INTEGER, "2 or 3 products.", nullable=False),
            Column("first_product_id", product_id, "A product of the set."),
            Column("second_product_id", product_id, "Another one."),
            Column("third_product_id", product_id, "A third one; null in a pair."),
            Column("products", TEXT, "Names of the products."),
            Column("orders", INTEGER, "Orders that hold all of them."),
            Column("support", NUMBER, "Share of all orders."),
            Column(
                "confidence", NUMBER, "Share of orders with the others that hold `follows` too."
            ),
            Column("follows", TEXT, "The product that the others make most likely."),
            Column("lift", NUMBER, "Orders over what independent choice would give."),
            Column(
                "expected_orders",
                NUMBER,
                "Orders if only the size of baskets (pairs) or their pairs (triples) mattered.",
            ),
            Column("beyond_expected", NUMBER, "Orders over expected_orders."),
            Column("false_discovery_rate", NUMBER, "If this and all clearer sets are told."),
            Column("is_found", Type.BOOLEAN, "More often than expected at a rate of 5 %."),
        ),
        key=("set_id",),
        rules=(unique("set_id", "one row a set of products"),),
        owner=Owner.ANALYTICS,
    )
