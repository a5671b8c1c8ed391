"""Random draws that give the same result on every machine.

Only uniform numbers, divisions and running sums are used: exponentials and logarithms differ
in the last digit between processors, and one such digit would change a committed sample.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt


def weighted(
    rng: np.random.Generator, weights: Sequence[float] | npt.NDArray[Any], n: int
) -> npt.NDArray[Any]:
    """Return n positions of `weights`, each drawn in proportion to its weight."""
    edges = np.cumsum(np.asarray(weights, dtype=float))
    # The last position with a weight catches a draw that rounding puts on the upper edge.
    last = int(np.flatnonzero(weights)[-1])
    drawn = np.searchsorted(edges, rng.random(n) * edges[-1], side="right")
    return np.asarray(np.minimum(drawn, last))


def weighted_without_repeats(
    rng: np.random.Generator, weights: npt.NDArray[Any], n: int
) -> npt.NDArray[Any]:
    """Return n different positions of `weights` in rising order, zero weights never.

    Raises ValueError if fewer than n positions have a weight.
    """
    if n == 0:
        return np.empty(0, dtype=np.int64)
    usable = np.flatnonzero(weights)
    if len(usable) < n:
        raise ValueError(f"{n} different draws wanted, but only {len(usable)} are possible")
    # Sequential Poisson sampling: the smallest ratios of a uniform number to the weight.
    ratios = rng.random(len(usable))
    ratios /= weights[usable]
    return np.sort(usable[np.argpartition(ratios, n - 1)[:n]])
