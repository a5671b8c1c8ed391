"""Figures of purchases without dates: categories, seasons, kinds of customers."""

from __future__ import annotations

from agm_platform.reports.figure import Figure, Kind

TITLE = "Shopping trends"
ABOUT = "One purchase a customer, without a date: what is bought, for how much, by whom."


def takings(dimension: str, title: str, question: str, answers: tuple[str, ...]) -> Figure:
    """Return the takings along one dimension of the purchases, the largest first."""
    head = dimension.replace("_", " ").capitalize()
    return Figure(
        f"shopping_{dimension}",
        title,
        question,
        ("shopping.purchase_insights",),
        f'select member as "{head}", gross_usd_cents / 100 as "Takings", orders as "Purchases",'
        ' share_of_gross as "Share of takings" from shopping.purchase_insights'
        f" where dimension = '{dimension}' order by gross_usd_cents desc nulls last, 1",
        Kind.BAR,
        head,
        "Takings",
        dollars=("Takings",),
        rates=("Share of takings",),
        sideways=True,
        answers=answers,
    )


def means(dimensions: tuple[str, ...], name: str, title: str, question: str) -> Figure:
    """Return the mean purchase of the members of some dimensions, with intervals."""
    wanted = ", ".join(f"'{dimension}'" for dimension in dimensions)
    return Figure(
        name,
        title,
        question,
        ("shopping.purchase_insights",),
        "select replace(dimension, '_', ' ') || ': ' || member as \"Who\","
        ' mean_usd_cents / 100 as "Mean purchase", mean_low_usd_cents / 100 as "From",'
        " mean_high_usd_cents / 100 as \"To\", replace(dimension, '_', ' ') as \"Kind\","
        ' customers as "Customers" from shopping.purchase_insights'
        f" where dimension in ({wanted}) order by dimension, member",
        Kind.INTERVAL,
        "Who",
        "Mean purchase",
        low="From",
        high="To",
        colour="Kind",
        dollars=("Mean purchase", "From", "To"),
        note="95 % intervals. Intervals that overlap widely do not tell groups apart.",
    )


FIGURES = (
    takings(
        "category",
        "Takings by category",
        "Which categories bring in most?",
        ("shopping.revenue_by_category", "shopping.revenue_dollars"),
    ),
    takings(
        "season",
        "Takings by season",
        "In which season is most spent?",
        ("shopping.revenue_by_season",),
    ),
    takings(
        "product", "Takings by item", "Which items bring in most?", ("shopping.preferred_products",)
    ),
    takings("region", "Takings by region", "Where is most spent?", ("shopping.revenue_by_region",)),
    means(
        ("category", "season"),
        "shopping_mean_purchase",
        "Mean purchase by category and season",
        "Does what a purchase costs differ by category or season?",
    ),
    means(
        ("age_band", "gender", "subscription", "discount"),
        "shopping_customers",
        "Mean purchase by kind of customer",
        "Do kinds of customers pay differently?",
    ),
    Figure(
        "shopping_segments",
        "Customers by segment",
        "How many customers are in each segment?",
        ("shopping.purchase_insights",),
        'select member as "Segment", customers as "Customers", mean_usd_cents / 100'
        " as \"Mean purchase\" from shopping.purchase_insights where dimension = 'segment'"
        " order by 2 desc nulls last, 1",
        Kind.BAR,
        "Segment",
        "Customers",
        dollars=("Mean purchase",),
        sideways=True,
        answers=("shopping.segments",),
    ),
    Figure(
        "shopping_discounts",
        "What goes with discounts and subscriptions",
        "Do those with a discount or a subscription pay more?",
        ("shopping.flag_effects",),
        "select replace(flag, '_', ' ') || ', ' || lower(population) as \"Flag and customers\","
        ' difference_usd_cents / 100 as "Paid with, less without", low_usd_cents / 100 as "From",'
        ' high_usd_cents / 100 as "To", customers_with as "With", customers_without as "Without",'
        ' verdict as "Verdict" from shopping.flag_effects order by flag, population',
        Kind.INTERVAL,
        "Flag and customers",
        "Paid with, less without",
        low="From",
        high="To",
        dollars=("Paid with, less without", "From", "To"),
        answers=("shopping.discount_effect", "shopping.subscription_effect"),
        note="95 % intervals; one that holds 0 tells nothing apart.",
    ),
)
