"""Instacart's questions about products: price bands, departments, repeats, baskets, lines."""

from agm_platform.contracts.instacart_rules import HIGHEST_PRICE_USD_CENTS, PRICE_BANDS
from agm_platform.defs.answers.answer import (
    Answer,
    Row,
    dollars,
    left_empty,
    percent,
    sentence,
    told,
)
from agm_platform.defs.answers.instacart_figures import (
    DEPARTMENTS_MISSING,
    LINES_MISSING,
    REPEATS_MISSING,
    InstacartFigures,
    missing,
)
from agm_platform.statistics import intervals

LOW, HIGH = PRICE_BANDS.edges
WORDS = {
    "low": f"cost up to {dollars(int(LOW))}",
    "mid": f"cost more than {dollars(int(LOW))} and up to {dollars(int(HIGH))}",
    "high": f"cost more than {dollars(int(HIGH))}",
}
MOST_TOLD = 20


def answers(figures: InstacartFigures) -> list[Answer]:
    """Return the answers about products."""
    return [
        _lines(figures),
        *(_price(figures, band) for band in PRICE_BANDS.names),
        _departments(figures),
        _repeats(figures),
        _pairs(figures),
    ]


def _lines(figures: InstacartFigures) -> Answer:
    name, question = "order_lines", "How many lines of prior orders are there?"
    counts, lack = figures.line_counts, figures.lines_lack
    if counts is None or lack:
        return missing(name, question, lack or LINES_MISSING, "line_join")
    return Answer(
        f"instacart.{name}",
        question,
        f"{counts['lines_accepted']:,} lines are matched to one order and one product each; "
        f"{counts['lines_set_aside']:,} of {counts['lines_received']:,} are set aside.",
        float(counts["lines_accepted"]),
        unit="lines",
        sample_size=counts["lines_received"],
        details=[counts],
        caveat=oracle(counts),
        evidence="instacart.line_join",
        method="lines in = lines matched + lines set aside is a check that blocks publishing",
    )


def oracle(counts: Row) -> str:
    """Say what an inner join to the uncleaned product list counts, and why that is wrong."""
    return (
        f"Published solutions count {counts['lines_joined_naively']:,} here: an inner join to the "
        f"product list without repairs loses {counts['lines_dropped']:,} lines (products without a "
        f"name or under a wrong number) and doubles {counts['lines_doubled']:,} (two products "
        f"under one number). Right are {counts['lines_accepted']:,}."
    )


def _price(figures: InstacartFigures, band: str) -> Answer:
    name = f"lines_{band}_price"
    question = f"How many order lines are of products that {WORDS[band]}?"
    counts, lack = figures.line_counts, figures.prices_lack
    if counts is None or lack:
        return missing(name, question, lack or LINES_MISSING, "price_bands")
    rule = {row["price_band"]: row for row in figures.bands if row["basis"] == "rule"}
    empty = {"order_lines": 0, "received_lines": 0, "products": 0}
    row = rule.get(band, empty)
    priced = sum(rule.get(each, empty)["order_lines"] for each in PRICE_BANDS.names)
    share = intervals.share(row["order_lines"], priced) if priced else None
    absurd = (
        f"With prices above {dollars(HIGHEST_PRICE_USD_CENTS)} left in it would be "
        f"{row['received_lines']:,}: those are errors of entry and count as no price."
        if row["received_lines"] != row["order_lines"]
        else None
    )
    return Answer(
        f"instacart.{name}",
        question,
        f"{row['order_lines']:,} lines are of the {row['products']:,} products that {WORDS[band]}"
        + (f", {percent(share.value)} of the lines with a price." if share else "."),
        float(row["order_lines"]),
        unit="lines",
        sample_size=priced,
        details=[each for each in figures.bands if band == each["price_band"] or not band],
        caveat=sentence(
            absurd,
            oracle(counts),
            "Lines, not customers. Bands by thirds of the products' prices are in the table too.",
        ),
        evidence="instacart.price_bands",
        method="prior lines counted by the price of their product; no estimate, so no interval",
    )


