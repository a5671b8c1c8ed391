"""Who buys again after the n-th purchase, how soon, and who can be said to be gone.

Data end on some day: a customer whose last purchase is recent may come back. So three figures stand
side by side: stopped over reached (too high), gone after a fixed wait among those watched for as
long, and gone by that time on the Kaplan-Meier curve of everybody.
"""

from collections import Counter
from itertools import pairwise
from typing import Any, NamedTuple

import narwhals as nw
import pandas as pd

from agm_platform.defs.insights.calendar import day_number
from agm_platform.statistics import intervals
from agm_platform.statistics.groups import difference_of_shares, holm
from agm_platform.statistics.survival import kaplan_meier, median_time, survival_at
from agm_platform.warehouse.rows import records

ALL = "all"
MEMBER_GROUPS = ((ALL, (True, False)), ("enrolled", (True,)), ("control", (False,)))


class Spell(NamedTuple):
    """Time from a purchase to the next, or to the end of the data."""

    days: int
    returned: bool
    is_watched: bool  # the data go on for at least the waiting time after the purchase


Spells = Counter[Spell]


def retention(
    customers: nw.LazyFrame,
    orders: nw.LazyFrame,
    purchases: int,
    waiting_days: int,
    smallest_group: int,
) -> pd.DataFrame:
    """Return one row for all, members and control and each n up to `purchases`.

    Needs customers (customer_id, is_enrolled), one row each, and orders (customer_id, order_id,
    order_date). Purchases are numbered by day in each customer.
    """
    spells: dict[tuple[bool, int], Spells] = {}
    counted = records(spell_counts(customers, orders, purchases, waiting_days))
    # In one order: sums of fractions depend on it in their last digit.
    for row in sorted(counted, key=lambda row: tuple(map(int, row.values()))):
        spell = Spell(int(row["days"]), bool(row["returned"]), bool(row["is_watched"]))
        own = spells.setdefault((bool(row["is_enrolled"]), int(row["purchase_number"])), Counter())
        own[spell] += int(row["customers"])
    rows = []
    for group, members in MEMBER_GROUPS:
        before: int | None = None
        own_rows: list[dict[str, Any]] = []
        for number in range(1, purchases + 1):
            parts = [spells.get((member, number), Counter()) for member in members]
            found = after_purchase(sum(parts, Counter()), waiting_days)
            if found is None:
                break
            shifted = None if before is None else found["stopped"] / before
            before = found["reached"]
            own_rows.append(
                {
                    "member_group": group,
                    "purchase_number": number,
                    **found,
                    "shifted_drop_off": shifted,
                }
            )
        _compare_with_next(own_rows)
        rows += own_rows
    _mark_small(rows, smallest_group)
    return pd.DataFrame(rows)


def spell_counts(
    customers: nw.LazyFrame, orders: nw.LazyFrame, purchases: int, waiting_days: int
) -> nw.LazyFrame:
    """Count customers by group, n, days to the next purchase or the end, and what happened."""
    group = customers.select("customer_id", "is_enrolled")
    order = ["number_of_day", "order_id"]
    dated = orders.select("customer_id", "order_id", number_of_day=day_number("order_date"))
    steps = (
        dated.join(dated.select(last_day=nw.col("number_of_day").max()), how="cross")
        .join(group, on="customer_id", how="inner")
        .with_columns(
            purchase_number=nw.col("order_id").cum_count().over("customer_id", order_by=order),
            next_day=nw.col("number_of_day").shift(-1).over("customer_id", order_by=order),
        )
        .filter(nw.col("purchase_number") <= purchases)
    )
    end = nw.coalesce("next_day", "last_day")
    return (
        steps.with_columns(
            days=end - nw.col("number_of_day"),
            returned=~nw.col("next_day").is_null(),
            is_watched=nw.col("last_day") - nw.col("number_of_day") >= waiting_days,
        )
        .group_by("is_enrolled", "purchase_number", "days", "returned", "is_watched")
        .agg(customers=nw.len())
    )


