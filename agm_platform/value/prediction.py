"""What a fitted model expects of customers and of groups of them, and how sure that is.

Of one customer the interval is that of the expectation: parameters are estimates. Of a group's
total it is that of what will happen: chance is added to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from agm_platform.contracts.business import CONFIDENCE
from agm_platform.value import bg_nbd, gamma_gamma
from agm_platform.value.histories import DAYS_A_UNIT, Histories

if TYPE_CHECKING:
    from collections.abc import Callable

    from agm_platform.value.fitting import Fit

Array = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]

STEP = 1e-4
"""Step of the differences by which an expectation depends on a parameter's logarithm."""
SMALLEST = 1e-12


@dataclass(frozen=True, slots=True)
class Expected:
    """An expectation for each row and its slope in the logarithm of each parameter."""

    value: Array
    slopes: Array

    def interval(
        self, covariance: Array, confidence: float = CONFIDENCE, *, most: float = np.inf
    ) -> tuple[Array, Array]:
        """Return the ends by the delta method, on the log scale (logit where `most` is 1)."""
        variance = ((self.slopes @ covariance) * self.slopes).sum(axis=1)
        error = np.sqrt(np.maximum(variance, 0))
        z = NormalDist().inv_cdf(0.5 + confidence / 2)
        value = np.maximum(self.value, SMALLEST)
        if most == 1:
            rest = np.maximum(1 - self.value, SMALLEST)
            odds, half = np.log(value / rest), np.minimum(z * error / (value * rest), 50.0)
            low, high = 1 / (1 + np.exp(half - odds)), 1 / (1 + np.exp(-half - odds))
            sure = (self.value >= 1) | (error == 0)
            return np.where(sure, self.value, low), np.where(sure, self.value, high)
        ratio = np.exp(np.minimum(z * error / value, 50.0))
        return self.value / ratio, self.value * ratio


@dataclass(frozen=True, slots=True)
class Total:
    """A total to come with the ends of its prediction interval; NaN where none can be told."""

    value: float
    low: float
    high: float


def grouped(frequency: Array, recency_days: Array, age_days: Array) -> tuple[Histories, Places]:
    """Return the distinct histories of customers, and the place of each customer's in them."""
    parts = [np.asarray(part, dtype=np.int64) for part in (frequency, recency_days, age_days)]
    key = (parts[0] << 40) + (parts[1] << 20) + parts[2]
    found, place, counts = np.unique(key, return_inverse=True, return_counts=True)
    weeks = DAYS_A_UNIT
    low = (1 << 20) - 1
    return (
        Histories(
            (found >> 40).astype(float),
            ((found >> 20) & low) / weeks,
            (found & low) / weeks,
            counts.astype(float),
        ),
        place.astype(np.intp),
    )


def expected(function: Callable[[Array], Array], logs: Array) -> Expected:
    """Return a function of the parameters' logarithms with its slopes, by central differences."""
    slopes = [
        (function(logs + step) - function(logs - step)) / (2 * STEP)
        for step in np.eye(len(logs)) * STEP
    ]
    return Expected(function(logs), np.column_stack(slopes))


def purchases(fit: Fit, histories: Histories, days: float) -> Expected:
    """Return the expected purchases of each history in the next `days`."""
    weeks = days / DAYS_A_UNIT
    return expected(lambda logs: bg_nbd.expected_purchases(logs, histories, weeks), fit.logs)


def alive(fit: Fit, histories: Histories) -> Expected:
    """Return the chance that customers of each history have not left."""
    return expected(lambda logs: bg_nbd.probability_alive(logs, histories), fit.logs)


def value_of_purchase(fit: Fit, frequency: Array, mean_value: Array) -> Expected:
    """Return the expected value of a purchase of each customer, in the unit of the values."""
    return expected(lambda logs: gamma_gamma.expected_value(logs, frequency, mean_value), fit.logs)


def product(first: Expected, second: Expected) -> Expected:
    """Return the product of two expectations of independent parameters: purchases times value."""
    slopes = np.hstack([first.slopes * second.value[:, None], second.slopes * first.value[:, None]])
    return Expected(first.value * second.value, slopes)


def both(first: Fit, second: Fit) -> Array:
    """Return the covariance of two fits' parameters together, which are independent."""
    sizes = len(first.values), len(second.values)
    covariance = np.zeros((sum(sizes), sum(sizes)))
    covariance[: sizes[0], : sizes[0]] = first.covariance_array
    covariance[sizes[0] :, sizes[0] :] = second.covariance_array
    return covariance


def total(
    found: Expected,
    weights: Array,
    covariance: Array,
    variances: Array | None,
    confidence: float = CONFIDENCE,
) -> Total:
    """Return the total over rows, each `weights` customers, with its prediction interval.

    `variances` are what chance adds for one customer of each row; None gives no interval.
    """
    value = float(weights @ found.value)
    if variances is None:
        return Total(value, float("nan"), float("nan"))
    slope = weights @ found.slopes
    variance = float(slope @ covariance @ slope + weights @ variances)
    half = NormalDist().inv_cdf(0.5 + confidence / 2) * variance**0.5
    return Total(value, max(0.0, value - half), value + half)


def value_variances(
    fit: Fit, frequency: Array, mean_value: Array, mean: Array, variance: Array
) -> Array | None:
    """Return the variance of what each customer will spend, from moments of their purchases.

    None where the model's variances are infinite.
    """
    moments = gamma_gamma.value_moments(fit.logs, frequency, mean_value)
    if moments is None:
        return None
    own, between, within = moments
    return mean * within + (variance + mean**2) * (between + own**2) - (mean * own) ** 2
