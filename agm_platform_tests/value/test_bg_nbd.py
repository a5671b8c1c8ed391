"""BG/NBD: gradient, published estimates, formulas by simulation, and what happens at the edges."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agm_platform.value import bg_nbd, prediction
from agm_platform.value.fitting import FitError
from agm_platform.value.histories import Histories, histories_of, histories_of_customers
from agm_platform.world.purchases import BuyerSize, buyers

PUBLISHED = np.log([0.243, 4.414, 0.793, 2.426])


def one(frequency: float, recency: float, age: float) -> Histories:
    return histories_of_customers([frequency], [recency], [age])


def seen(customers: int, seed: int, **size: float) -> tuple[Histories, np.ndarray]:
    found = buyers(BuyerSize(customers, **size), seed)
    return (
        Histories(found.frequency, found.recency, found.age, np.ones(customers)),
        found.later,
    )


positive = st.floats(0.05, 8)


@given(positive, positive, positive, positive, st.integers(0, 40), st.floats(0, 1))
def test_the_gradient_is_that_of_the_likelihood(
    r: float, alpha: float, a: float, b: float, frequency: int, part: float
) -> None:
    histories = one(frequency, 30 * part if frequency else 0, 30)
    logs = np.log([r, alpha, a, b])
    gradient = bg_nbd.log_likelihood(logs, histories)[1]
    for place, step in enumerate(np.eye(4) * 1e-5):
        above, below = (bg_nbd.log_likelihood(logs + s, histories)[0] for s in (step, -step))
        assert gradient[place] == pytest.approx((above - below) / 2e-5, rel=1e-4, abs=1e-4)


def test_the_published_example_of_one_customer() -> None:
    """Fader, Hardie and Lee (2005): two repeats, the last at week 30.43 of 38.86."""
    customer = one(2, 30.43, 38.86)
    expected = bg_nbd.expected_purchases(PUBLISHED, customer, 39)[0]
    assert expected == pytest.approx(1.226, abs=0.001)


def test_grouping_changes_no_fit() -> None:
    apart, _ = seen(800, 3)
    apart = Histories(
        apart.frequency, np.round(apart.recency), np.round(apart.age), apart.customers
    )
    together = histories_of_customers(apart.frequency, apart.recency, apart.age)
    assert len(together) < len(apart) / 2
    one_way, other = bg_nbd.fit(apart), bg_nbd.fit(together)
    assert one_way.log_likelihood == pytest.approx(other.log_likelihood, abs=1e-6)
    assert one_way.values == pytest.approx(other.values, rel=1e-4)


def test_true_parameters_are_found_within_their_intervals() -> None:
    found = bg_nbd.fit(seen(20_000, 11)[0])
    assert found.at_bound == ()
    for name, true in zip(bg_nbd.NAMES, np.exp(PUBLISHED), strict=True):
        low, high = found.interval(name, 0.999)
        assert low < true < high
        assert 0 < found.standard_error(name) < true


@given(
    positive, positive, positive, positive, st.integers(0, 150), st.floats(0, 1), st.floats(0.5, 60)
)
def test_the_formula_and_the_quadrature_agree(
    r: float, alpha: float, a: float, b: float, frequency: int, part: float, weeks: float
) -> None:
    histories = one(frequency, 40 * part if frequency else 0, 40)
    logs = np.log([r, alpha, a, b])
    mean, variance = bg_nbd.purchase_moments(logs, histories, weeks)
    expected = bg_nbd.expected_purchases(logs, histories, weeks)
    assert mean[0] == pytest.approx(expected[0], rel=2e-3, abs=1e-5)
    assert variance[0] >= 0


def test_mean_variance_and_chance_are_those_of_simulated_customers() -> None:
    histories, later = seen(60_000, 5)
    never = histories.frequency == 0  # one history by frequency: many customers, ages alike
    logs = np.array(PUBLISHED)
    mean, variance = bg_nbd.purchase_moments(logs, histories, 39)
    chance = bg_nbd.probability_of_purchase(logs, histories, 39)
    for part in (never, ~never):
        size = part.sum()
        assert later[part].mean() == pytest.approx(mean[part].mean(), rel=0.06)
        assert (later[part] > 0).mean() == pytest.approx(chance[part].mean(), abs=4 / size**0.5)
        spread = ((later[part] - mean[part]) ** 2).mean()
        assert spread == pytest.approx(variance[part].mean(), rel=0.12)


def test_longer_silence_lowers_the_chance_and_a_single_purchase_says_nothing() -> None:
    chances = [bg_nbd.probability_alive(PUBLISHED, one(5, 30, age))[0] for age in (30, 40, 80)]
    assert chances[0] > chances[1] > chances[2] > 0
    assert bg_nbd.probability_alive(PUBLISHED, one(0, 0, 500))[0] == 1


def test_customers_who_never_leave_end_at_a_bound_which_is_said() -> None:
    rng = np.random.default_rng(1)
    rate = rng.gamma(2.0, 0.2, 1500)
    frequency = rng.poisson(rate * 50)
    recency = np.where(frequency > 0, 50 * rng.beta(np.maximum(frequency, 1), 1), 0.0)
    found = bg_nbd.fit(
        Histories(frequency.astype(float), recency, np.full(1500, 50.0), np.ones(1500))
    )
    assert "a" in found.at_bound
    assert np.isnan(found.standard_error("a"))
    assert found.standard_error("r") > 0
    alive = bg_nbd.probability_alive(
        found.logs, Histories(frequency.astype(float), recency, np.full(1500, 50.0), np.ones(1500))
    )
    assert alive.mean() > 0.98


def test_without_anybody_who_came_back_there_is_no_fit() -> None:
    with pytest.raises(FitError, match="nobody bought twice"):
        bg_nbd.fit(histories_of_customers([0, 0], [0, 0], [5, 6]))


def test_histories_of_rows_are_in_weeks_and_in_one_order() -> None:
    rows = [
        {"frequency": 2, "recency_days": 14, "age_days": 70, "customers": 3},
        {"frequency": 0, "recency_days": 0, "age_days": 7, "customers": 5},
    ]
    first, other = histories_of(rows), histories_of(rows[::-1])
    assert first.recency.tolist() == other.recency.tolist() == [0, 2]
    assert first.age.tolist() == [1, 10]
    assert (first.total, first.repeaters) == (8, 3)


def test_a_total_is_covered_as_often_as_its_interval_says() -> None:
    hits = 0
    for seed in range(30):
        histories, later = seen(700, 900 + seed)
        fit = bg_nbd.fit(histories)
        ahead = prediction.purchases(fit, histories, 39 * 7)
        variance = bg_nbd.purchase_moments(fit.logs, histories, 39)[1]
        whole = prediction.total(
            ahead, histories.customers, fit.covariance_array, variance, confidence=0.9
        )
        hits += whole.low <= later.sum() <= whole.high
    assert 23 <= hits <= 30  # 27 expected; fewer than 23 of 30 would happen once in a hundred
