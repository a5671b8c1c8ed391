"""Faults inside one Peak document: each changes it in place and yields what it touched,
(sale_id, position of the line from 1), or (sale_id, None) for a whole sale.

Every fault raises IndexError for a document without sales: there is nothing to break in it.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from random import Random
from typing import Any, TypeAlias

Document: TypeAlias = dict[str, Any]
Touched: TypeAlias = tuple[int, int | None]
Line: TypeAlias = tuple[dict[str, Any], int, dict[str, Any]]

UNKNOWN_PRODUCT = 42314999
UNKNOWN_STORE = {"location_id": 99999, "name": "Unknown", "street": "1 Nowhere Road"}


def missing_field(
    document: Document, random: Random, *, everywhere: bool = False
) -> Iterator[Touched]:
    """One line, or every line, has no quantity."""
    for sale, position, line in _lines(document, random, everywhere):
        del line["quantity"]
        yield sale["sale_id"], position


def renamed_field(
    document: Document, random: Random, *, everywhere: bool = False
) -> Iterator[Touched]:
    """One line, or every line, calls its quantity qty."""
    for sale, position, line in _lines(document, random, everywhere):
        line["qty"] = line.pop("quantity")
        yield sale["sale_id"], position


def extra_field(
    document: Document, random: Random, *, everywhere: bool = False
) -> Iterator[Touched]:
    """One sale, or every sale, has a tip, which no sale has had before."""
    chosen = _any_sale(document, random)
    for sale in document["sales"] if everywhere else [chosen]:
        sale["tip"] = 2
        yield sale["sale_id"], None


def wrong_type(document: Document, random: Random) -> Iterator[Touched]:
    """One quantity is a word."""
    [(sale, position, line)] = _lines(document, random)
    line["quantity"] = "three"
    yield sale["sale_id"], position


def unmapped_product(document: Document, random: Random) -> Iterator[Touched]:
    """One line has a product that no mapping knows."""
    [(sale, position, line)] = _lines(document, random)
    line["product_id"] = UNKNOWN_PRODUCT
    yield sale["sale_id"], position


def arithmetic_off(document: Document, random: Random) -> Iterator[Touched]:
    """The total of one sale is a dollar more than its lines and its sub-total."""
    sale = _any_sale(document, random)
    sale["total_amount"] += 1
    yield sale["sale_id"], None


def sale_twice(document: Document, random: Random) -> Iterator[Touched]:
    """One sale stands twice in the file, word for word."""
    sale = _any_sale(document, random)
    document["sales"].append(copy.deepcopy(sale))
    yield sale["sale_id"], None


def sale_twice_differing(document: Document, random: Random) -> Iterator[Touched]:
    """One sale stands twice in the file, the second time with one meal more."""
    sale = _any_sale(document, random)
    second = copy.deepcopy(sale)
    _one_meal_more(second)
    document["sales"].append(second)
    yield sale["sale_id"], None


def unknown_store(document: Document, random: Random) -> Iterator[Touched]:
    """One sale is picked up at a place that is none of AGM's."""
    sale = _any_sale(document, random)
    sale["pickup_from"] |= UNKNOWN_STORE
    yield sale["sale_id"], None


def bad_zip(document: Document, random: Random) -> Iterator[Touched]:
    """One customer's ZIP has four digits."""
    sale = _any_sale(document, random)
    sale["deliver_to"]["zip"] = sale["deliver_to"]["zip"][:4]
    yield sale["sale_id"], None


def unknown_zip(document: Document, random: Random) -> Iterator[Touched]:
    """One customer's ZIP looks right but is nowhere."""
    sale = _any_sale(document, random)
    sale["deliver_to"]["zip"] = "00000"
    yield sale["sale_id"], None


def blank_names(document: Document, random: Random) -> Iterator[Touched]:
    """One customer has a blank for a first name and nothing for a last name."""
    sale = _any_sale(document, random)
    sale["deliver_to"] |= {"first_name": " ", "last_name": ""}
    yield sale["sale_id"], None


def corrected(document: Document, random: Random) -> Iterator[Touched]:
    """One sale has a meal more, one is gone, one is new (and has the highest id)."""
    changed, withdrawn = random.sample(document["sales"], 2)
    added = copy.deepcopy(withdrawn)
    added["sale_id"] = max(sale["sale_id"] for sale in document["sales"]) + 1
    _one_meal_more(changed)
    document["sales"].remove(withdrawn)
    document["sales"].append(added)
    for sale in (changed, withdrawn, added):
        yield sale["sale_id"], None


def _any_sale(document: Document, random: Random) -> dict[str, Any]:
    sale: dict[str, Any] = random.choice(document["sales"])
    return sale


def _lines(document: Document, random: Random, everywhere: bool = False) -> list[Line]:
    """Return (sale, position from 1, line) of any line, or of every line."""
    lines = [
        (sale, position, line)
        for sale in document["sales"]
        for position, line in enumerate(sale["line_items"], start=1)
    ]
    chosen = random.choice(lines)
    return lines if everywhere else [chosen]


def _one_meal_more(sale: dict[str, Any]) -> None:
    line = sale["line_items"][0]
    line["quantity"] += 1
    sale["sub_total"] += line["price"]
    sale["total_amount"] += line["price"]
