"""Tests over many groups: the figures of scipy and of textbooks, and what cannot be told."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from agm_platform.statistics.groups import Moments, difference_of_means
from agm_platform.statistics.many_groups import equal_means, even_spread


def moments(values: list[float]) -> Moments:
    return Moments.of_sums(len(values), sum(values), sum(value * value for value in values))


def test_two_groups_give_welchs_t_test() -> None:
    one, two = moments([1.0, 2.0, 4.0, 8.0]), moments([3.0, 3.5, 9.0, 12.0, 1.0])
    tested, compared = equal_means([one, two]), difference_of_means(one, two)
    assert tested is not None
    assert compared is not None
    assert tested.p_value == pytest.approx(compared.p_value)


def test_three_groups_give_the_figure_of_scipy() -> None:
    rng = np.random.default_rng(1)
    groups = [
        list(rng.normal(mean, width, size))
        for mean, width, size in ((0, 1, 30), (0.4, 2, 12), (0.9, 0.5, 50))
    ]
    wanted = stats.f_oneway(*groups, equal_var=False)
    tested = equal_means(map(moments, groups))
    assert tested is not None
    assert tested.statistic == pytest.approx(wanted.statistic)
    assert tested.p_value == pytest.approx(wanted.pvalue)
    assert 0 < tested.eta_squared < 1


def test_one_group_or_no_spread_tells_nothing() -> None:
    assert equal_means([moments([1.0, 2.0])]) is None
    assert equal_means([moments([1.0, 1.0]), moments([2.0, 2.0])]) is None


def test_an_even_spread_has_no_statistic_and_an_uneven_one_scipys() -> None:
    even = even_spread([20, 20, 20])
    assert even is not None
    assert (even.statistic, even.p_value) == (0, 1)
    uneven, wanted = even_spread([10, 20, 30]), stats.chisquare([10, 20, 30])
    assert uneven is not None
    assert uneven.p_value == pytest.approx(wanted.pvalue)


@pytest.mark.parametrize("counts", [[], [100], [1, 2, 3]])
def test_too_few_values_or_rows_tell_nothing(counts: list[int]) -> None:
    assert even_spread(counts) is None
