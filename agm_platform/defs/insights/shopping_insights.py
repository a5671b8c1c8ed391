"""The insights that the shopping trends give: thin assets over the shared model."""

import narwhals as nw
import pandas as pd

from agm_platform.contracts import shopping_insights as contracts
from agm_platform.contracts import shopping_rules as known
from agm_platform.contracts.regions import REGIONS
from agm_platform.defs.insights.bands import banded
from agm_platform.defs.insights.factors import factor_tests
from agm_platform.defs.insights.flag_effects import flag_effects, flag_sums
from agm_platform.defs.insights.frequency_segments import frequency_segments
from agm_platform.defs.insights.oddities import flags_in_order, same_flags, spread_evenly
from agm_platform.defs.insights.purchase_prediction import foretold
from agm_platform.defs.insights.purchases import summed, with_customers, with_means
from agm_platform.defs.privacy import Privacy
from agm_platform.defs.table import table

WITHIN = {"product": "category", "state": "region"}
FLAGS = ("has_discount", "is_subscribed")


@table(contracts.STATED_SEGMENTS)
def stated_segments(orders: nw.LazyFrame, clean_customers: nw.LazyFrame) -> nw.LazyFrame:
    """Segments of customers by stated frequency, previous purchases and amount of the purchase."""
    return _segmented(orders, clean_customers).sort("customer_id")


@table(contracts.PURCHASE_INSIGHTS)
def purchase_insights(
    orders: nw.LazyFrame, clean_customers: nw.LazyFrame, privacy: Privacy
) -> pd.DataFrame:
    """Purchases by what was bought, season, place, kind of customer and segment."""
    segmented = _segmented(orders, clean_customers)
    columns = {
        "product": "product_name",
        **{
            name: name
            for name in (
                "category",
                "season",
                "size",
                "color",
                "shipping_type",
                "payment_method",
                "state",
                "gender",
                "age_band",
                "purchase_frequency",
                "frequency_band",
                "experience_band",
                "amount_band",
                "segment",
            )
        },
    }
    dimensions = {
        **{dimension: nw.col(column) for dimension, column in columns.items()},
        "region": _region(),
        "discount": _yes_or_no("has_discount"),
        "subscription": _yes_or_no("is_subscribed"),
    }
    return with_means(summed(segmented, dimensions, WITHIN, privacy.smallest_group))


@table(contracts.FACTORS)
def factors(orders: nw.LazyFrame, clean_customers: nw.LazyFrame) -> pd.DataFrame:
    """Tests of what is bought, paid and how it is rated, against who buys, when, where and how."""
    names = (
        "season",
        "gender",
        "age_band",
        "purchase_frequency",
        "shipping_type",
        "payment_method",
        "size",
    )
    tested = {
        **{name: nw.col(name) for name in names},
        "region": _region(),
        "experience": banded(nw.col("previous_purchases"), known.EXPERIENCE_BANDS),
    }
    joined = with_customers(orders, clean_customers)
    return factor_tests(
        joined,
        tested,
        {"category": nw.col("category")},
        {"amount": "subtotal_usd_cents", "rating": "review_rating"},
    )


@table(contracts.FLAG_EFFECTS)
def flag_effect_table(
    orders: nw.LazyFrame, clean_customers: nw.LazyFrame, privacy: Privacy
) -> pd.DataFrame:
    """Amounts with and without a discount or a subscription, all together and in each gender."""
    joined = with_customers(orders, clean_customers)
    return flag_effects(flag_sums(joined, FLAGS, "gender"), privacy.smallest_group)


@table(contracts.ANOMALIES)
def anomalies(orders: nw.LazyFrame, clean_customers: nw.LazyFrame) -> pd.DataFrame:
    """Spreads, flags and orders of the file that purchases of real people seldom show."""
    joined = with_customers(orders, clean_customers)
    found = [
        spread_evenly(joined, "subtotal_usd_cents", step=100),
        spread_evenly(joined, "age_years"),
        spread_evenly(joined, "previous_purchases"),
        same_flags(joined, "has_discount", "has_promo_code"),
        flags_in_order(joined, nw.col("has_discount"), "discount"),
        flags_in_order(joined, nw.col("is_subscribed"), "subscription"),
        flags_in_order(joined, nw.col("gender") == "Male", "gender Male"),
    ]
    columns = list(contracts.ANOMALIES.column_names)
    return pd.DataFrame([row for row in found if row], columns=columns)


@table(contracts.PREDICTION)
def prediction(orders: nw.LazyFrame, clean_customers: nw.LazyFrame) -> pd.DataFrame:
    """The next purchase foretold from customer and season, beside a guess that knows nothing."""
    joined = with_customers(orders, clean_customers).with_columns(
        region=_region(),
        experience=banded(nw.col("previous_purchases"), known.EXPERIENCE_BANDS),
    )
    features = (
        "season",
        "region",
        "gender",
        "age_band",
        "purchase_frequency",
        "experience",
        "is_subscribed",
        "preferred_payment_method",
    )
    return foretold(joined, features, known.FOLDS)


def _segmented(orders: nw.LazyFrame, clean_customers: nw.LazyFrame) -> nw.LazyFrame:
    return frequency_segments(
        with_customers(orders, clean_customers),
        known.FREQUENCY_BANDS,
        known.EXPERIENCE_BANDS,
        known.AMOUNT_BANDS,
    )


def _region() -> nw.Expr:
    """Return the census region of the state; null for what is no state."""
    found: nw.Expr = nw.lit(None, nw.String)
    for region, states in REGIONS.items():
        found = nw.when(nw.col("state").is_in(list(states))).then(nw.lit(region)).otherwise(found)
    return found


def _yes_or_no(flag: str) -> nw.Expr:
    return nw.when(nw.col(flag)).then(nw.lit("yes")).when(~nw.col(flag)).then(nw.lit("no"))
