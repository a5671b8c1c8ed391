"""Two lists of rows: what counts as the same, what is told of a difference, what never is."""

from __future__ import annotations

from typing import Any

import pytest

from agm_platform.conformance.compare import differences, same
from agm_platform.contracts.model import Column, Table, Type

PEOPLE = Table(
    "shop",
    "people",
    "People.",
    (
        Column("number", Type.INTEGER, "Number.", nullable=False),
        Column("name", Type.TEXT, "Name.", personal=True),
        Column("score", Type.NUMBER, "Score."),
    ),
    key=("number",),
)
ANNA, BEN = (1, "Anna", 0.1 + 0.2), (2, "Ben", None)


def test_order_and_the_last_digits_of_floats_do_not_count() -> None:
    assert differences(PEOPLE, [ANNA, BEN], [BEN, (1, "Anna", 0.3)]) == []


def test_a_different_number_is_told_by_key_and_column() -> None:
    assert differences(PEOPLE, [ANNA], [(1, "Anna", 0.4)]) == [
        "number=1 score: 0.30000000000000004 against 0.4"
    ]


def test_a_personal_value_is_never_told() -> None:
    (found,) = differences(PEOPLE, [ANNA], [(1, "Anne", 0.3)])
    assert found == "number=1 name: str against str, not the same"


def test_a_number_of_a_person_is_not_told_either() -> None:
    column = Column("customer_id", Type.TEXT, "Number.", nullable=False, identity="shop")
    table = Table("shop", "ids", "Ids.", (column,), key=("customer_id",))
    assert differences(table, [("77",)], []) == [
        "1 rows against 0",
        "a row: 1 rows against 0",
    ]


def test_rows_of_one_key_are_paired_and_counted() -> None:
    assert differences(PEOPLE, [ANNA, ANNA], [ANNA]) == [
        "2 rows against 1",
        "number=1: 2 rows against 1",
    ]


def test_of_many_differences_three_are_told() -> None:
    rows = [(number, None, 1.0) for number in range(9)]
    found = differences(PEOPLE, rows, [(number, None, 2.0) for number in range(9)])
    assert len(found) == 4
    assert found[-1] == "and more"


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        (None, None, True),
        (None, 0, False),
        (1, 1.0, False),
        (True, 1, False),
        (float("nan"), float("nan"), True),
        (float("nan"), 1.0, False),
        (1e12, 1e12 + 1, True),
        ("é", "e\u0301", False),
    ],
)
def test_values_are_the_same_if_type_and_value_are(one: Any, other: Any, is_same: bool) -> None:
    assert same(one, other) is is_same
