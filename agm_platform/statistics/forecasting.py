"""Daily totals foretold: weekday times smoothed level, judged against last week's days."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt
from typing import TYPE_CHECKING

import numpy as np

from agm_platform.contracts.business import CONFIDENCE
from agm_platform.statistics.student import student_t

if TYPE_CHECKING:
    from collections.abc import Callable

    Method = Callable[["np.ndarray", "np.ndarray", "np.ndarray"], "np.ndarray"]

WEEK = 7
LEAST_WEEKS = 8
"""Whole weeks that a forecast must know. Source: with fewer, a weekday's mean rests on a handful of
days; eight are two months, the shortest span of common practice for weekly seasons."""
LEAST_ORIGINS = 4
"""Days from which a backtest must have looked ahead, at the least. Source: as many as a month has
weeks; their horizons overlap, which the interval of a total allows for."""
MOST_ORIGINS = 26
"""Days from which a backtest looks ahead, at the most. Source: half a year of weeks: what came
before says little about how the method does today."""
FAR = 99
"""Days from a holiday that stand for none near."""
HOLIDAYS_ASSUMED = 2
"""Holidays without effect that are added to those seen. Source: shrinkage of a ratio known from a
few days; two halve the effect that two holidays showed."""
SMOOTHING = (0.02, 0.05, 0.1, 0.2, 0.4)
"""Weights of the newest day that are tried for the level. Source: the usual range of simple
exponential smoothing; Hyndman and Athanasopoulos, Forecasting, 3rd ed., 8.1."""


@dataclass(frozen=True, slots=True)
class Backtest:
    """How a method did from past days: errors are foretold less true, as shares of foretold.

    daily       errors of single days, one row an origin, one column a day ahead; NaN when closed
    totals      errors of whole horizons, one an origin
    error       mean absolute error of a day, in the unit of the series
    total_error mean absolute error of a horizon's total, as a share of the truth
    bias        mean error of a day, as a share of the mean day
    """

    daily: np.ndarray
    totals: np.ndarray
    error: float
    total_error: float
    bias: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is foretold day by day and in total, with the interval that the backtest gives."""

    method: str
    days: np.ndarray
    low: np.ndarray
    high: np.ndarray
    total: float
    total_low: float
    total_high: float
    coverage: float
    scores: dict[str, Backtest]
    origins: int


def least_days(horizon: int) -> int:
    """Return how many days a series must have before a forecast of this horizon can be judged."""
    return LEAST_WEEKS * WEEK + (LEAST_ORIGINS - 1) * WEEK + horizon


def last_week(history: np.ndarray, near: np.ndarray, open_ahead: np.ndarray) -> np.ndarray:
    """Repeat each weekday's newest usual day: the seasonal naive forecast; closed days are 0.

    Parameters: totals by day; days after the nearest holiday, negative before it, FAR where there
    is none, of the days of history and of those ahead; and whether the days ahead are open.
    """
    usual = (history > 0) & (near[: len(history)] != 0)
    newest = np.zeros(WEEK)
    for weekday in range(WEEK):
        places = np.flatnonzero(usual[weekday::WEEK]) * WEEK + weekday
        newest[weekday] = history[places[-1]] if len(places) else 0.0
    return np.where(open_ahead, newest[_weekdays_ahead(history, open_ahead)], 0.0)


def level_and_week(history: np.ndarray, near: np.ndarray, open_ahead: np.ndarray) -> np.ndarray:
    """Foretell level times weekday: parameters and result as of `last_week`.

    A weekday's share is its mean over the mean of all weekdays in the last LEAST_WEEKS weeks. The
    level is the total over that share, smoothed exponentially with the weight that would have
    foretold the next day best; holidays and closed days are skipped.
    """
    usual = (history > 0) & (near[: len(history)] != 0)
    shares, levels = _levels(history, usual)
    if not len(levels):
        return np.zeros(len(open_ahead))
    ahead = _weekdays_ahead(history, open_ahead)
    return np.where(open_ahead, levels[-1] * shares[ahead], 0.0)


def level_week_and_holidays(
    history: np.ndarray, near: np.ndarray, open_ahead: np.ndarray
) -> np.ndarray:
    """Foretell level times weekday times what days so near a holiday took of the usual.

    Parameters and result as of `last_week`. Weekdays and level come from the days far from
    holidays. The factor of a distance is the mean of takings over the usual, drawn towards 1 as if
    HOLIDAYS_ASSUMED holidays had shown no effect.
    """
    open_days = history > 0
    shares, levels = _levels(history, open_days & (near[: len(history)] == FAR))
    if not len(levels):
        return np.zeros(len(open_ahead))
    weekday = np.arange(len(history)) % WEEK
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = history / (levels * shares[weekday])
    told = levels[-1] * shares[_weekdays_ahead(history, open_ahead)]
    before = near[: len(history)]
    for distance in np.unique(near[len(history) :]):
        if distance == FAR:
            continue
        ratios = ratio[(before == distance) & open_days & np.isfinite(ratio)]
        factor = (ratios.sum() + HOLIDAYS_ASSUMED) / (len(ratios) + HOLIDAYS_ASSUMED)
        told = np.where(near[len(history) :] == distance, told * factor, told)
    return np.where(open_ahead, told, 0.0)


NAIVE = "same weekday of last week"
METHODS: dict[str, Method] = {
    "level and weekday": level_and_week,
    "level, weekday and holidays": level_week_and_holidays,
    NAIVE: last_week,
}


