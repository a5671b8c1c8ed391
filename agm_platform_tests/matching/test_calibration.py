"""Calibration: curves rise, stay between 0 and 1, and the error of stated shares is measured."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agm_platform.matching.calibration import (
    curve_from,
    expected_calibration_error,
    fit_curve,
    identity_curve,
)

PAIRS = st.lists(st.tuples(st.integers(-20, 20), st.booleans()), min_size=1, max_size=60)


@given(PAIRS)
def test_a_curve_rises_and_never_says_never_or_always(pairs: list[tuple[int, bool]]) -> None:
    curve = fit_curve([weight for weight, _ in pairs], [match for _, match in pairs])
    probabilities = curve(np.arange(-30, 30))
    assert (np.diff(probabilities) >= 0).all()
    assert (probabilities > 0).all()
    assert (probabilities < 1).all()


def test_pools_have_the_share_of_matches_among_them() -> None:
    weights = np.repeat([-5.0, 5.0], 1000)
    is_match = np.concatenate([np.arange(1000) < 20, np.arange(1000) < 900])
    curve = fit_curve(weights, is_match)
    assert curve([-5.0, 5.0]) == pytest.approx([0.02, 0.9], abs=0.001)


def test_neighbours_in_the_wrong_order_are_pooled() -> None:
    curve = fit_curve([1, 2, 3, 4], [True, False, True, False])
    assert len(set(curve([1, 2, 3, 4]).tolist())) == 1


def test_without_pairs_there_is_no_curve() -> None:
    with pytest.raises(ValueError, match="needs pairs"):
        fit_curve([], [])


def test_the_models_own_probability_is_even_at_weight_zero() -> None:
    assert identity_curve()([0.0, 1.0]) == pytest.approx([1 / 2, 2 / 3])


def test_the_error_is_the_gap_between_stated_and_observed_shares() -> None:
    assert expected_calibration_error([0.9] * 10, [True] * 9 + [False]) == pytest.approx(0.0)
    assert expected_calibration_error([0.9] * 10, [False] * 10) == pytest.approx(0.9)
    assert expected_calibration_error([1.0, 0.0], [True, False]) == 0
    assert math.isnan(expected_calibration_error([], []))


@pytest.mark.parametrize(
    ("weights", "probabilities"),
    [([], []), ([1, 0], [0.2, 0.3]), ([0, 1], [0.3, 0.2]), ([0, 1], [0.0, 0.5]), ([0], [0.1, 0.2])],
)
def test_a_damaged_curve_is_refused(weights: list[float], probabilities: list[float]) -> None:
    entry = {"weights": weights, "probabilities": probabilities, "pairs": 1, "matches": 0}
    with pytest.raises(ValueError, match="rises"):
        curve_from(entry)
