"""The laws of the random draws and of baskets."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agm_platform.world.baskets import DELIVERY, PICKUP, fill_baskets
from agm_platform.world.draws import weighted, weighted_without_repeats

WEIGHTS = st.lists(st.integers(0, 9), min_size=1, max_size=20).filter(any)
SEEDS = st.integers(0, 2**32)


@given(WEIGHTS, SEEDS)
def test_what_has_no_weight_is_never_drawn(weights: list[int], seed: int) -> None:
    drawn = weighted(np.random.default_rng(seed), weights, 50)
    assert len(drawn) == 50
    assert all(weights[i] > 0 for i in drawn)


@given(WEIGHTS, SEEDS, st.data())
def test_draws_without_repeats_are_different_and_sorted(weights, seed, data) -> None:
    usable = sum(weight > 0 for weight in weights)
    n = data.draw(st.integers(0, usable))
    drawn = weighted_without_repeats(np.random.default_rng(seed), np.array(weights), n).tolist()
    assert drawn == sorted(set(drawn))
    assert len(drawn) == n
    assert all(weights[i] > 0 for i in drawn)


def test_more_draws_than_positions_are_refused() -> None:
    with pytest.raises(ValueError, match="3 different draws wanted, but only 2"):
        weighted_without_repeats(np.random.default_rng(1), np.array([1, 0, 2]), 3)


def test_draws_follow_the_weights() -> None:
    drawn = weighted(np.random.default_rng(1), [1, 3], 40_000)
    assert np.mean(drawn) == pytest.approx(0.75, abs=0.01)


def test_pickup_baskets_give_agms_meals_a_sale_and_delivery_those_of_the_real_day() -> None:
    rng = np.random.default_rng(1)
    assert fill_baskets(rng, 60_000, PICKUP).meals.mean() == pytest.approx(8.2e6 / 1_537_617, 0.01)
    assert fill_baskets(rng, 60_000, DELIVERY).meals.mean() == pytest.approx(540 / 97, 0.01)


@given(st.integers(0, 40), st.sets(st.integers(1, 8), max_size=6), SEEDS)
def test_lines_belong_to_their_sale_and_meals_add_up(n: int, unsold: set[int], seed: int) -> None:
    baskets = fill_baskets(np.random.default_rng(seed), n, PICKUP, tuple(unsold))
    assert len(baskets.meals) == n
    assert baskets.meals.sum() == baskets.quantity.sum()
    assert not unsold & set(baskets.product.tolist())
    for sale in range(n):
        lines = slice(baskets.starts[sale], baskets.starts[sale + 1])
        assert (baskets.sale[lines] == sale).all()
        assert baskets.line[lines].tolist() == list(range(1, len(baskets.line[lines]) + 1))
