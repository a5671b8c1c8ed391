"""Prediction by cross-validation: finds what is there, and admits it where nothing is."""

import numpy as np
import pytest

from agm_platform.statistics.classifier import Judgement, cross_validated


def judged(seed: int, strength: float) -> Judgement:
    rng = np.random.default_rng(seed)
    target = rng.choice(4, 300, p=[0.4, 0.2, 0.2, 0.2])
    clue = np.where(rng.random(300) < strength, target, rng.integers(0, 4, 300))
    features = np.column_stack([clue, rng.integers(0, 3, 300)])
    found = cross_validated(features, target, np.arange(300) % 5)
    assert found is not None
    return found


def test_a_clue_is_found_whatever_the_order_of_its_codes() -> None:
    found = judged(1, 0.6)
    assert found.gain.low > 0.1
    assert found.accuracy.value - found.baseline.value == pytest.approx(found.gain.value)


def test_without_a_clue_it_is_no_better_than_guessing() -> None:
    better = [judged(seed, 0.0).gain.low > 0 for seed in range(20)]
    assert sum(better) <= 2


def test_one_value_or_one_fold_cannot_be_judged() -> None:
    features = np.zeros((10, 1), dtype=np.int64)
    assert cross_validated(features, np.zeros(10, dtype=np.int64), np.arange(10) % 5) is None
    assert cross_validated(features, np.arange(10) % 2, np.zeros(10, dtype=np.int64)) is None
