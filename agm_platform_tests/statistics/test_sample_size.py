"""Sample sizes: published examples, and the power that they promise."""

import numpy as np
import pytest

from agm_platform.statistics.groups import Moments, difference_of_means, difference_of_shares
from agm_platform.statistics.ratios import linearised
from agm_platform.statistics.sample_size import detectable_share, for_means, for_shares


def test_published_sizes() -> None:
    # J. L. Fleiss, Statistical Methods for Rates and Proportions, 3rd ed., table A.4, before the
    # continuity correction: 0.25 against 0.40 at 0.05 and 0.80.
    assert for_shares(0.25, 0.40, 0.8) == 152
    assert for_means(1.0, 0.5, 0.8) == 63


def test_that_many_find_the_effect_as_often_as_promised() -> None:
    rng = np.random.default_rng(8)
    units = for_shares(0.78, 0.86, 0.8)
    found = [
        difference_of_shares(
            (int(rng.binomial(units, 0.86)), units), (int(rng.binomial(units, 0.78)), units)
        ).p_value
        <= 0.05
        for _ in range(400)
    ]
    assert 0.74 <= np.mean(found) <= 0.86


def test_what_can_be_found_needs_as_many_as_there_are() -> None:
    rise = detectable_share(0.5, 62, 0.8)
    assert rise is not None
    assert for_shares(0.5, 0.5 + rise, 0.8) <= 62
    assert for_shares(0.5, 0.5 + rise * 0.97, 0.8) > 62
    assert detectable_share(0.5, 3, 0.8) is None
    assert detectable_share(1.0, 99, 0.8) is None


@pytest.mark.parametrize(("first", "second"), [(0.5, 0.5), (-0.1, 0.5), (0.5, 1.1)])
def test_shares_that_cannot_be_told_apart_are_refused(first: float, second: float) -> None:
    with pytest.raises(ValueError, match="two different shares"):
        for_shares(first, second, 0.8)
    with pytest.raises(ValueError, match="difference of nothing"):
        for_means(1.0, 0.0, 0.8)


def test_ratios_of_sums_are_covered_where_customers_were_drawn() -> None:
    rng = np.random.default_rng(4)
    covered, trials = 0, 300
    for _ in range(trials):
        groups = []
        for size in (250, 200):
            orders = rng.geometric(0.15, size)
            # Who buys often spends more each time: money a purchase is not that of a customer.
            money = np.round(orders * rng.lognormal(3, 1, size) * orders**0.2)
            sums = (money.sum(), orders.sum(), (money**2).sum())
            found = linearised(
                size, *map(float, sums), float((orders**2).sum()), float((money * orders).sum())
            )
            assert found is not None
            groups.append(found)
        difference = difference_of_means(*groups)
        assert difference is not None
        covered += difference.low <= 0 <= difference.high
    assert covered / trials >= 0.91


def test_a_ratio_of_nothing_is_none() -> None:
    assert linearised(5, 1.0, 0.0, 1.0, 0.0, 0.0) is None
    assert linearised(1, 6.0, 2.0, 36.0, 4.0, 12.0) == Moments(1, 3.0, 0.0)
