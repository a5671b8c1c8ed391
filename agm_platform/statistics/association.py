"""How one measure goes with another: slopes within strata, and shares of one sample compared.

Everything is computed from sums that an engine returns, never from the rows. A slope is an
association: it tells of an effect only as far as the strata hold the rest equal.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING

from agm_platform.contracts.business import CONFIDENCE
from agm_platform.statistics.groups import Comparison
from agm_platform.statistics.student import student_t, two_sided

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Sums:
    """One stratum: number of pairs, sums of x and y, and sums of their squares and products."""

    count: int
    x: float
    y: float
    xx: float
    yy: float
    xy: float


@dataclass(frozen=True, slots=True)
class Slope:
    """Change of y for one more of x, the rest of the strata held equal.

    `strata` are those with x of more than one value: the others tell nothing. `low_90` and
    `high_90` are the ends for two one-sided tests at 5 %.
    """

    value: float
    low: float
    high: float
    p_value: float
    count: int
    strata: int
    low_90: float
    high_90: float


def slope(strata: Iterable[Sums], confidence: float = CONFIDENCE) -> Slope | None:
    """Return the slope of y on x within strata, by least squares with a mean for each stratum.

    With one stratum it is simple regression; with x of 0 and 1 it is the difference of means,
    adjusted for the strata. Student's t interval, equal variances assumed. None where x does not
    vary within any stratum or no degree of freedom is left. Source: J. M. Wooldridge, Introductory
    Econometrics, chapter 14 (fixed effects).
    """
    pairs = [stratum for stratum in strata if stratum.count > 1]
    told = [each for each in pairs if each.xx - each.x**2 / each.count > 1e-9 * max(1.0, each.xx)]
    count = sum(each.count for each in told)
    x_spread = sum(each.xx - each.x**2 / each.count for each in told)
    y_spread = sum(each.yy - each.y**2 / each.count for each in told)
    both = sum(each.xy - each.x * each.y / each.count for each in told)
    degrees = count - len(told) - 1
    if not told or degrees < 1:
        return None
    value = both / x_spread
    residual = max(0.0, y_spread - value * both)
    error = sqrt(residual / degrees / x_spread)
    half = student_t(confidence, degrees) * error
    half_90 = student_t(2 * confidence - 1, degrees) * error
    p_value = two_sided(value / error, degrees) if error > 0 else float(value == 0)
    return Slope(
        value,
        value - half,
        value + half,
        p_value,
        count,
        len(told),
        value - half_90,
        value + half_90,
    )


def shares_of_one_sample(
    first: int, second: int, trials: int, confidence: float = CONFIDENCE
) -> Comparison:
    """Return the difference of the shares of two outcomes that exclude each other, first - second.

    Wald's interval for two cells of a multinomial; p value of the sign test's normal approximation.
    Raises ValueError unless the counts fit. Source: A. Agresti, Categorical Data Analysis, 1.4.
    """
    if trials <= 0 or min(first, second) < 0 or first + second > trials:
        msg = f"two outcomes of one sample: {first} and {second} of {trials}"
        raise ValueError(msg)
    value = (first - second) / trials
    error = sqrt(max(0.0, (first + second) / trials - value**2) / trials)
    half = NormalDist().inv_cdf(0.5 + confidence / 2) * error
    both = first + second
    p_value = 2 * NormalDist().cdf(-abs(first - second) / sqrt(both)) if both else 1.0
    return Comparison(value, value - half, value + half, p_value, None, (trials, trials))
