"""What a purchase history comes down to: repeat purchases, recency, age; grouped, with counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Array = npt.NDArray[np.float64]

DAYS_A_UNIT = 7.0
"""Models count time in weeks: their parameters then have the size of the published ones."""


@dataclass(frozen=True, slots=True)
class Histories:
    """Distinct histories and how many customers have each; arrays of one length.

    `frequency` is the number of days with a purchase after the first, `recency` the weeks from the
    first purchase to the last, `age` the weeks from the first purchase to the end of the data.
    """

    frequency: Array
    recency: Array
    age: Array
    customers: Array

    def __len__(self) -> int:
        """Return the number of distinct histories."""
        return len(self.frequency)

    @property
    def total(self) -> int:
        """The number of customers."""
        return int(self.customers.sum())

    @property
    def repeaters(self) -> int:
        """The number of customers with a second purchase."""
        return int(self.customers[self.frequency > 0].sum())


@dataclass(frozen=True, slots=True)
class Values:
    """Distinct (repeat purchases, mean value of one) with counts; of customers who came back."""

    frequency: Array
    mean_value: Array
    customers: Array

    @property
    def total(self) -> int:
        """The number of customers."""
        return int(self.customers.sum())


BIN = 0.001
MOST_EXACT = 50_000
"""Customers up to whom values are taken as they are."""


def grouped_values(frequency: Array, mean_value: Array) -> Values:
    """Return the values of customers who came back and paid, equal ones together.

    Of more than MOST_EXACT customers mean values are rounded to a thousandth of themselves, which
    moves a parameter by about a millionth.
    """
    paid = (frequency > 0) & (mean_value > 0)
    x, z = frequency[paid], mean_value[paid]
    if len(x) <= MOST_EXACT:
        table, counts = np.unique(np.column_stack([x, z]), axis=0, return_counts=True)
        return Values(table[:, 0], table[:, 1], counts.astype(float))
    place = np.round(np.log(z) / BIN).astype(np.int64)
    lowest = place.min()
    key = (x.astype(np.int64) << 32) + place - lowest
    found, counts = np.unique(key, return_counts=True)
    middle = np.exp(BIN * ((found & ((1 << 32) - 1)) + lowest))
    return Values((found >> 32).astype(float), middle, counts.astype(float))


def histories_of(rows: Iterable[Mapping[str, Any]]) -> Histories:
    """Make them from rows of frequency, recency_days, age_days and customers."""
    names = ("frequency", "recency_days", "age_days", "customers")
    table = np.array([[row[name] for name in names] for row in rows], dtype=float).reshape(-1, 4)
    table = table[np.lexsort(table.T[2::-1])]  # sums do not depend on the order of the rows
    return Histories(table[:, 0], table[:, 1] / DAYS_A_UNIT, table[:, 2] / DAYS_A_UNIT, table[:, 3])


def histories_of_customers(
    frequency: npt.ArrayLike, recency: npt.ArrayLike, age: npt.ArrayLike
) -> Histories:
    """Group customers, one number each in weeks, to distinct histories."""
    table = np.column_stack([np.asarray(each, dtype=float) for each in (frequency, recency, age)])
    found, counts = np.unique(table, axis=0, return_counts=True)
    return Histories(found[:, 0], found[:, 1], found[:, 2], counts.astype(float))