def after_purchase(spells: Spells, waiting_days: int) -> dict[str, Any] | None:
    """Return what is known of customers after one purchase; None if nobody made it."""
    reached = spells.total()
    if not reached:
        return None
    stopped = sum(count for spell, count in spells.items() if not spell.returned)
    naive = intervals.share(stopped, reached)
    watched = sum(count for spell, count in spells.items() if spell.is_watched)
    gone = sum(
        count
        for spell, count in spells.items()
        if spell.is_watched and not (spell.returned and spell.days <= waiting_days)
    )
    fixed = intervals.share(gone, watched) if watched else None
    curve = kaplan_meier(
        (spell.days, count * spell.returned, count * (not spell.returned))
        for spell, count in spells.items()
    )
    left = survival_at(curve, waiting_days)
    times: Counter[float] = Counter()
    for spell, count in spells.items():
        if spell.returned:
            times[spell.days] += count
    mean = intervals.mean(times)
    soon = sum(count for days, count in times.items() if days <= waiting_days)
    return {
        "reached": reached,
        "stopped": stopped,
        "drop_off": naive.value,
        "drop_off_low": naive.low,
        "drop_off_high": naive.high,
        "watched": watched,
        "gone": gone,
        "gone_share": fixed.value if fixed else None,
        "gone_low": fixed.low if fixed else None,
        "gone_high": fixed.high if fixed else None,
        "survival_gone": left.survival if left else None,
        "survival_gone_low": left.low if left else None,
        "survival_gone_high": left.high if left else None,
        "mean_days": mean.value if mean else None,
        "mean_days_low": mean.low if mean else None,
        "mean_days_high": mean.high if mean else None,
        "median_days": _median(times),
        "survival_median_days": median_time(curve),
        "returned_in_time_share": soon / times.total() if times else None,
    }


def _median(times: Counter[float]) -> float | None:
    """Return the middle value; the mean of the middle two of an even number."""
    total, seen, low = times.total(), 0, None
    for days, count in sorted(times.items()):
        seen += count
        if low is None and 2 * seen >= total:
            low = days
        if low is not None and 2 * seen > total:
            return (low + days) / 2
    return None


def _compare_with_next(rows: list[dict[str, Any]]) -> None:
    """Add Holm's p value of each drop-off being that of the next, naive and after a fixed wait.

    Who reached n + 1 is whoever did not stop at n, and whether they stop there is another draw: so
    the two shares are uncorrelated and may be tested as if from different customers.
    """
    for name, (part, whole) in {
        "next_p_value": ("stopped", "reached"),
        "gone_next_p_value": ("gone", "watched"),
    }.items():
        pairs = [
            (first, (first[part], first[whole]), (second[part], second[whole]))
            for first, second in pairwise(rows)
            if min(first[whole], second[whole]) > 0
        ]
        raw = [difference_of_shares(one, other).p_value for _, one, other in pairs]
        for row in rows:
            row[name] = None
        for (row, *_), p_value in zip(pairs, holm(raw), strict=True):
            row[name] = p_value


def _mark_small(rows: list[dict[str, Any]], smallest_group: int) -> None:
    """Mark rows of too few customers, and all later ones, which would tell by what is left.

    Of members and control none is shown without the other: all less one is the other.
    """
    first_small: dict[str, int] = {}
    for row in rows:
        counts = (row["stopped"], row["reached"] - row["stopped"], row["reached"])
        if any(0 < count < smallest_group for count in counts):
            first_small.setdefault(row["member_group"], row["purchase_number"])
    parts = [number for group, number in first_small.items() if group != ALL]
    for row in rows:
        limits = [first_small[ALL]] if ALL in first_small else []
        if row["member_group"] != ALL:
            limits += parts
        row["suppressed"] = bool(limits) and row["purchase_number"] >= min(limits)
