"""Contracts of what the orders of sales say: revenue, discounts, tiers and deliveries."""

from __future__ import annotations

from agm_platform.contracts.breakdown import suppressed
from agm_platform.contracts.model import Column, Owner, Rule, SmallGroups, Table, Type
from agm_platform.contracts.rules import in_set, unique
from agm_platform.contracts.segments import segments_of

TEXT, INTEGER, NUMBER, BOOLEAN = Type.TEXT, Type.INTEGER, Type.NUMBER, Type.BOOLEAN
SOURCE = "sales"
DIFFERS, SAME, CANNOT_TELL = "differs", "same", "cannot tell"

LOW = Column("low", NUMBER, "Lower end of the 95 % interval; null where none can be told.")
HIGH = Column("high", NUMBER, "Upper end of the 95 % interval; null where none can be told.")
ORDER_COUNT = Column("orders", INTEGER, "Orders it rests on.", nullable=False)
CUSTOMER_COUNT = Column("customers", INTEGER, "Different customers of them.", nullable=False)


def _text(name: str, words: str) -> Column:
    return Column(name, TEXT, words, nullable=False)


def _cents(name: str, words: str) -> Column:
    return Column(name, INTEGER, words, unit="USD cents")


def _share(name: str, words: str) -> tuple[Column, Column, Column]:
    """Return a share with its interval."""
    return (
        Column(name, NUMBER, f"{words}, a fraction of the orders."),
        Column(f"{name}_low", NUMBER, "Lower end of its interval."),
        Column(f"{name}_high", NUMBER, "Upper end of its interval."),
    )


def _insight(
    name: str,
    description: str,
    columns: tuple[Column, ...],
    key: tuple[str, ...],
    hidden: tuple[str, ...] = (),
    *more: Rule,
) -> Table:
    one_row = (
        unique(key[0], f"one row a {key[0]}")
        if len(key) == 1
        else Rule(
            f"{key[0]}__one_row",
            "expect_compound_columns_to_be_unique",
            {"column_list": list(key)},
            f"one row a {', '.join(key)}",
        )
    )
    return Table(
        SOURCE,
        name,
        description,
        (*columns, *([suppressed()] if hidden else [])),
        key=key,
        rules=(one_row, *more),
        small_groups=(SmallGroups(hidden),) if hidden else (),
        owner=Owner.ANALYTICS,
    )


REVENUE_FIGURES = ("orders", "customers", "quantity", "ordered_usd_cents", "kept_usd_cents")

REVENUE_INSIGHTS = _insight(
    "revenue_insights",
    "Orders, pieces, revenue and discount by one dimension or two; ordered and kept side by side.",
    (
        _text("dimension", "What orders are grouped by: total, category, week_region..."),
        _text("member", "The group; parts of a pair are separated by a bar; unknown if not told."),
        Column("parent", TEXT, "First part of a pair; null otherwise."),
        ORDER_COUNT,
        CUSTOMER_COUNT,
        Column("quantity", INTEGER, "Pieces."),
        _cents("ordered_usd_cents", "Revenue of all orders."),
        _cents("kept_usd_cents", "The same without cancelled orders."),
        Column("mean_quantity", NUMBER, "Pieces an order."),
        Column("mean_discount_share", NUMBER, "Mean discount of the orders, a fraction."),
    ),
    ("dimension", "member"),
    (*REVENUE_FIGURES, "mean_quantity", "mean_discount_share"),
)

DISCOUNT_LEVELS = _insight(
    "discount_levels",
    "Pieces an order and revenue at each discount.",
    (
        Column("discount_share", NUMBER, "Discount, a fraction.", nullable=False),
        ORDER_COUNT,
        CUSTOMER_COUNT,
        Column("share_of_orders", NUMBER, "Orders with it, a fraction of all."),
        Column("mean_quantity", NUMBER, "Pieces an order.", unit="pieces"),
        LOW,
        HIGH,
        _cents("list_usd_cents", "Quantity x unit price."),
        _cents("given_usd_cents", "The discount in money."),
        _cents("ordered_usd_cents", "Revenue after the discount."),
    ),
    ("discount_share",),
    (
        *("orders", "customers", "share_of_orders", "mean_quantity", "low", "high"),
        *("list_usd_cents", "given_usd_cents", "ordered_usd_cents"),
    ),
)

