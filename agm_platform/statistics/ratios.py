"""Ratios of sums, such as money a purchase where customers were drawn, made comparable."""

from __future__ import annotations

from agm_platform.statistics.groups import Moments


def linearised(count: int, y: float, x: float, yy: float, xx: float, xy: float) -> Moments | None:
    """Return moments whose mean is the sum of y over the sum of x, per unit drawn.

    Their variance is that of the linearised ratio, so that `groups.mean` and
    `groups.difference_of_means` give its interval and compare two of them. `count` is that of units
    drawn (customers), y and x their sums, yy, xx and xy the sums of squares and products. None
    without x or units. Source: W. G. Cochran, Sampling Techniques, 3rd ed., chapter 6.
    """
    if count < 1 or x <= 0:
        return None
    ratio = y / x
    residual = max(0.0, yy - 2 * ratio * xy + ratio**2 * xx)
    spread = residual / (count - 1) / (x / count) ** 2 if count > 1 else 0.0
    return Moments(count, ratio, spread)
