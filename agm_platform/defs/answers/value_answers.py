"""What customers are worth, who stays, who returns, and segments: of any source of dated orders."""

import json
from collections.abc import Mapping
from datetime import date

import narwhals as nw

from agm_platform.contracts.customer_value import BY_SEGMENT, CARDS, CHANGES, NEXT_PURCHASE
from agm_platform.contracts.model import Table
from agm_platform.contracts.registry import find_table
from agm_platform.defs.answers.answer import (
    Answer,
    Row,
    dollars,
    percent,
    sentence,
    told,
)
from agm_platform.defs.answers.not_shown import not_shown, plain
from agm_platform.defs.answers.return_answers import next_purchase, returns
from agm_platform.defs.answers.segment_answers import segments
from agm_platform.value.segmentation import LABELS
from agm_platform.warehouse.rows import records

PREFIX = "value_of_"
ALL = "all"


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
        returns(source, cards, as_of),
        next_purchase(source, rows[NEXT_PURCHASE], as_of),
        segments(source, cards, rows[CHANGES], as_of),
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
        return not_shown(name, question, cards.get("value"), evidence, as_of)
    # The longest horizon at which money may be told too, else the longest.
    row = ([each for each in whole if each["usd_cents"] is not None] or whole)[-1]
    card = cards["value"]
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
        details=[plain(each) for each in told(totals)],
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
        return not_shown(name, question, cards.get("value"), evidence, as_of)
    row, card = whole[0], cards["value"]
    if json.loads(card["parameters"])["purchases"]["at_bound"]:
        return Answer(
            name,
            question,
            f"No leaving can be told from these data: {row['repeaters']:,} customers with two "
            "purchases or more go on buying at rates of their own, and silence is no longer than "
            "those rates bring about.",
            row["alive_share"],
            unit="fraction of customers with two purchases",
            sample_size=row["repeaters"],
            caveat="The estimate of leaving lies at its bound, so it has no interval; single "
            "customers may have left all the same.",
            evidence=evidence,
            method=card["method"],
            as_of=as_of,
        )
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
        ),
        evidence=evidence,
        method=f"{card['method']}; 95 % prediction interval of the share",
        as_of=as_of,
    )


def _place(row: Row) -> int:
    return LABELS.index(row["segment"]) + 1 if row["segment"] in LABELS else 0


def _money(usd_cents: float) -> str:
    return dollars(round(usd_cents))
