"""Contracts of the points programme's ledger and of its customers, filled from their purchases."""

from __future__ import annotations

from agm_platform.contracts.loyalty import (
    ATTRIBUTES,
    CUSTOMER_ID,
    CUSTOMERS,
    IS_ENROLLED,
    ORDER_ID,
    ORDERS,
)
from agm_platform.contracts.loyalty_rules import LOWEST_BALANCE
from agm_platform.contracts.model import Column, OnFailure, Rule, Severity, Table, Type
from agm_platform.contracts.rules import in_set, refers_to, unique

TEXT, INTEGER, DATE = Type.TEXT, Type.INTEGER, Type.DATE
WARN, WARNING = OnFailure.WARN, Severity.WARNING
RECOVERED = "the points rule recovered from the owner's files"

LOYALTY_EVENTS = Table(
    "loyalty",
    "loyalty_events",
    "The ledger of points: one row an accepted purchase, rebuilt by the points rule.",
    (
        ORDER_ID,
        CUSTOMER_ID,
        Column("order_date", DATE, "Day of the purchase.", nullable=False),
        IS_ENROLLED,
        Column("points_earned", INTEGER, "By the rule; 0 in the control group.", unit="points"),
        Column("redemptions", INTEGER, "Redemptions in the purchase.", harmless=True),
        Column(
            "points_redeemed",
            INTEGER,
            "What redemptions are booked as: 5,000 each.",
            unit="points",
        ),
        Column(
            "points_taken",
            INTEGER,
            "What redemptions take off the balance: 5,050 each.",
            unit="points",
        ),
        Column(
            "unexplained_points",
            INTEGER,
            "point_differential - points_earned + points_taken: what the rule does not explain.",
            unit="points",
            harmless=True,
        ),
        Column("points_before", INTEGER, "Balance before; null if erased.", unit="points"),
        Column(
            "points_after",
            INTEGER,
            "Balance after: all point differentials so far; null if erased.",
            unit="points",
            harmless=True,
        ),
        Column(
            "given_away_usd_cents",
            INTEGER,
            "Money that redemptions take off the price.",
            unit="USD cents",
        ),
    ),
    key=("order_id",),
    rules=(
        unique("order_id", "one row a purchase"),
        refers_to("order_id", ORDERS, "order_id", "every event is an accepted purchase"),
        in_set(
            "unexplained_points__zero",
            [0],
            "every movement of points follows the rule, and the control group has none",
            WARN,
            WARNING,
            RECOVERED,
        ),
        in_set(
            "redemptions__one_at_most",
            [0, 1],
            "a purchase holds one redemption at most",
            WARN,
            WARNING,
            RECOVERED,
        ),
        Rule(
            "points_after__not_overdrawn",
            "expect_column_values_to_be_between",
            {"column": "points_after", "min_value": LOWEST_BALANCE},
            "no balance is lower than the rule allows",
            WARN,
            WARNING,
            RECOVERED,
        ),
    ),
)

CLEAN_CUSTOMERS = Table(
    "loyalty",
    "clean_customers",
    "One row an accepted customer: attributes, and the empty columns filled from the purchases.",
    (
        CUSTOMER_ID,
        Column("signup_date", DATE, "Day of signing up.", nullable=False),
        IS_ENROLLED,
        *ATTRIBUTES,
        Column("number_of_purchases", INTEGER, "Purchases; 0 for who never bought."),
        Column(
            "value_of_purchases_usd_cents",
            INTEGER,
            "Sum of their prices before redemption; 0 for who never bought.",
            unit="USD cents",
        ),
        Column(
            "total_standard_points",
            INTEGER,
            "Current balance: the sum of all point differentials.",
            unit="points",
        ),
        Column(
            "total_points_redeemed",
            INTEGER,
            "5,000 a redemption, as the owner books it.",
            unit="points",
        ),
        Column("points_earned", INTEGER, "By the points rule.", unit="points"),
        Column("points_taken", INTEGER, "5,050 a redemption.", unit="points"),
        Column(
            "points_by_rule",
            INTEGER,
            "points_earned - points_taken: the balance that the rule explains.",
            unit="points",
        ),
        Column("highest_points", INTEGER, "Highest balance after a purchase.", unit="points"),
        Column("first_points", INTEGER, "Balance after the first purchase.", unit="points"),
        Column("redemptions", INTEGER, "Redemptions."),
        Column("net_usd_cents", INTEGER, "Value of purchases less redemptions.", unit="USD cents"),
        Column("first_order_date", DATE, "First purchase; null for who never bought."),
        Column("last_order_date", DATE, "Last purchase; null for who never bought."),
        Column(
            "points_state",
            TEXT,
            "control; of members: never_enough, enough_not_redeemed or redeemed.",
        ),
    ),
    key=("customer_id",),
    rules=(
        unique("customer_id", "one row a customer"),
        refers_to("customer_id", CUSTOMERS, "customer_id", "every one is an accepted customer"),
        Rule(
            "total_standard_points__reconciled",
            "expect_column_pair_values_to_be_equal",
            {"column_A": "total_standard_points", "column_B": "points_by_rule"},
            "the balance received is the balance that the rule gives",
            WARN,
            WARNING,
            RECOVERED,
        ),
    ),
    one_row_a_person=True,
    quasi_identifiers=(("location",), ("gender", "age")),
)

TABLES = (LOYALTY_EVENTS, CLEAN_CUSTOMERS)
