"""Student's t: the width of an interval and the two-sided p value, for every file beside this."""

from __future__ import annotations


def student_t(confidence: float, degrees: float) -> float:
    """Return how many standard errors a two-sided interval of this confidence reaches."""
    from scipy.special import stdtrit  # 0.2 s to import: only when an interval is made

    return float(stdtrit(degrees, 0.5 + confidence / 2))


def two_sided(statistic: float, degrees: float) -> float:
    """Return the p value of a statistic that is as far from 0 on either side."""
    from scipy.special import stdtr

    return float(2 * stdtr(degrees, -abs(statistic)))
