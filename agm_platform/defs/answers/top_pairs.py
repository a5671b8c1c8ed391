"""The answer to which products are bought together, for any source with sets of products."""

from datetime import date

from agm_platform.contracts.product_sets import LEAST_SUPPORT
from agm_platform.defs.answers.answer import Answer, Row, listed, percent, sentence, unanswered
from agm_platform.statistics.co_occurrence import FALSE_DISCOVERIES

NAMED = 3
LISTED = 20
TOO_RARE = (
    f"no two products are together in {percent(LEAST_SUPPORT)} of the orders and in so many that "
    "enough customers must have bought them; more orders are needed."
)
QUESTION = "Which products are bought together more often than by chance?"


def answer(
    source: str, sets: list[Row], missing: str, has_lines: bool, as_of: date | None = None
) -> Answer:
    """Return the pairs in most orders that are beyond chance, triples in the details."""
    evidence, name = f"{source}.product_sets", f"{source}.top_pairs"
    if not sets:
        return unanswered(name, QUESTION, TOO_RARE if has_lines else missing, evidence)
    found = [row for row in sets if row["is_found"]]
    pairs = [row for row in found if row["set_size"] == 2]
    tested = [row for row in sets if row["set_size"] == 2]
    words = (
        "Bought together beyond chance, most orders first: "
        + listed(_words(row) for row in pairs[:NAMED])
        if pairs
        else f"None of the {len(tested):,} frequent pairs is bought together more often than "
        "baskets of that size would hold anyway"
    )
    first = pairs[0] if pairs else None
    orders = round(sets[0]["orders"] / sets[0]["support"])
    return Answer(
        name,
        QUESTION,
        f"{words}.",
        first["support"] if first else None,
        unit="fraction" if first else None,
        sample_size=orders,
        details=[
            {
                "products": row["products"],
                "orders": row["orders"],
                "support": row["support"],
                "follows": row["follows"],
                "confidence": row["confidence"],
                "lift": row["lift"],
                "beyond_expected": row["beyond_expected"],
            }
            for size in (2, 3)
            for row in [each for each in found if each["set_size"] == size][:LISTED]
        ],
        caveat=sentence(
            "Association only: putting two products together need not sell more of either. Lift is "
            "above 1 for any two products where baskets differ in size; beyond_expected has taken "
            "that out.",
            f"{len(found):,} of {len(sets):,} sets listed are beyond it, of which at most "
            f"{percent(FALSE_DISCOVERIES)} by chance.",
        ),
        evidence=evidence,
        method=f"pairs and triples in at least {percent(LEAST_SUPPORT)} of orders; pairs against "
        "the size of baskets, triples against their pairs; Benjamini and Hochberg at "
        f"{percent(FALSE_DISCOVERIES)}",
        as_of=as_of,
    )


def _words(row: Row) -> str:
    return f"{row['products']} ({row['orders']:,} orders, {percent(row['support'])})"
