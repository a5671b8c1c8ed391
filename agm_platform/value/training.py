"""Trains the value model of one source: fitted, judged from several origins, or why it is not."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from datetime import date
from importlib.metadata import version as version_of
from typing import Any, Protocol

import numpy as np

from agm_platform.contracts.customer_value import HORIZONS_DAYS
from agm_platform.value.backtest import Customers, Fitted, Score, fitted, scores
from agm_platform.value.fitting import Fit, FitError
from agm_platform.value.store import TrainedModel

MOST_ORIGINS = 3
FEWEST_CUSTOMERS = 100
FEWEST_REPEATERS = 50
"""Customers with a second purchase that four parameters need. Source: in simulations of the size
the intervals of the parameters keep their level; with fewer the fit often ends at a bound."""
FEWEST_DAYS_BEFORE = 28
"""Days that an origin must have behind it: four weeks, so that each weekday has come four times."""
METHOD = (
    "BG/NBD and Gamma-Gamma by maximum likelihood; judged beside repeat purchases a day carried on"
)


class TooLittleDataError(ValueError):
    """Nothing can be learnt yet; the message says what is needed."""


class Histories(Protocol):
    """Where customers come from: the engine's tables, or a test's arrays. Days are numbers."""

    @property
    def first_day(self) -> int | None:
        """The first day with a purchase; None without any."""

    @property
    def last_day(self) -> int | None:
        """The last day with a purchase; None without any."""

    def customers(self, day: int, horizon_days: int) -> Customers:
        """Return all customers with a purchase up to `day`, and what they did in the days after."""


def train_value(source: str, histories: Histories, version: int) -> TrainedModel:
    """Return the model of all data, with the scores of models that saw less.

    Raises TooLittleDataError if there are too few customers or days.
    """
    first, last = histories.first_day, histories.last_day
    if first is None or last is None:
        msg = f"there are no orders; it needs {_needs()}"
        raise TooLittleDataError(msg)
    everybody = histories.customers(last, 0)
    days = last - first + 1
    if (
        len(everybody) < FEWEST_CUSTOMERS
        or everybody.repeaters < FEWEST_REPEATERS
        or not _origins(first, last, min(HORIZONS_DAYS))
    ):
        msg = (
            f"it needs {_needs()}; there are {len(everybody):,} customers, "
            f"{everybody.repeaters:,} who bought twice, and {days:,} days"
        )
        raise TooLittleDataError(msg)
    try:
        found = fitted(everybody)
        judged = _judged(histories, first, last, found)
    except FitError as error:
        msg = f"the models cannot be fitted: {error}"
        raise TooLittleDataError(msg) from error
    shown = {
        str(horizon): {
            "purchases": purchases.beats,
            "values": found.values is not None and money is not None and money.beats,
        }
        for horizon, (purchases, money) in judged.items()
    }
    records = [
        {"of": name, **score.as_dict()}
        for pair in judged.values()
        for name, score in zip(("purchases", "value"), pair, strict=True)
        if score is not None
    ]
    return TrainedModel(
        source,
        "value",
        version,
        day_text(last),
        METHOD,
        {
            "purchases": fit_record(found.purchases),
            "values": fit_record(found.values) if found.values else None,
            "horizons": shown,
        },
        [_plain(record) for record in records],
        described(everybody, first, last),
        any(each["purchases"] for each in shown.values()),
        _verdict(judged),
        libraries("numpy", "scipy"),
    )


def fit_record(fit: Fit) -> dict[str, Any]:
    """Return a fit as a record of plain values."""
    found = asdict(fit)
    return {
        **{name: list(found[name]) for name in ("names", "values", "at_bound")},
        "covariance": [list(row) for row in fit.covariance],
        "log_likelihood": fit.log_likelihood,
        "customers": fit.customers,
    }


def fit_from(record: dict[str, Any]) -> Fit:
    """Return the fit of a record."""
    return Fit(
        tuple(record["names"]),
        tuple(record["values"]),
        tuple(tuple(row) for row in record["covariance"]),
        record["log_likelihood"],
        record["customers"],
        tuple(record["at_bound"]),
    )


def described(customers: Customers, first: int, last: int) -> dict[str, Any]:
    """Return what a model was learnt from: counts, days, and a digest of the histories."""
    columns = (
        customers.frequency,
        customers.recency_days,
        customers.age_days,
        np.round(customers.mean_value, 6),
    )
    table = np.column_stack(columns)
    table = np.ascontiguousarray(table[np.lexsort(table.T[::-1])])
    correlation = None
    paid = (customers.frequency > 0) & (customers.mean_value > 0)
    if paid.sum() > 2 and np.ptp(customers.frequency[paid]) > 0:
        found = np.corrcoef(customers.frequency[paid], customers.mean_value[paid])[0, 1]
        correlation = round(float(found), 4) if np.isfinite(found) else None
    return {
        "customers": len(customers),
        "bought_twice": customers.repeaters,
        "first_day": day_text(first),
        "last_day": day_text(last),
        "purchases_and_value_correlation": correlation,
        "sha256": hashlib.sha256(table.tobytes()).hexdigest(),
    }


def libraries(*names: str) -> dict[str, str]:
    """Return the versions of libraries."""
    return {name: version_of(name) for name in names}


def _needs() -> str:
    days = FEWEST_DAYS_BEFORE + min(HORIZONS_DAYS)
    return (
        f"{FEWEST_CUSTOMERS} customers, {FEWEST_REPEATERS} of them with two purchases, and "
        f"{days} days"
    )


def _origins(first: int, last: int, horizon: int) -> list[int]:
    """Return the days from which a horizon is judged, the latest first; holdouts do not overlap."""
    days = [last - horizon * number for number in range(1, MOST_ORIGINS + 1)]
    return [day for day in days if day - first + 1 >= FEWEST_DAYS_BEFORE]


def _judged(
    histories: Histories, first: int, last: int, whole: Fitted
) -> dict[int, tuple[Score, Score | None]]:
    fits: dict[int, Fitted] = {}
    judged = {}
    for horizon in HORIZONS_DAYS:
        origins = []
        for day in _origins(first, last, horizon):
            customers = histories.customers(day, horizon)
            if customers.repeaters < FEWEST_REPEATERS:
                continue
            if day not in fits:
                fits[day] = fitted(customers, whole)
            origins.append((fits[day], customers))
        if origins:
            judged[horizon] = scores(origins, horizon)
    if not judged:
        msg = f"too few customers had bought twice {min(HORIZONS_DAYS)} days before the end"
        raise TooLittleDataError(msg)
    return judged


def _verdict(judged: dict[int, tuple[Score, Score | None]]) -> str:
    parts = []
    for horizon, (found, _) in judged.items():
        words = "beats" if found.beats else "cannot be told to beat"
        parts.append(
            f"over {horizon} days it {words} the naive rate and the mean rate: it saves "
            f"{100 * found.naive_gain:.0f} % of the squared error of the first "
            f"({100 * found.naive_gain_low:.0f} to {100 * found.naive_gain_high:.0f} %) and "
            f"{100 * found.alike_gain:.0f} % of the second's ({100 * found.alike_gain_low:.0f} to "
            f"{100 * found.alike_gain_high:.0f} %), and errs less than both at {found.won} of "
            f"{found.origins} origins"
        )
    return "; ".join(parts)


def _plain(record: dict[str, Any]) -> dict[str, Any]:
    """Replace what JSON has no word for."""
    return {
        name: None if isinstance(value, float) and not np.isfinite(value) else value
        for name, value in record.items()
    }


def day_text(number: int) -> str:
    """Return the date of a day number."""
    return date.fromordinal(number).isoformat()
