"""How loyal, how free-spending and how frequent each customer is, by declared bands."""

import narwhals as nw

from agm_platform.contracts.bands import Bands
from agm_platform.contracts.privacy import ERASED_NUMBER
from agm_platform.defs.insights.bands import banded
from agm_platform.defs.insights.calendar import day_number


def customer_flags(
    orders: nw.LazyFrame, purchases: Bands, basket: Bands, gap: Bands
) -> nw.LazyFrame:
    """Return one row a customer with orders: figures and the band of each.

    Needs customer_id, order_date, subtotal_usd_cents. The mean gap is the time from first to last
    order over the orders after the first; it and its band are null for a single order.
    """
    summed = (
        orders.filter(nw.col("customer_id") != ERASED_NUMBER)
        .with_columns(day=day_number("order_date"))
        .group_by("customer_id")
        .agg(
            order_count=nw.len(),
            gross=nw.col("subtotal_usd_cents").sum(),
            first=nw.col("day").min(),
            last=nw.col("day").max(),
        )
    )
    gaps = nw.col("order_count") - 1
    figures = summed.with_columns(
        mean_basket_usd_cents=nw.col("gross") / nw.col("order_count"),
        mean_gap_days=nw.when(gaps > 0).then((nw.col("last") - nw.col("first")) / gaps),
    )
    return figures.with_columns(
        loyalty_flag=banded(nw.col("order_count"), purchases),
        spending_flag=banded(nw.col("mean_basket_usd_cents"), basket),
        frequency_flag=banded(nw.col("mean_gap_days"), gap),
    ).sort("customer_id")
