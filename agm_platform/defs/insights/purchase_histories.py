"""Purchase histories of any source with dated orders, as of a day, computed by the engine.

Several orders of one customer on one day are one purchase. What is known as of a day is made from
orders up to that day alone, so that nothing of the days after it can be in a feature.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import narwhals as nw
import numpy as np

from agm_platform.contracts.privacy import ERASED_NUMBER
from agm_platform.defs.insights.calendar import day_number
from agm_platform.value.backtest import Customers
from agm_platform.warehouse.rows import arrays, records

WINDOW_DAYS = 90
"""What "recent" looks back on. Source: a quarter, the length of AGM's trial."""
MONTH_DAYS = 30

FEATURES = (
    "purchase_days", "first_to_last_days", "age_days", "since_last_days", "days_in_30",
    "days_in_90", "value_in_90", "repeat_value", "last_value",
)  # fmt: skip


def purchase_days(orders: nw.LazyFrame, money: str) -> nw.LazyFrame:
    """Return one row a customer and day with orders: customer_id, day (a number), value.

    Orders without a customer or a date, and those of erased persons, are left out.
    """
    known = ~nw.col("customer_id").is_null() & ~nw.col("order_date").is_null()
    return (
        orders.filter(known & (nw.col("customer_id") != ERASED_NUMBER))
        .select(
            "customer_id",
            day=day_number("order_date"),
            value=nw.col(money).fill_null(0).cast(nw.Float64),
        )
        .group_by("customer_id", "day")
        .agg(value=nw.col("value").sum())
    )


def as_of(days: nw.LazyFrame, day: int) -> nw.LazyFrame:
    """Return one row a customer with a purchase up to `day`: customer_id and FEATURES.

    Days are whole days; values are in the unit of `days`, repeat_value without the first purchase.
    """
    one, none = nw.lit(1), nw.lit(0)
    number, value = nw.col("day"), nw.col("value")
    past = days.filter(number <= day).with_columns(
        _first=number.min().over("customer_id"), _last=number.max().over("customer_id")
    )
    in_30, in_90 = number > day - MONTH_DAYS, number > day - WINDOW_DAYS
    summed = past.group_by("customer_id").agg(
        purchase_days=nw.len(),
        _first=number.min(),
        _last=number.max(),
        days_in_30=nw.when(in_30).then(one).otherwise(none).sum(),
        days_in_90=nw.when(in_90).then(one).otherwise(none).sum(),
        value_in_90=nw.when(in_90).then(value).otherwise(nw.lit(0.0)).sum(),
        repeat_value=nw.when(number > nw.col("_first")).then(value).otherwise(nw.lit(0.0)).sum(),
        last_value=nw.when(number == nw.col("_last")).then(value).otherwise(nw.lit(0.0)).sum(),
    )
    return summed.with_columns(
        first_to_last_days=nw.col("_last") - nw.col("_first"),
        age_days=nw.lit(day) - nw.col("_first"),
        since_last_days=nw.lit(day) - nw.col("_last"),
    ).select("customer_id", *FEATURES)


def later(days: nw.LazyFrame, day: int, horizon_days: int) -> nw.LazyFrame:
    """Return what customers did in the `horizon_days` after `day`: customer_id, later, later_value.

    Customers without a purchase then have no row.
    """
    after = (nw.col("day") > day) & (nw.col("day") <= day + horizon_days)
    return (
        days.filter(after)
        .group_by("customer_id")
        .agg(later=nw.len(), later_value=nw.col("value").sum())
    )


def with_later(days: nw.LazyFrame, day: int, horizon_days: int) -> nw.LazyFrame:
    """Return the features as of `day` beside what came after it, 0 where nothing did."""
    return (
        as_of(days, day)
        .join(later(days, day, horizon_days), on="customer_id", how="left")
        .with_columns(nw.col("later").fill_null(0), nw.col("later_value").fill_null(0.0))
    )


def grouped_histories(days: nw.LazyFrame, day: int) -> nw.LazyFrame:
    """Return distinct (frequency, recency_days, age_days) as of `day` and their customers."""
    number = nw.col("day")
    ends = (
        days.filter(number <= day)
        .group_by("customer_id")
        .agg(purchases=nw.len(), first=number.min(), last=number.max())
    )
    return (
        ends.select(
            frequency=nw.col("purchases") - 1,
            recency_days=nw.col("last") - nw.col("first"),
            age_days=nw.lit(day) - nw.col("first"),
        )
        .group_by("frequency", "recency_days", "age_days")
        .agg(customers=nw.len())
    )


def gaps(days: nw.LazyFrame, day: int) -> nw.LazyFrame:
    """Return how often so many days lay between a purchase and the next, up to `day`."""
    before = nw.col("day").shift(1).over("customer_id", order_by="day")
    return (
        days.filter(nw.col("day") <= day)
        .with_columns(gap=nw.col("day") - before)
        .filter(~nw.col("gap").is_null())
        .group_by("gap")
        .agg(times=nw.len())
    )


@dataclass
class EngineHistories:
    """Purchase histories behind a frame of purchase days, asked for as of one day or another."""

    days: nw.LazyFrame
    _span: tuple[int | None, int | None] | None = field(default=None, init=False)

    @property
    def first_day(self) -> int | None:
        """The number of the first day with a purchase; None without any."""
        return self._ends()[0]

    @property
    def last_day(self) -> int | None:
        """The number of the last day with a purchase; None without any."""
        return self._ends()[1]

    def customers(self, day: int, horizon_days: int) -> Customers:
        """Return all customers as of `day`, in an order that depends on their histories only."""
        found = arrays(
            with_later(self.days, day, horizon_days).select(*FEATURES, "later", "later_value")
        )
        frequency = found["purchase_days"] - 1
        mean_value = found["repeat_value"] / np.maximum(frequency, 1)
        columns = (
            frequency,
            found["first_to_last_days"],
            found["age_days"],
            mean_value,
            found["later"],
            found["later_value"],
        )
        order = np.lexsort(columns)
        return Customers(*(column[order] for column in columns))

    def _ends(self) -> tuple[int | None, int | None]:
        if self._span is None:
            (row,) = records(self.days.select(first=nw.col("day").min(), last=nw.col("day").max()))
            ends = [None if row[name] is None else int(row[name]) for name in ("first", "last")]
            self._span = (ends[0], ends[1])
        return self._span
