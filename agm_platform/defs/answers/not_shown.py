"""What answers about models of customers say where there is nothing to show."""

import json
from datetime import date
from typing import Any

from agm_platform.defs.answers.answer import Answer, Row, unanswered

TRAIN = "Models are trained by `make train` (the job train_value_models), never by scoring."
NO_ORDERS = "there are no orders with a customer and a date yet."


def not_shown(
    name: str, question: str, card: Row | None, evidence: str, as_of: date | None
) -> Answer:
    """Say why nothing is shown: no model yet, or one that is no better than a plain rate."""
    if card is None or card["label"] is None:
        missing = f"{card['verdict']}. {TRAIN}" if card else NO_ORDERS
        return unanswered(name, question, missing, evidence)
    return Answer(
        name,
        question,
        f"Not shown, because no better than a plain rate: {card['verdict']}.",
        sample_size=card["customers"],
        details=[plain(score) for score in json.loads(card["scores"])],
        caveat=f"{card['label']} was judged on days that it had not seen. {TRAIN}",
        evidence=evidence,
        method=card["method"],
        as_of=as_of,
    )


def plain(row: Row) -> dict[str, Any]:
    """Return a row without the columns that only order or hide rows."""
    return {name: value for name, value in row.items() if name not in {"suppressed", "place"}}
