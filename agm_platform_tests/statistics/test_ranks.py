"""Rank tests against another implementation, by law, and in coverage."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from agm_platform.statistics.ranks import kruskal_wallis, superiority

VALUES = st.lists(st.integers(0, 8), min_size=3, max_size=40)


@given(VALUES, VALUES)
def test_superiority_is_that_of_brunner_and_munzel(first: list[int], second: list[int]) -> None:
    found = superiority(Counter(first), Counter(second))
    assert found is not None
    pairs = [(one > other) + (one == other) / 2 for one in first for other in second]
    assert found.value == pytest.approx(np.mean(pairs))
    assert found.effect_size == pytest.approx(2 * found.value - 1)
    assert 0 <= found.low <= found.value <= found.high <= 1
    back = superiority(Counter(second), Counter(first))
    assert back is not None
    assert back.value == pytest.approx(1 - found.value)
    if found.low < found.value:
        assert found.p_value == pytest.approx(stats.brunnermunzel(first, second).pvalue, abs=1e-9)


@given(st.lists(VALUES, min_size=2, max_size=4))
def test_h_is_that_of_kruskal_and_wallis(groups: list[list[int]]) -> None:
    found = kruskal_wallis([Counter(group) for group in groups])
    if len({value for group in groups for value in group}) == 1:
        assert found is None
        return
    assert found is not None
    other = stats.kruskal(*groups)
    assert found.statistic == pytest.approx(max(0, other.statistic), abs=1e-9)
    assert found.p_value == pytest.approx(other.pvalue, abs=1e-9)


def test_too_few_values_tell_nothing() -> None:
    assert superiority({1: 1}, {1: 9}) is None
    assert kruskal_wallis([{1: 3}, {}]) is None


def test_groups_that_never_overlap_are_told_apart_for_sure() -> None:
    found = superiority({9: 5}, {1: 5})
    assert found is not None
    assert (found.value, found.p_value) == (1.0, 0.0)


def test_the_interval_covers_and_the_test_keeps_its_level_on_skewed_values() -> None:
    rng = np.random.default_rng(5)
    covered, rejected = 0, 0
    trials = 300
    for _ in range(trials):
        # 0 for half of all, else skewed: the second group spreads more but is not above.
        first = np.round(rng.lognormal(0, 1, 120) * (rng.random(120) < 0.5), 1)
        second = np.round(rng.lognormal(0, 1, 80) * (rng.random(80) < 0.5), 1)
        found = superiority(Counter(first.tolist()), Counter(second.tolist()))
        assert found is not None
        covered += found.low <= 0.5 <= found.high
        rejected += found.p_value <= 0.05
    assert covered / trials >= 0.92
    assert rejected / trials <= 0.08
