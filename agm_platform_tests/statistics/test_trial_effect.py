"""The effect of a trial at one store: found where planted, not invented, and abstained from."""

import numpy as np
import pytest

from agm_platform.statistics.trial_effect import LEAST_WEEKS, effect

WEEKS, BEGAN = 52, 39


def stores(seed: int, planted: float = 0.0) -> dict[str, np.ndarray]:
    """Five stores that share a drift; weeks of one resemble the week before; store 0 on trial."""
    rng = np.random.default_rng(seed)
    common = np.cumsum(rng.normal(0, 0.03, WEEKS))
    made = {}
    for store in range(5):
        own = np.zeros(WEEKS)
        for week in range(1, WEEKS):
            own[week] = 0.3 * own[week - 1] + rng.normal(0, 0.04)
        made[str(store)] = np.exp(9 + store / 10 + common + own)
    made["0"][BEGAN:] *= 1 + planted
    return made


@pytest.mark.parametrize("planted", [0.0, -0.05, 0.2])
def test_the_interval_holds_a_planted_effect_about_as_often_as_it_says(planted: float) -> None:
    found = [effect(stores(seed, planted), "0", BEGAN) for seed in range(200)]
    inside = [each is not None and each.low <= planted <= each.high for each in found]
    assert 0.90 <= np.mean(inside) <= 0.99


def test_what_all_stores_share_is_not_the_trials() -> None:
    weekly = stores(1)
    plain = effect(weekly, "0", BEGAN)
    boom = np.where(np.arange(WEEKS) >= BEGAN, 1.5, 1.0)
    shared = effect({name: totals * boom for name, totals in weekly.items()}, "0", BEGAN)
    assert plain is not None
    assert shared is not None
    assert shared.value == pytest.approx(plain.value)


def test_placebos_are_the_other_stores_measured_without_the_store_on_trial() -> None:
    found = effect(stores(2, planted=-0.4), "0", BEGAN)
    assert found is not None
    assert set(found.placebos) == {"1", "2", "3", "4"}
    assert max(map(abs, found.placebos.values())) < 0.1
    assert found.placebo_p == pytest.approx(0.2)


def test_too_few_weeks_on_either_side_say_nothing() -> None:
    weekly = stores(3)
    assert effect(weekly, "0", LEAST_WEEKS - 1) is None
    assert effect(weekly, "0", WEEKS - LEAST_WEEKS + 1) is None
    assert effect(weekly, "0", LEAST_WEEKS) is not None


def test_without_another_store_or_with_an_empty_week_nothing_is_said() -> None:
    weekly = stores(4)
    assert effect({"0": weekly["0"]}, "0", BEGAN) is None
    weekly["1"][3] = 0
    assert effect(weekly, "0", BEGAN) is None
