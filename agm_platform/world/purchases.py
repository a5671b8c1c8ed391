"""Customers who buy and leave as BG/NBD and Gamma-Gamma say, with known parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import duckdb

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class BuyerSize:
    """How many customers, how long they are watched, and the true parameters; time in weeks.

    The defaults are the published estimates for the CDNOW sample; values are in USD.
    """

    customers: int
    least_weeks: float = 27.0
    most_weeks: float = 39.0
    later_weeks: float = 39.0
    r: float = 0.243
    alpha: float = 4.414
    a: float = 0.793
    b: float = 2.426
    p: float = 6.25
    q: float = 3.74
    v: float = 15.44


@dataclass(frozen=True)
class Buyers:
    """One entry a customer; weeks from the first purchase; `later` purchases follow the age."""

    frequency: Array
    recency: Array
    age: Array
    later: Array
    mean_value: Array
    later_value: Array


def buyers(size: BuyerSize, seed: int) -> Buyers:
    """Return what is seen of customers whose purchases fall at any time of the day."""
    rng = np.random.default_rng(seed)
    n = size.customers
    rate, leaves = rng.gamma(size.r, 1 / size.alpha, n), rng.beta(size.a, size.b, n)
    age = rng.uniform(size.least_weeks, size.most_weeks, n)
    frequency, later = np.zeros(n), np.zeros(n)
    recency, time = np.zeros(n), np.zeros(n)
    going = np.arange(n)
    while len(going):
        time[going] += rng.exponential(1.0, len(going)) / np.maximum(rate[going], 1e-300)
        going = going[time[going] <= age[going] + size.later_weeks]
        seen = time[going] <= age[going]
        frequency[going[seen]] += 1
        recency[going[seen]] = time[going[seen]]
        later[going[~seen]] += 1
        going = going[rng.random(len(going)) >= leaves[going]]
    scale = rng.gamma(size.q, 1 / size.v, n)
    mean_value = rng.gamma(np.maximum(size.p * frequency, 1e-9)) / scale
    mean_value = np.where(frequency > 0, mean_value / np.maximum(frequency, 1), 0.0)
    later_value = rng.gamma(np.maximum(size.p * later, 1e-9)) / scale
    return Buyers(frequency, recency, age, later, mean_value, np.where(later > 0, later_value, 0.0))


def orders(connection: duckdb.DuckDBPyConnection, size: BuyerSize, seed: int, table: str) -> None:
    """Make a table of dated orders: customer_id, order_date, subtotal_usd_cents.

    First purchases fall in the first weeks, so that all are watched to the same last day, which
    lies `most_weeks` and `later_weeks` after the first one.
    """
    rng = np.random.default_rng(seed)
    n = size.customers
    rate, leaves = rng.gamma(size.r, 1 / size.alpha, n), rng.beta(size.a, size.b, n)
    start = rng.uniform(0, size.most_weeks - size.least_weeks, n)
    end = size.most_weeks + size.later_weeks
    scale = rng.gamma(size.q, 1 / size.v, n)
    time, going, found = start.copy(), np.arange(n), []
    while len(going):
        found.append((going, time[going]))
        if len(found) > 1:
            going = going[rng.random(len(going)) >= leaves[going]]
        time[going] += rng.exponential(1.0, len(going)) / np.maximum(rate[going], 1e-300)
        going = going[time[going] <= end]
    who = np.concatenate([each for each, _ in found])
    day = np.floor(np.concatenate([each for _, each in found]) * 7).astype(np.int64)
    cents = np.round(100 * rng.gamma(size.p, 1.0, len(who)) / scale[who]).astype(np.int64)
    connection.register("generated", {"who": who + 1, "day": day, "cents": cents})
    connection.execute(
        f"create table {table} as select who::varchar as customer_id,"
        " date '2020-01-01' + day::int as order_date, cents as subtotal_usd_cents from generated"
    )
    connection.unregister("generated")
