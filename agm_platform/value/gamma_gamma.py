"""Gamma-Gamma: what a customer's purchase is worth, from the mean of those seen.

A customer's purchases scatter about a mean of their own, and means differ between customers; how
often somebody buys is taken to say nothing about it. Source: P. S. Fader, B. G. S. Hardie, "The
Gamma-Gamma Model of Monetary Value" (2013).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from agm_platform.value.fitting import Fit, FitError, maximise
from agm_platform.value.histories import Values

Array = npt.NDArray[np.float64]

NAMES = ("p", "q", "v")
BOUNDS = ((1e-2, 1e4), (1.01, 1e4), (1e-6, 1e9))
"""q above 1: below it customers have no mean, and nothing could be expected of them."""
FEWEST_CUSTOMERS = 30


def fit(values: Values) -> Fit:
    """Return the maximum likelihood fit of values above 0.

    Raises FitError for fewer than FEWEST_CUSTOMERS customers, or values that are all equal.
    """
    if values.total < FEWEST_CUSTOMERS or np.ptp(values.mean_value) <= 0:
        msg = "too few customers came back with different values"
        raise FitError(msg)
    mean = float(values.customers @ values.mean_value / values.total)
    scaled = Values(values.frequency, values.mean_value / mean, values.customers)
    found = maximise(
        lambda logs: log_likelihood(logs, scaled),
        NAMES,
        ((4.0, 4.0, 1.0), (1.0, 2.0, 1.0)),
        BOUNDS,
        values.total,
    )
    p, q, v = found.values
    shift = float(values.total * np.log(mean))
    return Fit(
        NAMES,
        (p, q, v * mean),
        found.covariance,
        found.log_likelihood - shift,
        found.customers,
        found.at_bound,
    )


def log_likelihood(logs: Array, values: Values) -> tuple[float, Array]:
    """Return the log likelihood of the mean values and its gradient in the logarithms."""
    from scipy.special import digamma, gammaln

    p, q, v = np.exp(logs)
    x, z, weight = values.frequency, values.mean_value, values.customers
    place = x.astype(np.int64) - 1
    counts = np.arange(1.0, place.max() + 2.0)
    shape, total = p * x, v + x * z
    own = (gammaln(p * counts + q) - gammaln(p * counts) - gammaln(q) + q * np.log(v))[place]
    log_z, log_x, log_total = np.log(z), np.log(x), np.log(total)
    value = float(
        (weight * (own + (shape - 1) * log_z + shape * log_x - (shape + q) * log_total)).sum()
    )
    slope_p = (counts * (digamma(p * counts + q) - digamma(p * counts)))[place]
    slope_p += x * (log_z + log_x - log_total)
    slope_q = (digamma(p * counts + q) - digamma(q) + np.log(v))[place] - log_total
    slope_v = q / v - (shape + q) / total
    slopes = np.array(
        [(weight * each).sum() for each in (slope_p, slope_q, slope_v)]
    )  # no threads of a dot product
    return value, slopes * np.exp(logs)


def expected_value(logs: Array, frequency: Array, mean_value: Array) -> Array:
    """Return the expected value of a purchase of each customer; frequency may be 0."""
    p, q, v = np.exp(logs)
    return p * (v + frequency * mean_value) / (p * frequency + q - 1)


def value_moments(
    logs: Array, frequency: Array, mean_value: Array
) -> tuple[Array, Array, Array] | None:
    """Return by customer: mean of the own mean, variance of it, mean variance within a customer.

    None if q is 2 or less: variances are then infinite.
    """
    p, q, v = np.exp(logs)
    if q <= 2:
        return None
    shape, total = p * frequency + q, v + frequency * mean_value
    mean = p * total / (shape - 1)
    squared = total**2 / ((shape - 1) * (shape - 2))
    return mean, p**2 * squared - mean**2, p * squared
