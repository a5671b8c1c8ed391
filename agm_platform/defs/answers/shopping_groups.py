"""What the shopping trends say of customers: segments, factors, discounts and subscriptions."""

from agm_platform.contracts.shopping_rules import FREQUENCIES_OF_AN_EARLY_SUITE
from agm_platform.defs.answers.answer import (
    TOO_FEW as SOME_HIDDEN,
)
from agm_platform.defs.answers.answer import (
    Answer,
    Row,
    dollars,
    listed,
    percent,
    sentence,
    unanswered,
)
from agm_platform.defs.answers.shopping_figures import (
    INSIGHTS,
    NO_FILE,
    TOO_FEW,
    ShoppingFigures,
    detail,
)
from agm_platform.defs.insights.flag_effects import ALL
from agm_platform.statistics.intervals import share

FACTORS = "shopping.factors"
EFFECTS = "shopping.flag_effects"
BANDS = ("segment", "purchase_frequency", "experience_band", "amount_band")


def answers(figures: ShoppingFigures) -> list[Answer]:
    """Return the answers about groups of customers."""
    return [
        _segments(figures),
        _factors(figures),
        _effect(figures, "discount", "has_discount"),
        _effect(figures, "subscription", "is_subscribed"),
    ]


def _segments(figures: ShoppingFigures) -> Answer:
    question = "Which segments result from purchase frequency, money spent and other measures?"
    if figures.total is None:
        return unanswered("shopping.segments", question, NO_FILE, INSIGHTS)
    rows = figures.members("segment")
    if not rows:
        return unanswered("shopping.segments", question, TOO_FEW, INSIGHTS)
    customers = figures.total["customers"]
    words = figures.words
    parts = [
        f"{row['member']} ({row['customers']:,} customers, "
        f"{percent(row['customers'] / customers)}, mean {dollars(row['mean_usd_cents'])})"
        for row in sorted(rows, key=lambda row: -row["customers"])
    ]
    details = []
    for dimension in BANDS:
        for row in figures.members(dimension):
            interval = share(row["customers"], customers)
            details.append(
                {
                    "by": dimension,
                    **detail(row, "group"),
                    "share_of_customers": interval.value,
                    "share_low": interval.low,
                    "share_high": interval.high,
                }
            )
    return Answer(
        "shopping.segments",
        question,
        f"By stated frequency and previous purchases: {listed(parts)}.",
        unit="customers",
        sample_size=customers,
        details=details,
        caveat=sentence(
            f"The file's {words['received']} words for frequency mean {words['meant']}: Bi-Weekly "
            "is Fortnightly, Every 3 Months is Quarterly; counted apart they split a group. "
            f"An early suite of checks knew {FREQUENCIES_OF_AN_EARLY_SUITE} of them.",
            "Frequency is what customers state, not what was observed; recency is not known.",
            SOME_HIDDEN if any(figures.hidden(name) for name in BANDS) else None,
        ),
        evidence="shopping.stated_segments",
        method="fixed bands of purchases a year, previous purchases and amount; shares with "
        "Wilson's interval",
    )


def _factors(figures: ShoppingFigures) -> Answer:
    question = "Which patterns, trends and factors shape what customers buy?"
    if figures.total is None:
        return unanswered("shopping.factors", question, NO_FILE, FACTORS)
    judged = [row for row in figures.factors if row["p_adjusted"] is not None]
    if not judged:
        return unanswered("shopping.factors", question, TOO_FEW, FACTORS)
    found = [row for row in judged if row["verdict"] == "differ"]
    raw = sum(1 for row in judged if row["p_value"] <= 0.05)
    if found:
        parts = [
            f"{row['factor']} with {row['outcome']} (effect size {row['effect_size']:.3f}, "
            f"p = {row['p_adjusted']:.2g})"
            for row in found
        ]
        words = f"Of {len(judged)} pairs tested, {len(found)} go together: {listed(parts)}."
    else:
        words = (
            f"None that can be told: of {len(judged)} pairs of a factor and an outcome none "
            "differs more than chance would make it."
        )
    return Answer(
        "shopping.factors",
        question,
        words,
        float(len(found)),
        unit="pairs that differ",
        sample_size=figures.total["orders"],
        details=figures.factors,
        caveat=f"Association, not cause. Without adjustment for {len(judged)} tests {raw} would be "
        "called significant, and one in twenty is by chance. Not told apart is not the same as "
        "equal.",
        evidence=FACTORS,
        method="chi-square of independence for categories, Welch's test for amounts and ratings, "
        "Holm's adjustment over all",
    )


def _effect(figures: ShoppingFigures, name: str, flag: str) -> Answer:
    answer_id = f"shopping.{name}_effect"
    question = f"What does a {name} do to what is paid?"
    if figures.total is None:
        return unanswered(answer_id, question, NO_FILE, EFFECTS)
    everyone = figures.flag(flag, ALL)
    if everyone is None or everyone["difference_usd_cents"] is None:
        missing = f"too few customers with or without a {name} to compare."
        return unanswered(answer_id, question, missing, EFFECTS)
    groups = [r for r in figures.flag_effects if r["flag"] == flag and r["population"] != ALL]
    order = figures.anomaly(f"{name}_in_order")
    nobody = [row["population"] for row in groups if not row["customers_with"]]
    is_mixed = bool(nobody) or bool(order and order["is_odd"])
    first = (
        f"With a {name} a purchase brings {_more(everyone)} than without, all together "
        f"({everyone['customers_with']:,} with, {everyone['customers_without']:,} without)"
    )
    inside = [
        f"among {row['population']} alone {_more(row)}"
        for row in groups
        if row["difference_usd_cents"] is not None
    ]
    return Answer(
        answer_id,
        question,
        f"{'Cannot be separated from who the customers are. ' if is_mixed else ''}"
        f"{'; '.join([first, *inside])}.",
        everyone["difference_usd_cents"] / 100,
        low=everyone["low_usd_cents"] / 100,
        high=everyone["high_usd_cents"] / 100,
        unit="USD a purchase, with less without",
        sample_size=everyone["customers_with"] + everyone["customers_without"],
        details=[row for row in figures.flag_effects if row["flag"] == flag],
        caveat=sentence(
            f"Nobody among {listed(nobody)} has a {name}, so it cannot be told from gender."
            if nobody
            else None,
            f"{order['what']}: inside a gender it cannot be told from the place in the file."
            if order and order["is_odd"]
            else None,
            "Reading the difference as the effect, as was done, is wrong; it is association.",
        ),
        evidence=EFFECTS,
        method="difference of mean amounts by Welch's test, all together and inside each gender; "
        "Holm's adjustment",
    )


def _more(row: Row) -> str:
    cents = row["difference_usd_cents"]
    word = "more" if cents >= 0 else "less"
    return (
        f"{dollars(abs(cents))} {word} ({row['low_usd_cents'] / 100:+,.2f} to "
        f"{row['high_usd_cents'] / 100:+,.2f})"
    )
