"""What an experiment on drop-off, rewards or awareness needs, from what is known without one."""

from typing import Any

import narwhals as nw
import pandas as pd

from agm_platform.contracts import loyalty_rules as rules
from agm_platform.contracts.loyalty_rules import EXPERIMENT_POWER
from agm_platform.statistics import sample_size
from agm_platform.statistics.groups import Moments
from agm_platform.warehouse.rows import records


def experiments(
    first_purchases: nw.LazyFrame, customers: nw.LazyFrame, span_days: int
) -> pd.DataFrame:
    """Return one row an experiment that the data allow to plan.

    Parameters: `first_purchases`, the row of all customers' first purchase of a retention table
    (reached, watched, gone); customers with is_enrolled, points_state and net_usd_cents; and the
    days that the data span. Two equal groups, both sides, power EXPERIMENT_POWER.
    """
    return pd.DataFrame(
        [
            *_reminder(records(first_purchases), span_days),
            *_rewards(customers),
            *_campaign(customers),
        ]
    )


def _reminder(first_purchases: list[dict[str, Any]], span_days: int) -> list[dict[str, Any]]:
    """Reminders after the first purchase, which most of all drop-off follows."""
    row = next(iter(first_purchases), None)
    if row is None or not row["watched"]:
        return []
    returning = 1 - row["gone"] / row["watched"]
    wanted = min(1.0, returning + rules.SMALLEST_RETURN_GAIN)
    if wanted == returning:
        return []
    return [
        _row(
            "reminder_after_first_purchase",
            "buyers at their first purchase",
            "share that buys again within the waiting time",
            returning,
            wanted - returning,
            sample_size.for_shares(returning, wanted, EXPERIMENT_POWER),
            row["reached"],
            per_30_days=row["reached"] / span_days * 30,
        )
    ]


def _rewards(customers: nw.LazyFrame) -> list[dict[str, Any]]:
    """Larger rewards at fewer points against today's, for members drawn by lot."""
    net = nw.col("_net")
    members = customers.filter(nw.col("is_enrolled")).select(
        _net=nw.col("net_usd_cents").cast(nw.Float64)
    )
    (found,) = records(members.select(count=nw.len(), total=net.sum(), squares=(net * net).sum()))
    if int(found["count"]) < 2 or found["total"] <= 0:
        return []
    spend = Moments.of_sums(int(found["count"]), float(found["total"]), float(found["squares"]))
    gain = spend.mean * rules.SMALLEST_SPEND_GAIN
    deviation = spend.variance**0.5
    if deviation == 0:
        return []
    needed = sample_size.for_means(deviation, gain, EXPERIMENT_POWER)
    # The effect that n find shrinks with the square root of n.
    half = spend.count // 2
    return [
        _row(
            "larger_rewards",
            "members",
            "net spend a member over as long as the data, USD cents",
            spend.mean,
            gain,
            needed,
            spend.count,
            detectable=gain * (needed / half) ** 0.5,
        )
    ]


def _campaign(customers: nw.LazyFrame) -> list[dict[str, Any]]:
    """Telling those who hold enough points and never redeemed that they may.

    How many would redeem untold is not known, so the share that needs most customers is taken.
    """
    states = customers.group_by("points_state").agg(customers=nw.len())
    counts = {row["points_state"]: int(row["customers"]) for row in records(states)}
    unaware = counts.get("enough_not_redeemed", 0)
    if not unaware:
        return []
    share = rules.UNKNOWN_BASELINE
    wanted = share + rules.SMALLEST_REDEEMING_GAIN
    return [
        _row(
            "tell_who_can_redeem",
            "members who ever held enough points and never redeemed",
            "share that redeems",
            share,
            wanted - share,
            sample_size.for_shares(share, wanted, EXPERIMENT_POWER),
            unaware,
            detectable=sample_size.detectable_share(share, unaware // 2, EXPERIMENT_POWER),
        )
    ]


def _row(
    experiment: str,
    who: str,
    measure: str,
    baseline: float,
    smallest_effect: float,
    per_group: int,
    available: int,
    *,
    per_30_days: float | None = None,
    detectable: float | None = None,
) -> dict[str, Any]:
    return {
        "experiment": experiment,
        "who": who,
        "measure": measure,
        "baseline": baseline,
        "smallest_effect": smallest_effect,
        "per_group": per_group,
        "customers_needed": 2 * per_group,
        "customers_in_data": available,
        "new_customers_per_30_days": per_30_days,
        "detectable_effect": detectable,
        "is_enough": available >= 2 * per_group,
    }
