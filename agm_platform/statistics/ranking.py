"""How well a score tells two groups apart."""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING

from agm_platform.contracts.business import CONFIDENCE
from agm_platform.statistics.intervals import Estimate

if TYPE_CHECKING:
    from collections.abc import Sequence


def area_under_curve(
    higher: Sequence[float], lower: Sequence[float], confidence: float = CONFIDENCE
) -> Estimate:
    """Return how often a score of the group `higher` is above one of `lower`; ties count half.

    This is the area under the ROC curve (0.5: no better than chance), with the interval of
    J. A. Hanley and B. J. McNeil, "The meaning and use of the area under a receiver operating
    characteristic (ROC) curve", Radiology 143 (1982). Raises ValueError for an empty group.
    """
    import numpy as np

    if not len(higher) or not len(lower):
        msg = "an area under the curve needs scores in both groups"
        raise ValueError(msg)
    ordered = np.sort(np.asarray(lower, dtype=float))
    below = np.searchsorted(ordered, higher, side="left")
    not_above = np.searchsorted(ordered, higher, side="right")
    trials, others = len(higher), len(lower)
    area = float((below + not_above).sum() / (2 * trials * others))
    both_higher, both_lower = area / (2 - area), 2 * area * area / (1 + area)
    variance = (
        area * (1 - area)
        + (trials - 1) * (both_higher - area * area)
        + (others - 1) * (both_lower - area * area)
    ) / (trials * others)
    half = NormalDist().inv_cdf(0.5 + confidence / 2) * sqrt(max(variance, 0))
    return Estimate(area, max(area - half, 0), min(area + half, 1), trials + others)
