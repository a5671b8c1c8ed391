"""Figures of online sales: revenue, discounts, loyalty tiers, deliveries."""

from __future__ import annotations

from agm_platform.contracts.privacy import SMALLEST_GROUP
from agm_platform.reports.figure import Figure, Kind

TITLE = "Online sales"
ABOUT = "Orders of household goods: revenue, discounts, loyalty tiers and deliveries."


def revenue(
    dimension: str,
    title: str,
    question: str,
    *,
    sideways: bool = True,
    by_size: bool = True,
    answers: tuple[str, ...] = (),
) -> Figure:
    """Return ordered and kept revenue along one dimension."""
    head = dimension.replace("_", " ").capitalize()
    order = "ordered_usd_cents desc nulls last, member" if by_size else "member"
    return Figure(
        f"sales_{dimension}",
        title,
        question,
        ("sales.revenue_insights",),
        f'select member as "{head}", ordered_usd_cents / 100 as "Ordered",'
        ' kept_usd_cents / 100 as "Not cancelled", orders as "Orders", quantity as "Pieces"'
        " from sales.revenue_insights"
        f" where dimension = '{dimension}' order by {order}",
        Kind.BAR,
        head,
        "Ordered",
        dollars=("Ordered", "Not cancelled"),
        sideways=sideways,
        answers=answers or (f"sales.revenue_by_{dimension}",),
    )


def rates(outcome: str, title: str, question: str, answers: tuple[str, ...]) -> Figure:
    """Return how often an outcome of deliveries is seen, by region and price band."""
    return Figure(
        f"sales_{outcome}",
        title,
        question,
        ("sales.delivery_rates",),
        "select replace(dimension, '_', ' ') || ': ' || member as \"Orders of\","
        f' {outcome}_rate as "Share", {outcome}_rate_low as "From", {outcome}_rate_high as "To",'
        " replace(dimension, '_', ' ') as \"By\", orders as \"Orders\" from sales.delivery_rates"
        " where dimension <> 'total' order by dimension, member",
        Kind.INTERVAL,
        "Orders of",
        "Share",
        low="From",
        high="To",
        colour="By",
        rates=("Share", "From", "To"),
        answers=answers,
        note="95 % intervals; regions whose intervals overlap widely are not told apart.",
    )


FIGURES = (
    revenue(
        "week",
        "Revenue by week",
        "How does revenue go?",
        sideways=False,
        by_size=False,
        answers=("sales.weekly_revenue", "sales.revenue_dollars"),
    ),
    revenue("category", "Revenue by category", "Which categories bring in most?"),
    revenue("region", "Revenue by region", "Which regions bring in most?"),
    Figure(
        "sales_tiers",
        "What a buyer of each tier is worth",
        "Which loyalty tier is worth most a buyer?",
        ("sales.tier_value",),
        'select tier as "Tier", ordered_per_buyer / 100 as "Ordered a buyer",'
        ' ordered_low / 100 as "From", ordered_high / 100 as "To", customers as "Buyers",'
        ' orders as "Orders", share_of_revenue as "Share of revenue", tied_with as "Tied with"'
        " from sales.tier_value order by ordered_per_buyer desc nulls last, tier",
        Kind.INTERVAL,
        "Tier",
        "Ordered a buyer",
        low="From",
        high="To",
        dollars=("Ordered a buyer", "From", "To"),
        rates=("Share of revenue",),
        answers=("sales.tier_ranking", "sales.revenue_per_buyer_*", "sales.claim_tier_order"),
        note="95 % intervals; tied tiers are not told apart.",
    ),
    Figure(
        "sales_discounts",
        "Pieces an order at each discount",
        "Do discounts sell more pieces?",
        ("sales.discount_levels",),
        'select discount_share as "Discount", mean_quantity as "Pieces an order", low as "From",'
        ' high as "To", orders as "Orders", given_usd_cents / 100 as "Given away",'
        ' ordered_usd_cents / 100 as "Ordered" from sales.discount_levels order by 1',
        Kind.LINE,
        "Discount",
        "Pieces an order",
        low="From",
        high="To",
        dollars=("Given away", "Ordered"),
        rates=("Discount",),
        answers=("sales.discount_use",),
        note="95 % intervals.",
    ),
    Figure(
        "sales_discount_effect",
        "What a discount adds to an order",
        "How many more pieces has an order with a discount?",
        ("sales.discount_effects",),
        "select replace(contrast, '_', ' ') || ', ' || method as \"Comparison\","
        ' value as "Pieces more", low as "From", high as "To", orders as "Orders",'
        ' verdict as "Verdict" from sales.discount_effects order by contrast, method',
        Kind.INTERVAL,
        "Comparison",
        "Pieces more",
        low="From",
        high="To",
        answers=("sales.discount_effect", "sales.claim_discounts_do_not_raise_volume"),
        note="95 % intervals. Adjusted: among orders alike otherwise.",
    ),
    Figure(
        "sales_drivers",
        "What the spread of revenue goes with",
        "Does revenue go with pieces, price or discount?",
        ("sales.revenue_drivers",),
        "select replace(component, '_', ' ') as \"Part\", share as \"Share of the spread\","
        ' low as "From", high as "To", orders as "Orders" from sales.revenue_drivers'
        " order by share desc, component",
        Kind.INTERVAL,
        "Part",
        "Share of the spread",
        low="From",
        high="To",
        rates=("Share of the spread", "From", "To"),
        answers=("sales.revenue_drivers", "sales.claim_volume_drives_revenue"),
        note="Of the variance of log revenue; 95 % intervals.",
    ),
    Figure(
        "sales_correlations",
        "Measures that go together",
        "Which measures of an order rise and fall together?",
        ("sales.correlations",),
        "select replace(first, '_', ' ') as \"First\", replace(second, '_', ' ') as \"Second\","
        ' value as "Correlation", low as "From", high as "To", orders as "Orders",'
        ' is_built_in as "By construction",'
        " replace(first, '_', ' ') || ' and ' || replace(second, '_', ' ') as \"Pair\""
        " from sales.correlations order by abs(value) desc, first, second",
        Kind.INTERVAL,
        "Pair",
        "Correlation",
        low="From",
        high="To",
        answers=("sales.*_correlation",),
        note="Pearson's, with 95 % intervals. By construction: revenue is made of the other.",
    ),
    rates(
        "delayed",
        "Delayed orders",
        "Where are orders delayed?",
        ("sales.delay_*", "sales.claim_delays_alike_in_regions"),
    ),
    rates("cancelled", "Cancelled orders", "Where are orders cancelled?", ("sales.cancel_*",)),
    Figure(
        "sales_segments",
        "Customers of sales by segment",
        "How many customers are loyal, promising, regular, at risk or lapsed?",
        ("sales.segments",),
        "select replace(segment, '_', ' ') as \"Segment\", count(*) as \"Customers\","
        ' avg(monetary_usd_cents) / 100 as "Mean ordered", avg(order_count) as "Mean orders"'
        f" from sales.segments group by segment having count(*) >= {SMALLEST_GROUP}"
        " order by 2 desc, 1",
        Kind.BAR,
        "Segment",
        "Customers",
        dollars=("Mean ordered",),
        sideways=True,
        answers=("sales.segments",),
        note=f"Segments of fewer than {SMALLEST_GROUP} customers are not shown.",
    ),
)
