"""How long until something happens, when for some it has not happened yet."""

from __future__ import annotations

from math import exp, log, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING, NamedTuple

from agm_platform.contracts.business import CONFIDENCE

if TYPE_CHECKING:
    from collections.abc import Iterable


class Step(NamedTuple):
    """One time at which something happened: who was at risk, and who is left afterwards.

    `survival` is the estimated share to whom it has not happened by then, with its interval.
    """

    time: float
    at_risk: int
    events: int
    censored: int
    survival: float
    low: float
    high: float


def kaplan_meier(
    times: Iterable[tuple[float, int, int]], confidence: float = CONFIDENCE
) -> list[Step]:
    """Return the survival curve from (time, events, censored) counts; times may repeat.

    Whoever is censored at a time was at risk then. Intervals are Greenwood's on the log-log scale.
    Source: E. L. Kaplan, P. Meier, JASA 53 (1958). Raises ValueError for negative counts.
    """
    counts: dict[float, tuple[int, int]] = {}
    for time, events, censored in times:
        if events < 0 or censored < 0:
            msg = f"counts cannot be negative: {events} events, {censored} censored at {time}"
            raise ValueError(msg)
        known = counts.get(time, (0, 0))
        counts[time] = (known[0] + events, known[1] + censored)
    at_risk = sum(events + censored for events, censored in counts.values())
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    survival, variance = 1.0, 0.0
    steps = []
    for time, (events, censored) in sorted(counts.items()):
        if events:
            survival *= 1 - events / at_risk
            if at_risk > events:
                variance += events / (at_risk * (at_risk - events))
        low, high = _interval(survival, variance, z)
        steps.append(Step(time, at_risk, events, censored, survival, low, high))
        at_risk -= events + censored
    return steps


def median_time(steps: list[Step]) -> float | None:
    """Return the first time by which it has happened to half; None if the curve stays above."""
    return next((step.time for step in steps if step.survival <= 0.5), None)


def survival_at(steps: list[Step], time: float) -> Step | None:
    """Return the last step at or before `time`; None if there is none, survival then being 1."""
    reached = [step for step in steps if step.time <= time]
    return reached[-1] if reached else None


def _interval(survival: float, variance: float, z: float) -> tuple[float, float]:
    if survival in {0.0, 1.0}:
        return survival, survival
    half = z * sqrt(variance) / abs(log(survival))
    return survival ** exp(half), survival ** exp(-half)
