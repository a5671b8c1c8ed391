"""Which segments the customers of a source make: one answer for every source with dated orders."""

from datetime import date

import narwhals as nw

from agm_platform.contracts.segments import LABELS
from agm_platform.defs.answers.answer import (
    Answer,
    dollars,
    left_empty,
    listed,
    percent,
    sentence,
    told,
    unanswered,
)
from agm_platform.privacy.suppression import with_hidden_cells
from agm_platform.statistics import intervals
from agm_platform.warehouse.rows import records

QUESTION = "Which segments do customers make, and what is each worth?"
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

    Segments of fewer than `smallest_group` customers, and what would give them away, are left out.
    `note` is what the source has to add to the caveat.
    """
    name, evidence = f"{source}.segments", f"{source}.segments"
    counted = segments.group_by("segment").agg(
        customers=nw.len(),
        orders=nw.col("order_count").sum(),
        usd_cents=nw.col("monetary_usd_cents").sum(),
    )
    rows = records(
        with_hidden_cells(counted, [], "customers", smallest_group, cell_columns=["segment"])
    )
    if not rows:
        return unanswered(name, QUESTION, missing, evidence)
    shown = sorted(told(rows), key=lambda row: (-row["customers"], LABELS.index(row["segment"])))
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
        caveat=sentence(FIXED_EDGES, note, left_empty(rows)),
        evidence=evidence,
        method="recency, orders and money per 30 days of the data's span, scored by fixed edges; "
        "shares of customers with Wilson's interval",
        as_of=as_of,
    )
