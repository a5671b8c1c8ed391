"""What the shopping trends say of money: in total, by category, item, season and place."""

from agm_platform.contracts.shopping_rules import SEASON_OF_AN_EARLY_SUITE
from agm_platform.defs.answers.answer import (
    TOO_FEW as SOME_HIDDEN,
)
from agm_platform.defs.answers.answer import (
    Answer,
    dollars,
    percent,
    sentence,
    unanswered,
)
from agm_platform.defs.answers.shopping_figures import (
    INSIGHTS,
    NO_FILE,
    ONE_PURCHASE,
    TOO_FEW,
    ShoppingFigures,
    detail,
    tested,
)


def answers(figures: ShoppingFigures) -> list[Answer]:
    """Return the answers about money and products."""
    return [
        _total(figures, "revenue_dollars", "What did the purchases bring in?"),
        _total(figures, "purchases", "How many purchases are in the file?"),
        _total(figures, "mean_purchase_dollars", "What does a purchase cost on average?"),
        _ranking(
            figures, "revenue_by_category", "Which categories bring in most?", "category", None
        ),
        _ranking(
            figures,
            "revenue_by_season",
            "Which seasons and peaks exist?",
            "season",
            _autumn(figures),
        ),
        _ranking(figures, "revenue_by_region", "Which regions buy most?", "region", None),
        _ranking(figures, "preferred_products", "Which products are preferred?", "product", None),
        _ranking(figures, "revenue_by_gender", "Who buys: men or women?", "gender", None),
    ]


def _total(figures: ShoppingFigures, name: str, question: str) -> Answer:
    total = figures.total
    if total is None:
        return unanswered(f"shopping.{name}", question, NO_FILE, INSIGHTS)
    is_mean = name == "mean_purchase_dollars"
    mean, low, high = (
        None if total[key] is None else total[key] / 100
        for key in ("mean_usd_cents", "mean_low_usd_cents", "mean_high_usd_cents")
    )
    value, unit, words = {
        "revenue_dollars": (
            total["gross_usd_cents"] / 100,
            "USD",
            f"{total['orders']:,} purchases brought in {dollars(total['gross_usd_cents'])}.",
        ),
        "purchases": (
            total["orders"],
            "purchases",
            f"{total['orders']:,} purchases of {total['customers']:,} customers, one each.",
        ),
        "mean_purchase_dollars": (
            mean,
            "USD a purchase",
            f"A purchase costs {dollars(total['mean_usd_cents'])} on average"
            + (f" ({low:,.2f} to {high:,.2f})." if low is not None else "."),
        ),
    }[name]
    return Answer(
        f"shopping.{name}",
        question,
        words,
        value,
        low=low if is_mean else None,
        high=high if is_mean else None,
        unit=unit,
        sample_size=total["orders"],
        caveat=ONE_PURCHASE,
        evidence=INSIGHTS,
        method="mean over accepted purchases with Student's t interval"
        if is_mean
        else "total over all accepted purchases; no estimate, so no interval",
    )


def _ranking(
    figures: ShoppingFigures, name: str, question: str, dimension: str, more: str | None
) -> Answer:
    total = figures.total
    if total is None:
        return unanswered(f"shopping.{name}", question, NO_FILE, INSIGHTS)
    rows = figures.known(dimension)
    if not rows:
        return unanswered(f"shopping.{name}", question, TOO_FEW, INSIGHTS)
    first, last = rows[0], rows[-1]
    factor = figures.factor(dimension, "amount")
    means = tested(factor, f"Mean amounts by {dimension}") if factor else None
    mix = figures.factor(dimension, "category")
    return Answer(
        f"shopping.{name}",
        question,
        f"{first['member']} brings in most ({dollars(first['gross_usd_cents'])}, "
        f"{percent(first['share_of_gross'])} of all, {first['orders']:,} purchases), "
        f"{last['member']} least ({dollars(last['gross_usd_cents'])}, "
        f"{percent(last['share_of_gross'])}, {last['orders']:,} purchases).",
        unit="USD",
        sample_size=sum(row["orders"] for row in rows),
        details=[
            {"rank": rank, **detail(row, dimension)} for rank, row in enumerate(rows, start=1)
        ],
        caveat=sentence(
            ONE_PURCHASE,
            means,
            tested(mix, f"Mixes of categories by {dimension}") if mix else None,
            more,
            SOME_HIDDEN if figures.hidden(dimension) else None,
        ),
        evidence=INSIGHTS,
        method=f"accepted purchases summed by {dimension}; means with Student's t interval, "
        "tests with Holm's adjustment",
    )


def _autumn(figures: ShoppingFigures) -> str | None:
    """Say what an early suite expected and what the file has."""
    seasons = {row["member"]: row["orders"] for row in figures.members("season")}
    fall, autumn = seasons.get("Fall", 0), seasons.get(SEASON_OF_AN_EARLY_SUITE, 0)
    return (
        f"An early suite of checks expected {SEASON_OF_AN_EARLY_SUITE}; the file has it "
        f"{autumn:,} times, and Fall {fall:,} times. A season is no peak in time: without dates "
        "years cannot be told apart."
    )