def _departments(figures: InstacartFigures) -> Answer:
    name, question = "top_departments", "Which kinds of products sell best?"
    rows = sorted(
        (row for row in told(figures.departments) if row["order_lines"]),
        key=lambda row: (-row["orders"], -row["order_lines"], row["department_id"]),
    )
    if not rows:
        lack = figures.lines_lack or DEPARTMENTS_MISSING
        return missing(name, question, lack, "department_insights")
    lines = sum(row["order_lines"] or 0 for row in figures.departments)
    by_lines = sorted(rows, key=lambda row: -row["order_lines"])
    first = rows[:3]
    return Answer(
        f"instacart.{name}",
        question,
        "By orders these lead: "
        + ", ".join(
            f"{row['department_name']} ({row['orders']:,} orders, {row['order_lines']:,} lines, "
            f"{row['customers']:,} customers)"
            for row in first
        )
        + ".",
        sample_size=sum(row["order_lines"] for row in rows),
        details=[
            {
                "rank": rank,
                "department_id": row["department_id"],
                "department": row["department_name"],
                "orders": row["orders"],
                "lines": row["order_lines"],
                "share_of_lines": row["order_lines"] / lines,
                "rank_by_lines": by_lines.index(row) + 1,
                "customers": row["customers"],
                "repeat_rate": row["reordered_lines"] / row["order_lines"],
                "mean_order_number": row["mean_order_number"],
            }
            for rank, row in enumerate(rows, start=1)
        ],
        caveat=sentence(
            _named_by_position(figures.departments),
            _unnamed(rows),
            _late(rows),
            left_empty(figures.departments),
        ),
        evidence="instacart.department_insights",
        method="prior orders that hold the department, its lines and its customers; named by id",
    )


def _named_by_position(rows: list[Row]) -> str | None:
    """Say what the last department would be called by someone who took places for numbers."""
    ordered = sorted(rows, key=lambda row: row["department_id"])
    if len(ordered) < 2:
        return None
    last, before = ordered[-1], ordered[-2]
    return (
        "Where the departments' file stands turned, its numbers as a header, a place taken for a "
        f"number gives department {last['department_id']} the name {before['department_name']}, "
        f"which is that of {before['department_id']}; {last['department_id']} is "
        f"{last['department_name']}."
    )


def _unnamed(rows: list[Row]) -> str | None:
    """Say which departments nothing gives a name to."""
    bare = [row for row in rows if row["department_name"] == f"department {row['department_id']}"]
    if not bare:
        return None
    return (
        f"{len(bare)} of {len(rows)} departments are called by their number: departments.csv has "
        "not arrived or lacks their names."
    )


def _late(rows: list[Row]) -> str:
    latest = max(rows, key=lambda row: row["mean_order_number"])
    return (
        "The mean order number of a department's lines tells how late in a customer's life it is "
        f"bought, not how often customers order: for {latest['department_name']} it is "
        f"{latest['mean_order_number']:.1f}, while its {latest['customers']:,} customers have "
        f"{latest['orders'] / latest['customers']:.1f} orders each with it."
        if latest["customers"]
        else ""
    )


def _repeats(figures: InstacartFigures) -> Answer:
    name, question = "repeat_rate", "How many purchases repeat an earlier one, and of what?"
    lines = sum(row["order_lines"] for row in figures.departments if row["order_lines"])
    if not lines:
        lack = figures.lines_lack or DEPARTMENTS_MISSING
        return missing(name, question, lack, "product_popularity")
    repeated = sum(row["reordered_lines"] for row in figures.departments)
    if not repeated:
        return missing(name, question, REPEATS_MISSING, "product_popularity")
    estimate = intervals.share(repeated, lines)
    return Answer(
        f"instacart.{name}",
        question,
        f"{percent(estimate.value)} of prior lines are of products that the customer had bought "
        "before.",
        estimate.value,
        estimate.low,
        estimate.high,
        "share of lines",
        lines,
        details=[
            {
                "product_id": row["product_id"],
                "product": row["product_name"],
                "department": row["department_name"],
                "lines": row["order_lines"],
                "customers": row["customers"],
                "repeat_rate": row["repeat_rate"],
            }
            for row in figures.popular
        ],
        caveat="The sender's own mark. Lines of one customer are alike, so the interval, which "
        "takes them as independent, is too narrow. The products sold most are listed.",
        evidence="instacart.product_popularity",
        method="share of lines marked as reordered, Wilson's interval",
    )


def _pairs(figures: InstacartFigures) -> Answer:
    name, question = "departments_together", "Which kinds of products are bought together?"
    if not figures.pairs:
        lack = figures.lines_lack or DEPARTMENTS_MISSING
        return missing(name, question, lack, "department_pairs")
    by_lift = max(figures.pairs, key=lambda row: (row["lift"], row["orders"]))
    first = figures.pairs[0]
    return Answer(
        f"instacart.{name}",
        question,
        f"{first['first_department']} and {first['second_department']} share most baskets "
        f"({percent(first['support'])}, lift {first['lift']:.2f}); most above chance are "
        f"{by_lift['first_department']} and {by_lift['second_department']} (lift "
        f"{by_lift['lift']:.2f} in {by_lift['orders']:,} baskets).",
        sample_size=round(first["orders"] / first["support"]),
        details=figures.pairs[:MOST_TOLD],
        caveat="Large baskets hold many departments, so most lifts are above 1. A lift of few "
        "baskets is uncertain.",
        evidence="instacart.department_pairs",
        method="support: share of prior baskets with both; lift: that over what independence gives",
    )
