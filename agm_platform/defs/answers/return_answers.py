"""Who buys again and how soon: asked of any source of dated orders."""

import json
from datetime import date

from agm_platform.contracts.customer_value import CARDS, NEXT_PURCHASE
from agm_platform.defs.answers.answer import Answer, Row, percent, told, unanswered
from agm_platform.defs.answers.not_shown import NO_ORDERS, not_shown, plain


def returns(source: str, cards: dict[str, Row], as_of: date | None) -> Answer:
    """Return how a model of who buys again did, beside BG/NBD and plain rates."""
    name = f"{source}.return_prediction"
    question = "Can it be foretold who buys again soon, and by what?"
    card = cards.get("return")
    evidence = f"{source}.{CARDS}"
    if card is None or card["label"] is None:
        return not_shown(name, question, card, evidence, as_of)
    (score,) = json.loads(card["scores"])
    days = score["horizon_days"]
    ways = {
        "logistic regression": ("brier", "area_under_curve"),
        "BG/NBD": ("fitted_brier", "fitted_area_under_curve"),
        "each one's own rate": ("naive_brier", "naive_area_under_curve"),
        "the same chance for all": ("alike_brier", None),
    }
    rows = [
        {"by": way, "brier_score": score[brier], "area_under_curve": area and score[area]}
        for way, (brier, area) in ways.items()
        if score[brier] is not None
    ]
    best = min(rows, key=lambda row: row["brier_score"])
    verdict = (
        "it beats both plain ways beyond chance"
        if card["is_shown"]
        else "it cannot be told to beat the plain ways, so no customer's chance is shown"
    )
    return Answer(
        name,
        question,
        f"Of {score['customers']:,} customers {percent(score['came_back'])} bought within {days} "
        f"days that no model had seen. Logistic regression: Brier score {score['brier']:.4f}; "
        f"{verdict}. Least error: {best['by']} ({best['brier_score']:.4f}).",
        score["naive_gain"],
        score["naive_gain_low"],
        score["naive_gain_high"],
        unit="Brier score saved against each one's own rate",
        sample_size=score["customers"],
        details=rows,
        caveat=f"Calibration error {percent(score['calibration_error'])}. The last {days} days "
        "were judged once; they need not be like the next.",
        evidence=evidence,
        method=card["method"],
        as_of=as_of,
    )


def next_purchase(source: str, found: list[Row], as_of: date | None) -> Answer:
    """Return how many are not back after a month, by number of the purchase."""
    name, question = f"{source}.next_purchase", "How long until the next purchase, and who stops?"
    evidence = f"{source}.{NEXT_PURCHASE}"
    rows = sorted(told(found), key=lambda row: (row["dimension"], row["place"]))
    numbers = [row for row in rows if row["dimension"] == "purchase_number"]
    first = next((row for row in numbers if row["place"] == 1), None)
    if first is None or first["not_back"] is None:
        missing = "too few customers to be told, or too few days." if found else NO_ORDERS
        return unanswered(name, question, missing, evidence)
    half = (
        f"half are back within {first['median_days']:,.0f} days"
        if first["median_days"] is not None
        else "fewer than half were ever seen to come back"
    )
    last = [row for row in numbers if row["not_back"] is not None][-1]
    then = (
        f" After purchase {last['place']} it is {percent(last['not_back'])}."
        if last is not first
        else ""
    )
    return Answer(
        name,
        question,
        f"{percent(first['not_back'])} of customers have not bought a second time "
        f"{first['wait_days']} days after the first ({percent(first['not_back_low'])} to "
        f"{percent(first['not_back_high'])}); {half}.{then}",
        first["not_back"],
        first["not_back_low"],
        first["not_back_high"],
        unit="fraction",
        sample_size=first["customers"],
        details=[plain(row) for row in rows],
        caveat="Who has not come back when the data end counts as long as they were watched. "
        "Several orders on one day are one purchase; segments are those of an earlier day.",
        evidence=evidence,
        method="Kaplan's and Meier's curves, Greenwood's 95 % intervals",
        as_of=as_of,
    )
