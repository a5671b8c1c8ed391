"""When customers order and how much they spend then, for orders that know only weekday and hour."""

from statistics import NormalDist

import narwhals as nw

from agm_platform.contracts.bands import Bands
from agm_platform.contracts.business import CONFIDENCE
from agm_platform.defs.insights.bands import banded
from agm_platform.defs.insights.calendar import WEEKDAYS
from agm_platform.warehouse.held import held

DIMENSIONS = {
    "day": ("order_day",),
    "hour": ("order_hour",),
    "day_hour": ("order_day", "order_hour"),
}
NONE = nw.lit(None, dtype=nw.Int64)


def hours_and_days(orders: nw.LazyFrame, baskets: nw.LazyFrame) -> nw.LazyFrame:
    """Sum up orders by day number, by hour and by both.

    Parameters: orders with order_id, customer_id, order_day, order_hour; baskets with order_id
    (each once), order_lines, priced_lines, usd_cents. Returns dimension, order_day, order_hour,
    orders, customers, orders_with_lines, order_lines, priced_lines, usd_cents, and share, the share
    of all orders, with share_low and share_high. The interval takes customers as what was drawn,
    because orders of one customer are alike: the ratio estimator of W. G. Cochran, Sampling
    Techniques, chapter 6.
    """
    keys = ("order_day", "order_hour")
    # Customers by a short number: grouping by it takes half the time of grouping by text.
    whole = held(
        orders.filter(~nw.col("customer_id").is_null())
        .group_by("customer_id")
        .agg(_all=nw.len().cast(nw.Int64))
        .with_columns(_person=nw.col("customer_id").rank("ordinal").cast(nw.Int32))
    )
    cells = held(
        orders.select("customer_id", *(nw.col(key).cast(nw.Int32) for key in keys))
        .join(whole, on="customer_id", how="inner")
        .group_by("_person", *keys)
        .agg(_own=nw.len().cast(nw.Int64), _all=nw.col("_all").max())
    )
    bought = orders.select("order_id", *keys).join(baskets, on="order_id", how="inner")
    sums = ("order_lines", "priced_lines", "usd_cents")
    money = held(
        bought.group_by(*keys).agg(
            orders_with_lines=nw.col("order_lines").count(),
            **{name: nw.col(name).sum() for name in sums},
        )
    )
    total = whole.select(
        _total=nw.col("_all").sum(),
        _squares=(nw.col("_all") * nw.col("_all")).sum(),
        _people=nw.len(),
    )
    parts = []
    for dimension, columns in DIMENSIONS.items():
        is_known = [~nw.col(column).is_null() for column in columns]
        own = cells.filter(*is_known)
        if columns != keys:  # else every row is one already
            own = own.group_by("_person", *columns).agg(
                _own=nw.col("_own").sum().cast(nw.Int64), _all=nw.col("_all").max()
            )
        crossed = own.with_columns(
            *(nw.col(column).cast(nw.Int64) for column in columns),
            _own_squares=nw.col("_own") * nw.col("_own"),
            _crossed=nw.col("_own") * nw.col("_all"),
        )
        by_customer = crossed.group_by(*columns).agg(
            customers=nw.len(),
            orders=nw.col("_own").sum(),
            _own_squares=nw.col("_own_squares").sum(),
            _crossed=nw.col("_crossed").sum(),
        )
        spent = (
            money.filter(*is_known)
            .group_by(*columns)
            .agg(**{name: nw.col(name).sum() for name in ("orders_with_lines", *sums)})
        )
        joined = by_customer.join(spent, on=list(columns), how="left").join(total, how="cross")
        missing = {name: NONE for name in ("order_day", "order_hour") if name not in columns}
        parts.append(_with_shares(joined.with_columns(**missing, dimension=nw.lit(dimension))))
    return nw.concat(parts)


def labelled(hours: nw.LazyFrame, first_day: str, periods: Bands) -> nw.LazyFrame:
    """Add `label`: the name of the day if day 0 is `first_day`, or the period of the hour."""
    start = WEEKDAYS.index(first_day)
    name: nw.Expr = nw.lit(None, dtype=nw.String)
    for number in range(len(WEEKDAYS)):
        day = WEEKDAYS[(start + number) % len(WEEKDAYS)]
        name = nw.when(nw.col("order_day") == number).then(nw.lit(day)).otherwise(name)
    period = banded(nw.col("order_hour"), periods)
    return hours.with_columns(
        label=nw.when(nw.col("order_hour").is_null())
        .then(name)
        .when(nw.col("order_day").is_null())
        .then(period)
        .otherwise(nw.concat_str(name, nw.lit(" "), period))
    )


def _with_shares(frame: nw.LazyFrame) -> nw.LazyFrame:
    """Add share, share_low and share_high; the interval is null for fewer than two customers."""
    people, total = nw.col("_people"), nw.col("_total")
    share = nw.col("share")
    residual = (
        nw.col("_own_squares") - 2 * share * nw.col("_crossed") + share * share * nw.col("_squares")
    )
    spread = nw.when(residual > 0).then(residual).otherwise(nw.lit(0.0))
    z = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2)
    half = z * (nw.when(people > 1).then(people * spread / (people - 1))).sqrt() / total
    names = ("orders", "customers", "orders_with_lines", "order_lines", "priced_lines", "usd_cents")
    low = share - half
    return (
        frame.with_columns(share=nw.col("orders") / total)
        .with_columns(
            share_low=nw.when(low > 0).then(low).otherwise(nw.lit(0.0)), share_high=share + half
        )
        .select(
            "dimension",
            "order_day",
            "order_hour",
            *(nw.col(name).fill_null(0).cast(nw.Int64).alias(name) for name in names),
            "share",
            "share_low",
            "share_high",
        )
    )
