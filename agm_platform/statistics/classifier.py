"""A naive Bayes classifier of categories, cross-validated against the commonest answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agm_platform.statistics.groups import Moments, mean
from agm_platform.statistics.intervals import Estimate, share

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt

SMOOTHING = 1.0
"""Rows added to each count: a code that one value never had does not rule the value out."""


class Judgement(NamedTuple):
    """How often the model and the commonest value are right on rows that neither has seen.

    `gain` is the mean over rows of the model being right less the commonest value being right.
    """

    accuracy: Estimate
    baseline: Estimate
    gain: Estimate


def cross_validated(
    features: npt.NDArray[np.int64], target: npt.NDArray[np.int64], fold: npt.NDArray[np.int64]
) -> Judgement | None:
    """Judge the prediction of `target` (codes from 0) from `features` (one column of codes each).

    Each code of a feature counts for itself: no order is invented, and a code for missing is a
    category like others. Features are taken as independent given the value, which costs accuracy
    where they are not but never makes a guess look right. Every fold is predicted by what is
    learnt from the others. None if there are fewer than two folds or values.
    """
    import numpy as np

    folds = np.unique(fold)
    if len(folds) < 2 or len(np.unique(target)) < 2:
        return None
    sizes = [*(int(column.max()) + 1 for column in features.T), int(target.max()) + 1]
    right = np.zeros(len(target))
    guessed = np.zeros(len(target))
    for each in folds:
        held, train = fold == each, fold != each
        learnt = _learn(features[train], target[train], sizes)
        right[held] = _predicted(features[held], learnt) == target[held]
        guessed[held] = np.bincount(target[train]).argmax() == target[held]
    gain = right - guessed
    found = mean(Moments.of_sums(len(gain), float(gain.sum()), float((gain**2).sum())))
    assert found is not None  # two folds have two rows
    rows = len(target)
    return Judgement(share(int(right.sum()), rows), share(int(guessed.sum()), rows), found)


def _learn(
    features: npt.NDArray[np.int64], target: npt.NDArray[np.int64], sizes: Sequence[int]
) -> list[npt.NDArray[np.float64]]:
    """Return log shares: of the values, then of each feature's codes (rows) given the value."""
    import numpy as np

    levels = sizes[-1]
    counts = np.bincount(target, minlength=levels) + SMOOTHING
    learnt = [np.log(counts / counts.sum())]
    for column, size in zip(features.T, sizes[:-1], strict=True):
        pairs = np.bincount(column * levels + target, minlength=size * levels)
        smoothed = pairs.reshape(size, levels) + SMOOTHING
        learnt.append(np.log(smoothed / smoothed.sum(axis=0)))
    return learnt


def _predicted(
    features: npt.NDArray[np.int64], learnt: Sequence[npt.NDArray[np.float64]]
) -> npt.NDArray[np.int64]:
    """Return the likeliest value of each row."""
    scores = learnt[0] + sum(
        shares[column] for column, shares in zip(features.T, learnt[1:], strict=True)
    )
    return scores.argmax(axis=1)
