"""How far AGM's takings fall on the days round a holiday."""

import narwhals as nw

from agm_platform.contracts import agm
from agm_platform.contracts.business import HOLIDAY_AFFECTED_SHARE, HOLIDAY_WINDOW_DAYS
from agm_platform.defs.insights.calendar import day_number, weekday, weekday_name
from agm_platform.defs.table import table


@table(agm.HOLIDAY_EFFECT)
def holiday_effect(
    orders: nw.LazyFrame, holidays: nw.LazyFrame, sales_insights: nw.LazyFrame
) -> nw.LazyFrame:
    """Days within the window of a holiday, their takings against their weekday's mean elsewhere.

    A closed day counts with takings of 0. The mean of a weekday is taken over the days outside
    every window, so the effect is not measured against itself. Where two holidays are as near,
    the earlier one counts. Where the sums by day hide a day, its whole weekday is hidden here: the
    mean would give it away.
    """
    takings = orders.group_by("order_date").agg(gross_usd_cents=nw.col("subtotal_usd_cents").sum())
    first_day, last_day = nw.col("first_day"), nw.col("last_day")
    span = orders.select(first_day=nw.col("order_date").min(), last_day=nw.col("order_date").max())
    closed = (
        holidays.filter(nw.col("is_closed"))
        .join(span, how="cross")
        .filter((nw.col("holiday_date") >= first_day) & (nw.col("holiday_date") <= last_day))
        .select(order_date=nw.col("holiday_date"))
        .join(takings, on="order_date", how="anti")
        .with_columns(gross_usd_cents=nw.lit(0, dtype=nw.Int64))
    )
    days = nw.concat(
        [
            takings.select("order_date", nw.col("gross_usd_cents").cast(nw.Int64)),
            closed.select("order_date", "gross_usd_cents"),
        ]
    ).with_columns(weekday=weekday("order_date"), number=day_number("order_date"))
    dated = holidays.select("holiday_date", holiday_number=day_number("holiday_date"))
    near = (
        days.join(dated, how="cross")
        .with_columns(days_from_holiday=nw.col("number") - nw.col("holiday_number"))
        .filter(nw.col("days_from_holiday").abs() <= HOLIDAY_WINDOW_DAYS)
    )
    means = (
        days.join(near.select("order_date").unique(), on="order_date", how="anti")
        .group_by("weekday")
        .agg(weekday_mean_usd_cents=nw.col("gross_usd_cents").mean())
    )
    distance = nw.col("days_from_holiday").abs()
    nearest = near.filter(distance == distance.min().over("order_date"))
    nearest = nearest.filter(
        nw.col("holiday_date") == nw.col("holiday_date").min().over("order_date")
    )
    return (
        nearest.join(means, on="weekday", how="left")
        .with_columns(share_of_mean=nw.col("gross_usd_cents") / nw.col("weekday_mean_usd_cents"))
        .with_columns(
            is_affected=nw.col("share_of_mean") <= HOLIDAY_AFFECTED_SHARE,
            weekday_name=weekday_name("order_date"),
        )
        .join(_hidden_weekdays(sales_insights), on="weekday_name", how="left")
        .with_columns(suppressed=nw.col("suppressed").fill_null(value=False))
        .sort("order_date")
    )


def _hidden_weekdays(sales_insights: nw.LazyFrame) -> nw.LazyFrame:
    """Return the weekdays of which the sums by day or by weekday hide one."""
    hidden = sales_insights.filter(nw.col("suppressed"))
    days = hidden.filter(nw.col("dimension") == "day").select(
        weekday_name=nw.col("member").str.slice(0, 10).str.to_date("%Y-%m-%d")
    )
    of_days = days.select(weekday_name=weekday_name("weekday_name"))
    weekdays = hidden.filter(nw.col("dimension") == "weekday").select(weekday_name="member")
    return nw.concat([of_days, weekdays]).unique().with_columns(suppressed=nw.lit(value=True))
