"""What customers are worth, who stays, who returns, and segments: of any source of dated orders."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import narwhals as nw

from agm_platform.contracts.customer_value import BY_SEGMENT, CARDS, CHANGES, NEXT_PURCHASE
from agm_platform.contracts.model import Table
from agm_platform.contracts.registry import find_table
from agm_platform.defs.answers.answer import (
    Answer,
    Row,
    dollars,
    listed,
    percent,
    sentence,
    told,
    unanswered,
)
from agm_platform.defs.insights.segment_changes import BEFORE, NOW
from agm_platform.statistics import intervals
from agm_platform.value.segmentation import LABELS
from agm_platform.warehouse.rows import records

PREFIX = "value_of_"
TRAIN = "Models are trained by `make train` (the job train_value_models), never by scoring."
ALL = "all"
NO_ORDERS = "there are no orders with a customer and a date yet."


def value_reads(source: str) -> dict[str, Table]:
    """Return the tables that these answers rest on, by the names that `value_answers` expects."""
    found = {name: find_table(source, name) for name in (CARDS, BY_SEGMENT, CHANGES, NEXT_PURCHASE)}
    return {PREFIX + name: contract for name, contract in found.items() if contract is not None}


def value_answers(
    source: str, frames: Mapping[str, nw.LazyFrame], as_of: date | None
) -> list[Answer]:
    """Return the answers of one source; each says what is missing where nothing can be told."""
    rows = {
        name.removeprefix(PREFIX): records(frame)
        for name, frame in frames.items()
        if name.startswith(PREFIX)
    }
    cards = {row["kind"]: row for row in rows[CARDS]}
    totals = sorted(rows[BY_SEGMENT], key=lambda row: (row["horizon_days"], _place(row)))
    return [
        _customer_value(source, cards, totals, as_of),
        _alive_share(source, cards, totals, as_of),
        _returns(source, cards, as_of),
        _next_purchase(source, rows[NEXT_PURCHASE], as_of),
        _segments(source, cards, rows[CHANGES], as_of),
    ]


def _customer_value(
    source: str, cards: dict[str, Row], totals: list[Row], as_of: date | None
) -> Answer:
    name, question = (
        f"{source}.customer_value",
        "What will today's customers buy, and for how much?",
    )
    evidence = f"{source}.{BY_SEGMENT}"
    whole = [row for row in told(totals) if row["segment"] == ALL]
    if not whole:
        return _not_shown(name, question, cards.get("value"), evidence, as_of)
    row, card = whole[-1], cards["value"]
    days, money = row["horizon_days"], row["usd_cents"] is not None
    spend = ""
    if money:
        ends = (
            f" ({_money(row['usd_cents_low'])} to {_money(row['usd_cents_high'])})"
            if row["usd_cents_low"] is not None
            else ""
        )
        each = row["usd_cents"] / row["customers"]
        spend = f" and spend {_money(row['usd_cents'])}{ends}, {_money(each)} per customer"
    unit, figure, scale = ("USD", "usd_cents", 100) if money else ("purchases", "purchases", 1)
    low, high = row[f"{figure}_low"], row[f"{figure}_high"]
    return Answer(
        name,
        question,
        f"In the {days} days to come the {row['customers']:,} customers are expected to buy "
        f"{row['purchases']:,.0f} times ({row['purchases_low']:,.0f} to "
        f"{row['purchases_high']:,.0f}){spend}; carried on at each one's own rate it would be "
        f"{row['naive_purchases']:,.0f} purchases.",
        row[figure] / scale,
        None if low is None else low / scale,
        None if high is None else high / scale,
        unit=f"{unit} in {days} days",
        sample_size=row["customers"],
        details=[_plain(each) for each in told(totals)],
        caveat=sentence(
            f"Of customers known by now only; who comes new is not counted. {card['label']}: "
            f"{card['verdict']}.",
            None if money else "Spend is not shown: it was not foretold better than plainly.",
            card["warning"] and f"Warning: {card['warning']}.",
        ),
        evidence=evidence,
        method=f"{card['method']}; 95 % prediction interval of the total",
        as_of=as_of,
    )


def _alive_share(
    source: str, cards: dict[str, Row], totals: list[Row], as_of: date | None
) -> Answer:
    name, question = f"{source}.alive_share", "How many customers are still customers?"
    evidence = f"{source}.{BY_SEGMENT}"
    whole = [row for row in told(totals) if row["segment"] == ALL]
    if not whole or whole[0]["alive_share"] is None:
        return _not_shown(name, question, cards.get("value"), evidence, as_of)
    row, card = whole[0], cards["value"]
    bound = json.loads(card["parameters"])["purchases"]["at_bound"]
    nobody = "The data show nobody leaving: the estimate lies at its bound." if bound else None
    return Answer(
        name,
        question,
        f"{percent(row['alive_share'])} of the customers with two purchases or more are expected "
        f"to be still there ({percent(row['alive_share_low'])} to "
        f"{percent(row['alive_share_high'])}).",
        row["alive_share"],
        row["alive_share_low"],
        row["alive_share_high"],
        unit="fraction of customers with two purchases",
        sample_size=row["repeaters"],
        details=[
            {
                key: each[key]
                for key in (
                    "segment",
                    "repeaters",
                    "alive_share",
                    "alive_share_low",
                    "alive_share_high",
                )
            }
            for each in told(totals)
            if each["horizon_days"] == row["horizon_days"]
        ],
        caveat=sentence(
            "Nobody tells that they have left: it is concluded from silence longer than their own "
            "habit. With one purchase nothing can be concluded.",
            nobody,
        ),
        evidence=evidence,
        method=f"{card['method']}; 95 % prediction interval of the share",
        as_of=as_of,
    )


def _returns(source: str, cards: dict[str, Row], as_of: date | None) -> Answer:
    name = f"{source}.return_prediction"
    question = "Can it be foretold who buys again soon, and by what?"
    card = cards.get("return")
    evidence = f"{source}.{CARDS}"
    if card is None or card["label"] is None:
        return _not_shown(name, question, card, evidence, as_of)
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


def _next_purchase(source: str, found: list[Row], as_of: date | None) -> Answer:
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
        details=[_plain(row) for row in rows],
        caveat="Who has not come back when the data end counts as long as they were watched. "
        "Several orders on one day are one purchase; segments are those of an earlier day.",
        evidence=evidence,
        method="Kaplan's and Meier's curves, Greenwood's 95 % intervals",
        as_of=as_of,
    )


def _segments(source: str, cards: dict[str, Row], changes: list[Row], as_of: date | None) -> Answer:
    name, question = (
        f"{source}.segment_changes",
        "Do customers stay in their segments?",
    )
    evidence = f"{source}.{CHANGES}"
    card = cards.get("segments")
    sizes = [row for row in told(changes) if row["comparison"] == NOW]
    if card is None or card["label"] is None or not sizes:
        return _not_shown(name, question, card, evidence, as_of)
    counts = {row["segment"]: row["customers"] for row in sizes}
    total = sum(row["customers"] for row in changes if row["comparison"] == NOW)
    active = sum(
        counts.get(label, 0) for label in LABELS if not label.startswith(("quiet", "lapsed"))
    )
    share = intervals.share(active, total)
    words = [f"{counts[label]:,} {label.replace('_', ' ')}" for label in LABELS if label in counts]
    known = [r for r in changes if r["comparison"] == BEFORE and r["other"] in LABELS]
    stayed = sum(row["customers"] for row in known if row["other"] == row["segment"])
    before = sum(row["customers"] for row in known)
    moved = (
        f" Of those known 30 days before, {percent(stayed / before)} are where they were."
        if before
        else ""
    )
    agreement = {
        row["comparison"]: row["association"]
        for row in changes
        if row["association"] is not None and row["comparison"] not in {NOW, BEFORE}
    }
    beside = [f"{name.replace('_', ' ')} {value:.2f}" for name, value in sorted(agreement.items())]
    return Answer(
        name,
        question,
        f"Of {total:,} customers: {listed(words)}.{moved}",
        share.value,
        share.low,
        share.high,
        unit="fraction of customers that are active",
        sample_size=total,
        details=[
            {key: row[key] for key in ("comparison", "other", "segment", "customers")}
            for row in told(changes)
        ],
        caveat=sentence(
            f"{card['label']}: {card['verdict']}.",
            f"Population stability index since training {card['stability_index']:.3f}.",
            f"Association with labels by fixed rules (Cramér's V): {listed(beside)}."
            if beside
            else None,
            card["warning"] and f"Warning: {card['warning']}.",
            "Segments of too few customers are left out." if len(sizes) < _of(changes) else None,
        ),
        evidence=evidence,
        method=card["method"],
        as_of=as_of,
    )


def _of(changes: list[Row]) -> int:
    return sum(row["comparison"] == NOW for row in changes)


def _not_shown(
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
        details=[_plain(score) for score in json.loads(card["scores"])],
        caveat=f"{card['label']} was judged on days that it had not seen. {TRAIN}",
        evidence=evidence,
        method=card["method"],
        as_of=as_of,
    )


def _place(row: Row) -> int:
    return LABELS.index(row["segment"]) + 1 if row["segment"] in LABELS else 0


def _money(usd_cents: float) -> str:
    return dollars(round(usd_cents))


def _plain(row: Row) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in {"suppressed", "place"}}
