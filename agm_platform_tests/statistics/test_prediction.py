"""Models beside a guess: a rule in the data is found, chance is not taken for one."""

from __future__ import annotations

import numpy as np
import pytest

from agm_platform.statistics.prediction import coded, judged_categories, judged_numbers

ROWS = 600
RNG = np.random.default_rng(5)
SEASONS = [("winter", "summer")[each] for each in RNG.integers(0, 2, ROWS)]
CHANCE = [int(each) for each in RNG.integers(0, 4, ROWS)]


def test_a_category_that_follows_a_feature_is_foretold() -> None:
    told = judged_categories(
        coded([SEASONS, CHANCE]), [{"winter": "coat"}.get(s, "hat") for s in SEASONS], 5
    )
    assert told is not None
    assert told.model == 1.0
    assert told.is_better
    assert told.gain.sample_size == ROWS


def test_a_category_that_follows_nothing_is_not() -> None:
    told = judged_categories(coded([SEASONS]), [str(each) for each in CHANCE], 5)
    assert told is not None
    assert not told.is_better
    assert told.gain.low <= told.gain.value <= told.gain.high


def test_a_number_that_follows_a_feature_has_a_smaller_error() -> None:
    told = judged_numbers(coded([SEASONS]), [{"winter": 10.0}.get(s, 20.0) for s in SEASONS], 5)
    assert told is not None
    assert told.guess == pytest.approx(5, abs=0.1)
    assert told.model < 1
    assert told.is_better


def test_a_number_that_follows_nothing_has_not() -> None:
    told = judged_numbers(coded([SEASONS]), [float(each) for each in CHANCE], 5)
    assert told is not None
    assert not told.is_better


def test_too_few_rows_or_one_category_cannot_be_judged() -> None:
    assert judged_categories(coded([["a"] * 9]), ["x", "y", "x"] * 3, 5) is None
    assert judged_categories(coded([["a"] * 20]), ["x"] * 20, 5) is None
    assert judged_numbers(coded([["a"] * 9]), [1.0] * 9, 5) is None


def test_a_missing_group_is_a_group() -> None:
    assert len(set(coded([[None, "a", None]])[:, 0])) == 2
