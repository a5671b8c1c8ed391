"""Groups compared by ranks, which a few large values cannot sway; from counts of values."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, NamedTuple

from agm_platform.contracts.business import CONFIDENCE
from agm_platform.statistics.groups import Comparison
from agm_platform.statistics.student import student_t, two_sided

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class RankTest(NamedTuple):
    """Kruskal's and Wallis' H, its p value, and epsilon squared: 0 none to 1 all of the order."""

    statistic: float
    degrees: int
    p_value: float
    epsilon_squared: float


def superiority(
    first: Mapping[float, int], second: Mapping[float, int], confidence: float = CONFIDENCE
) -> Comparison | None:
    """Return how often a value of `first` is above one of `second`; ties count half.

    Groups are given as {value: how often}. 0.5 says neither is above; the interval and the p value
    (of 0.5) hold for unequal spreads and any skewness; `effect_size` is Cliff's delta. None if a
    group has fewer than two values. Source: E. Brunner, U. Munzel, Biometrical Journal 42 (2000).
    """
    import numpy as np

    sizes = (sum(first.values()), sum(second.values()))
    if min(sizes) < 2:
        return None
    values = sorted({*first, *second})
    counts = [np.array([group.get(value, 0) for value in values]) for group in (first, second)]
    # The share of the other group that lies below each value, ties half.
    placed = [
        (np.cumsum(other) - other / 2) / size
        for other, size in zip(reversed(counts), reversed(sizes), strict=True)
    ]
    above = float((counts[0] * placed[0]).sum() / sizes[0])
    middles = (above, 1 - above)
    errors = [
        float((own * (places - middle) ** 2).sum()) / (size - 1) / size
        for own, places, middle, size in zip(counts, placed, middles, sizes, strict=True)
    ]
    error = sum(errors)
    delta = 2 * above - 1
    if error == 0:
        return Comparison(above, above, above, 1.0 if above == 0.5 else 0.0, delta, sizes)
    degrees = error**2 / sum(each**2 / (size - 1) for each, size in zip(errors, sizes, strict=True))
    half = student_t(confidence, degrees) * sqrt(error)
    p_value = two_sided((above - 0.5) / sqrt(error), degrees)
    return Comparison(above, max(0.0, above - half), min(1.0, above + half), p_value, delta, sizes)


def kruskal_wallis(groups: Sequence[Mapping[float, int]]) -> RankTest | None:
    """Test whether several groups, each {value: how often}, have the same distribution.

    Corrected for ties. None for fewer than two groups with values, or if all values are equal.
    Source: W. H. Kruskal, W. A. Wallis, JASA 47 (1952).
    """
    import numpy as np
    from scipy.special import chdtrc

    filled = [group for group in groups if sum(group.values())]
    values = sorted({value for group in filled for value in group})
    if len(filled) < 2 or len(values) < 2:
        return None
    counts = np.array([[group.get(value, 0) for value in values] for group in filled], dtype=float)
    ties = counts.sum(axis=0)
    total = float(ties.sum())
    ranks = np.cumsum(ties) - (ties - 1) / 2
    sizes = counts.sum(axis=1)
    spread = ((counts @ ranks) ** 2 / sizes).sum()
    plain = 12 / (total * (total + 1)) * spread - 3 * (total + 1)
    statistic = max(0.0, float(plain / (1 - (ties**3 - ties).sum() / (total**3 - total))))
    degrees = len(filled) - 1
    p_value = float(chdtrc(degrees, statistic))
    return RankTest(statistic, degrees, p_value, statistic / (total - 1))
