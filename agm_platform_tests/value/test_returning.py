"""Who buys again: learnt on earlier days, calibrated on later ones, judged on still later ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict

import numpy as np
import pytest

from agm_platform.value.returning import AsOf, probabilities, train_return
from agm_platform.value.training import TooLittleDataError

FIRST, LAST = 737_000, 737_200


def world(customers: int, seed: int, *, tells: bool = True) -> Callable[[int, int], AsOf]:
    """Customers whose silence tells how likely they return, or does not; a draw for each day."""

    def as_of(day: int, horizon: int) -> AsOf:
        assert day + horizon <= LAST, "nothing may be asked for beyond the data"
        rng = np.random.default_rng([seed, day])
        silence = rng.integers(0, 90, customers).astype(float)
        bought = rng.integers(1, 20, customers).astype(float)
        odds = 1.5 - 0.06 * silence + 0.1 * bought if tells else np.full(customers, -0.4)
        returned = (rng.random(customers) < 1 / (1 + np.exp(-odds))).astype(float)
        return AsOf(
            {"since_last_days": silence, "purchase_days": bought},
            returned,
            np.clip(0.2 + 0.02 * bought, 0, 1),
        )

    return as_of


def test_a_model_that_knows_something_is_shown_and_calibrated() -> None:
    model = train_return("shop", FIRST, LAST, world(3000, 1), version=1)
    (score,) = model.scores
    assert model.is_shown
    assert score["horizon_days"] == 30
    assert score["brier"] < score["alike_brier"] < score["naive_brier"] + 0.1
    assert score["calibration_error"] < 0.03
    assert score["area_under_curve"] > 0.75
    silent, recent = probabilities(
        model.parameters,
        {"since_last_days": np.array([80.0, 1.0]), "purchase_days": np.array([5.0, 5.0])},
    )
    assert silent < 0.25
    assert recent > 0.7


def test_where_nothing_tells_anything_the_model_is_not_shown() -> None:
    model = train_return("shop", FIRST, LAST, world(3000, 2, tells=False), version=1)
    assert not model.is_shown
    assert "cannot be told to beat the naive rate and the same chance for all" in model.verdict


def test_the_file_s_numbers_give_the_same_chances_without_scikit_learn() -> None:
    model = train_return("shop", FIRST, LAST, world(500, 3), version=1)
    known = world(500, 3)(LAST - 30, 30).features
    from_file = json.loads(json.dumps(asdict(model)))["parameters"]
    assert probabilities(from_file, known) == pytest.approx(
        probabilities(model.parameters, known), abs=1e-12
    )


def test_short_data_are_judged_over_two_weeks_and_shorter_not_at_all() -> None:
    model = train_return("shop", LAST - 79, LAST, world(800, 4), version=1)
    assert model.parameters["horizon_days"] == 14
    with pytest.raises(TooLittleDataError, match="needs 100 customers and 70 days; there are 60"):
        train_return("shop", LAST - 59, LAST, world(800, 4), version=1)
    with pytest.raises(TooLittleDataError, match="there are no orders"):
        train_return("shop", None, None, world(800, 4), version=1)


def test_too_few_customers_are_not_learnt_from() -> None:
    with pytest.raises(TooLittleDataError, match="there were 60"):
        train_return("shop", FIRST, LAST, world(60, 5), version=1)
