"""AGM's accepted tables in the shared model, what is set aside, and proof that none got lost."""

import narwhals as nw

from agm_platform.contracts import agm
from agm_platform.defs.sources.quarantine import accepted
from agm_platform.defs.sources.snapshot_source import quarantine_asset, reconciliation_asset
from agm_platform.defs.table import table
from agm_platform.landing.casts import identifier, iso_date, number, trimmed, truth


@table(agm.STORES)
def stores(raw_stores: nw.LazyFrame) -> nw.LazyFrame:
    """Stores with types."""
    return raw_stores.select(
        *(trimmed(name).alias(name) for name in ("street", "city", "state", "zip")),
        store_id=identifier("store_id"),
        latitude=number("latitude"),
        longitude=number("longitude"),
    )


@table(agm.PRODUCTS)
def products(raw_products: nw.LazyFrame) -> nw.LazyFrame:
    """Meals with types."""
    return raw_products.select(
        product_id=identifier("product_id"), product_name=trimmed("description")
    )


@table(agm.HOLIDAYS)
def holidays(raw_holidays: nw.LazyFrame) -> nw.LazyFrame:
    """Holidays with types; a flag that is neither true nor false counts as open."""
    return raw_holidays.select(
        holiday_date=iso_date("holiday_date"),
        holiday_name=trimmed("description"),
        is_closed=truth("closed_flag").fill_null(value=False),
    )


@table(agm.CUSTOMERS)
def customers(staged_customers: nw.LazyFrame) -> nw.LazyFrame:
    """Customers that break no row rule."""
    return accepted(staged_customers)


@table(agm.ORDERS)
def orders(staged_sales: nw.LazyFrame) -> nw.LazyFrame:
    """Pick-up sales that break no row rule."""
    return accepted(staged_sales).with_columns(subtotal_usd_cents=nw.col("total_usd_cents"))


@table(agm.ORDER_LINES)
def order_lines(staged_line_items: nw.LazyFrame) -> nw.LazyFrame:
    """Lines that break no row rule, of sales that break none."""
    return accepted(staged_line_items)


quarantine = quarantine_asset(agm.SNAPSHOTS, agm.RAW_FILES, agm.QUARANTINE)
reconciliation = reconciliation_asset(agm.SNAPSHOTS, agm.QUARANTINE, agm.RECONCILIATION)
