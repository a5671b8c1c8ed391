"""Tests over many groups at once: are their means equal, are values spread evenly?"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agm_platform.statistics.groups import SMALLEST_EXPECTED, Moments

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class EqualMeans(NamedTuple):
    """Welch's F with its degrees of freedom and p value; eta_squared is the share explained."""

    statistic: float
    p_value: float
    eta_squared: float
    groups: int
    sample_size: int


class EvenSpread(NamedTuple):
    """Pearson's chi-square of counts against equal ones."""

    statistic: float
    p_value: float
    values: int
    sample_size: int


def equal_means(groups: Iterable[Moments]) -> EqualMeans | None:
    """Test whether groups have the same mean, their variances being what they are.

    Groups of fewer than two observations or without spread are left out; None if fewer than two
    groups are left. Source: B. L. Welch, "On the comparison of several mean values", Biometrika 38
    (1951). Eta squared is the sum of squares between the groups over the total one.
    """
    used = [group for group in groups if group.count > 1 and group.variance > 0]
    if len(used) < 2:
        return None
    from scipy.special import fdtrc

    number = len(used)
    weights = [1 / group.error_squared for group in used]
    total = sum(weights)
    middle = sum(w * group.mean for w, group in zip(weights, used, strict=True)) / total
    between = sum(w * (group.mean - middle) ** 2 for w, group in zip(weights, used, strict=True))
    uneven = sum(
        (1 - w / total) ** 2 / (group.count - 1) for w, group in zip(weights, used, strict=True)
    )
    degrees = number - 1
    scale = 1 + 2 * (number - 2) / (number**2 - 1) * uneven
    statistic = between / degrees / scale
    count = sum(group.count for group in used)
    mean = sum(group.count * group.mean for group in used) / count
    explained = sum(group.count * (group.mean - mean) ** 2 for group in used)
    rest = sum((group.count - 1) * group.variance for group in used)
    return EqualMeans(
        statistic,
        float(fdtrc(degrees, (number**2 - 1) / (3 * uneven), statistic)),
        explained / (explained + rest),
        number,
        count,
    )


def even_spread(counts: Sequence[int]) -> EvenSpread | None:
    """Test whether all values are equally frequent; a value that never occurs counts 0.

    None for fewer than two values or where fewer than five of each would be expected.
    """
    total, number = sum(counts), len(counts)
    if number < 2 or total / number < SMALLEST_EXPECTED:
        return None
    from scipy.special import chdtrc

    expected = total / number
    statistic = sum((count - expected) ** 2 for count in counts) / expected
    return EvenSpread(statistic, float(chdtrc(number - 1, statistic)), number, total)
