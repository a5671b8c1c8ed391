"""Groups compared from their counts and sums: shares, means, ratios; intervals, tests, ties.

Everything is computed from sums that an engine returns in one pass, never from the rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import exp, log, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING, NamedTuple

from agm_platform.contracts.business import CONFIDENCE
from agm_platform.statistics.intervals import Estimate, share
from agm_platform.statistics.student import student_t, two_sided

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SMALLEST_EXPECTED = 5
"""Smallest expected count for the chi-square approximation. Source: W. G. Cochran, 1954."""


@dataclass(frozen=True, slots=True)
class Moments:
    """Count, mean and sample variance of a measure in a group."""

    count: int
    mean: float
    variance: float

    @classmethod
    def of_sums(cls, count: int, total: float, squares: float) -> Moments:
        """Make them from the number of values, their sum and the sum of their squares."""
        if count < 1:
            return cls(0, 0.0, 0.0)
        average = total / count
        spread = max(0.0, squares - total * average) / (count - 1) if count > 1 else 0.0
        return cls(count, average, spread)

    @property
    def error_squared(self) -> float:
        """The squared standard error of the mean."""
        return self.variance / self.count


class Comparison(NamedTuple):
    """How two groups differ: the difference (or ratio) with its interval, test and size.

    `effect_size` is Hedges' g for means and Cohen's h for shares; None for a ratio.
    """

    value: float
    low: float
    high: float
    p_value: float
    effect_size: float | None
    sizes: tuple[int, int]


class Tested(NamedTuple):
    """The result of a test over several groups: the statistic, its p value, Cramér's V."""

    statistic: float
    degrees: int
    p_value: float
    cramers_v: float


def mean(group: Moments, confidence: float = CONFIDENCE) -> Estimate | None:
    """Return the mean with Student's t interval; None for fewer than two observations."""
    if group.count < 2:
        return None
    half = student_t(confidence, group.count - 1) * sqrt(group.error_squared)
    return Estimate(group.mean, group.mean - half, group.mean + half, group.count)


def difference_of_means(
    first: Moments, second: Moments, confidence: float = CONFIDENCE
) -> Comparison | None:
    """Return first minus second by Welch's test, with Hedges' g; None if a group has under two.

    Source: B. L. Welch, Biometrika 34 (1947); L. V. Hedges, J. Educ. Stat. 6 (1981).
    """
    if min(first.count, second.count) < 2:
        return None
    value = first.mean - second.mean
    squared = first.error_squared + second.error_squared
    pooled = ((first.count - 1) * first.variance + (second.count - 1) * second.variance) / (
        first.count + second.count - 2
    )
    sizes = (first.count, second.count)
    if squared == 0:
        return Comparison(value, value, value, 1.0 if value == 0 else 0.0, None, sizes)
    degrees = squared**2 / (
        first.error_squared**2 / (first.count - 1) + second.error_squared**2 / (second.count - 1)
    )
    half = student_t(confidence, degrees) * sqrt(squared)
    bias = 1 - 3 / (4 * (first.count + second.count) - 9)
    effect = bias * value / sqrt(pooled)
    return Comparison(
        value,
        value - half,
        value + half,
        two_sided(value / sqrt(squared), degrees),
        effect,
        sizes,
    )


def ratio_of_means(
    first: Moments, second: Moments, confidence: float = CONFIDENCE
) -> Comparison | None:
    """Return first / second with the interval of its logarithm by the delta method.

    None unless both means are above 0 and both groups have two observations.
    """
    if min(first.count, second.count) < 2 or min(first.mean, second.mean) <= 0:
        return None
    error = sqrt(first.error_squared / first.mean**2 + second.error_squared / second.mean**2)
    middle = log(first.mean / second.mean)
    half = _normal(confidence) * error
    p_value = _two_sided_normal(middle / error) if error else float(middle == 0)
    return Comparison(
        exp(middle),
        exp(middle - half),
        exp(middle + half),
        p_value,
        None,
        (first.count, second.count),
    )


def difference_of_shares(
    first: tuple[int, int], second: tuple[int, int], confidence: float = CONFIDENCE
) -> Comparison:
    """Return first minus second of (successes, trials) with Newcombe's interval and Cohen's h.

    The p value is the pooled z test's, Fisher's exact test's where an expected count is below 5.
    Source: R. G. Newcombe, Statistics in Medicine 17 (1998), method 10. Raises ValueError as
    `intervals.share` does.
    """
    one, two = share(*first, confidence), share(*second, confidence)
    value = one.value - two.value
    low = value - sqrt((one.value - one.low) ** 2 + (two.high - two.value) ** 2)
    high = value + sqrt((one.high - one.value) ** 2 + (two.value - two.low) ** 2)
    return Comparison(
        value,
        low,
        high,
        _shares_p_value(first, second),
        _cohens_h(one.value, two.value),
        (first[1], second[1]),
    )


def same_shares(
    first: tuple[int, int], second: tuple[int, int], margin: float, alpha: float = 1 - CONFIDENCE
) -> bool:
    """Whether two shares are the same within `margin`, proved by two one-sided tests.

    So it is if the interval of level 1 - 2 alpha of their difference lies inside the margin. False
    means not proved, not different. Source: D. J. Schuirmann, J. Pharmacokin. Biopharm. 15 (1987).
    """
    found = difference_of_shares(first, second, 1 - 2 * alpha)
    return -margin < found.low and found.high < margin


