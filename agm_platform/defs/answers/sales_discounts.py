"""What discounts go with: pieces an order, how much is given, and price."""

from agm_platform.contracts.sales_rules import SAME_QUANTITY_MARGIN
from agm_platform.defs.answers.answer import (
    Answer,
    dollars,
    left_empty,
    percent,
    sentence,
    shown,
)
from agm_platform.defs.answers.sales_figures import (
    NO_ORDERS,
    SalesFigures,
    interval,
    p_value,
    plain,
    without,
)

LEVELS = "sales.discount_levels"
EFFECTS = "sales.discount_effects"
WORDS = {
    "same": f"no more than {SAME_QUANTITY_MARGIN} pieces apart, so volume is not raised",
    "differs": "more than chance makes",
    "cannot tell": "which chance may have made: the data cannot tell",
}


def discount_answers(figures: SalesFigures) -> list[Answer]:
    """Return correlation, effect, use and price sensitivity."""
    return [_correlation(figures), _effect(figures), _use(figures), _price(figures)]


def _correlation(figures: SalesFigures) -> Answer:
    question = "How do discount and quantity go together?"
    row = figures.correlation("quantity", "discount")
    if row is None or row["value"] is None:
        return without("discount_quantity_correlation", question, NO_ORDERS, "sales.correlations")
    return Answer(
        "sales.discount_quantity_correlation",
        question,
        f"Discount and quantity correlate at {row['value']:.4f}"
        f"{interval(row['low'], row['high'], plain)}.",
        row["value"],
        row["low"],
        row["high"],
        "correlation",
        row["orders"],
        caveat=sentence(
            "Association, not effect: see sales.discount_effect.",
            figures.published("discount_quantity_correlation", lambda value: f"{value:.4f}"),
        ),
        evidence="sales.correlations",
        method="Pearson's correlation over orders with Fisher's z interval",
        as_of=figures.as_of,
    )


def _effect(figures: SalesFigures) -> Answer:
    question = "Do discounts raise the quantity bought?"
    raw = figures.effect("any_discount", "association")
    if raw is None:
        return without("discount_effect", question, NO_ORDERS, EFFECTS)
    row = figures.effect("any_discount", "adjusted") or raw
    return Answer(
        "sales.discount_effect",
        question,
        f"Orders with a discount have {raw['value']:+.3f} pieces against those without"
        f"{interval(raw['low'], raw['high'], plain)}; among orders of the same product, price band "
        f"and tier {row['value']:+.3f}{interval(row['low'], row['high'], plain)}, "
        f"{WORDS[row['verdict']]}.",
        row["value"],
        row["low"],
        row["high"],
        "pieces an order",
        row["orders"],
        details=[
            {
                name: each[name]
                for name in (
                    *("contrast", "method", "value", "low", "high", "low_90", "high_90"),
                    *("p_value", "orders", "strata", "verdict"),
                )
            }
            for each in figures.effects
        ],
        caveat="Adjusted for what the columns tell; why a discount was given they do not. An "
        f"effect is proved by a trial only. {p_value(row['p_value'])}.",
        evidence=EFFECTS,
        method="least squares with a mean for each product, price band and tier; sameness by two "
        f"one-sided tests within {SAME_QUANTITY_MARGIN} pieces",
        as_of=figures.as_of,
    )


def _use(figures: SalesFigures) -> Answer:
    question = "How much discount is used?"
    if not figures.levels:
        return without("discount_use", question, NO_ORDERS, LEVELS)
    orders = sum(row["orders"] for row in figures.levels)
    with_one = sum(row["orders"] for row in figures.levels if row["discount_share"] > 0)
    given = sum(row["given_usd_cents"] for row in figures.levels)
    listed = sum(row["list_usd_cents"] for row in figures.levels)
    rate = given / listed if listed else 0.0
    return Answer(
        "sales.discount_use",
        question,
        f"{percent(with_one / orders)} of {orders:,} orders have a discount; {dollars(given)} are "
        f"given, {percent(rate)} of the value at full price.",
        rate,
        unit="share of the value at full price",
        sample_size=orders,
        details=[
            {
                "discount_share": row["discount_share"],
                **{
                    name: shown(row, name)
                    for name in ("orders", "share_of_orders", "mean_quantity", "low", "high")
                },
                "given_dollars": None if row["suppressed"] else row["given_usd_cents"] / 100,
                "ordered_dollars": None if row["suppressed"] else row["ordered_usd_cents"] / 100,
            }
            for row in figures.levels
        ],
        caveat=sentence("An empty discount counts as none.", left_empty(figures.levels)),
        evidence=LEVELS,
        method="quantity x unit price x discount over quantity x unit price",
        as_of=figures.as_of,
    )


def _price(figures: SalesFigures) -> Answer:
    question = "Are customers sensitive to price: do they buy fewer pieces where one costs more?"
    row = figures.correlation("quantity", "unit_price")
    if row is None or row["value"] is None:
        return without("price_sensitivity", question, NO_ORDERS, "sales.correlations")
    falls = row["high"] < 0
    rises = row["low"] > 0
    words = (
        "dearer pieces go with fewer of them"
        if falls
        else "dearer pieces go with no fewer, rather with slightly more of them"
        if rises
        else "no sensitivity to price is found"
    )
    base = figures.correlation("unit_price", "base_price")
    return Answer(
        "sales.price_sensitivity",
        question,
        f"Quantity and unit price correlate at {row['value']:.4f}"
        f"{interval(row['low'], row['high'], plain)}: {words}.",
        row["value"],
        row["low"],
        row["high"],
        "correlation",
        row["orders"],
        caveat=sentence(
            "Association among prices as they were, one of several correlations looked at, not "
            "corrected for that.",
            f"Unit price and list price correlate at {base['value']:.4f}."
            if base and base["value"] is not None
            else None,
        ),
        evidence="sales.correlations",
        method="Pearson's correlation over orders with Fisher's z interval",
        as_of=figures.as_of,
    )
