"""Two plain models of named groups, judged by cross-validation beside a guess that knows nothing.

A category by naive Bayes with Laplace's correction, a number by ridge regression on one column a
group. Source: Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, 2nd ed.,
chapters 3.4, 6.6 and 7.10.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from agm_platform.statistics.groups import Moments, mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from agm_platform.statistics.intervals import Estimate

Codes = Any  # npt.NDArray[np.int64]; n rows by m features, each a group's number from 0

LAPLACE = 1.0
"""Added to every count of naive Bayes. Source: Laplace's rule of succession."""

RIDGE = 10.0
"""Penalty of the ridge: as if ten more rows said that a group makes no difference."""


class Judged(NamedTuple):
    """What a model and the guess without it reach on rows that neither has seen.

    `gain` is the mean over rows of the model's score less the guess's, with its interval: above 0
    the model is better. Rows of one fold share their training, so the interval is approximate.
    """

    model: float
    guess: float
    gain: Estimate
    folds: int

    @property
    def is_better(self) -> bool:
        """Whether the gain's whole interval lies above 0."""
        return self.gain.low > 0


def judged_categories(features: Codes, target: Sequence[str], folds: int) -> Judged | None:
    """Return the share of right guesses of naive Bayes beside always saying the most frequent.

    Row i is in fold i modulo `folds`. None with fewer than two rows a fold or one category.
    """
    names, labels = np.unique(np.asarray(target, dtype=str), return_inverse=True)
    if len(labels) < 2 * folds or len(names) < 2:
        return None
    right, right_guess = np.zeros(len(labels)), np.zeros(len(labels))
    for unseen in _folds(len(labels), folds):
        told = _naive_bayes(features[~unseen], labels[~unseen], features[unseen], len(names))
        right[unseen] = told == labels[unseen]
        most = np.bincount(labels[~unseen], minlength=len(names)).argmax()
        right_guess[unseen] = most == labels[unseen]
    return _judged(right, right_guess, folds)


def judged_numbers(features: Codes, target: Sequence[float], folds: int) -> Judged | None:
    """Return the mean absolute error of ridge regression beside always saying the mean.

    Of the gain a positive value is error saved. None with fewer than two rows a fold.
    """
    values = np.asarray(target, dtype=float)
    if len(values) < 2 * folds:
        return None
    error, error_of_guess = np.zeros(len(values)), np.zeros(len(values))
    columns = _one_column_a_group(features)
    for unseen in _folds(len(values), folds):
        middle = values[~unseen].mean()
        seen = columns[~unseen]
        penalty = RIDGE * np.eye(columns.shape[1])
        slopes = np.linalg.solve(seen.T @ seen + penalty, seen.T @ (values[~unseen] - middle))
        error[unseen] = np.abs(values[unseen] - middle - columns[unseen] @ slopes)
        error_of_guess[unseen] = np.abs(values[unseen] - middle)
    judged = _judged(-error, -error_of_guess, folds)
    return judged and judged._replace(model=-judged.model, guess=-judged.guess)


def coded(features: Sequence[Sequence[object]]) -> Codes:
    """Return the features, each a list of groups, as numbers of groups; none is a group too."""
    columns = []
    for feature in features:
        words = np.asarray(["" if value is None else str(value) for value in feature], dtype=str)
        columns.append(np.unique(words, return_inverse=True)[1])
    return np.column_stack(columns)


def _folds(rows: int, folds: int) -> list[npt.NDArray[np.bool_]]:
    place = np.arange(rows) % folds
    return [place == fold for fold in range(folds)]


def _naive_bayes(seen: Codes, labels: Codes, unseen: Codes, classes: int) -> Codes:
    sizes = np.bincount(labels, minlength=classes)
    score = np.tile(np.log(sizes + LAPLACE), (len(unseen), 1))
    for feature in range(seen.shape[1]):
        groups = int(max(seen[:, feature].max(), unseen[:, feature].max())) + 1
        counts = np.zeros((classes, groups))
        np.add.at(counts, (labels, seen[:, feature]), 1)
        likely = np.log((counts + LAPLACE) / (sizes[:, None] + LAPLACE * groups))
        score += likely[:, unseen[:, feature]].T
    return score.argmax(axis=1)


def _one_column_a_group(features: Codes) -> npt.NDArray[np.float64]:
    columns = [
        features[:, feature, None] == np.arange(int(features[:, feature].max()) + 1)
        for feature in range(features.shape[1])
    ]
    return np.hstack(columns).astype(float)


def _judged(model: Any, guess: Any, folds: int) -> Judged | None:
    gains = model - guess
    gain = mean(Moments(len(gains), float(gains.mean()), float(gains.var(ddof=1))))
    if gain is None:
        return None
    return Judged(float(model.mean()), float(guess.mean()), gain, folds)
