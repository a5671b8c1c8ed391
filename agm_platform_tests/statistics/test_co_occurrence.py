"""Products that stand together: chance is not told as a find, what is planted is found."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from agm_platform.statistics.co_occurrence import (
    expected_pairs,
    expected_triples,
    false_discovery_rates,
    p_values,
)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_rates_are_benjamini_and_hochbergs(p: list[float]) -> None:
    assert false_discovery_rates(p, len(p)) == pytest.approx(false_discovery_control(p))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=10), st.integers(0, 100))
def test_tests_that_are_not_given_make_every_rate_larger(p: list[float], others: int) -> None:
    alone, among = false_discovery_rates(p, len(p)), false_discovery_rates(p, len(p) + others)
    assert (among >= alone - 1e-12).all()


def test_a_family_smaller_than_its_members_is_refused() -> None:
    with pytest.raises(ValueError, match="family of 1"):
        false_discovery_rates([0.1, 0.2], 1)


def test_expected_counts_are_those_of_independence_when_baskets_are_alike() -> None:
    first, second = np.array([50.0]), np.array([20.0])
    assert expected_pairs(first, second, 100, seen=10, chance=10.0) == pytest.approx([10.0])
    # Twice as many pairs in all as chance gives: baskets differ, each pair is expected twice.
    assert expected_pairs(first, second, 100, seen=20, chance=10.0) == pytest.approx([20.0])


def test_three_independent_products_are_expected_as_their_pairs_say() -> None:
    singles = np.array([[50.0, 40.0, 20.0]])
    pairs = np.array([[20.0, 10.0, 8.0]])
    assert expected_triples(singles, pairs, 100) == pytest.approx([4.0])


def test_a_count_as_expected_is_no_surprise_and_a_far_one_is() -> None:
    p = p_values(np.array([100.0, 130.0, 70.0]), np.array([100.0, 100.0, 100.0]))
    assert p[0] == pytest.approx(1)
    assert p[1] == pytest.approx(p[2]) == pytest.approx(0.0027, abs=1e-4)
