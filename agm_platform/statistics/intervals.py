"""Confidence intervals for shares and means."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING

from agm_platform.contracts.business import CONFIDENCE
from agm_platform.statistics.student import student_t

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its interval and the number of observations it rests on."""

    value: float
    low: float
    high: float
    sample_size: int


def share(successes: int, trials: int, confidence: float = CONFIDENCE) -> Estimate:
    """Return successes / trials with Wilson's score interval, without continuity correction.

    Raises ValueError unless 0 <= successes <= trials and trials > 0. Source: E. B. Wilson,
    "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).
    """
    if trials <= 0 or not 0 <= successes <= trials:
        msg = f"a share needs 0 <= successes <= trials and trials > 0: {successes} of {trials}"
        raise ValueError(msg)
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    observed = successes / trials
    spread = 1 + z * z / trials
    middle = (observed + z * z / (2 * trials)) / spread
    half = z * sqrt(observed * (1 - observed) / trials + z * z / (4 * trials * trials)) / spread
    low = 0.0 if successes == 0 else min(middle - half, observed)
    high = 1.0 if successes == trials else max(middle + half, observed)
    return Estimate(observed, low, high, trials)


def mean(counts: Mapping[float, int], confidence: float = CONFIDENCE) -> Estimate | None:
    """Return the mean of values given as {value: how often} with Student's t interval.

    The interval is the mean itself when all values are equal; None for fewer than two
    observations, from which no spread can be told.
    """
    trials = sum(counts.values())
    if trials < 2:
        return None
    average = sum(value * count for value, count in counts.items()) / trials
    squares = sum(count * (value - average) ** 2 for value, count in counts.items())
    half = student_t(confidence, trials - 1) * sqrt(squares / (trials - 1) / trials)
    return Estimate(average, average - half, average + half, trials)
