"""Which segments the customers of a source make: one answer for every source with dated orders."""

from datetime import date

import narwhals as nw

from agm_platform.contracts.segments import LABELS
from agm_platform.defs.answers.answer import (
    Answer,
    dollars,
    listed,
    percent,
    sentence,
    unanswered,
)
from agm_platform.statistics import intervals
from agm_platform.warehouse.rows import records

QUESTION = "Which segments do customers make, and what is each worth?"
LEAST_DAYS = 30
TOO_SHORT = f"rates per 30 days need data of {LEAST_DAYS} days or more"
SMALL = "Segments of too few customers are left out."
TOO_FEW = "every segment has too few customers to be told; more orders are needed."
FIXED_EDGES = (
    "Edges are fixed and those of weekly meals, so that a label means the same in every source and "
    "on every day; where orders lie further apart most customers are regular or lapsed. Segments "
    "describe: whether a lapsed customer comes back they do not tell."
)


def segments_answer(
    source: str,
    segments: nw.LazyFrame,
    smallest_group: int,
    missing: str,
    as_of: date | None,
    note: str | None = None,
) -> Answer:
    """Return `<source>.segments` from the table of that name; `missing` is said where it is empty.

    Segments of fewer than `smallest_group` customers are left out. Nothing is hidden beside them:
    the segment of every customer is published under a pseudonym, so that counting tells no more.
    Data of less than `LEAST_DAYS` are not told: their rates are those of a few days. `note` is
    what the source has to add to the caveat.
    """
    name, evidence = f"{source}.segments", f"{source}.segments"
    counted = segments.group_by("segment").agg(
        customers=nw.len(),
        orders=nw.col("order_count").sum(),
        usd_cents=nw.col("monetary_usd_cents").sum(),
        rate=nw.col("orders_per_30_days").sum(),
    )
    rows = records(counted)
    if not rows:
        return unanswered(name, QUESTION, missing, evidence)
    orders = sum(row["orders"] for row in rows)
    days = round(30 * orders / sum(row["rate"] for row in rows))
    if days < LEAST_DAYS:
        return unanswered(name, QUESTION, f"{TOO_SHORT}; so far they span {days}.", evidence)
    shown = sorted(
        (row for row in rows if row["customers"] >= smallest_group),
        key=lambda row: (-row["customers"], LABELS.index(row["segment"])),
    )
    if not shown:
        return unanswered(name, QUESTION, TOO_FEW, evidence)
    customers = sum(row["customers"] for row in rows)
    cents = sum(row["usd_cents"] or 0 for row in rows)
    details = []
    for row in shown:
        share = intervals.share(row["customers"], customers)
        details.append(
            {
                "segment": row["segment"],
                "customers": row["customers"],
                "share_of_customers": share.value,
                "share_low": share.low,
                "share_high": share.high,
                "share_of_money": row["usd_cents"] / cents if cents else None,
                "dollars_per_customer": row["usd_cents"] / row["customers"] / 100,
                "orders_per_customer": row["orders"] / row["customers"],
            }
        )
    parts = [
        f"{row['segment'].replace('_', ' ')} ({row['customers']:,}, "
        f"{percent(row['customers'] / customers)} of customers"
        + (f" and {percent(row['usd_cents'] / cents)} of the money, " if cents else ", ")
        + f"{dollars(round(row['usd_cents'] / row['customers']))} each)"
        for row in shown
    ]
    return Answer(
        name,
        QUESTION,
        f"Of {customers:,} customers with orders: {listed(parts)}.",
        unit="customers",
        sample_size=customers,
        details=details,
        caveat=sentence(FIXED_EDGES, note, SMALL if len(shown) < len(rows) else None),
        evidence=evidence,
        method="recency, orders and money per 30 days of the data's span, scored by fixed edges; "
        "shares of customers with Wilson's interval",
        as_of=as_of,
    )
