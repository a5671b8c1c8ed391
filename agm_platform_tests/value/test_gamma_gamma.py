"""Gamma-Gamma: gradient, recovery, and what it says of somebody who never came back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agm_platform.value import gamma_gamma
from agm_platform.value.fitting import FitError
from agm_platform.value.histories import MOST_EXACT, Values, grouped_values
from agm_platform.world.purchases import BuyerSize, buyers

TRUE = (6.25, 3.74, 15.44)


def values(customers: int, seed: int) -> Values:
    found = buyers(BuyerSize(customers), seed)
    back = found.frequency > 0
    return Values(found.frequency[back], found.mean_value[back], np.ones(back.sum()))


@given(st.floats(0.2, 20), st.floats(1.1, 20), st.floats(0.1, 50), st.integers(1, 30))
def test_the_gradient_is_that_of_the_likelihood(p: float, q: float, v: float, count: int) -> None:
    given_values = Values(np.array([float(count)]), np.array([12.0]), np.ones(1))
    logs = np.log([p, q, v])
    gradient = gamma_gamma.log_likelihood(logs, given_values)[1]
    for place, step in enumerate(np.eye(3) * 1e-5):
        above, below = (
            gamma_gamma.log_likelihood(logs + s, given_values)[0] for s in (step, -step)
        )
        assert gradient[place] == pytest.approx((above - below) / 2e-5, rel=1e-4, abs=1e-4)


def test_true_parameters_are_found_in_any_unit() -> None:
    dollars = values(20_000, 4)
    cents = Values(dollars.frequency, dollars.mean_value * 100, dollars.customers)
    found, hundredfold = gamma_gamma.fit(dollars), gamma_gamma.fit(cents)
    for name, true in zip(gamma_gamma.NAMES, TRUE, strict=True):
        low, high = found.interval(name, 0.999)
        assert low < true < high
    assert hundredfold.value("p") == pytest.approx(found.value("p"), rel=1e-3)
    assert hundredfold.value("v") == pytest.approx(100 * found.value("v"), rel=1e-2)


def test_the_more_purchases_the_more_the_own_mean_counts() -> None:
    logs = np.log(TRUE)
    everybody = gamma_gamma.expected_value(logs, np.array([0.0]), np.array([0.0]))[0]
    few, many = gamma_gamma.expected_value(logs, np.array([1.0, 100.0]), np.array([90.0, 90.0]))
    assert everybody == pytest.approx(TRUE[0] * TRUE[2] / (TRUE[1] - 1))
    assert everybody < few < many < 90
    assert many == pytest.approx(90, rel=0.02)


def test_without_a_second_moment_there_is_no_variance() -> None:
    once = np.array([0.0])
    assert gamma_gamma.value_moments(np.log([5, 1.5, 10]), once, once) is None
    moments = gamma_gamma.value_moments(np.log([5, 3.0, 10]), once, once)
    assert moments is not None
    assert all(each[0] > 0 for each in moments)


def test_values_that_are_all_equal_or_few_give_no_fit() -> None:
    alike = Values(np.ones(50), np.full(50, 12.0), np.ones(50))
    few = Values(np.ones(5), np.arange(1.0, 6), np.ones(5))
    for each in (alike, few):
        with pytest.raises(FitError, match="too few customers"):
            gamma_gamma.fit(each)


def test_rounding_the_values_of_many_customers_changes_no_estimate() -> None:
    found = buyers(BuyerSize(150_000), 9)
    rounded = grouped_values(found.frequency, found.mean_value)
    back = found.frequency > 0
    exact = Values(found.frequency[back], found.mean_value[back], np.ones(back.sum()))
    assert rounded.total == exact.total > MOST_EXACT
    assert len(rounded.frequency) < exact.total / 2
    one, other = gamma_gamma.fit(rounded), gamma_gamma.fit(exact)
    assert one.values == pytest.approx(other.values, rel=1e-3)
