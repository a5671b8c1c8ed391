"""A softmax regression on categories, judged by cross-validation against the commonest answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agm_platform.statistics.groups import Moments, mean
from agm_platform.statistics.intervals import Estimate, share

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

PENALTY = 1.0
"""Weight of the squared coefficients, in rows: keeps rare categories from speaking loudly."""


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

    Features are one-hot: no order is invented, and a code for missing is a category like others.
    Every fold is predicted by what is learnt from the others. None if there are fewer than two
    folds or values, or fewer than two rows in a fold's training.
    """
    import numpy as np

    folds = np.unique(fold)
    if len(folds) < 2 or len(np.unique(target)) < 2:
        return None
    inputs = _one_hot(features)
    levels = int(target.max()) + 1
    right = np.zeros(len(target))
    guessed = np.zeros(len(target))
    for each in folds:
        held, train = fold == each, fold != each
        weights = _fit(inputs[train], target[train], levels)
        right[held] = (inputs[held] @ weights).argmax(axis=1) == target[held]
        guessed[held] = np.bincount(target[train], minlength=levels).argmax() == target[held]
    gain = right - guessed
    found = mean(Moments.of_sums(len(gain), float(gain.sum()), float((gain**2).sum())))
    assert found is not None  # two folds have two rows
    rows = len(target)
    return Judgement(share(int(right.sum()), rows), share(int(guessed.sum()), rows), found)


def _one_hot(features: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Return a column for each code of each feature, and one of ones."""
    import numpy as np

    blocks = [
        (column[:, None] == np.unique(column)[None, :]).astype(float) for column in features.T
    ]
    return np.hstack([np.ones((len(features), 1)), *blocks])


def _fit(
    inputs: npt.NDArray[np.float64], target: npt.NDArray[np.int64], levels: int
) -> npt.NDArray[np.float64]:
    """Return the weights of a penalised softmax regression, one column a level."""
    import numpy as np
    from scipy.optimize import minimize

    rows, columns = inputs.shape
    wanted = np.eye(levels)[target]

    def loss(flat: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        weights = flat.reshape(columns, levels)
        scores = inputs @ weights
        scores -= scores.max(axis=1, keepdims=True)
        logs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        penalised = np.vstack([np.zeros(levels), weights[1:]])  # the ones go unpenalised
        value = -(wanted * logs).sum() + PENALTY / 2 * (penalised**2).sum()
        slope = inputs.T @ (np.exp(logs) - wanted) + PENALTY * penalised
        return value / rows, slope.ravel() / rows

    start = np.zeros(columns * levels)
    return np.asarray(
        minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 60}).x
    ).reshape(columns, levels)
