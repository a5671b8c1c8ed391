"""The questions of the owners of data that have to be answered, or to say what is missing."""

from __future__ import annotations

QUESTIONS = {
    "agm": ("segments",),
    "peak": ("segments",),
    "loyalty": (
        *(
            f"{measure}_{group}"
            for measure in (
                "purchases_per_buyer",
                "net_basket_cents",
                "second_purchase_rate",
                "days_to_second_purchase",
            )
            for group in ("enrolled", "control")
        ),
        *(f"drop_off_after_{number}" for number in range(1, 11)),
        "redemptions",
        "revenue_given_away_cents",
        "revenue_given_away_share",
        "ever_enough_points",
        "never_redeemed_share",
        "now_enough_points",
        "segments",
    ),
    "instacart": (
        "busiest_day",
        "quietest_day",
        "busiest_hours",
        "quietest_hours",
        "top_spend_hour",
        *(f"lines_{band}_price" for band in ("low", "mid", "high")),
        "top_departments",
        *(f"{who}_{loyalty}" for who in ("customers", "lines")
          for loyalty in ("loyal", "regular", "new")),
        "customers_frequent",
        "customers_regular_frequency",
        "customers_non_frequent",
        "loyalty_by_region",
        "age_and_family",
        "profiles",
    ),
    "shopping": (
        "revenue_by_category",
        "revenue_by_season",
        "segments",
        "discount_effect",
        "prediction",
        "trend",
    ),
    "sales": (
        "revenue_dollars",
        "quantity_revenue_correlation",
        "discount_quantity_correlation",
        *(f"revenue_per_buyer_{tier}" for tier in ("gold", "silver", "bronze")),
        "tier_ranking",
        "delay_rate",
        "cancel_rate",
        "delay_by_region",
        "delay_by_price_band",
        "segments",
    ),
}  # fmt: skip
IDS = [f"{source}.{name}" for source, names in QUESTIONS.items() for name in names]

WITHOUT_FIGURE = {
    *(f"{source}.segments" for source in QUESTIONS),
    "instacart.age_and_family",
    "instacart.loyalty_by_region",
    "instacart.profiles",
    "instacart.top_departments",
    "shopping.revenue_by_category",
    "shopping.revenue_by_season",
    "shopping.trend",
    "sales.tier_ranking",
}
"""Rankings and breakdowns: their figures are the details; a trend of undated purchases has none."""
