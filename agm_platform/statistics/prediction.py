"""Two plain models of named groups, judged by cross-validation beside a guess that knows nothing.

A category by logistic, a number by ridge regression, both of scikit-learn, on one column a group.
Source: Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, 2nd ed., chapters
3.4, 4.4 and 7.10.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from agm_platform.statistics.groups import Moments, mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agm_platform.statistics.intervals import Estimate

Codes = Any  # npt.NDArray[np.int64]; n rows by m features, each a group's number from 0

RIDGE = 10.0
"""Penalty of both: as if ten more rows said that a group makes no difference."""


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
    """Return the share of right guesses of a logistic regression beside the most frequent category.

    Row i is in fold i modulo `folds`. None with fewer than two rows a fold or one category.
    """
    from sklearn.dummy import DummyClassifier
    from sklearn.linear_model import LogisticRegression

    names, labels = np.unique(np.asarray(target, dtype=str), return_inverse=True)
    if len(labels) < 2 * folds or len(names) < 2:
        return None
    model = LogisticRegression(C=1 / RIDGE, max_iter=200, tol=1e-4)
    told, guessed = (_unseen(each, features, labels, folds) for each in (model, DummyClassifier()))
    return _judged((told == labels).astype(float), (guessed == labels).astype(float), folds)


def judged_numbers(features: Codes, target: Sequence[float], folds: int) -> Judged | None:
    """Return the mean absolute error of ridge regression beside always saying the mean.

    Of the gain a positive value is error saved. None with fewer than two rows a fold.
    """
    from sklearn.dummy import DummyRegressor
    from sklearn.linear_model import Ridge

    values = np.asarray(target, dtype=float)
    if len(values) < 2 * folds:
        return None
    error, error_of_guess = (
        np.abs(values - _unseen(each, features, values, folds))
        for each in (Ridge(alpha=RIDGE), DummyRegressor())
    )
    judged = _judged(-error, -error_of_guess, folds)
    return judged and judged._replace(model=-judged.model, guess=-judged.guess)


def coded(features: Sequence[Sequence[object]]) -> Codes:
    """Return the features, each a list of groups, as numbers of groups; none is a group too."""
    columns = []
    for feature in features:
        words = np.asarray(["" if value is None else str(value) for value in feature], dtype=str)
        columns.append(np.unique(words, return_inverse=True)[1])
    return np.column_stack(columns)


def _unseen(estimator: Any, features: Codes, target: Any, folds: int) -> Any:
    """Return what is told of each row by a model that learnt from the other folds."""
    from sklearn.model_selection import cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder
    from threadpoolctl import threadpool_limits

    place = np.arange(len(target)) % folds
    splits = [
        (np.flatnonzero(place != fold), np.flatnonzero(place == fold)) for fold in range(folds)
    ]
    whole = make_pipeline(OneHotEncoder(handle_unknown="ignore"), estimator)
    with threadpool_limits(1):  # threads cost more than they bring on so few rows
        return cross_val_predict(whole, features, target, cv=splits)


def _judged(model: Any, guess: Any, folds: int) -> Judged | None:
    gains = model - guess
    gain = mean(Moments(len(gains), float(gains.mean()), float(gains.var(ddof=1))))
    if gain is None:
        return None
    return Judged(float(model.mean()), float(guess.mean()), gain, folds)
