"""The calendar of the world: holidays, closed days and how busy each day is."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

# Invented, with mean 1: Monday first. Ready meals sell best before a working day.
WEEKDAY_WEIGHTS = (1.05, 1.00, 1.00, 1.00, 1.10, 0.95, 0.90)
NEAR_CLOSED_DAYS = 2
# Below AGM's own rule for an affected day (at most 85 % of the mean of its weekday).
NEAR_CLOSED_WEIGHT = 0.75
OPEN_HOLIDAY_WEIGHT = 0.80


def _nth(year: int, month: int, weekday: int, nth: int) -> date:
    """Return the nth given weekday (Monday is 0) of a month."""
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


def _last_monday_of_may(year: int) -> date:
    last = date(year, 5, 31)
    return last - timedelta(days=last.weekday())


def holidays(year: int) -> list[tuple[date, str, bool]]:
    """Return (date, description, closed) of the US federal holidays; AGM closes on two."""
    return [
        (date(year, 1, 1), "New Year's Day", False),
        (_nth(year, 1, 0, 3), "Martin Luther King Jr. Day", False),
        (_nth(year, 2, 0, 3), "Presidents' Day", False),
        (_last_monday_of_may(year), "Memorial Day", False),
        (date(year, 7, 4), "Independence Day", False),
        (_nth(year, 9, 0, 1), "Labor Day", False),
        (_nth(year, 10, 0, 2), "Columbus Day", False),
        (date(year, 11, 11), "Veterans Day", False),
        (_nth(year, 11, 3, 4), "Thanksgiving Day", True),
        (date(year, 12, 25), "Christmas Day", True),
    ]


def day_weights(first_day: date, days: int) -> npt.NDArray[Any]:
    """Return how busy each day is, 1.0 being usual and 0 closed."""
    dates = [first_day + timedelta(days=i) for i in range(days)]
    # One year further on each side: a closed day may lie just across the border.
    years = range(first_day.year - 1, first_day.year + days // 365 + 3)
    known = {day: closed for year in years for day, _, closed in holidays(year)}
    shifts = [timedelta(days=i) for i in range(-NEAR_CLOSED_DAYS, NEAR_CLOSED_DAYS + 1)]
    weights = []
    for day in dates:
        weight = WEEKDAY_WEIGHTS[day.weekday()]
        if known.get(day):
            weight = 0.0
        elif any(known.get(day + shift) for shift in shifts):
            weight *= NEAR_CLOSED_WEIGHT
        elif day in known:
            weight *= OPEN_HOLIDAY_WEIGHT
        weights.append(weight)
    return np.array(weights)
