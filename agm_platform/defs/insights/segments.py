"""Customers of any source by recency, frequency and monetary value, scored against fixed edges.

Fixed edges and not quantiles, so that the same label means the same thing every day.
"""

import dagster as dg
import narwhals as nw

from agm_platform.contracts.bands import Bands
from agm_platform.contracts.business import (
    FREQUENCY_EDGES_ORDERS_PER_30_DAYS,
    MONETARY_EDGES_USD_CENTS_PER_30_DAYS,
    RECENCY_EDGES_DAYS,
)
from agm_platform.contracts.model import Table
from agm_platform.contracts.privacy import ERASED_NUMBER
from agm_platform.contracts.registry import TABLES, find_table
from agm_platform.contracts.segments import MONEY, NAME
from agm_platform.defs.insights.bands import banded
from agm_platform.defs.insights.calendar import day_number
from agm_platform.defs.table import table

SCORES = ("1", "2", "3", "4", "5")
RECENCY = Bands(SCORES[::-1], RECENCY_EDGES_DAYS)
FREQUENCY = Bands(SCORES, FREQUENCY_EDGES_ORDERS_PER_30_DAYS, edge_belongs_above=True)
MONETARY = Bands(SCORES, MONETARY_EDGES_USD_CENTS_PER_30_DAYS, edge_belongs_above=True)


def segments(orders: nw.LazyFrame) -> nw.LazyFrame:
    """Return one row a customer with orders; days count back from the last day of the data.

    Needs customer_id, order_date and subtotal_usd_cents. Rates per 30 days are over the span of
    the data, from its first day to its last. Orders without a customer or a date are left out.
    """
    dated = orders.filter(~nw.col("order_date").is_null()).with_columns(
        number=day_number("order_date")
    )
    span = dated.select(first=nw.col("number").min(), last=nw.col("number").max())
    customers = (
        dated.filter(nw.col("customer_id") != ERASED_NUMBER)
        .group_by("customer_id")
        .agg(
            last_order=nw.col("number").max(),
            order_count=nw.len(),
            monetary_usd_cents=nw.col("subtotal_usd_cents").sum(),
        )
        .join(span, how="cross")
    )
    months = (nw.col("last") - nw.col("first") + 1) / 30
    rated = customers.with_columns(
        recency_days=nw.col("last") - nw.col("last_order"),
        orders_per_30_days=nw.col("order_count") / months,
        usd_cents_per_30_days=nw.col("monetary_usd_cents") / months,
    )
    return (
        rated.with_columns(
            recency_score=_score(nw.col("recency_days"), RECENCY),
            frequency_score=_score(nw.col("orders_per_30_days"), FREQUENCY),
            monetary_score=_score(nw.col("usd_cents_per_30_days"), MONETARY),
        )
        .with_columns(segment=segment())
        .sort("customer_id")
    )


def segment() -> nw.Expr:
    """Name the segment from recency_score and frequency_score.

    loyal: recent (5 or 4) and often (5 or 4); promising: recent and less often; at_risk: not
    recent (3 or 2) but often; regular: not recent and less often; lapsed: recency 1.
    """
    recency, frequency = nw.col("recency_score"), nw.col("frequency_score")
    is_recent, is_frequent = recency >= 4, frequency >= 4
    return (
        nw.when(recency == 1)
        .then(nw.lit("lapsed"))
        .when(is_recent & is_frequent)
        .then(nw.lit("loyal"))
        .when(is_recent)
        .then(nw.lit("promising"))
        .when(is_frequent)
        .then(nw.lit("at_risk"))
        .otherwise(nw.lit("regular"))
    )


def _score(value: nw.Expr, scores: Bands) -> nw.Expr:
    """Return the name of the band of each value as a number."""
    return banded(value, scores).cast(nw.Int64)


def segments_asset(contract: Table) -> dg.AssetsDefinition:
    """Return the asset that fills a segments contract from the orders of the same source."""
    orders_contract = find_table(contract.source, "orders")
    if orders_contract is None:
        msg = f"{contract.full_name}: the source has no orders"
        raise ValueError(msg)
    money = next((name for name in MONEY if name in orders_contract.column_names), None)
    if money is None:
        msg = f"{contract.full_name}: the orders have none of {', '.join(MONEY)}"
        raise ValueError(msg)

    @table(contract, reads={"orders": orders_contract})
    def of_source(orders: nw.LazyFrame) -> nw.LazyFrame:
        """Score each customer with orders; days count back from the last day of the data.

        Rates per 30 days are over the span of the data, from its first day to its last.
        """
        return segments(orders.with_columns(nw.col(money).alias(MONEY[0])))

    return of_source


SEGMENTS = [segments_asset(contract) for contract in TABLES if contract.name == NAME]