DISCOUNT_EFFECTS = _insight(
    "discount_effects",
    "Pieces an order against discount: as associated, and among orders alike otherwise.",
    (
        _text("contrast", "any_discount (against none) or ten_points (10 points more)."),
        _text("method", "association (all orders) or adjusted (product, price band, tier alike)."),
        Column("value", NUMBER, "Pieces more an order; null where nothing can be told."),
        LOW,
        HIGH,
        Column("low_90", NUMBER, "Lower end of the 90 % interval, for the test of sameness."),
        Column("high_90", NUMBER, "Upper end of the 90 % interval, for the test of sameness."),
        Column("p_value", NUMBER, "Two-sided p value, not adjusted."),
        ORDER_COUNT,
        Column("strata", INTEGER, "Groups of orders alike that tell something.", nullable=False),
        _text("verdict", f"{DIFFERS}, {SAME} (within the margin) or {CANNOT_TELL}."),
    ),
    ("contrast", "method"),
)

CORRELATIONS = _insight(
    "correlations",
    "Pearson correlation of every two measures of an order.",
    (
        _text("first", "One measure."),
        _text("second", "The other."),
        Column("value", NUMBER, "Correlation, -1 to 1; null where one does not vary."),
        LOW,
        HIGH,
        ORDER_COUNT,
        Column("is_built_in", BOOLEAN, "Whether one is computed from the other.", nullable=False),
    ),
    ("first", "second"),
)

REVENUE_DRIVERS = _insight(
    "revenue_drivers",
    "Which part of the spread of an order's revenue goes with volume, price and discount.",
    (
        _text("component", "quantity, unit_price or discount."),
        Column("share", NUMBER, "Its part of the variance of log revenue; they sum to 1."),
        LOW,
        HIGH,
        ORDER_COUNT,
    ),
    ("component",),
)

TIER_VALUE = _insight(
    "tier_value",
    "What a buyer of each loyalty tier is worth.",
    (
        _text("tier", "Loyalty tier; unknown if not told."),
        Column("listed_customers", INTEGER, "Customers of the tier in the customer table."),
        Column("customers", INTEGER, "Those who ordered.", nullable=False),
        ORDER_COUNT,
        _cents("ordered_usd_cents", "Revenue of all their orders."),
        _cents("kept_usd_cents", "The same without cancelled orders."),
        Column("share_of_revenue", NUMBER, "Part of all ordered revenue, a fraction."),
        Column("orders_per_buyer", NUMBER, "Orders a buyer."),
        Column("ordered_per_buyer", NUMBER, "Revenue a buyer.", unit="USD cents"),
        Column("ordered_low", NUMBER, "Lower end of its interval.", unit="USD cents"),
        Column("ordered_high", NUMBER, "Upper end of its interval.", unit="USD cents"),
        Column("kept_per_buyer", NUMBER, "Kept revenue a buyer.", unit="USD cents"),
        Column("kept_low", NUMBER, "Lower end of its interval.", unit="USD cents"),
        Column("kept_high", NUMBER, "Upper end of its interval.", unit="USD cents"),
        Column("tied_with", TEXT, "Tiers whose revenue a buyer cannot be told apart from it."),
    ),
    ("tier",),
    (
        *("customers", "orders", "ordered_usd_cents", "kept_usd_cents", "share_of_revenue"),
        *("orders_per_buyer", "ordered_per_buyer", "ordered_low", "ordered_high"),
        *("kept_per_buyer", "kept_low", "kept_high", "listed_customers"),
    ),
)

