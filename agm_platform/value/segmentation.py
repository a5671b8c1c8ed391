"""Segments by edges learnt once from a source's own habits, then kept: names say what they are.

A customer's label depends on their own purchases and on the frozen edges, never on what others do;
so it stays while they stay as they are.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple

import narwhals as nw
import numpy as np

from agm_platform.value.store import TrainedModel
from agm_platform.value.training import (
    FEWEST_CUSTOMERS,
    FEWEST_REPEATERS,
    TooLittleDataError,
    day_text,
    libraries,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

QUIET_SHARE = 0.99
"""A customer is quiet after a wait longer than this share of all waits for a next purchase.

One wait in a hundred: with 0.95, in a world without change, 1.7 % of the unchanged moved a day.
"""
FEWEST_DAYS = 42
"""Days of data that edges need: six weeks, since the end of shorter data cuts long waits off."""
LAPSED_SHARE = 0.998
"""And lapsed after one longer than this share: one wait in five hundred ends later."""
HIGH_SPEND_SHARE = 0.75
"""High spend is that of the top quarter of active customers. Source: as usual for value groups."""
LARGE_DRIFT = 0.25
"""Population stability index from which edges should be learnt anew (Siddiqi, 2006)."""
SMALLEST_SHARE = 0.005
METHOD = (
    "edges from the waits between purchases (99 and 99.8 % of them), the median purchases and the "
    "top quarter's spend in 90 days of active customers; frozen"
)

ACTIVE = ("frequent_high_spend", "frequent", "occasional", "new")
LABELS = (*ACTIVE, "quiet_repeat", "quiet_once", "lapsed_repeat", "lapsed_once")


class Edges(NamedTuple):
    """Where one segment ends and another begins; days, purchases and value of 90 days."""

    quiet_after_days: int
    lapsed_after_days: int
    frequent_from: int
    high_spend_from: float


def train_segments(
    source: str,
    first: int | None,
    last: int | None,
    waits: Mapping[str, npt.NDArray[np.float64]],
    features: Mapping[str, npt.NDArray[np.float64]],
    version: int,
) -> TrainedModel:
    """Return the model from waits (gap, times) and features as of the last day.

    Raises TooLittleDataError.
    """
    customers = len(features["purchase_days"])
    repeaters = int((features["purchase_days"] > 1).sum())
    days = 0 if first is None or last is None else last - first + 1
    if (
        last is None
        or first is None
        or customers < FEWEST_CUSTOMERS
        or repeaters < FEWEST_REPEATERS
        or days < FEWEST_DAYS
    ):
        msg = (
            f"it needs {FEWEST_CUSTOMERS} customers, {FEWEST_REPEATERS} of them with two "
            f"purchases, and {FEWEST_DAYS} days; there are {customers:,}, {repeaters:,} "
            f"and {days:,}"
        )
        raise TooLittleDataError(msg)
    order = np.argsort(waits["gap"])
    gap, times = waits["gap"][order], waits["times"][order]
    reached = np.cumsum(times) / times.sum()
    quiet = int(gap[np.searchsorted(reached, QUIET_SHARE)])
    lapsed = max(int(gap[np.searchsorted(reached, LAPSED_SHARE)]), quiet + 1)
    active = features["since_last_days"] <= quiet
    counts, spend = features["days_in_90"][active], features["value_in_90"][active]
    edges = Edges(
        quiet,
        lapsed,
        max(2, int(np.ceil(np.median(counts)))) if active.any() else 2,
        float(np.quantile(spend, HIGH_SPEND_SHARE)) if active.any() else 0.0,
    )
    digest = hashlib.sha256(np.ascontiguousarray(np.stack([gap, times])).tobytes()).hexdigest()
    return TrainedModel(
        source,
        "segments",
        version,
        day_text(last),
        METHOD,
        edges._asdict(),
        [],
        {
            "customers": customers,
            "first_day": day_text(first),
            "last_day": day_text(last),
            "sha256": digest,
        },
        True,
        meaning(edges),
        libraries("numpy"),
    )


def edges_from(parameters: Mapping[str, Any]) -> Edges:
    """Return the edges of a model's parameters."""
    return Edges(*(parameters[name] for name in Edges._fields))


def with_segment(customers: nw.LazyFrame, edges: Edges) -> nw.LazyFrame:
    """Add `segment`; needs purchase_days, since_last_days, days_in_90 and value_in_90."""
    since, once = nw.col("since_last_days"), nw.col("purchase_days") == 1
    frequent = nw.col("days_in_90") >= edges.frequent_from
    return customers.with_columns(
        segment=nw.when(since > edges.lapsed_after_days)
        .then(nw.when(once).then(nw.lit("lapsed_once")).otherwise(nw.lit("lapsed_repeat")))
        .otherwise(
            nw.when(since > edges.quiet_after_days)
            .then(nw.when(once).then(nw.lit("quiet_once")).otherwise(nw.lit("quiet_repeat")))
            .otherwise(
                nw.when(once)
                .then(nw.lit("new"))
                .otherwise(
                    nw.when(frequent & (nw.col("value_in_90") >= edges.high_spend_from))
                    .then(nw.lit("frequent_high_spend"))
                    .otherwise(
                        nw.when(frequent).then(nw.lit("frequent")).otherwise(nw.lit("occasional"))
                    )
                )
            )
        )
    )


def meaning(edges: Edges, unit: float = 100.0) -> str:
    """Return in words what the segments are; `unit` is how many of the values make a dollar."""
    return (
        f"active: bought in the last {edges.quiet_after_days} days; new: once; frequent: on "
        f"{edges.frequent_from} days or more of the last 90, high spend: for "
        f"${edges.high_spend_from / unit:,.2f} or more; occasional: other active ones; quiet: "
        f"nothing for more than {edges.quiet_after_days} days, lapsed: for more than "
        f"{edges.lapsed_after_days}; once or repeat: how often ever"
    )


def shares(counts: Mapping[str, int]) -> dict[str, float]:
    """Return the share of each label, 0 where there is nobody."""
    total = max(sum(counts.values()), 1)
    return {label: round(counts.get(label, 0) / total, 6) for label in LABELS}


def stability_index(then: Mapping[str, float], now: Mapping[str, float]) -> float:
    """Return the population stability index of two distributions over the labels."""
    before = np.maximum([then.get(label, 0.0) for label in LABELS], SMALLEST_SHARE)
    after = np.maximum([now.get(label, 0.0) for label in LABELS], SMALLEST_SHARE)
    before, after = before / before.sum(), after / after.sum()
    return float(((after - before) * np.log(after / before)).sum())
