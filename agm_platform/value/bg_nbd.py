"""BG/NBD: how often a customer buys, and whether they still do.

Purchases come at random at a rate of the customer's own; after each one the customer may be gone.
Source: P. S. Fader, B. G. S. Hardie, K. L. Lee, "Counting Your Customers the Easy Way: An
Alternative to the Pareto/NBD Model", Marketing Science 24 (2005). Numbers of equations are theirs.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from agm_platform.value.fitting import Fit, FitError, maximise
from agm_platform.value.histories import Histories

Array = npt.NDArray[np.float64]

NAMES = ("r", "alpha", "a", "b")
BOUNDS = ((1e-3, 1e3), (1e-3, 1e4), (1e-3, 300.0), (1e-3, 300.0))
"""Beyond them a parameter says only that customers are alike, or that nobody leaves."""
STARTS = ((0.5, 5.0, 0.8, 2.5), (2.0, 4.0, 0.2, 5.0))
SINGULAR = 1e-5
"""Nearer to 1 than this, a is moved away: the formula divides by a - 1."""
NODES = 40
"""Points of the quadrature over the chance of leaving: exact to six digits up to 200 purchases."""


def fit(histories: Histories, start: Fit | None = None) -> Fit:
    """Return the maximum likelihood fit, standard errors from the Hessian.

    The search begins at `start`, a fit of similar data, if there is one. Raises FitError without a
    customer who came back.
    """
    if histories.repeaters == 0:
        msg = "nobody bought twice: nothing can be learnt about coming back"
        raise FitError(msg)
    starts = STARTS if start is None else (start.values, *STARTS)
    return maximise(
        lambda logs: log_likelihood(logs, histories), NAMES, starts, BOUNDS, histories.total
    )


def log_likelihood(logs: Array, histories: Histories) -> tuple[float, Array]:
    """Return the log likelihood (equation 6) and its gradient in the parameters' logarithms."""
    from scipy.special import digamma, gammaln

    r, alpha, a, b = np.exp(logs)
    x, weight = histories.frequency, histories.customers
    came_back = x > 0
    full, last = alpha + histories.age, alpha + histories.recency
    # Functions of x alone are computed once for each of its values: there are few.
    place = x.astype(np.int64)
    counts = np.arange(place.max() + 1.0)
    chance = (
        gammaln(r + counts)
        - gammaln(r)
        + r * np.log(alpha)
        + gammaln(a + b)
        + gammaln(b + counts)
        - gammaln(b)
        - gammaln(a + b + counts)
    )[place]
    stays = -(r + x) * np.log(full)
    before = np.where(came_back, b + x - 1, 1.0)
    leaves = np.where(came_back, np.log(a) - np.log(before) - (r + x) * np.log(last), -np.inf)
    both = np.logaddexp(stays, leaves)
    value = float((weight * (chance + both)).sum())

    gone = np.exp(leaves - both)
    alive = 1 - gone
    slope_r = (digamma(r + counts) - digamma(r) + np.log(alpha))[place]
    slope_r -= alive * np.log(full) + gone * np.log(last)
    slope_alpha = r / alpha - (r + x) * (alive / full + gone / last)
    slope_a = (digamma(a + b) - digamma(a + b + counts))[place] + gone / a
    slope_b = (digamma(a + b) + digamma(b + counts) - digamma(b) - digamma(a + b + counts))[place]
    slope_b -= gone / before
    slopes = np.array(
        [(weight * each).sum() for each in (slope_r, slope_alpha, slope_a, slope_b)]
    )  # no threads of a dot product
    return value, slopes * np.exp(logs)


def probability_alive(logs: Array, histories: Histories) -> Array:
    """Return the chance that a customer of each history has not left; 1 without a repeat."""
    r, alpha, a, b = np.exp(logs)
    x = histories.frequency
    before = np.where(x > 0, b + x - 1, 1.0)
    ratio = np.log(a / before) + (r + x) * (
        np.log(alpha + histories.age) - np.log(alpha + histories.recency)
    )
    return np.where(x > 0, 1 / (1 + np.exp(np.minimum(ratio, 700.0))), 1.0)


def expected_purchases(logs: Array, histories: Histories, weeks: float) -> Array:
    """Return the expected purchases in the next `weeks` (equation 10).

    The hypergeometric function is taken after Euler's transformation, in which no term overflows.
    """
    from scipy.special import hyp2f1

    r, alpha, a, b = np.exp(logs)
    if abs(a - 1) < SINGULAR:
        a = 1 + SINGULAR
    x = histories.frequency
    z = weeks / (alpha + histories.age + weeks)
    hyper = hyp2f1(a + b - 1 - r, a - 1, a + b + x - 1, z)
    if_alive = (a + b + x - 1) / (a - 1) * (1 - (1 - z) ** (a - 1) * hyper)
    return np.maximum(if_alive, 0.0) * probability_alive(np.log([r, alpha, a, b]), histories)


def probability_of_purchase(logs: Array, histories: Histories, weeks: float) -> Array:
    """Return the chance of at least one purchase in the next `weeks`."""
    r, alpha, *_ = np.exp(logs)
    end = alpha + histories.age
    none = np.exp((r + histories.frequency) * (np.log(end) - np.log(end + weeks)))
    return probability_alive(logs, histories) * (1 - none)


def purchase_moments(logs: Array, histories: Histories, weeks: float) -> tuple[Array, Array]:
    """Return the mean and the variance of the purchases in the next `weeks`, by quadrature.

    Given rate and chance p of leaving, purchases are the lesser of a Poisson and a geometric
    number, whose factorial moments are closed; the rate is integrated out, p by Gauss and Jacobi.
    """
    from scipy.special import roots_jacobi

    r, alpha, a, b = np.exp(logs)
    counts, place = np.unique(histories.frequency, return_inverse=True)
    nodes, weights = np.empty((len(counts), NODES)), np.empty((len(counts), NODES))
    for row, count in enumerate(counts):
        points, own = roots_jacobi(NODES, b + count - 1, a - 1)
        nodes[row], weights[row] = (points + 1) / 2, own / own.sum()
    mean, pairs = np.empty(len(histories)), np.empty(len(histories))
    shape, end = r + histories.frequency, alpha + histories.age
    for first in range(0, len(histories), 20_000):  # nodes by histories: bounded memory
        part = slice(first, first + 20_000)
        p, own = nodes[place[part]], weights[place[part]]
        rate_shape, rate_end = shape[part, None], end[part, None]
        survives = np.exp(rate_shape * (np.log(rate_end) - np.log(rate_end + p * weeks)))
        left = rate_shape * p * weeks / (rate_end + p * weeks)
        mean[part] = (own * _over(1 - survives, p, rate_shape / rate_end * weeks)).sum(axis=1)
        second = 2 * (1 - p) * (1 - survives * (1 + left))
        limit = rate_shape * (rate_shape + 1) / rate_end**2 * weeks**2
        pairs[part] = (own * _over(second, p * p, limit)).sum(axis=1)
    alive = probability_alive(logs, histories)
    mean, pairs = mean * alive, pairs * alive
    return mean, np.maximum(pairs + mean - mean**2, 0.0)


def _over(numerator: Array, denominator: Array, limit: Array) -> Array:
    """Divide, with the limit where the denominator is too small for the digits there are."""
    is_small = denominator < 1e-9
    return np.where(is_small, limit, numerator / np.where(is_small, 1.0, denominator))
