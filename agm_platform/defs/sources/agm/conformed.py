"""AGM's accepted tables in the shared model, what is set aside, and proof that none got lost."""

import narwhals as nw

from agm_platform.contracts import agm, landing
from agm_platform.defs.sources.quarantine import Judged, accepted, set_aside
from agm_platform.defs.sources.reconciliation import totals
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


@table(agm.QUARANTINE)
def quarantine(
    raw_customers: nw.LazyFrame,
    staged_customers: nw.LazyFrame,
    raw_sales: nw.LazyFrame,
    staged_sales: nw.LazyFrame,
    raw_line_items: nw.LazyFrame,
    staged_line_items: nw.LazyFrame,
    raw_files: nw.LazyFrame,
) -> nw.LazyFrame:
    """Rows that break a row rule, with the rules, their file and the record as received."""
    return set_aside(
        raw_files,
        Judged(
            "customers", agm.RAW_CUSTOMERS, agm.STAGED_CUSTOMERS, raw_customers, staged_customers
        ),
        Judged("sales", agm.RAW_SALES, agm.STAGED_SALES, raw_sales, staged_sales),
        Judged(
            "line_items",
            agm.RAW_LINE_ITEMS,
            agm.STAGED_LINE_ITEMS,
            raw_line_items,
            staged_line_items,
        ),
    )


@table(agm.RECONCILIATION, reads={"ledger": landing.LEDGER}, tells=totals)
def reconciliation(
    raw_customers: nw.LazyFrame,
    customers: nw.LazyFrame,
    raw_sales: nw.LazyFrame,
    orders: nw.LazyFrame,
    raw_line_items: nw.LazyFrame,
    order_lines: nw.LazyFrame,
    quarantine: nw.LazyFrame,
    ledger: nw.LazyFrame,
) -> nw.LazyFrame:
    """Rows received, accepted, set aside and superseded, one row a table."""
    replaced = (
        ledger.filter(nw.col("source") == "agm", nw.col("state") == "superseded")
        .group_by("feed")
        .agg(superseded=nw.col("rows_received").sum())
    )
    kept_out = quarantine.group_by("table_name").agg(quarantined=nw.len())
    return nw.concat(
        [
            _account("customers", raw_customers, customers, kept_out, replaced),
            _account("sales", raw_sales, orders, kept_out, replaced),
            _account("line_items", raw_line_items, order_lines, kept_out, replaced),
        ]
    ).sort("table_name")


def _account(
    feed: str,
    raw: nw.LazyFrame,
    let_in: nw.LazyFrame,
    kept_out: nw.LazyFrame,
    replaced: nw.LazyFrame,
) -> nw.LazyFrame:
    """Balance one table: what came in against what became of it."""
    table_name = agm.RAW_TABLES[feed].name
    return (
        raw.select(current=nw.len())
        .join(let_in.select(accepted=nw.len()), how="cross")
        .with_columns(feed=nw.lit(feed), table_name=nw.lit(table_name))
        .join(kept_out, on="table_name", how="left")
        .join(replaced, on="feed", how="left")
        .with_columns(
            quarantined=nw.col("quarantined").fill_null(0).cast(nw.Int64),
            superseded=nw.col("superseded").fill_null(0).cast(nw.Int64),
        )
        .with_columns(
            received=nw.col("current") + nw.col("superseded"),
            unaccounted=nw.col("current") - nw.col("accepted") - nw.col("quarantined"),
        )
    )
