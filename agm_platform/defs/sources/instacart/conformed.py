"""Instacart's accepted orders and customers in the shared model."""

import narwhals as nw

from agm_platform.contracts import instacart
from agm_platform.contracts.regions import REGIONS
from agm_platform.defs.sources.quarantine import accepted
from agm_platform.defs.table import table


@table(instacart.ORDERS)
def orders(staged_orders: nw.LazyFrame) -> nw.LazyFrame:
    """Orders that break no row rule."""
    return accepted(staged_orders)


@table(instacart.CLEAN_CUSTOMERS)
def clean_customers(staged_customers: nw.LazyFrame) -> nw.LazyFrame:
    """Customers that break no row rule, with the region of their state."""
    region: nw.Expr = nw.lit(None, dtype=nw.String)
    state = nw.col("state").str.to_lowercase()
    for name, states in REGIONS.items():
        lower = [each.lower() for each in states]
        region = nw.when(state.is_in(lower)).then(nw.lit(name)).otherwise(region)
    return accepted(staged_customers).with_columns(region=region)