STATUS_COUNTS = ("delivered", "delayed", "cancelled")

DELIVERY_RATES = _insight(
    "delivery_rates",
    "Delivered, delayed and cancelled orders by region (of delivery, of home) and price band.",
    (
        _text("dimension", "total, delivery_region, home_region or price_band."),
        _text("member", "The group; unknown if not told."),
        Column("orders", INTEGER, "Orders with a known status.", nullable=False),
        CUSTOMER_COUNT,
        *(Column(name, INTEGER, f"Orders {name}.") for name in STATUS_COUNTS),
        *(column for name in STATUS_COUNTS for column in _share(f"{name}_rate", name)),
    ),
    ("dimension", "member"),
    (
        *("orders", "customers", *STATUS_COUNTS),
        *(f"{name}_rate{end}" for name in STATUS_COUNTS for end in ("", "_low", "_high")),
    ),
)

DELIVERY_TESTS = _insight(
    "delivery_tests",
    "Whether the rates of delay and cancellation differ between groups, are the same, or neither "
    "can be told.",
    (
        _text("dimension", "delivery_region, home_region or price_band."),
        _text("outcome", "delayed or cancelled."),
        Column("statistic", NUMBER, "Chi-square of homogeneity; null where groups are too small."),
        Column("degrees", INTEGER, "Degrees of freedom."),
        Column("p_value", NUMBER, "p value."),
        Column("p_holm", NUMBER, "p value adjusted for all tests of the table."),
        Column("cramers_v", NUMBER, "Size of the association, 0 to 1."),
        Column("orders", INTEGER, "Orders with a known status and group.", nullable=False),
        Column("most", TEXT, "Group with the highest rate."),
        Column("least", TEXT, "Group with the lowest rate."),
        Column("largest_difference", NUMBER, "Highest less lowest rate, a fraction."),
        Column("is_same", BOOLEAN, "Whether all pairs are the same within the margin (TOST)."),
        _text("verdict", f"{DIFFERS}, {SAME} or {CANNOT_TELL}."),
    ),
    ("dimension", "outcome"),
    (),
    in_set("verdict__known", [DIFFERS, SAME, CANNOT_TELL], "every test has a verdict"),
)

STATUS_COMPARISONS = _insight(
    "status_comparisons",
    "How often each two delivery statuses occur against each other.",
    (
        _text("first", "One status."),
        _text("second", "The other."),
        Column("first_share", NUMBER, "Its part of the orders with a known status, a fraction."),
        Column("second_share", NUMBER, "The other's, a fraction."),
        Column("difference", NUMBER, "First less second share."),
        LOW,
        HIGH,
        Column("p_holm", NUMBER, "p value of no difference, adjusted for the pairs."),
        Column("orders", INTEGER, "Orders with a known status.", nullable=False),
        _text("verdict", f"{DIFFERS}, {SAME} or {CANNOT_TELL}."),
    ),
    ("first", "second"),
)

EARLIER_FIGURES = _insight(
    "earlier_figures",
    "Figures as an earlier analysis of these files made them, beside the right ones.",
    (
        _text("name", "What is counted or measured."),
        Column("earlier", NUMBER, "As the earlier analysis makes it."),
        Column("right_value", NUMBER, "As it is made here."),
        _text("unit", "Unit of both."),
        _text("reason", "What the earlier way gets wrong."),
    ),
    ("name",),
)

SEGMENTS = segments_of(SOURCE, identity=SOURCE)

TABLES = (
    REVENUE_INSIGHTS,
    DISCOUNT_LEVELS,
    DISCOUNT_EFFECTS,
    CORRELATIONS,
    REVENUE_DRIVERS,
    TIER_VALUE,
    DELIVERY_RATES,
    DELIVERY_TESTS,
    STATUS_COMPARISONS,
    EARLIER_FIGURES,
    SEGMENTS,
)
