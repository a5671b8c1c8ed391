"""What Peak's deliveries say about behaviour: money, sales, meals, products, baskets, places."""

import narwhals as nw

from agm_platform.contracts import agm, peak
from agm_platform.defs.customers.distance import UNCERTAIN
from agm_platform.defs.insights.breakdown import (
    by_dimensions,
    by_product,
    with_baskets,
    with_small_groups_marked,
)
from agm_platform.defs.insights.calendar import weekday_name
from agm_platform.defs.privacy import Privacy
from agm_platform.defs.table import table

WITHIN = {"day": "weekday", "zip": "radius"}


@table(peak.DELIVERY_INSIGHTS, reads={"products": agm.PRODUCTS})
def delivery_insights(
    orders: nw.LazyFrame,
    order_lines: nw.LazyFrame,
    clean_customers: nw.LazyFrame,
    products: nw.LazyFrame,
    privacy: Privacy,
) -> nw.LazyFrame:
    """Accepted deliveries by day, weekday, store, product, radius band, ZIP and basket size."""
    places = clean_customers.select("customer_id", "zip", "radius_band")
    money = ("commission_usd_cents", "net_usd_cents")
    deliveries = with_baskets(orders, order_lines).join(places, on="customer_id", how="left")
    summed = by_dimensions(
        deliveries,
        {
            "day": nw.col("order_date"),
            "weekday": weekday_name("order_date"),
            "store": nw.col("store_id"),
            "radius": nw.col("radius_band").fill_null(UNCERTAIN),
            "zip": nw.col("zip").fill_null("unknown"),
            "meals_in_sale": nw.col("meals"),
        },
        money,
        WITHIN,
    )
    sold = by_product(orders, order_lines, products, nw.col("line_usd_cents")).with_columns(
        **{name: nw.lit(None, dtype=nw.Int64) for name in money}
    )
    both = nw.concat([summed, sold.select(summed.collect_schema().names())])
    return with_small_groups_marked(both, WITHIN, privacy.smallest_group).sort(
        "dimension", "member"
    )
