"""From the shopping file as received to typed rows that each name the row rules they break."""

from collections.abc import Iterable, Mapping

import narwhals as nw

from agm_platform.contracts import shopping
from agm_platform.contracts import shopping_rules as known
from agm_platform.contracts.categories import SYNONYMS
from agm_platform.contracts.regions import STATES
from agm_platform.defs.insights.bands import banded
from agm_platform.defs.spellings import as_set
from agm_platform.defs.table import table
from agm_platform.landing.casts import (
    identifier,
    number,
    trimmed,
    truth,
    usd_cents,
    whole_number,
)
from agm_platform.landing.categories import with_values
from agm_platform.quality.predicates import split


@table(shopping.STAGED_SHOPPING_TRENDS, reads={"synonyms": SYNONYMS})
def staged_shopping_trends(
    raw_shopping_trends: nw.LazyFrame, synonyms: nw.LazyFrame
) -> nw.LazyFrame:
    """Customers and purchases with types; a known word in other capitals is that word."""
    items = [item for items in known.ITEMS_OF_CATEGORY.values() for item in items]
    staged = raw_shopping_trends.select(
        "row_number",
        customer_id=identifier("customer_id"),
        age_years=whole_number("age"),
        gender=_listed("gender", known.GENDERS),
        state=_listed("location", tuple(STATES)),
        is_subscribed=truth("subscription_status"),
        previous_purchases=whole_number("previous_purchases"),
        preferred_payment_method=_listed("preferred_payment_method", known.PAYMENT_METHODS),
        purchase_frequency_received=_listed("frequency_of_purchases", known.FREQUENCY_WORDS),
        product_name=_listed("item_purchased", items),
        category=_listed("category", known.ITEMS_OF_CATEGORY),
        season=_listed("season", known.SEASONS),
        size=_listed("size", known.SIZES),
        color=_listed("color", known.COLORS),
        shipping_type=_listed("shipping_type", known.SHIPPING_TYPES),
        payment_method=_listed("payment_method", known.PAYMENT_METHODS),
        has_discount=truth("discount_applied"),
        has_promo_code=truth("promo_code_used"),
        review_rating=number("review_rating"),
        subtotal_usd_cents=usd_cents("purchase_amount_usd"),
    )
    named = staged.with_columns(
        age_band=banded(nw.col("age_years"), known.AGE_BANDS),
        purchase_frequency=nw.col("purchase_frequency_received"),
        copy_number=nw.col("row_number").rank("ordinal").over("customer_id"),
    )
    meant = with_values(named, {"purchase_frequency": shopping.FREQUENCIES}, synonyms).with_columns(
        purchases_a_year=_a_year("purchase_frequency", known.PURCHASES_A_YEAR)
    )
    return split(meant, as_set(shopping.STAGED_SHOPPING_TRENDS).quarantine_rules())


def _listed(column: str, words: Iterable[str]) -> nw.Expr:
    """Return the listed word that the text is, whatever its capitals; other text as it is."""
    text = trimmed(column)
    found = text
    for word in words:
        found = nw.when(text.str.to_lowercase() == word.lower()).then(nw.lit(word)).otherwise(found)
    return found


def _a_year(column: str, meanings: Mapping[str, int]) -> nw.Expr:
    """Return the purchases a year that a word means; null for a word without a meaning."""
    text = nw.col(column)
    pairs = list(meanings.items())
    found: nw.Expr = nw.when(text == pairs[0][0]).then(nw.lit(pairs[0][1]))
    for word, meaning in pairs[1:]:
        found = nw.when(text == word).then(nw.lit(meaning)).otherwise(found)
    return found
