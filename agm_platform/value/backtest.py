"""A model beside the naive rate on days that neither has seen, from several origins.

At each origin the model is fitted to what came before it, and both say how often every customer
known by then will buy in the days after.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from agm_platform.contracts.business import CONFIDENCE
from agm_platform.value import bg_nbd, gamma_gamma, prediction
from agm_platform.value.fitting import FitError
from agm_platform.value.histories import DAYS_A_UNIT, Values, grouped_values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agm_platform.value.fitting import Fit

Array = npt.NDArray[np.float64]

EACH_TIME = 3
"""Origins at each of which a model has to win where chance cannot be told otherwise."""


@dataclass(frozen=True, slots=True)
class Customers:
    """Customers as of a day, one row each, and what they did in the days after it.

    Parameters: repeat purchases, days from the first to the last purchase and to the day, mean
    value of the repeat purchases (0 without one), later days with a purchase, their value.
    """

    frequency: Array
    recency_days: Array
    age_days: Array
    mean_value: Array
    later: Array
    later_value: Array

    def __len__(self) -> int:
        """Return the number of customers."""
        return len(self.frequency)

    @property
    def repeaters(self) -> int:
        """The number of customers with a second purchase."""
        return int((self.frequency > 0).sum())

    @property
    def naive_rate(self) -> Array:
        """Repeat purchases a day since the first purchase: what a plain report would carry on."""
        return np.where(self.age_days > 0, self.frequency / np.maximum(self.age_days, 1.0), 0.0)

    @property
    def mean_rate(self) -> float:
        """Repeat purchases a day of all customers together."""
        return float(self.frequency.sum() / max(self.age_days.sum(), 1.0))

    def values(self) -> Values:
        """Return the mean values of those who came back and paid, for the value model."""
        return grouped_values(self.frequency, self.mean_value)


@dataclass(frozen=True, slots=True)
class Score:
    """How a model did over `origins` of one horizon, beside the naive rate; means over origins.

    Naive carries on each customer's own rate, alike gives everybody the mean rate. Errors are per
    customer; a total error is the forecast total over the true one, less 1. Squared errors judge,
    because an expectation is what makes them least; absolute ones are least for a median, which of
    rare purchases is 0. A gain is the share of the squared error saved, with its interval; `inside`
    is how many of the origins had their true total within the interval given for it, `won` at how
    many the model erred less than both.
    """

    horizon_days: int
    origins: int
    customers: int
    correlation: float
    naive_correlation: float
    error: float
    naive_error: float
    squared_error: float
    naive_squared_error: float
    alike_squared_error: float
    total_error: float
    naive_total_error: float
    naive_gain: float
    naive_gain_low: float
    naive_gain_high: float
    alike_gain: float
    alike_gain_low: float
    alike_gain_high: float
    inside: int
    won: int

    @property
    def beats(self) -> bool:
        """Whether the model errs less than both: beyond chance, or at each of three origins.

        Money is so uneven that a few customers decide a squared error and its interval tells
        nothing; to err less each time is then what can be asked.
        """
        surely = self.naive_gain_low > 0 and self.alike_gain_low > 0
        each_time = self.origins >= EACH_TIME and self.won == self.origins
        return surely or each_time

    def as_dict(self) -> dict[str, float | int | bool]:
        """Return it as a plain record, rounded to what can mean anything."""
        plain = {
            name: round(value, 6) if isinstance(value, float) else value
            for name, value in asdict(self).items()
        }
        return {**plain, "beats": self.beats}


@dataclass(frozen=True, slots=True)
class Fitted:
    """The two fits at an origin; `values` is None where nothing can be said about money."""

    purchases: Fit
    values: Fit | None


def fitted(customers: Customers, start: Fitted | None = None) -> Fitted:
    """Fit both models, beginning at a fit of similar data; FitError if nobody bought twice."""
    histories, _ = prediction.grouped(
        customers.frequency, customers.recency_days, customers.age_days
    )
    purchases = bg_nbd.fit(histories, start.purchases if start else None)
    try:
        return Fitted(purchases, gamma_gamma.fit(customers.values()))
    except FitError:
        return Fitted(purchases, None)


def scores(
    origins: Sequence[tuple[Fitted, Customers]], horizon_days: int
) -> tuple[Score, Score | None]:
    """Return how purchases and money were foretold over all origins of one horizon.

    The second is None where money could not be modelled at some origin. Raises ValueError without
    an origin.
    """
    if not origins:
        msg = "a backtest needs an origin"
        raise ValueError(msg)
    counted, money = [], []
    for fits, customers in origins:
        histories, place = prediction.grouped(
            customers.frequency, customers.recency_days, customers.age_days
        )
        found = prediction.purchases(fits.purchases, histories, horizon_days)
        moments = bg_nbd.purchase_moments(
            fits.purchases.logs, histories, horizon_days / DAYS_A_UNIT
        )
        whole = prediction.total(
            found, histories.customers, fits.purchases.covariance_array, moments[1]
        )
        model = found.value[place]
        naive = customers.naive_rate * horizon_days
        alike = customers.mean_rate * horizon_days
        counted.append(_one(model, naive, alike, customers.later, whole))
        if fits.values is not None:
            each = prediction.value_of_purchase(
                fits.values, customers.frequency, customers.mean_value
            )
            spent = prediction.product(prediction.Expected(model, found.slopes[place]), each)
            variances = prediction.value_variances(
                fits.values,
                customers.frequency,
                customers.mean_value,
                moments[0][place],
                moments[1][place],
            )
            whole = prediction.total(
                spent,
                np.ones(len(customers)),
                prediction.both(fits.purchases, fits.values),
                variances,
            )
            own = naive * customers.mean_value
            same = float(own.mean())
            money.append(_one(spent.value, own, same, customers.later_value, whole))
    of_money = _together(money, horizon_days) if len(money) == len(origins) else None
    return _together(counted, horizon_days), of_money


def _one(
    model: Array, naive: Array, alike: float, truth: Array, whole: prediction.Total
) -> dict[str, float]:
    """Return the figures of one origin; `alike` is what everybody is given."""
    size = len(truth)
    true_total = float(truth.sum())
    squared, naive_squared, alike_squared = (
        (each - truth) ** 2 for each in (model, naive, np.full(size, alike))
    )
    found = {
        "customers": size,
        "correlation": _correlation(model, truth),
        "naive_correlation": _correlation(naive, truth),
        "error": float(np.abs(model - truth).mean()),
        "naive_error": float(np.abs(naive - truth).mean()),
        "squared_error": float(squared.mean()),
        "total_error": float(model.sum()) / true_total - 1 if true_total else float("nan"),
        "naive_total_error": float(naive.sum()) / true_total - 1 if true_total else float("nan"),
        "inside": float(whole.low <= true_total <= whole.high),
    }
    for name, other in (("naive", naive_squared), ("alike", alike_squared)):
        mean = max(float(other.mean()), 1e-12)
        saved = other - squared
        found |= {
            f"{name}_squared_error": float(other.mean()),
            f"{name}_gain": float(saved.mean()) / mean,
            f"{name}_gain_error": float(saved.std(ddof=1)) / sqrt(size) / mean,
        }
    return found


def _together(found: list[dict[str, float]], horizon_days: int) -> Score:
    """Average over origins; the same customers are judged at each, so errors are not divided."""

    def mean(name: str) -> float:
        return float(np.mean([each[name] for each in found]))

    z = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2)
    plain = {
        name: mean(name)
        for name in found[0]
        if name not in {"customers", "inside"} and not name.endswith("_gain_error")
    }
    for name in ("naive", "alike"):
        half = z * mean(f"{name}_gain_error")
        plain[f"{name}_gain_low"] = plain[f"{name}_gain"] - half
        plain[f"{name}_gain_high"] = plain[f"{name}_gain"] + half
    return Score(
        horizon_days=horizon_days,
        origins=len(found),
        customers=int(max(each["customers"] for each in found)),
        inside=int(sum(each["inside"] for each in found)),
        won=sum(each["naive_gain"] > 0 and each["alike_gain"] > 0 for each in found),
        **plain,
    )


def _correlation(first: Array, second: Array) -> float:
    if len(first) < 2 or np.ptp(first) == 0 or np.ptp(second) == 0:
        return float("nan")
    return float(np.corrcoef(first, second)[0, 1])
