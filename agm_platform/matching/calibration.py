"""From match weights to probabilities: a rising step curve fitted to pairs whose truth is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Curve:
    """Match weights in rising order with the probability at each; straight lines between them.

    Beyond its ends the curve stays at its first and last probability.
    """

    weights: tuple[float, ...]
    probabilities: tuple[float, ...]
    pairs: int
    matches: int

    def __call__(self, weights: npt.ArrayLike) -> Floats:
        """Return the probability at each weight (bits)."""
        at = np.asarray(weights, dtype=float)
        return np.asarray(np.interp(at, self.weights, self.probabilities))


def fit_curve(weights: npt.ArrayLike, is_match: npt.ArrayLike) -> Curve:
    """Return the isotonic regression of `is_match` on the weights, never 0 or 1.

    Pool adjacent violators (Ayer et al., "An empirical distribution function for sampling with
    incomplete information", 1955); each pool of n pairs with k matches has the probability
    (k + 0.5) / (n + 1). Raises ValueError without pairs.
    """
    x = np.asarray(weights, dtype=float)
    y = np.asarray(is_match, dtype=float)
    if not len(x):
        msg = "a calibration curve needs pairs whose truth is known"
        raise ValueError(msg)
    levels, place = np.unique(x, return_inverse=True)
    counts = np.bincount(place).astype(float)
    matches = np.bincount(place, weights=y)
    # Each pool: first and last weight, pairs, matches.
    pools: list[list[float]] = []
    for weight, n, k in zip(levels.tolist(), counts.tolist(), matches.tolist(), strict=True):
        pools.append([weight, weight, n, k])
        while len(pools) > 1 and pools[-2][3] * pools[-1][2] >= pools[-1][3] * pools[-2][2]:
            _, last, n_last, k_last = pools.pop()
            pools[-1][1] = last
            pools[-1][2] += n_last
            pools[-1][3] += k_last
    knots: list[tuple[float, float]] = []
    for first, last, n, k in pools:
        probability = (k + 0.5) / (n + 1)
        knots += (
            [(first, probability)] if first == last else [(first, probability), (last, probability)]
        )
    # Shrinking may turn the order of a small pool and its neighbours: keep the curve rising.
    rising = np.maximum.accumulate([probability for _, probability in knots])
    return Curve(
        tuple(round(weight, 4) for weight, _ in knots),
        tuple(round(float(value), 6) for value in rising),
        len(x),
        int(y.sum()),
    )


def identity_curve() -> Curve:
    """Return the model's own probability of a weight, for a model without known truth."""
    weights = np.arange(-20.0, 21.0)
    odds = 2.0**weights
    return Curve(tuple(weights.tolist()), tuple((odds / (1 + odds)).tolist()), 0, 0)


def expected_calibration_error(
    probabilities: npt.ArrayLike, is_match: npt.ArrayLike, bins: int = 10
) -> float:
    """Return the mean distance between stated and observed share of matches over equal-width bins.

    Each bin counts by how many pairs it holds. Source: Naeini et al., "Obtaining well calibrated
    probabilities using Bayesian binning", AAAI 2015. NaN without pairs.
    """
    stated = np.asarray(probabilities, dtype=float)
    observed = np.asarray(is_match, dtype=float)
    if not len(stated):
        return float("nan")
    place = np.minimum((stated * bins).astype(int), bins - 1)
    gaps = np.bincount(place, weights=stated - observed, minlength=bins)
    return float(np.abs(gaps).sum() / len(stated))


def curve_from(entry: dict[str, Any]) -> Curve:
    """Return the curve that a model file holds; ValueError if it is none."""
    weights, probabilities = entry["weights"], entry["probabilities"]
    rises = np.all(np.diff(weights) >= 0) and np.all(np.diff(probabilities) >= 0)
    inside = all(0 < value < 1 for value in probabilities)
    if not weights or len(weights) != len(probabilities) or not rises or not inside:
        msg = "a calibration curve rises and lies between 0 and 1"
        raise ValueError(msg)
    return Curve(tuple(weights), tuple(probabilities), entry["pairs"], entry["matches"])
