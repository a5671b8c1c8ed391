"""Figures of the points programme: what it does, who stops buying, who uses points."""

from __future__ import annotations

from agm_platform.contracts.privacy import SMALLEST_GROUP
from agm_platform.reports.figure import Figure, Kind

TITLE = "Loyalty programme"
ABOUT = "A points programme with a control group: does it work, and for whom."

GROUPS = (
    "case member_group when 'all' then 'All' when 'enrolled' then 'Enrolled' else 'Control' end"
)


def compared(
    name: str, title: str, question: str, unit: str, *, dollars: bool, answers: tuple[str, ...]
) -> Figure:
    """Return the figure of members beside the control group, in one unit of measure."""
    divisor = " / 100" if dollars else ""
    sides = " union all ".join(
        f"select measure, '{group.capitalize()}' as side, {group}_value{divisor} as value,"
        f" {group}_low{divisor} as low, {group}_high{divisor} as high, {group}_count as customers,"
        f" p_value_holm from loyalty.programme_comparison where unit = '{unit}'"
        for group in ("enrolled", "control")
    )
    columns = ("Value", "From", "To")
    return Figure(
        name,
        title,
        question,
        ("loyalty.programme_comparison",),
        'select replace(measure, \'_\', \' \') as "Measure", side as "Group", value as "Value",'
        ' low as "From", high as "To", customers as "Counted", p_value_holm as "p, Holm"'
        f" from ({sides}) order by side desc, measure",
        Kind.INTERVAL,
        "Measure",
        "Value",
        low="From",
        high="To",
        colour="Group",
        dollars=columns if dollars else (),
        rates=columns if unit == "fraction" else (),
        answers=answers,
        note="95 % intervals; p values corrected by Holm's method.",
    )


def lost(name: str, title: str, question: str, figure: str, answers: tuple[str, ...]) -> Figure:
    """Return the curve of one rate by number of the purchase, of members and control."""
    return Figure(
        name,
        title,
        question,
        ("loyalty.retention",),
        f'select purchase_number as "Number of the purchase", {GROUPS} as "Customers",'
        f' {figure} as "Share", {figure}_low as "From", {figure}_high as "To",'
        ' reached as "Reached it", stopped as "Stopped there" from loyalty.retention'
        " where member_group <> 'all' order by member_group desc, purchase_number",
        Kind.LINE,
        "Number of the purchase",
        "Share",
        low="From",
        high="To",
        colour="Customers",
        rates=("Share", "From", "To"),
        answers=answers,
        note="Of those who reached a purchase, who made no further one; 95 % intervals.",
    )


FIGURES = (
    lost(
        "loyalty_drop_off",
        "Who stops after the n-th purchase",
        "After which purchase do customers stop?",
        "drop_off",
        ("loyalty.drop_off_*",),
    ),
    Figure(
        "loyalty_days_to_next",
        "Days to the next purchase",
        "How soon do those who come back come back?",
        ("loyalty.retention",),
        'select purchase_number as "Number of the purchase", mean_days as "Mean days",'
        ' mean_days_low as "From", mean_days_high as "To", median_days as "Median days"'
        " from loyalty.retention where member_group = 'all' order by 1",
        Kind.LINE,
        "Number of the purchase",
        "Mean days",
        low="From",
        high="To",
        answers=("loyalty.days_to_second_purchase",),
        note="Customers who came back only; 95 % intervals of the mean.",
    ),
    compared(
        "loyalty_money",
        "Money of members and control",
        "Do enrolled customers spend more than the control group?",
        "USD cents",
        dollars=True,
        answers=("loyalty.programme_effect", "loyalty.net_*"),
    ),
    compared(
        "loyalty_purchases",
        "Purchases of members and control",
        "Do enrolled customers buy more often?",
        "purchases",
        dollars=False,
        answers=("loyalty.purchases_per_*",),
    ),
    compared(
        "loyalty_rates",
        "Rates of members and control",
        "Do more of the enrolled customers come back?",
        "fraction",
        dollars=False,
        answers=("loyalty.second_purchase_rate*", "loyalty.share_that_buys_*"),
    ),
    Figure(
        "loyalty_points_states",
        "What members with and without points are worth",
        "What do members spend, by whether they ever held enough points and redeemed?",
        ("loyalty.points_holders",),
        "select replace(points_state, '_', ' ') as \"Points\", net_usd_cents_mean / 100"
        ' as "Net spend a customer", net_usd_cents_low / 100 as "From",'
        ' net_usd_cents_high / 100 as "To", number_of_purchases_mean as "Purchases a customer",'
        ' customers as "Customers" from loyalty.points_holders order by 2 desc nulls last, 1',
        Kind.INTERVAL,
        "Points",
        "Net spend a customer",
        low="From",
        high="To",
        dollars=("Net spend a customer", "From", "To"),
        answers=("loyalty.ever_enough_points", "loyalty.never_redeemed_share"),
        note="Who buys more collects more points: a difference here is no effect of points.",
    ),
    Figure(
        "loyalty_attributes",
        "Net spend by what customers told of themselves",
        "Do age, gender or place go with what customers spend?",
        ("loyalty.attribute_levels",),
        'select attribute || \': \' || level as "Who", mean / 100 as "Net spend a customer",'
        ' low / 100 as "From", high / 100 as "To", attribute as "Attribute",'
        ' customers as "Customers" from loyalty.attribute_levels'
        " where attribute in ('age', 'gender', 'location') order by attribute, mean desc, level",
        Kind.INTERVAL,
        "Who",
        "Net spend a customer",
        low="From",
        high="To",
        colour="Attribute",
        dollars=("Net spend a customer", "From", "To"),
        answers=("loyalty.attributes_and_spending",),
        note="Who never bought counts as 0; 95 % intervals.",
    ),
    Figure(
        "loyalty_segments",
        "Members by segment",
        "How many customers are loyal, promising, regular, at risk or lapsed?",
        ("loyalty.segments",),
        "select replace(segment, '_', ' ') as \"Segment\", count(*) as \"Customers\","
        ' avg(monetary_usd_cents) / 100 as "Mean spent", avg(order_count) as "Mean purchases"'
        f" from loyalty.segments group by segment having count(*) >= {SMALLEST_GROUP}"
        " order by 2 desc, 1",
        Kind.BAR,
        "Segment",
        "Customers",
        dollars=("Mean spent",),
        sideways=True,
        answers=("loyalty.segments",),
        note=f"Segments of fewer than {SMALLEST_GROUP} customers are not shown.",
    ),
)
