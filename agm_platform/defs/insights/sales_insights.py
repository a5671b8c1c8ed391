"""What AGM's own pick-up sales say: money, sales and meals in total, by day, store and product."""

import narwhals as nw

from agm_platform.contracts import agm
from agm_platform.contracts.business import MEAL_PRICE_USD_CENTS
from agm_platform.defs.insights.breakdown import (
    by_dimensions,
    by_product,
    with_baskets,
    with_small_groups_marked,
)
from agm_platform.defs.insights.calendar import weekday_name
from agm_platform.defs.privacy import Privacy
from agm_platform.defs.table import table

WITHIN = {"day": "weekday"}


@table(agm.SALES_INSIGHTS)
def sales_insights(
    orders: nw.LazyFrame,
    order_lines: nw.LazyFrame,
    products: nw.LazyFrame,
    stores: nw.LazyFrame,
    privacy: Privacy,
) -> nw.LazyFrame:
    """Accepted pick-up orders by day, weekday, store and product.

    AGM's lines carry no price, so a product's money is meals times the list price. A store is
    named by its city, or by its number where the stores table does not have it.
    """
    named = orders.join(stores.select("store_id", "city"), on="store_id", how="left")
    summed = by_dimensions(
        with_baskets(named, order_lines),
        {
            "day": nw.col("order_date"),
            "weekday": weekday_name("order_date"),
            "store": nw.coalesce("city", "store_id"),
        },
        within=WITHIN,
    )
    price = nw.col("quantity") * MEAL_PRICE_USD_CENTS
    sold = by_product(orders, order_lines, products, price)
    both = nw.concat([summed, sold.select(summed.collect_schema().names())])
    return with_small_groups_marked(both, WITHIN, privacy.smallest_group).sort(
        "dimension", "member"
    )
