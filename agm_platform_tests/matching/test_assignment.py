"""One partner each: the best total, whatever the order of the rows."""

from __future__ import annotations

from itertools import permutations
from random import Random

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agm_platform.matching.assignment import best_partners

VALUES = st.dictionaries(
    st.tuples(st.sampled_from("abcd"), st.sampled_from("wxyz")), st.integers(1, 50), max_size=16
)


def pairs(values: dict[tuple[str, str], float]) -> pd.DataFrame:
    rows = [(left, right, float(value)) for (left, right), value in values.items()]
    return pd.DataFrame(rows, columns=["left_id", "right_id", "value"])


def best_total(values: dict[tuple[str, str], int]) -> int:
    return max(
        sum(values.get(pair, 0) for pair in zip("abcd", order, strict=True))
        for order in permutations("wxyz")
    )


@settings(max_examples=30, deadline=None)
@given(VALUES)
def test_one_to_one_has_the_best_total_and_nobody_twice(
    values: dict[tuple[str, str], int],
) -> None:
    chosen = best_partners(pairs(values), one_to_one=True)
    assert chosen["value"].sum() == best_total(values)
    assert chosen["left_id"].is_unique
    assert chosen["right_id"].is_unique


@settings(max_examples=20, deadline=None)
@given(VALUES, st.randoms())
def test_the_order_of_the_rows_does_not_matter(
    values: dict[tuple[str, str], int], random: Random
) -> None:
    rows = list(values.items())
    random.shuffle(rows)
    for one_to_one in (True, False):
        expected = best_partners(pairs(values), one_to_one=one_to_one)
        found = best_partners(pairs(dict(rows)), one_to_one=one_to_one)
        assert found.values.tolist() == expected.values.tolist()


def test_the_first_come_does_not_take_the_only_partner_of_another() -> None:
    values = {("a", "x"): 10.0, ("a", "y"): 9.0, ("b", "x"): 9.5}
    chosen = best_partners(pairs(values), one_to_one=True)
    assert chosen[["left_id", "right_id"]].values.tolist() == [["a", "y"], ["b", "x"]]


def test_without_one_to_one_each_has_its_best() -> None:
    values = {("a", "x"): 10.0, ("a", "y"): 9.0, ("b", "x"): 9.5}
    chosen = best_partners(pairs(values), one_to_one=False)
    assert chosen["right_id"].tolist() == ["x", "x"]


def test_a_value_that_is_not_positive_is_refused() -> None:
    with pytest.raises(ValueError, match="positive"):
        best_partners(pairs({("a", "x"): 0.0}), one_to_one=True)
