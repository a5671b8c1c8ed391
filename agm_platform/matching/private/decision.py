"""Which similar pairs are accepted: one to one, above a threshold, clear of the next best."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from agm_platform.matching.private.comparison import Pairs


def accepted(pairs: Pairs, threshold: float, margin: float) -> npt.NDArray[np.bool_]:
    """Return for each pair whether it is accepted.

    Pairs are taken from the most similar down, each record once (ties: lower row numbers first);
    then a pair is dropped unless it leads every other pair of its two records by `margin`, where
    pairs with a record that found a better partner do not count. `pairs` must hold all pairs of
    a similarity of at least `threshold` - `margin`.
    """
    order = np.lexsort((pairs.right, pairs.left, -pairs.similarity))
    left, right = _compact(pairs.left)[order], _compact(pairs.right)[order]
    similarity = pairs.similarity[order]
    chosen = _greedy(left, right, similarity >= threshold)
    if margin > 0:
        chosen &= _clear(left, right, similarity, chosen, margin)
    result = np.zeros(len(order), dtype=np.bool_)
    result[order] = chosen
    return result


def _greedy(
    left: npt.NDArray[np.intp], right: npt.NDArray[np.intp], allowed: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """Choose from the top each pair whose records are both free; rounds of mutual firsts.

    A pair that is the first free one of both its records would be chosen by going down the list,
    so all such pairs can be taken at once.
    """
    chosen = np.zeros(len(left), dtype=np.bool_)
    open_ = np.flatnonzero(allowed)
    while len(open_):
        first_left = np.zeros(len(open_), dtype=np.bool_)
        first_right = first_left.copy()
        first_left[np.unique(left[open_], return_index=True)[1]] = True
        first_right[np.unique(right[open_], return_index=True)[1]] = True
        taken = open_[first_left & first_right]
        chosen[taken] = True
        free = ~(np.isin(left[open_], left[taken]) | np.isin(right[open_], right[taken]))
        open_ = open_[free]
    return chosen


def _clear(
    left: npt.NDArray[np.intp],
    right: npt.NDArray[np.intp],
    similarity: npt.NDArray[np.float64],
    chosen: npt.NDArray[np.bool_],
    margin: float,
) -> npt.NDArray[np.bool_]:
    """Return which chosen pairs lead the open alternatives of both their records."""
    best_left = np.zeros(int(left.max(initial=-1)) + 1)
    best_right = np.zeros(int(right.max(initial=-1)) + 1)
    best_left[left[chosen]] = similarity[chosen]
    best_right[right[chosen]] = similarity[chosen]
    rivals = ~chosen
    # The other record of a rival pair is spoken for when it found something better by the margin.
    for_left = rivals & (best_right[right] < similarity + margin)
    for_right = rivals & (best_left[left] < similarity + margin)
    next_left, next_right = np.zeros(len(best_left)), np.zeros(len(best_right))
    np.maximum.at(next_left, left[for_left], similarity[for_left])
    np.maximum.at(next_right, right[for_right], similarity[for_right])
    return (similarity >= next_left[left] + margin) & (similarity >= next_right[right] + margin)


def _compact(numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.intp]:
    return np.unique(numbers, return_inverse=True)[1]
