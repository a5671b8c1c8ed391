"""Instacart's questions about groups of customers: regions, families, profiles, their habits."""

from agm_platform.defs.answers.answer import (
    Answer,
    Row,
    dollars,
    left_empty,
    percent,
    sentence,
    told,
)
from agm_platform.defs.answers.instacart_figures import (
    CUSTOMERS_MISSING,
    ORDERS_MISSING,
    TOO_FEW,
    InstacartFigures,
    missing,
)
from agm_platform.statistics import groups as statistics
from agm_platform.statistics import intervals

HABITS = {
    "loyalty": "What are the habits of loyal, regular and new customers?",
    "region": "What are the habits of customers by region?",
    "profile": "What are the habits of customers by profile?",
}


def answers(figures: InstacartFigures) -> list[Answer]:
    """Return the answers about groups."""
    return [
        _regions(figures),
        _families(figures),
        _profiles(figures),
        *(_habits(figures, grouping) for grouping in HABITS),
    ]


def _regions(figures: InstacartFigures) -> Answer:
    name, question = "loyalty_by_region", "Does loyalty differ between regions?"
    rows = told(figures.members("region"))
    if not figures.members("region"):
        return missing(name, question, CUSTOMERS_MISSING, "group_habits")
    if len(rows) < 2:
        return missing(name, question, TOO_FEW, "group_habits")
    test = statistics.homogeneous(
        [[row["loyal_customers"], row["customers"] - row["loyal_customers"]] for row in rows]
    )
    shares = sorted(
        ((row, intervals.share(row["loyal_customers"], row["customers"])) for row in rows),
        key=lambda pair: -pair[1].value,
    )
    best, worst = shares[0], shares[-1]
    gap = best[1].value - worst[1].value
    verdict = (
        "there are too few loyal customers to tell whether regions differ"
        if test is None
        else f"regions differ (chi-square p = {test.p_value:.3g}, Cramér's V {test.cramers_v:.3f})"
        if test.p_value < 0.05
        else f"no difference between regions can be told (chi-square p = {test.p_value:.2g})"
    )
    lines = [row["order_lines"] for row in rows]
    return Answer(
        f"instacart.{name}",
        question,
        f"{verdict[0].upper()}{verdict[1:]}: loyal are {percent(best[1].value)} of customers of "
        f"{best[0]['member']} at most and "
        f"{percent(worst[1].value)} of {worst[0]['member']} at least.",
        gap,
        unit="share of loyal customers, highest less lowest region",
        sample_size=sum(row["customers"] for row in rows),
        details=[
            {
                "region": row["member"],
                "customers": row["customers"],
                "loyal": row["loyal_customers"],
                "share": share.value,
                "low": share.low,
                "high": share.high,
                "lines": row["order_lines"],
            }
            for row, share in shares
        ],
        caveat="Shares of customers, tested. Others have named a best region from shares of order "
        f"lines ({percent(max(lines) / sum(lines))} of the lines come from the largest region, "
        f"{percent(min(lines) / sum(lines))} from the smallest), which tell its size."
        if sum(lines)
        else "Shares of customers, tested.",
        evidence="instacart.group_habits",
        method="Wilson's intervals and Pearson's chi-square over customers; association, no cause",
    )


def _families(figures: InstacartFigures) -> Answer:
    name, question = "age_and_family", "How do age and family status go together?"
    rows = told(figures.family)
    if not figures.family:
        return missing(name, question, CUSTOMERS_MISSING, "group_habits")
    if not rows:
        return missing(name, question, TOO_FEW, "group_habits")
    total = sum(row["customers"] for row in rows)
    ages: dict[str, int] = {}
    for row in rows:
        ages[row["age_band"]] = ages.get(row["age_band"], 0) + row["customers"]
    details = []
    for row in rows:
        share = intervals.share(row["customers"], ages[row["age_band"]])
        details.append(
            {
                "age_band": row["age_band"],
                "family_status": row["family_status"],
                "customers": row["customers"],
                "share_of_age_band": share.value,
                "low": share.low,
                "high": share.high,
            }
        )
    first = max(details, key=lambda row: row["customers"])
    return Answer(
        f"instacart.{name}",
        question,
        f"The largest group is {first['family_status']} people of age {_words(first['age_band'])}: "
        f"{first['customers']:,} of {total:,}, {percent(first['share_of_age_band'])} of their age "
        "band.",
        sample_size=total,
        details=details,
        caveat=sentence(
            "Customers with prior orders. Association, no cause: who lives with parents is young.",
            left_empty(figures.family),
        ),
        evidence="instacart.group_habits",
        method="customers counted by age band and family status, Wilson's intervals",
    )


