"""Which loyalty tier is worth most, and whom to keep first."""

from agm_platform.defs.answers.answer import (
    Answer,
    Row,
    left_empty,
    listed,
    percent,
    sentence,
    shown,
)
from agm_platform.defs.answers.sales_figures import (
    NO_CUSTOMERS,
    NO_ORDERS,
    SalesFigures,
    found,
    in_dollars,
    interval,
    without,
)

EVIDENCE = "sales.tier_value"
METHOD = "mean revenue over the customers of the tier who ordered, with Student's t interval"


def tier_answers(figures: SalesFigures) -> list[Answer]:
    """Return revenue a buyer of each tier, their ranking, and whom retention puts first."""
    each = [_per_buyer(figures, tier) for tier in ("Gold", "Silver", "Bronze")]
    return [*each, _ranking(figures), _retention(figures)]


def missing(figures: SalesFigures) -> str:
    """Say what is missing for any tier to be told."""
    return NO_CUSTOMERS if figures.total else NO_ORDERS


def ranked(rows: list[Row]) -> str:
    """Return "Gold, then Silver and Bronze tied" for tiers in order of revenue a buyer."""
    steps: list[list[str]] = []
    for row in rows:
        ties = (row["tied_with"] or "").split(", ")
        if steps and all(other in ties for other in steps[-1]):
            steps[-1].append(row["tier"])
        else:
            steps.append([row["tier"]])
    words = [f"{listed(step)} (a tie)" if len(step) > 1 else step[0] for step in steps]
    return ", then ".join(words)


def _per_buyer(figures: SalesFigures, tier: str) -> Answer:
    name, question = f"revenue_per_buyer_{tier.lower()}", f"What is a {tier} buyer worth?"
    row = found(figures.known_tiers, tier=tier)
    if row is None:
        return without(name, question, missing(figures), EVIDENCE)
    value, low, high = (
        None if row[key] is None else row[key] / 100
        for key in ("ordered_per_buyer", "ordered_low", "ordered_high")
    )
    return Answer(
        f"sales.{name}",
        question,
        f"{in_dollars(row['ordered_per_buyer'] / 100)}{interval(low, high, in_dollars)} a buyer, "
        f"over {row['customers']} buyers with {row['orders_per_buyer']:.2f} orders each; "
        f"{in_dollars(row['kept_per_buyer'] / 100)} without cancelled orders.",
        value,
        low,
        high,
        "USD a buyer",
        row["customers"],
        details=[_line(row)],
        caveat="Ordered revenue of customers who ordered; orders of customers in no file belong to "
        "no tier. Customer numbers inferred from their place count.",
        evidence=EVIDENCE,
        method=METHOD,
        as_of=figures.as_of,
    )


def _ranking(figures: SalesFigures) -> Answer:
    question = "Which loyalty tier is worth most?"
    rows = figures.known_tiers
    if not rows:
        return without("tier_ranking", question, missing(figures), EVIDENCE)
    parts = [f"{row['tier']} {in_dollars(row['ordered_per_buyer'] / 100)}" for row in rows]
    return Answer(
        "sales.tier_ranking",
        question,
        f"By revenue a buyer: {ranked(rows)} ({', '.join(parts)}).",
        unit="USD a buyer",
        sample_size=sum(row["customers"] for row in rows),
        details=[{"rank": rank, **_line(row)} for rank, row in enumerate(rows, start=1)],
        caveat=sentence(
            "A tie is a pair that Welch's test with Holm's correction cannot tell apart; ranks "
            "within it are chance.",
            figures.published("gold_against_silver", lambda value: f"{value:.2f} times"),
            left_empty(figures.tiers),
        ),
        evidence=EVIDENCE,
        method=METHOD,
        as_of=figures.as_of,
    )


def _retention(figures: SalesFigures) -> Answer:
    question = "Whom should retention put first?"
    rows = figures.known_tiers
    if len(rows) < 2:
        return without("retention_first", question, missing(figures), EVIDENCE)
    first = rows[0]
    tie = f"; it ties with {first['tied_with']}" if first["tied_with"] else ""
    return Answer(
        "sales.retention_first",
        question,
        f"{first['tier']}: losing one of its buyers costs most "
        f"({in_dollars(first['ordered_per_buyer'] / 100)} over the data's span){tie}, and it "
        f"brings {percent(first['share_of_revenue'])} of revenue.",
        first["ordered_per_buyer"] / 100,
        first["ordered_low"] / 100 if first["ordered_low"] is not None else None,
        first["ordered_high"] / 100 if first["ordered_high"] is not None else None,
        "USD a buyer",
        first["customers"],
        details=[_line(row) for row in rows],
        caveat="Value so far says who would be missed, not who is about to leave: "
        "orders without a mark of leaving cannot tell that.",
        evidence=EVIDENCE,
        method=METHOD,
        as_of=figures.as_of,
    )


def _line(row: Row) -> Row:
    money = {
        name: None if row["suppressed"] or row[name] is None else row[name] / 100
        for name in (
            *("ordered_per_buyer", "ordered_low", "ordered_high"),
            *("kept_per_buyer", "kept_low", "kept_high"),
        )
    }
    names = ("listed_customers", "customers", "orders", "orders_per_buyer", "share_of_revenue")
    return {
        "tier": row["tier"],
        **money,
        **{name: shown(row, name) for name in names},
        "tied_with": row["tied_with"],
    }
