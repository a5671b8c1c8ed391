"""The calendar: AGM's closed days of any year, and how busy days are."""

from __future__ import annotations

from datetime import date

import pytest

from agm_platform.world.days import day_weights, holidays


@pytest.mark.parametrize(
    ("year", "thanksgiving"), [(2020, date(2020, 11, 26)), (2021, date(2021, 11, 25))]
)
def test_agm_closes_on_thanksgiving_and_christmas(year: int, thanksgiving: date) -> None:
    closed = [day for day, _, is_closed in holidays(year) if is_closed]
    assert closed == [thanksgiving, date(year, 12, 25)]


def test_the_federal_holidays_of_2020() -> None:
    assert [day.strftime("%m-%d") for day, _, _ in holidays(2020)] == [
        *("01-01", "01-20", "02-17", "05-25", "07-04"),
        *("09-07", "10-12", "11-11", "11-26", "12-25"),
    ]


def test_a_usual_week_has_a_mean_of_one() -> None:
    assert day_weights(date(2020, 10, 19), 7).mean() == pytest.approx(1)


def test_days_beside_a_closed_one_are_slow_even_where_the_period_begins() -> None:
    after_thanksgiving, usual = day_weights(date(2020, 11, 27), 8)[[0, 7]]
    assert after_thanksgiving == pytest.approx(0.75 * usual)


def test_an_open_holiday_is_slower_than_its_weekday() -> None:
    veterans_day, usual = day_weights(date(2020, 11, 11), 8)[[0, 7]]
    assert 0 < veterans_day < 0.85 * usual
