"""Figures of customer value, segments and the next purchase, of every source that has them."""

from __future__ import annotations

from agm_platform.contracts.customer_value import BY_SEGMENT, CHANGES, NEXT_PURCHASE
from agm_platform.contracts.registry import find_table
from agm_platform.reports.figure import Figure, Kind


def value_figures(source: str) -> tuple[Figure, ...]:
    """Return the figures of one source; none if it has no such tables."""
    if find_table(source, BY_SEGMENT) is None:
        return ()
    return (
        Figure(
            f"{source}_value_by_segment",
            "What segments will buy",
            "How often will each segment buy in the 30 days to come?",
            (f"{source}.{BY_SEGMENT}",),
            "select replace(segment, '_', ' ') as \"Segment\", purchases as \"Purchases\","
            ' purchases_low as "From", purchases_high as "To", naive_purchases as "At own rates",'
            ' customers as "Customers", usd_cents / 100 as "Spend"'
            f" from {source}.{BY_SEGMENT} where horizon_days = 30 and segment <> 'all'"
            " order by purchases desc nulls last, 1",
            Kind.INTERVAL,
            "Segment",
            "Purchases",
            low="From",
            high="To",
            dollars=("Spend",),
            answers=(f"{source}.customer_value", f"{source}.alive_share"),
            note="95 % prediction intervals of the totals; known customers only.",
        ),
        Figure(
            f"{source}_habit_segments",
            "Customers by segment of their habits",
            "How many customers are frequent, occasional, new, quiet or lapsed?",
            (f"{source}.{CHANGES}",),
            "select replace(segment, '_', ' ') as \"Segment\", customers as \"Customers\""
            f" from {source}.{CHANGES} where comparison = 'now' order by 2 desc nulls last, 1",
            Kind.BAR,
            "Segment",
            "Customers",
            sideways=True,
            answers=(f"{source}.segment_changes",),
            note="Edges were learnt once and are frozen; the page Models says them in words.",
        ),
        Figure(
            f"{source}_segment_moves",
            "Where customers came from",
            "In which segment were today's customers 30 days before?",
            (f"{source}.{CHANGES}",),
            "select replace(other, '_', ' ') as \"30 days before\","
            " replace(segment, '_', ' ') as \"Now\", customers as \"Customers\""
            f" from {source}.{CHANGES} where comparison = '30_days_before' order by 1, 2",
            Kind.HEAT,
            "Now",
            "30 days before",
            colour="Customers",
            answers=(f"{source}.segment_changes",),
        ),
        Figure(
            f"{source}_not_back",
            "Who has not bought again",
            "Who is without a further purchase after a month, by number of the purchase?",
            (f"{source}.{NEXT_PURCHASE}",),
            'select place as "Number of the purchase", not_back as "Share not back",'
            ' not_back_low as "From", not_back_high as "To", customers as "Customers",'
            ' median_days as "Median days"'
            f" from {source}.{NEXT_PURCHASE} where dimension = 'purchase_number' order by 1",
            Kind.LINE,
            "Number of the purchase",
            "Share not back",
            low="From",
            high="To",
            rates=("Share not back", "From", "To"),
            answers=(f"{source}.next_purchase",),
            note="Kaplan's and Meier's curves: who was watched for less time counts for that time.",
        ),
    )
