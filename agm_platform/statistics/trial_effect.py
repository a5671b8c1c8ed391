"""What a trial at one place did to its totals: before and after, against places without it."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, sqrt
from typing import TYPE_CHECKING

import numpy as np

from agm_platform.contracts.business import CONFIDENCE
from agm_platform.statistics.student import student_t, two_sided

if TYPE_CHECKING:
    from collections.abc import Mapping

LEAST_WEEKS = 6
"""Whole weeks before the trial, and in it, without which nothing is said. Source: with fewer, the
spread from week to week, and how far one week goes on in the next, cannot be told."""


@dataclass(frozen=True, slots=True)
class Effect:
    """By which factor less one the totals changed; interval, placebos, weeks it rests on.

    `placebos` are the same figure for every other place, as if the trial had been there;
    `placebo_p` is the share of all places, the true one counted, whose figure is as far from 0.
    """

    value: float
    low: float
    high: float
    p_value: float
    weeks_before: int
    weeks_during: int
    placebos: dict[str, float]
    placebo_p: float


def effect(
    weekly: Mapping[str, np.ndarray], place: str, began: int, confidence: float = CONFIDENCE
) -> Effect | None:
    """Return the change at `place` from week `began` on, beyond that of the other places.

    Parameters: totals of consecutive whole weeks by place. Difference in differences of logarithms:
    the place less the mean of the others, mean of the weeks of the trial less mean of those before.
    The variance of a mean allows for what a week takes from the one before (lag-1 correlation,
    at least 0): n (1 - r) / (1 + r) weeks count. None with fewer than LEAST_WEEKS on either side,
    without another place, or where a place sold nothing in a week. Source: J. D. Angrist and
    J.-S. Pischke, Mostly Harmless Econometrics, chapter 5; A. Abadie and others, JASA 105 (2010),
    for placebos.
    """
    if place not in weekly or len(weekly) < 2:
        return None
    if began < LEAST_WEEKS or len(weekly[place]) - began < LEAST_WEEKS:
        return None
    if any((totals <= 0).any() for totals in weekly.values()):
        return None
    logs = {name: np.log(totals) for name, totals in weekly.items()}
    value, error, degrees = _difference(_gap(logs, place), began)
    placebos = {
        name: exp(_difference(_gap(logs, name, without=place), began)[0]) - 1
        for name in weekly
        if name != place and len(weekly) > 2
    }
    farther = sum(abs(np.log1p(other)) >= abs(value) - 1e-12 for other in placebos.values())
    low, high, p_value = _student(value, error, degrees, confidence)
    return Effect(
        exp(value) - 1,
        exp(low) - 1,
        exp(high) - 1,
        p_value,
        began,
        len(weekly[place]) - began,
        placebos,
        (1 + int(farther)) / (1 + len(placebos)),
    )


def _gap(logs: Mapping[str, np.ndarray], place: str, without: str | None = None) -> np.ndarray:
    others = [logs[name] for name in logs if name not in (place, without)]
    return logs[place] - np.mean(others, axis=0)


def _difference(gap: np.ndarray, began: int) -> tuple[float, float, float]:
    """Return the change of the mean, its standard error and degrees of freedom (Welch's)."""
    parts = (gap[:began], gap[began:])
    centred = np.concatenate([part - part.mean() for part in parts])
    squares = float((centred**2).sum())
    lag = float((centred[1:] * centred[:-1]).sum()) / squares if squares > 0 else 0.0
    kept = (1 - max(0.0, lag)) / (1 + max(0.0, lag))
    variances, counts = [], []
    for part in parts:
        count = max(2.0, len(part) * kept)
        counts.append(count)
        variances.append(float(part.var(ddof=1)) / count)
    total = sum(variances)
    spread = sum(
        variance**2 / (count - 1) for variance, count in zip(variances, counts, strict=True)
    )
    degrees = total**2 / spread if spread > 0 else sum(counts) - 2
    return float(parts[1].mean() - parts[0].mean()), sqrt(total), degrees


def _student(
    value: float, error: float, degrees: float, confidence: float
) -> tuple[float, float, float]:
    """Return the interval's ends and the two-sided p value."""
    if error == 0:
        return value, value, 0.0 if value else 1.0
    half = student_t(confidence, degrees) * error
    return value - half, value + half, two_sided(value / error, degrees)