def forecast(
    history: np.ndarray, near: np.ndarray, open_ahead: np.ndarray, confidence: float = CONFIDENCE
) -> Forecast | None:
    """Return the forecast of the method that did best, the naive one unless another beats it.

    Parameters: as of `last_week`. None where the series is shorter than `least_days` or nothing was
    sold. A day's interval is the spread of the backtest's errors as many days ahead (within the
    week); `coverage` is the share of backtest days inside it, each origin judged by the others'
    errors. The total's interval is the root mean square of the totals' errors times Student's t,
    with as many degrees of freedom as horizons fit without overlap. Source: Hyndman and
    Athanasopoulos, Forecasting, 3rd ed., 5.5 and 5.10.
    """
    horizon = len(open_ahead)
    if len(history) < least_days(horizon) or history.sum() <= 0:
        return None
    scores = {name: backtest(history, near, horizon, method) for name, method in METHODS.items()}
    best = min(scores, key=lambda name: (scores[name].error, name != NAIVE))
    days = METHODS[best](history, near, open_ahead)
    daily = scores[best].daily
    low, high = _spread(daily, confidence)
    total = float(days.sum())
    half = _total_half(scores[best].totals, horizon, confidence) * total
    return Forecast(
        best,
        days,
        days * np.maximum(0.0, 1 + low),
        days * (1 + high),
        total,
        max(0.0, total - half),
        total + half,
        _coverage(daily, confidence),
        scores,
        len(daily),
    )


def backtest(history: np.ndarray, near: np.ndarray, horizon: int, method: Method) -> Backtest:
    """Judge a method from every seventh day back, as far as LEAST_WEEKS of history remain."""
    first = LEAST_WEEKS * WEEK
    origins = list(range(len(history) - horizon, first - 1, -WEEK))[:MOST_ORIGINS]
    ahead = [slice(origin, origin + horizon) for origin in origins]
    true = np.array([history[each] for each in ahead])
    # Open is what sold something: that a store would be closed was known beforehand.
    told = np.array(
        [
            method(history[:origin], near[: origin + horizon], history[each] > 0)
            for origin, each in zip(origins, ahead, strict=True)
        ]
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        daily = np.where(told > 0, (true - told) / told, np.nan)
        totals = (true.sum(axis=1) - told.sum(axis=1)) / told.sum(axis=1)
    sold = np.maximum(true.sum(axis=1), 1e-9)
    return Backtest(
        daily,
        totals[np.isfinite(totals)],
        float(np.abs(true - told).mean()),
        float((np.abs(told.sum(axis=1) - true.sum(axis=1)) / sold).mean()),
        float((told - true).mean() / max(true.mean(), 1e-9)),
    )


def _spread(daily: np.ndarray, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    """Return for each day ahead the quantiles of the errors in its week."""
    horizon = daily.shape[1]
    low, high = np.zeros(horizon), np.zeros(horizon)
    for week in range(ceil(horizon / WEEK)):
        place = slice(week * WEEK, (week + 1) * WEEK)
        errors = daily[:, place]
        errors = errors[np.isfinite(errors)]
        if len(errors):
            low[place], high[place] = np.quantile(
                errors, [(1 - confidence) / 2, (1 + confidence) / 2]
            )
    return np.minimum(low, 0.0), np.maximum(high, 0.0)


def _coverage(daily: np.ndarray, confidence: float) -> float:
    inside, judged = 0, 0
    for origin in range(len(daily)):
        low, high = _spread(np.delete(daily, origin, axis=0), confidence)
        errors = daily[origin]
        known = np.isfinite(errors)
        inside += int(((errors >= low) & (errors <= high))[known].sum())
        judged += int(known.sum())
    return inside / judged if judged else 0.0


def _total_half(totals: np.ndarray, horizon: int, confidence: float) -> float:
    """Return half the width of a total's interval as a share of the total."""
    apart = max(1, ((len(totals) - 1) * WEEK + horizon) // horizon)
    spread = sqrt(float((totals**2).mean())) if len(totals) else 0.0
    return student_t(confidence, apart) * spread * sqrt(1 + 1 / apart)


def _levels(history: np.ndarray, usual: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the weekdays' shares and the level after each day; no level without a usual day.

    The smoothing weight is the one with the least squared one-step error.
    """
    weekday = np.arange(len(history)) % WEEK
    recent = usual & (np.arange(len(history)) >= len(history) - LEAST_WEEKS * WEEK)
    sums = np.bincount(weekday[recent], history[recent], WEEK)
    counts = np.bincount(weekday[recent], minlength=WEEK)
    means = sums / np.maximum(counts, 1)
    if not (means > 0).any():
        return means, np.zeros(0)
    shares = means / means[means > 0].mean()
    known = usual & (shares[weekday] > 0)
    values = history[known] / shares[weekday[known]]
    smoothed, squares = np.empty((len(SMOOTHING), len(values))), np.zeros(len(SMOOTHING))
    weights = np.array(SMOOTHING)
    level = np.full(len(SMOOTHING), values[:WEEK].mean())
    for place, value in enumerate(values):
        missed = value - level
        squares += missed**2 if place >= WEEK else 0.0
        level = level + weights * missed
        smoothed[:, place] = level
    # A day that is skipped has the level of the day before it; before the first, the first one.
    newest = np.maximum(np.cumsum(known) - 1, 0)
    return shares, smoothed[squares.argmin()][newest]


def _weekdays_ahead(history: np.ndarray, open_ahead: np.ndarray) -> np.ndarray:
    return (len(history) + np.arange(len(open_ahead))) % WEEK
