"""Accepted tables of sales in the shared model, what is set aside, and proof that none got lost.

Every join here is many-to-one: the key of the joined table is unique (a blocking check there), and
empty keys join nothing. That no order was multiplied or lost is checked in `orders`, `deliveries`
and `reconciliation`.
"""

import narwhals as nw

from agm_platform.contracts import sales
from agm_platform.contracts.categories import UNKNOWN
from agm_platform.contracts.sales_rules import PRICE_BANDS_USD_CENTS, REVENUE_BANDS_USD_CENTS
from agm_platform.defs.insights.bands import banded
from agm_platform.defs.insights.calendar import day_number, with_iso_week
from agm_platform.defs.sources.quarantine import accepted
from agm_platform.defs.sources.snapshot_source import quarantine_asset, reconciliation_asset
from agm_platform.defs.table import table

PARTS = 10_000  # a discount in hundredths of a percent: so small are the steps that stay exact


@table(sales.CLEAN_CUSTOMERS)
def clean_customers(staged_customer_info: nw.LazyFrame) -> nw.LazyFrame:
    """Customers that break no row rule."""
    return accepted(staged_customer_info)


@table(sales.PRODUCTS)
def products(staged_product_info: nw.LazyFrame) -> nw.LazyFrame:
    """Products that break no row rule."""
    return accepted(staged_product_info)


@table(sales.ORDERS)
def orders(
    staged_sales_data: nw.LazyFrame, clean_customers: nw.LazyFrame, products: nw.LazyFrame
) -> nw.LazyFrame:
    """Orders that break no row rule, with exact revenue and flags of strange dates."""
    kept = nw.lit(PARTS) - (nw.col("discount_share") * PARTS).round().cast(nw.Int64)
    micros = nw.col("quantity") * nw.col("unit_price_usd_cents") * kept
    told = (
        accepted(staged_sales_data)
        .join(clean_customers.select("customer_id", "signup_date"), on="customer_id", how="left")
        .join(products.select("product_id", "launch_date"), on="product_id", how="left")
        .with_columns(revenue_usd_micros=micros)
        .with_columns(revenue_usd_cents=(nw.col("revenue_usd_micros") + PARTS // 2) // PARTS)
    )
    # Bands by the exact amount: half a cent above an edge is above it.
    exact_cents = nw.col("revenue_usd_micros") / PARTS
    return with_iso_week(told, "order_date", "iso_week").with_columns(
        price_band=banded(nw.col("unit_price_usd_cents"), PRICE_BANDS_USD_CENTS),
        revenue_band=banded(exact_cents, REVENUE_BANDS_USD_CENTS),
        days_to_order=day_number("order_date") - day_number("launch_date"),
        is_before_launch=nw.col("order_date") < nw.col("launch_date"),
        is_before_signup=nw.col("order_date") < nw.col("signup_date"),
    )


@table(sales.DELIVERIES)
def deliveries(
    orders: nw.LazyFrame, staged_sales_data: nw.LazyFrame, clean_customers: nw.LazyFrame
) -> nw.LazyFrame:
    """One row an order; where an order goes and where its customer lives are kept apart."""
    homes = clean_customers.select("customer_id", home_region="region")
    statuses = accepted(staged_sales_data).select(
        "order_id", status=nw.col("delivery_status").fill_null(UNKNOWN)
    )
    known = nw.col("status") != UNKNOWN
    return (
        orders.select("order_id", "customer_id", "price_band", delivery_region="region")
        .join(statuses, on="order_id", how="left")
        .join(homes, on="customer_id", how="left")
        .with_columns(
            is_late=nw.when(known).then(nw.col("status") == "Delayed"),
            is_cancelled=nw.when(known).then(nw.col("status") == "Cancelled"),
        )
    )


quarantine = quarantine_asset(sales.SNAPSHOTS, sales.RAW_FILES, sales.QUARANTINE)
reconciliation = reconciliation_asset(sales.SNAPSHOTS, sales.QUARANTINE, sales.RECONCILIATION)