def homogeneous(counts: Sequence[Sequence[int]]) -> Tested | None:
    """Test whether rows of counts (groups) have the same distribution over the columns.

    Pearson's chi-square; None where a group or column is empty, there are fewer than two of either,
    or an expected count is below 5, so that nothing can be told.
    """
    rows = [sum(row) for row in counts]
    columns = [sum(column) for column in zip(*counts, strict=True)]
    total = sum(rows)
    if len(rows) < 2 or len(columns) < 2 or 0 in rows or 0 in columns:
        return None
    expected = [[row * column / total for column in columns] for row in rows]
    if min(min(row) for row in expected) < SMALLEST_EXPECTED:
        return None
    statistic = sum(
        (seen - wanted) ** 2 / wanted
        for seen_row, wanted_row in zip(counts, expected, strict=True)
        for seen, wanted in zip(seen_row, wanted_row, strict=True)
    )
    smaller = min(len(rows), len(columns)) - 1
    degrees = (len(rows) - 1) * (len(columns) - 1)
    return Tested(
        statistic, degrees, _chi_square_tail(statistic, degrees), sqrt(statistic / total / smaller)
    )


def holm(p_values: Sequence[float]) -> list[float]:
    """Return the p values adjusted for their number, in the given order.

    Source: S. Holm, Scandinavian Journal of Statistics 6 (1979).
    """
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    adjusted = [0.0] * len(p_values)
    worst = 0.0
    for place, index in enumerate(order):
        worst = max(worst, min(1.0, (len(p_values) - place) * p_values[index]))
        adjusted[index] = worst
    return adjusted


def tied(groups: Mapping[str, Moments], alpha: float = 1 - CONFIDENCE) -> list[tuple[str, str]]:
    """Return the pairs of groups whose means cannot be told apart, names in order of their means.

    Pairs are tested by Welch's test with Holm's correction; a group of under two ties with all.
    """
    names = sorted(groups, key=lambda name: -groups[name].mean)
    pairs = list(combinations(names, 2))
    found = [difference_of_means(groups[one], groups[two]) for one, two in pairs]
    adjusted = holm([comparison.p_value if comparison else 1.0 for comparison in found])
    return [pair for pair, p_value in zip(pairs, adjusted, strict=True) if p_value > alpha]


def ratio_of_sums(
    count: int, y: float, x: float, yy: float, xx: float, xy: float, confidence: float = CONFIDENCE
) -> Estimate | None:
    """Return the sum of y over the sum of x with its interval, units being what was drawn.

    For money a purchase where customers were drawn: count is that of customers, y their money, x
    their purchases, and yy, xx, xy the sums of squares and products over customers. Linearised
    (delta method). None without x or for fewer than two units. Source: W. G. Cochran, Sampling
    Techniques, 3rd ed., chapter 6.
    """
    if count < 2 or x <= 0:
        return None
    value = y / x
    residual = max(0.0, yy - 2 * value * xy + value**2 * xx)
    error = sqrt(count * residual / (count - 1)) / x
    half = student_t(confidence, count - 1) * error
    return Estimate(value, value - half, value + half, count)


def correlation(
    count: int, y: float, x: float, yy: float, xx: float, xy: float, confidence: float = CONFIDENCE
) -> Estimate | None:
    """Return Pearson's correlation of two measures from their sums, with Fisher's z interval.

    None for fewer than four pairs or a measure without spread.
    """
    spread_y, spread_x = yy - y * y / count, xx - x * x / count
    if count < 4 or spread_y <= 0 or spread_x <= 0:
        return None
    value = max(-1.0, min(1.0, (xy - x * y / count) / sqrt(spread_y * spread_x)))
    if abs(value) == 1.0:
        return Estimate(value, value, value, count)
    middle, half = 0.5 * log((1 + value) / (1 - value)), _normal(confidence) / sqrt(count - 3)
    low, high = ((exp(2 * z) - 1) / (exp(2 * z) + 1) for z in (middle - half, middle + half))
    return Estimate(value, low, high, count)


def _cohens_h(first: float, second: float) -> float:
    from math import asin

    return 2 * asin(sqrt(first)) - 2 * asin(sqrt(second))


def _shares_p_value(first: tuple[int, int], second: tuple[int, int]) -> float:
    successes, trials = first[0] + second[0], first[1] + second[1]
    pooled = successes / trials
    if min(first[1], second[1]) * min(pooled, 1 - pooled) < SMALLEST_EXPECTED:
        from scipy.stats import fisher_exact

        table = [[first[0], first[1] - first[0]], [second[0], second[1] - second[0]]]
        return float(fisher_exact(table).pvalue)
    error = sqrt(pooled * (1 - pooled) * (1 / first[1] + 1 / second[1]))
    return _two_sided_normal((first[0] / first[1] - second[0] / second[1]) / error)


def _normal(confidence: float) -> float:
    return NormalDist().inv_cdf(0.5 + confidence / 2)


def _two_sided_normal(z: float) -> float:
    return 2 * NormalDist().cdf(-abs(z))


def _chi_square_tail(statistic: float, degrees: int) -> float:
    from scipy.special import chdtrc

    return float(chdtrc(degrees, statistic))
