"""The accepted rows in the shared model: a customer, and that customer's one purchase."""

import narwhals as nw

from agm_platform.contracts import shopping
from agm_platform.defs.sources.quarantine import accepted
from agm_platform.defs.table import table


@table(shopping.CLEAN_CUSTOMERS)
def clean_customers(staged_shopping_trends: nw.LazyFrame) -> nw.LazyFrame:
    """Customers of the rows that break no row rule."""
    return accepted(staged_shopping_trends)


@table(shopping.ORDERS)
def orders(staged_shopping_trends: nw.LazyFrame) -> nw.LazyFrame:
    """Purchases of the rows that break no row rule, numbered as their customers."""
    return accepted(staged_shopping_trends).with_columns(order_id=nw.col("customer_id"))
