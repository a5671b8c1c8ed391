"""Which things stand together in baskets more often than baskets of that size would hold anyway."""

from __future__ import annotations

from math import erfc, sqrt
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

FALSE_DISCOVERIES = 0.05
"""Share of sets told as found that may be chance, at the most.

Source: Y. Benjamini and Y. Hochberg, JRSS B 57 (1995), and common practice.
"""


def expected_pairs(
    first: np.ndarray, second: np.ndarray, orders: int, seen: int, chance: float
) -> np.ndarray:
    """Return how many orders would hold both if only the size of baskets tied them together.

    Parameters: orders with the first and with the second of each pair; all orders; all pairs
    `seen` in orders, and how many `chance` gives all pairs together: the sum of first * second /
    orders over the family. Large baskets hold any two things more often, so chance is raised to
    what was seen in all: a pair is judged against the average pair.
    """
    return first * second / orders * (seen / chance if chance else 1.0)


def expected_triples(singles: np.ndarray, pairs: np.ndarray, orders: int) -> np.ndarray:
    """Return how many orders would hold all three if their pairs told everything.

    Parameters: rows of three counts of orders: with each thing, and with each two of them.
    Kirkwood's superposition: the product of the pairs' shares over that of the singles'. Source:
    J. G. Kirkwood, J. Chem. Phys. 3 (1935); no interaction of three, to first order.
    """
    return pairs.prod(axis=1) / singles.prod(axis=1) * orders


def p_values(seen: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Return two-sided p values of counts against expected counts (normal, Poisson's variance)."""
    z = (seen - expected) / np.sqrt(np.maximum(expected, 1e-12))
    return np.array([erfc(abs(each) / sqrt(2)) for each in z.tolist()])


def false_discovery_rates(p: Sequence[float] | np.ndarray, family: int) -> np.ndarray:
    """Return for each p value the rate of false discoveries if it and all smaller ones are told.

    `family` is how many were tested, those not given being no smaller than the largest given.
    Benjamini and Hochberg's step up. Raises ValueError for a family smaller than what is given.
    """
    values = np.asarray(p, dtype=float)
    if family < len(values):
        msg = f"a family of {family} cannot have {len(values)} members"
        raise ValueError(msg)
    order = np.argsort(values, kind="stable")
    raised = values[order] * family / np.arange(1, len(values) + 1)
    rates = np.empty_like(values)
    rates[order] = np.minimum.accumulate(raised[::-1])[::-1].clip(max=1.0)
    return rates
