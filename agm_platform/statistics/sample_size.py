"""How many units an experiment of two equal groups needs, and what a given number can find.

Source of the formulas: J. L. Fleiss, Statistical Methods for Rates and Proportions, 3rd ed.,
chapter 4, without continuity correction; two-sided tests.
"""

from __future__ import annotations

from math import ceil, sqrt
from statistics import NormalDist

from agm_platform.contracts.business import CONFIDENCE


def for_shares(first: float, second: float, power: float, alpha: float = 1 - CONFIDENCE) -> int:
    """Return the units a group that tell two shares apart.

    Raises ValueError unless the shares differ and lie between 0 and 1.
    """
    if first == second or min(first, second) < 0 or max(first, second) > 1:
        msg = f"two different shares between 0 and 1 are needed, not {first} and {second}"
        raise ValueError(msg)
    middle = (first + second) / 2
    chance, found = _quantiles(power, alpha)
    spread = chance * sqrt(2 * middle * (1 - middle)) + found * sqrt(
        first * (1 - first) + second * (1 - second)
    )
    return ceil((spread / (first - second)) ** 2)


def for_means(
    deviation: float, difference: float, power: float, alpha: float = 1 - CONFIDENCE
) -> int:
    """Return the units a group that tell two means apart, of the given standard deviation.

    Raises ValueError for a difference of 0.
    """
    if difference == 0:
        msg = "no number of units finds a difference of nothing"
        raise ValueError(msg)
    return max(2, ceil(2 * (sum(_quantiles(power, alpha)) * deviation / difference) ** 2))


def detectable_share(
    share: float, units: int, power: float, alpha: float = 1 - CONFIDENCE
) -> float | None:
    """Return the least rise of a share that `units` in each group find; None if none up to 1."""
    if units < 1 or share >= 1 or for_shares(share, 1.0, power, alpha) > units:
        return None
    low, high = share, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        if middle == share or for_shares(share, middle, power, alpha) > units:
            low = middle
        else:
            high = middle
    return high - share


def _quantiles(power: float, alpha: float) -> tuple[float, float]:
    normal = NormalDist()
    return normal.inv_cdf(1 - alpha / 2), normal.inv_cdf(power)
