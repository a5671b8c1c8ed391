"""What stores will take: by store, channel and day, shown with how such forecasts did."""

import inspect
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import dagster as dg
import narwhals as nw
import numpy as np
import pandas as pd

from agm_platform.contracts import agm
from agm_platform.contracts.business import HOLIDAY_WINDOW_DAYS
from agm_platform.contracts.forecasts import (
    ALL_STORES,
    CHANNELS,
    HORIZON_DAYS,
    forecast_of,
    scores_of,
)
from agm_platform.defs.privacy import Privacy
from agm_platform.defs.table import asset_key, table_out
from agm_platform.quality.checks import POOL
from agm_platform.statistics import forecasting
from agm_platform.statistics.forecasting import FAR, METHODS, NAIVE, Forecast
from agm_platform.warehouse.rows import records

Row = dict[str, Any]


def daily(orders: nw.LazyFrame) -> list[Row]:
    """Return store_id, order_date, usd_cents and orders of every store and day with orders."""
    return records(
        orders.group_by("store_id", "order_date").agg(
            usd_cents=nw.col("subtotal_usd_cents").sum(), orders=nw.len()
        )
    )


def foretold(
    channel: str,
    rows: list[Row],
    holidays: Sequence[Row],
    smallest_group: int,
    horizon: int = HORIZON_DAYS,
) -> tuple[list[Row], list[Row]]:
    """Foretell the next days of every series long enough, by the method that did best before.

    Parameters: the channel's name; rows of `daily`; holidays with holiday_date and is_closed.
    Returns the rows of sales_forecast and of forecast_scores. Series are stores, and all of them
    where there are several. One of fewer orders a day than `smallest_group` on the mean, without an
    order for a week, or shorter than a backtest needs, is not foretold.
    """
    days: list[Row] = []
    scores: list[Row] = []
    if rows:
        last = max(row["order_date"] for row in rows)
        stores = sorted({row["store_id"] for row in rows})
        for store in [*stores, *([ALL_STORES] if len(stores) > 1 else [])]:
            of_store = [row for row in rows if store in (ALL_STORES, row["store_id"])]
            key = {"channel": channel, "store_id": store}
            found, score = _of_series(of_store, last, holidays, smallest_group, horizon)
            scores.append({**key, **score})
            days += [{**key, **row} for row in found]
    return days, scores


def _of_series(
    rows: list[Row], last: date, holidays: Sequence[Row], smallest_group: int, horizon: int
) -> tuple[list[Row], Row]:
    """Return the days of one series' forecast, none where there is none, and its scores."""
    first = min(row["order_date"] for row in rows)
    ahead = [last + timedelta(days=number + 1) for number in range(horizon)]
    closed = {row["holiday_date"] for row in holidays if row["is_closed"]}
    is_open = np.array([day not in closed for day in ahead])
    takings, orders = _series(rows, first, last)
    near = _near(first, len(takings) + horizon, [row["holiday_date"] for row in holidays])
    ended = max(row["order_date"] for row in rows)
    found, why_not = None, _left_out(orders, (last - ended).days, smallest_group)
    if why_not is None:
        found = forecasting.forecast(takings, near, is_open)
        why_not = None if found else _too_short(len(takings), horizon)
    score = {
        "last_day": last,
        "days_known": len(takings),
        "days_needed": forecasting.least_days(horizon),
        "closed_days": int((~is_open).sum()),
        "why_not": why_not,
        **(_scores(found) if found else {}),
    }
    return (_days(found, ahead) if found else []), score


def _series(rows: list[Row], first: date, last: date) -> tuple[np.ndarray, np.ndarray]:
    """Return takings and orders of every day from first to last; 0 where nothing was sold."""
    takings = np.zeros((last - first).days + 1)
    orders = np.zeros(len(takings))
    for row in rows:
        place = (row["order_date"] - first).days
        takings[place] += row["usd_cents"]
        orders[place] += row["orders"]
    return takings, orders


def _near(first: date, days: int, holidays: Sequence[date]) -> np.ndarray:
    """Return the days after the nearest holiday, negative before; FAR beyond the window."""
    near = np.full(days, FAR)
    for holiday in holidays:
        after = np.arange(days) - (holiday - first).days
        closer = (np.abs(after) <= HOLIDAY_WINDOW_DAYS) & (np.abs(after) < np.abs(near))
        near = np.where(closer, after, near)
    return near


def _left_out(orders: np.ndarray, silent_days: int, smallest_group: int) -> str | None:
    """Return why a series of these orders a day is not foretold at all; None if it may be."""
    if silent_days >= forecasting.WEEK:
        return f"no sale in the last {silent_days} days: the store seems closed"
    if orders.mean() < smallest_group:
        return f"fewer than {smallest_group} sales a day: too few customers to be told"
    return None


def _too_short(days: int, horizon: int) -> str:
    return (
        f"{days} days of sales are known and {forecasting.least_days(horizon)} are needed, so that "
        f"{horizon} days ahead can be tried from {forecasting.LEAST_ORIGINS} days of the past"
    )


def _scores(found: Forecast) -> Row:
    naive = found.scores[NAIVE]
    model = min(
        (found.scores[name] for name in METHODS if name != NAIVE), key=lambda each: each.error
    )
    return {
        "method": found.method,
        "origins": found.origins,
        "error_usd_cents": model.error,
        "naive_error_usd_cents": naive.error,
        "total_error": model.total_error,
        "naive_total_error": naive.total_error,
        "bias": found.scores[found.method].bias,
        "coverage": found.coverage,
        "total_usd_cents": found.total,
        "total_low": found.total_low,
        "total_high": found.total_high,
    }


def _days(found: Forecast, ahead: list[date]) -> list[Row]:
    return [
        {
            "forecast_date": day,
            "days_ahead": number,
            "expected_usd_cents": float(found.days[number - 1]),
            "low": float(found.low[number - 1]),
            "high": float(found.high[number - 1]),
            "method": found.method,
        }
        for number, day in enumerate(ahead, start=1)
    ]


def forecast_asset(source: str, channel: str) -> dg.AssetsDefinition:
    """Return the asset that foretells the takings of a source's orders."""
    forecast, scores = forecast_of(source), scores_of(source)

    @dg.multi_asset(
        name=f"{source}_sales_forecast",
        ins={
            "orders": dg.AssetIn(dg.AssetKey([source, "orders"])),
            "holidays": dg.AssetIn(asset_key(agm.HOLIDAYS)),
        },
        outs={
            each.name: table_out(each, method=inspect.getdoc(foretold))
            for each in (forecast, scores)
        },
        pool=POOL,
    )
    def of_source(
        orders: nw.LazyFrame, holidays: nw.LazyFrame, privacy: Privacy
    ) -> Iterator[dg.Output[pd.DataFrame]]:
        rows = foretold(channel, daily(orders), records(holidays), privacy.smallest_group)
        for contract, found in zip((forecast, scores), rows, strict=True):
            frame = pd.DataFrame(found, columns=list(contract.column_names), dtype=object)
            yield dg.Output(frame, output_name=contract.name)

    return of_source


FORECASTS = [forecast_asset(source, channel) for source, channel in CHANNELS.items()]
