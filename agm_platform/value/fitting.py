"""Maximum likelihood in the logarithms of positive parameters: estimate, covariance, interval."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Likelihood = Callable[["Array"], tuple[float, "Array"]]

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

MOST_STEPS = 200
TOLERANCE = 1e-9
"""Relative change of the likelihood below which the search stops; Newton does the rest."""
NEWTON_STEPS = 8
SMALL_STEP = 1e-6
STEP = 1e-4
"""Step of the central differences of the gradient, in logarithms: error of the order of 1e-8."""
NEAR_BOUND = 1e-3


class FitError(ValueError):
    """The data do not determine the parameters: too few, or all alike."""


@dataclass(frozen=True, slots=True)
class Fit:
    """Parameters, the covariance of their logarithms, the log likelihood and what it rests on.

    A parameter at its bound is not determined by the data: its variance is 0 and it is named in
    `at_bound`.
    """

    names: tuple[str, ...]
    values: tuple[float, ...]
    covariance: tuple[tuple[float, ...], ...]
    log_likelihood: float
    customers: int
    at_bound: tuple[str, ...] = ()

    @property
    def logs(self) -> Array:
        """The logarithms of the parameters."""
        return np.log(np.array(self.values))

    @property
    def covariance_array(self) -> Array:
        """The covariance of the logarithms."""
        return np.array(self.covariance)

    def value(self, name: str) -> float:
        """Return one parameter."""
        return self.values[self.names.index(name)]

    def standard_error(self, name: str) -> float:
        """Return the standard error of one parameter, by the delta method; NaN at a bound."""
        if name in self.at_bound:
            return float("nan")
        place = self.names.index(name)
        return self.values[place] * sqrt(self.covariance[place][place])

    def interval(self, name: str, confidence: float) -> tuple[float, float]:
        """Return the interval of one parameter, symmetric in its logarithm; NaN at a bound."""
        if name in self.at_bound:
            return float("nan"), float("nan")
        place = self.names.index(name)
        half = NormalDist().inv_cdf(0.5 + confidence / 2) * sqrt(self.covariance[place][place])
        middle = log(self.values[place])
        return exp(middle - half), exp(middle + half)


def maximise(
    log_likelihood: Likelihood,
    names: Sequence[str],
    starts: Sequence[Sequence[float]],
    bounds: Sequence[tuple[float, float]],
    customers: int,
) -> Fit:
    """Return the best fit from several starts; parameters, starts and bounds are positive numbers.

    `log_likelihood` takes logarithms of the parameters and returns the value and its gradient.
    Raises FitError if no start converges or the curvature at the maximum is not that of one.
    """
    from scipy.optimize import minimize

    scale = max(customers, 1)

    def loss(logs: Array) -> tuple[float, Array]:
        value, gradient = log_likelihood(logs)
        return -value / scale, -gradient / scale

    limits = [(log(low), log(high)) for low, high in bounds]
    best = None
    for start in starts:
        found = minimize(
            loss,
            np.log(np.clip(start, *np.array(bounds).T)),
            jac=True,
            method="L-BFGS-B",
            bounds=limits,
            options={"maxiter": MOST_STEPS, "ftol": TOLERANCE, "gtol": 1e-7},
        )
        if np.isfinite(found.fun) and (best is None or found.fun < best.fun):
            best = found
        if best is not None and _free(best.x, limits).all():
            break  # a maximum inside the bounds; the other starts are for those that end at one
    if best is None:
        msg = f"no fit of {', '.join(names)} was found"
        raise FitError(msg)
    logs = np.array(best.x)
    is_free = _free(logs, limits)
    logs = _polished(log_likelihood, logs, is_free, limits)
    value = log_likelihood(logs)[0]
    covariance = _covariance(log_likelihood, logs, is_free)
    return Fit(
        tuple(names),
        tuple(float(value) for value in np.exp(logs)),
        tuple(tuple(float(each) for each in row) for row in covariance),
        float(value),
        customers,
        tuple(name for name, free in zip(names, is_free, strict=True) if not free),
    )


def _free(logs: Array, limits: Sequence[tuple[float, float]]) -> Mask:
    """Return which parameters lie within their bounds and not at one."""
    low, high = np.array(limits).T
    free: Mask = (logs > low + NEAR_BOUND) & (logs < high - NEAR_BOUND)
    return free


def _polished(
    log_likelihood: Likelihood, logs: Array, is_free: Mask, limits: Sequence[tuple[float, float]]
) -> Array:
    """Return the maximum after a few Newton steps of the free parameters, each only if it climbs.

    The search before stops early where the likelihood is flat; near the maximum Newton is quicker.
    """
    low, high = np.array(limits).T
    free = np.flatnonzero(is_free)
    value, gradient = log_likelihood(logs)
    for _ in range(NEWTON_STEPS):
        information = _information(log_likelihood, logs)[np.ix_(free, free)]
        if not len(free) or np.linalg.eigvalsh(information).min() <= 0:
            break
        step = np.zeros(len(logs))
        step[free] = np.linalg.solve(information, gradient[free])
        moved = np.clip(logs + step, low, high)
        moved_value, moved_gradient = log_likelihood(moved)
        if not moved_value > value:
            break
        logs, value, gradient = moved, moved_value, moved_gradient
        if np.abs(step).max() < SMALL_STEP:
            break
    return logs


def _information(log_likelihood: Likelihood, logs: Array) -> Array:
    """Return the observed information: the Hessian less its sign, from the gradient."""
    rows = []
    for step in np.eye(len(logs)) * STEP:
        above, below = log_likelihood(logs + step)[1], log_likelihood(logs - step)[1]
        rows.append((below - above) / (2 * STEP))
    found = np.array(rows)
    return (found + found.T) / 2


def _covariance(log_likelihood: Likelihood, logs: Array, is_free: Mask) -> Array:
    """Return the inverse of the observed information of the free parameters, 0 elsewhere."""
    covariance = np.zeros((len(logs), len(logs)))
    free = np.flatnonzero(is_free)
    if len(free):
        inner = _information(log_likelihood, logs)[np.ix_(free, free)]
        if np.linalg.eigvalsh(inner).min() <= 0:
            msg = "the likelihood has no maximum here: the data do not determine the parameters"
            raise FitError(msg)
        covariance[np.ix_(free, free)] = np.linalg.inv(inner)
    return covariance
