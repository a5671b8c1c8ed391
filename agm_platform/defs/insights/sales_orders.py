"""What the orders of sales say: the insights on its own tables."""

from typing import Any

import narwhals as nw
import pandas as pd

from agm_platform.contracts import sales_insights as contracts
from agm_platform.contracts.model import Table
from agm_platform.contracts.sales import DESCRIBED_ORDERS
from agm_platform.contracts.sales_rules import SAME_QUANTITY_MARGIN, SAME_RATE_MARGIN
from agm_platform.defs.insights import delivery, discounts, tiers
from agm_platform.defs.insights.revenue import described, revenue_by
from agm_platform.defs.privacy import Privacy
from agm_platform.defs.table import table
from agm_platform.warehouse.rows import records

DIMENSIONS = {
    "category": ("category",),
    "product": ("product_name",),
    "week": ("iso_week",),
    "region": ("region",),
    "home_region": ("home_region",),
    "week_region": ("iso_week", "region"),
    "tier": ("tier",),
    "gender": ("gender",),
    "signup_month": ("signup_month",),
    "tier_signup_month": ("tier", "signup_month"),
    "payment_method": ("payment_method",),
    "tier_payment_method": ("tier", "payment_method"),
    "price_band": ("price_band",),
    "revenue_band": ("revenue_band",),
    "status": ("status",),
}
WITHIN = {"week_region": "week", "tier_signup_month": "tier", "tier_payment_method": "tier"}


@table(DESCRIBED_ORDERS)
def described_orders(
    orders: nw.LazyFrame,
    deliveries: nw.LazyFrame,
    products: nw.LazyFrame,
    clean_customers: nw.LazyFrame,
) -> nw.LazyFrame:
    """Deliveries are joined one-to-one, products and customers many-to-one; empty keys never."""
    return described(orders, deliveries, products, clean_customers)


@table(contracts.REVENUE_INSIGHTS)
def revenue_insights(described_orders: nw.LazyFrame, privacy: Privacy) -> nw.LazyFrame:
    """Accepted orders by category, product, week, region, tier, sign-up month, payment and band.

    Region is where the order went; home_region where the customer lives.
    """
    return revenue_by(described_orders, DIMENSIONS, WITHIN, privacy.smallest_group)


@table(contracts.DISCOUNT_LEVELS)
def discount_levels(orders: nw.LazyFrame, privacy: Privacy) -> pd.DataFrame:
    """Mean pieces with Student's t interval at each discount."""
    return frame_of(
        discounts.discount_levels(orders, privacy.smallest_group), contracts.DISCOUNT_LEVELS
    )


@table(contracts.DISCOUNT_EFFECTS)
def discount_effects(described_orders: nw.LazyFrame) -> pd.DataFrame:
    """Least squares, all orders together and within product, price band and tier."""
    return frame_of(
        discounts.discount_effects(described_orders, SAME_QUANTITY_MARGIN),
        contracts.DISCOUNT_EFFECTS,
    )


@table(contracts.CORRELATIONS)
def correlations(described_orders: nw.LazyFrame) -> pd.DataFrame:
    """Pearson's correlation with Fisher's z interval."""
    return frame_of(discounts.correlations(described_orders), contracts.CORRELATIONS)


@table(contracts.REVENUE_DRIVERS)
def revenue_drivers(orders: nw.LazyFrame) -> pd.DataFrame:
    """Covariance of each component's logarithm with log revenue, over the variance of that."""
    return frame_of(discounts.revenue_drivers(orders), contracts.REVENUE_DRIVERS)


@table(contracts.TIER_VALUE)
def tier_value(
    described_orders: nw.LazyFrame, clean_customers: nw.LazyFrame, privacy: Privacy
) -> pd.DataFrame:
    """Mean over buyers with Student's t interval; ties by Welch's test with Holm's correction."""
    return frame_of(
        tiers.tier_value(described_orders, clean_customers, privacy.smallest_group),
        contracts.TIER_VALUE,
    )


@table(contracts.DELIVERY_RATES)
def delivery_rates(deliveries: nw.LazyFrame, privacy: Privacy) -> pd.DataFrame:
    """Shares of the orders with a known status, with Wilson's interval."""
    return frame_of(
        delivery.delivery_rates(deliveries, privacy.smallest_group), contracts.DELIVERY_RATES
    )


@table(contracts.DELIVERY_TESTS)
def delivery_tests(delivery_rates: nw.LazyFrame) -> pd.DataFrame:
    """Pearson's chi-square with Holm's correction; sameness by two one-sided tests of all pairs."""
    tests = delivery.delivery_tests(records(delivery_rates), SAME_RATE_MARGIN)
    return frame_of(tests, contracts.DELIVERY_TESTS)


@table(contracts.STATUS_COMPARISONS)
def status_comparisons(delivery_rates: nw.LazyFrame) -> pd.DataFrame:
    """Shares of one sample with Wald's interval; sign test with Holm's correction."""
    pairs = delivery.status_comparisons(records(delivery_rates), SAME_RATE_MARGIN)
    return frame_of(pairs, contracts.STATUS_COMPARISONS)


def frame_of(rows: list[dict[str, Any]], contract: Table) -> pd.DataFrame:
    """Return rows as a frame of the contract's columns; with a column's nulls as such."""
    return pd.DataFrame(rows, columns=list(contract.column_names))
