"""Forecasts: the pattern is found, the naive one wins where it is better, intervals hold."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agm_platform.statistics.forecasting import (
    FAR,
    NAIVE,
    forecast,
    last_week,
    least_days,
    level_and_week,
    level_week_and_holidays,
)

HORIZON = 30
WEEK = np.array([1.0, 1.0, 1.0, 1.1, 1.3, 1.6, 1.4])
OPEN = np.ones(HORIZON, dtype=bool)


def far(days: int) -> np.ndarray:
    return np.full(days + HORIZON, FAR)


def days(count: int, seed: int, noise: float = 0.1, drift: float = 0.01) -> np.ndarray:
    rng = np.random.default_rng(seed)
    level = np.exp(np.cumsum(rng.normal(0, drift, count)))
    return 1000 * level * WEEK[np.arange(count) % 7] * rng.lognormal(0, noise, count)


def test_a_repeating_week_is_foretold_exactly_by_every_method() -> None:
    history = 100 * WEEK[np.arange(140) % 7]
    expected = 100 * WEEK[np.arange(140, 140 + HORIZON) % 7]
    for method in (last_week, level_and_week, level_week_and_holidays):
        assert method(history, far(140), OPEN) == pytest.approx(expected)


def test_where_nothing_beats_the_naive_forecast_the_naive_one_is_shown() -> None:
    found = forecast(100 * WEEK[np.arange(140) % 7], far(140), OPEN)
    assert found is not None
    assert found.method == NAIVE
    assert (found.total_low, found.total_high) == (found.total, found.total)


def test_a_smoothed_level_beats_last_weeks_days_when_days_are_noisy() -> None:
    found = forecast(days(275, seed=1), far(275), OPEN)
    assert found is not None
    assert found.method != NAIVE
    assert found.scores[found.method].error < found.scores[NAIVE].error


def test_a_series_too_short_to_be_judged_is_not_foretold() -> None:
    enough = least_days(HORIZON)
    assert forecast(days(enough - 1, seed=1), far(enough - 1), OPEN) is None
    assert forecast(days(enough, seed=1), far(enough), OPEN) is not None


def test_nothing_is_foretold_of_a_store_that_never_sold() -> None:
    assert forecast(np.zeros(300), far(300), OPEN) is None


def test_a_closed_day_ahead_takes_nothing() -> None:
    is_open = OPEN.copy()
    is_open[4] = False
    found = forecast(days(200, seed=2), far(200), is_open)
    assert found is not None
    assert found.days[4] == found.low[4] == found.high[4] == 0
    assert (found.days[is_open] > 0).all()


def test_days_near_a_holiday_take_what_such_days_took_drawn_towards_the_usual() -> None:
    history, near = 100 * WEEK[np.arange(140) % 7], far(140)
    for holiday in (70, 100, 142):
        near[holiday] = 0
    history[[70, 100]] *= 0.5
    told = level_week_and_holidays(history, near, OPEN)
    usual = 100 * WEEK[142 % 7]
    # Two holidays at a half and two assumed without effect: three quarters.
    assert told[2] == pytest.approx(0.75 * usual)
    assert told[3] == pytest.approx(100 * WEEK[143 % 7])


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    inside, totals, worlds = [], [], 40
    for seed in range(worlds):
        series = days(275 + HORIZON, seed)
        found = forecast(series[:275], far(275), OPEN)
        assert found is not None
        truth = series[275:]
        inside.append(np.mean((truth >= found.low) & (truth <= found.high)))
        totals.append(found.total_low <= truth.sum() <= found.total_high)
    assert 0.90 <= np.mean(inside) <= 0.98
    assert np.mean(totals) >= 0.9


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 1000), min_size=107, max_size=120))
def test_a_forecast_is_never_negative_and_doubles_when_everything_does(taken: list[int]) -> None:
    series = np.array(taken, dtype=float)
    found, doubled = (forecast(each, far(len(series)), OPEN) for each in (series, 2 * series))
    if found is None or doubled is None:
        assert series.sum() == 0
        return
    assert (found.low >= 0).all()
    assert (found.low <= found.days).all()
    assert (found.days <= found.high).all()
    assert doubled.days == pytest.approx(2 * found.days)