def _profiles(figures: InstacartFigures) -> Answer:
    name, question = "profiles", "Which profiles of customers do the data suggest?"
    rows = figures.members("profile")
    seen = sorted(told(rows), key=lambda row: (-row["customers"], row["member"]))
    if not rows:
        return missing(name, question, CUSTOMERS_MISSING, "group_habits")
    if not seen:
        return missing(name, question, TOO_FEW, "group_habits")
    total = sum(row["customers"] for row in seen)
    first = seen[0]
    return Answer(
        f"instacart.{name}",
        question,
        f"{len(rows)} profiles by age, family and income occur; the largest is "
        f"{_words(first['member'])} with {first['customers']:,} of {total:,} customers.",
        float(len(rows)),
        unit="profiles",
        sample_size=total,
        details=[
            {
                "profile": row["member"],
                "customers": row["customers"],
                "least_dollars": _dollars(row["least_usd_cents"]),
                "mean_dollars": _dollars(row["mean_usd_cents"]),
                "most_dollars": _dollars(row["most_usd_cents"]),
                "least_gap_days": row["least_gap_days"],
                "mean_gap_days": row["mean_gap_days"],
                "most_gap_days": row["most_gap_days"],
                "top_department": row["top_department"],
            }
            for row in seen
        ],
        caveat=sentence(
            "The bands are assumptions, not found in the data: they can be changed in one place.",
            left_empty(rows),
        ),
        evidence="instacart.group_habits",
        method="age up to 35, 36 to 64, 65 and over; income below 50, up to 120, above 120 "
        "thousand dollars; parent means dependants; spending and median gap over prior orders",
    )


def _habits(figures: InstacartFigures, grouping: str) -> Answer:
    name, question = f"habits_by_{grouping}", HABITS[grouping]
    rows = figures.members(grouping)
    seen = sorted(told(rows), key=lambda row: -(row["usd_cents_per_order"] or 0))
    if not rows:
        gone = ORDERS_MISSING if grouping == "loyalty" else CUSTOMERS_MISSING
        return missing(name, question, gone, "group_habits")
    if not seen:
        return missing(name, question, TOO_FEW, "group_habits")
    first, last = seen[0], seen[-1]
    overlap = len(seen) > 1 and (
        first["usd_cents_per_order_low"] is None
        or last["usd_cents_per_order_high"] is None
        or first["usd_cents_per_order_low"] <= last["usd_cents_per_order_high"]
    )
    other = f" and {_money(last)} among {_words(last['member'])}" if len(seen) > 1 else ""
    return Answer(
        f"instacart.{name}",
        question,
        f"An order is worth {_money(first)} among {_words(first['member'])}{other}"
        + (", which cannot be told apart. " if overlap else ". ")
        + f"The group {_words(first['member'])} orders most on day {first['busiest_day']} and at "
        f"{first['busiest_hour']}:00, and buys {first['top_department']} most.",
        sample_size=sum(row["customers"] for row in seen),
        details=[
            {
                grouping: row["member"],
                "customers": row["customers"],
                "orders_per_customer": row["orders_per_customer"],
                "dollars_per_order": _dollars(row["usd_cents_per_order"]),
                "low": _dollars(row["usd_cents_per_order_low"]),
                "high": _dollars(row["usd_cents_per_order_high"]),
                "mean_gap_days": row["mean_gap_days"],
                "busiest_day": row["busiest_day"],
                "busiest_hour": row["busiest_hour"],
                "top_department": row["top_department"],
                "top_department_share": row["top_department_share"],
            }
            for row in seen
        ],
        caveat=sentence(
            "Association, no cause. Intervals take customers as what was drawn; many groups are "
            "compared, so some differences come by chance.",
            left_empty(rows),
        ),
        evidence="instacart.group_habits",
        method="spending over prior orders by the ratio estimator; the day, hour and department "
        "with most orders or lines",
    )


def _dollars(cents: float | None) -> float | None:
    return None if cents is None else cents / 100


def _money(row: Row) -> str:
    cents = row["usd_cents_per_order"]
    if cents is None:
        return "an unknown sum"
    low, high = row["usd_cents_per_order_low"], row["usd_cents_per_order_high"]
    between = "" if low is None else f" ({dollars(round(low))} to {dollars(round(high))})"
    return f"{dollars(round(cents))}{between}"


def _words(name: str) -> str:
    return name.replace("_", " ")
