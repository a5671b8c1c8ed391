"""Figures of AGM's own sales and customers."""

from __future__ import annotations

from agm_platform.contracts.privacy import SMALLEST_GROUP
from agm_platform.reports.figure import Figure, Kind

TITLE = "AGM"
ABOUT = "AGM's own customers and its pick-up sales at all stores."

WEEKDAYS = "case member {} end".format(
    " ".join(
        f"when '{name}' then {number}"
        for number, name in enumerate(
            ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"), 1
        )
    )
)
"""SQL that orders the members of a breakdown by weekday."""

FIGURES = (
    Figure(
        "agm_sales_by_day",
        "AGM's takings by day",
        "How much did AGM sell for pick-up each day?",
        ("agm.sales_insights",),
        'select member::date as "Day", gross_usd_cents / 100 as "Takings", orders as "Sales",'
        " meals as \"Meals\" from agm.sales_insights where dimension = 'day' order by 1",
        Kind.BAR,
        "Day",
        "Takings",
        dollars=("Takings",),
        answers=("agm.sales_dollars", "agm.sales"),
    ),
    Figure(
        "agm_sales_by_weekday",
        "AGM's meals by weekday",
        "On which weekdays does AGM sell most meals?",
        ("agm.sales_insights",),
        'select member as "Weekday", meals as "Meals", orders as "Sales",'
        ' gross_usd_cents / 100 as "Takings" from agm.sales_insights'
        f" where dimension = 'weekday' order by {WEEKDAYS}",
        Kind.BAR,
        "Weekday",
        "Meals",
        dollars=("Takings",),
        answers=("agm.sales_by_weekday", "agm.meals"),
    ),
    Figure(
        "agm_sales_by_store",
        "AGM's takings by store",
        "Which stores sell most?",
        ("agm.sales_insights", "agm.stores"),
        "select case when city is null then member else member || ', ' || city end as \"Store\","
        ' gross_usd_cents / 100 as "Takings", orders as "Sales", meals as "Meals",'
        ' customers as "Customers" from agm.sales_insights'
        " left join agm.stores on store_id = member where dimension = 'store' order by member",
        Kind.BAR,
        "Store",
        "Takings",
        dollars=("Takings",),
        sideways=True,
        answers=("agm.sales_by_store",),
    ),
    Figure(
        "agm_meals_by_product",
        "AGM's meals by product",
        "Which meals are sold most for pick-up?",
        ("agm.sales_insights",),
        'select member as "Product", meals as "Meals", orders as "Sales"'
        " from agm.sales_insights where dimension = 'product' order by meals desc nulls last, 1",
        Kind.BAR,
        "Product",
        "Meals",
        sideways=True,
    ),
    Figure(
        "agm_holidays",
        "Takings around holidays",
        "What do holidays do to AGM's sales?",
        ("agm.holiday_effect", "agm.holidays"),
        'select days_from_holiday as "Days from the holiday", share_of_mean as "Share of usual",'
        ' holiday_name as "Holiday", order_date as "Day",'
        ' gross_usd_cents / 100 as "Takings", weekday_mean_usd_cents / 100 as "Usual for weekday"'
        " from agm.holiday_effect left join agm.holidays using (holiday_date)"
        " order by holiday_date, order_date",
        Kind.LINE,
        "Days from the holiday",
        "Share of usual",
        colour="Holiday",
        dollars=("Takings", "Usual for weekday"),
        rates=("Share of usual",),
        answers=("agm.holiday_effect",),
        note="Usual is the mean of that weekday away from holidays.",
    ),
    Figure(
        "agm_segments",
        "AGM's customers by segment",
        "How many customers are loyal, promising, regular, at risk or lapsed?",
        ("agm.segments",),
        "select replace(segment, '_', ' ') as \"Segment\", count(*) as \"Customers\","
        ' avg(monetary_usd_cents) / 100 as "Mean spent", avg(order_count) as "Mean sales"'
        f" from agm.segments group by segment having count(*) >= {SMALLEST_GROUP}"
        " order by 2 desc, 1",
        Kind.BAR,
        "Segment",
        "Customers",
        dollars=("Mean spent",),
        sideways=True,
        answers=("agm.segments",),
        note=f"Segments of fewer than {SMALLEST_GROUP} customers are not shown.",
    ),
    Figure(
        "agm_forecast",
        "AGM's takings foretold",
        "What will the stores take in the next 30 days?",
        ("agm.sales_forecast",),
        'select forecast_date as "Day", expected_usd_cents / 100 as "Expected",'
        ' low / 100 as "From", high / 100 as "To" from agm.sales_forecast'
        " where store_id = 'all' order by 1",
        Kind.LINE,
        "Day",
        "Expected",
        low="From",
        high="To",
        dollars=("Expected", "From", "To"),
        answers=("agm.forecast_next_30_days",),
        note="Pick-up at all stores; 95 % intervals of a day, from the backtest's errors.",
    ),
    Figure(
        "agm_forecast_scores",
        "How such forecasts did",
        "How far off were forecasts from past days, beside repeating last week's days?",
        ("agm.forecast_scores",),
        'select channel || \', store \' || store_id as "Series", method as "Method",'
        ' error_usd_cents / 100 as "Missed a day by", naive_error_usd_cents / 100 as "Naive",'
        ' total_error as "Missed the total by", naive_total_error as "Naive total",'
        ' coverage as "Days inside the interval", why_not as "Why none"'
        " from agm.forecast_scores order by store_id",
        Kind.BAR,
        "Series",
        "Missed a day by",
        dollars=("Missed a day by", "Naive"),
        rates=("Missed the total by", "Naive total", "Days inside the interval"),
        sideways=True,
        answers=("agm.forecast_next_30_days",),
    ),
)
