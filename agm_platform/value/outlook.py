"""What a value model expects of customers and of groups of them, as columns to be stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from agm_platform.contracts.customer_value import HORIZONS_DAYS
from agm_platform.value import bg_nbd, prediction
from agm_platform.value.histories import DAYS_A_UNIT
from agm_platform.value.training import fit_from

if TYPE_CHECKING:
    from agm_platform.value.backtest import Customers
    from agm_platform.value.store import TrainedModel

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class History:
    """Customers in their order: repeat purchases, days, mean value of a repeat (0 without one)."""

    frequency: Array
    recency_days: Array
    age_days: Array
    mean_value: Array


def horizons(model: TrainedModel) -> list[int]:
    """Return the horizons at which the model is good enough to be shown."""
    told = model.parameters["horizons"]
    return [days for days in HORIZONS_DAYS if told.get(str(days), {}).get("purchases")]


def shows_money(model: TrainedModel, days: int) -> bool:
    """Whether spend may be shown at a horizon."""
    return bool(model.parameters["values"] and model.parameters["horizons"][str(days)]["values"])


def of_customers(model: TrainedModel, history: History) -> dict[str, Array]:
    """Return the columns alive, purchases_N_days and usd_cents_N_days, each with low and high."""
    purchases = fit_from(model.parameters["purchases"])
    covariance = purchases.covariance_array
    histories, place = prediction.grouped(history.frequency, history.recency_days, history.age_days)
    alive = prediction.alive(purchases, histories)
    chance, ends = alive.value, alive.interval(covariance, most=1)
    once = histories.frequency == 0
    chance, low, high = (np.where(once, np.nan, each) for each in (chance, *ends))
    found = _ends("alive", chance, (low, high), place)
    for days in horizons(model):
        ahead = prediction.purchases(purchases, histories, days)
        found |= _ends(f"purchases_{days}_days", ahead.value, ahead.interval(covariance), place)
        if shows_money(model, days):
            values = fit_from(model.parameters["values"])
            each = prediction.value_of_purchase(values, history.frequency, history.mean_value)
            own = prediction.Expected(ahead.value[place], ahead.slopes[place])
            spent = prediction.product(own, each)
            both = prediction.both(purchases, values)
            found |= _ends(f"usd_cents_{days}_days", spent.value, spent.interval(both))
    return found


def of_groups(
    model: TrainedModel, history: History, groups: npt.NDArray[Any], days: int
) -> dict[str, Array]:
    """Return totals of each group, numbered from 0, over the next `days`.

    Columns: customers, alive_share, purchases, naive_purchases, usd_cents, and ends of intervals;
    those of totals are of what will happen, chance included.
    """
    purchases = fit_from(model.parameters["purchases"])
    covariance = purchases.covariance_array
    histories, place = prediction.grouped(history.frequency, history.recency_days, history.age_days)
    alive = prediction.alive(purchases, histories)
    ahead = prediction.purchases(purchases, histories, days)
    moments = bg_nbd.purchase_moments(purchases.logs, histories, days / DAYS_A_UNIT)
    naive = history.frequency / np.maximum(history.age_days, 1.0) * days
    money = None
    if shows_money(model, days):
        values = fit_from(model.parameters["values"])
        each = prediction.value_of_purchase(values, history.frequency, history.mean_value)
        own = prediction.Expected(ahead.value[place], ahead.slopes[place])
        variances = prediction.value_variances(
            values, history.frequency, history.mean_value, moments[0][place], moments[1][place]
        )
        money = prediction.product(own, each), prediction.both(purchases, values), variances
    rows = []
    for group in range(int(groups.max()) + 1 if len(groups) else 0):
        own_rows = groups == group
        weights = np.bincount(place[own_rows], minlength=len(histories)).astype(float)
        size = float(weights.sum())
        repeaters = np.where(histories.frequency > 0, weights, 0.0)
        several = float(repeaters.sum())
        living = prediction.total(alive, repeaters, covariance, alive.value * (1 - alive.value))
        bought = prediction.total(ahead, weights, covariance, moments[1])
        spent = prediction.Total(np.nan, np.nan, np.nan)
        if money is not None:
            spent = prediction.total(money[0], own_rows.astype(float), money[1], money[2])
        rows.append(
            [
                size,
                several,
                living.value / several if several else np.nan,
                living.low / several if several else np.nan,
                min(living.high / several, 1.0) if several else np.nan,
                *(bought.value, bought.low, bought.high),
                naive[own_rows].sum(),
                *(spent.value, spent.low, spent.high),
            ]
        )
    names = (
        "customers", "repeaters", "alive_share", "alive_share_low", "alive_share_high", "purchases",
        "purchases_low", "purchases_high", "naive_purchases", "usd_cents", "usd_cents_low",
        "usd_cents_high",
    )  # fmt: skip
    table = np.array(rows, dtype=float).reshape(-1, len(names))
    return dict(zip(names, table.T, strict=True))


def total_purchases(model: TrainedModel, customers: Customers, days: int) -> prediction.Total:
    """Return the purchases of all customers in the `days` after the one they are known as of."""
    purchases = fit_from(model.parameters["purchases"])
    histories, _ = prediction.grouped(
        customers.frequency, customers.recency_days, customers.age_days
    )
    ahead = prediction.purchases(purchases, histories, days)
    moments = bg_nbd.purchase_moments(purchases.logs, histories, days / DAYS_A_UNIT)
    return prediction.total(ahead, histories.customers, purchases.covariance_array, moments[1])


def _ends(
    name: str,
    value: Array,
    interval: tuple[Array, Array],
    place: npt.NDArray[np.intp] | slice = slice(None),
) -> dict[str, Array]:
    return {
        name: value[place],
        f"{name}_low": interval[0][place],
        f"{name}_high": interval[1][place],
    }
