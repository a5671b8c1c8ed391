"""Comparisons of groups: textbook values, scipy's own answers, and laws."""

from math import sqrt

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from agm_platform.statistics import groups
from agm_platform.statistics.groups import Moments

MEASURES = st.lists(st.integers(-1000, 1000), min_size=2, max_size=30)


def moments(values: list[int]) -> Moments:
    return Moments.of_sums(len(values), sum(values), sum(value * value for value in values))


def sums(y: list[int], x: list[int]) -> tuple[float, ...]:
    pairs = list(zip(y, x, strict=True))
    return (
        len(y),
        sum(y),
        sum(x),
        sum(a * a for a in y),
        sum(b * b for b in x),
        sum(a * b for a, b in pairs),
    )


@given(MEASURES, MEASURES)
def test_welchs_test_is_scipys(first: list[int], second: list[int]) -> None:
    assume(len(set(first)) > 1 and len(set(second)) > 1)
    found = groups.difference_of_means(moments(first), moments(second))
    wanted = stats.ttest_ind(first, second, equal_var=False)
    interval = wanted.confidence_interval(0.95)
    assert found is not None
    assert found.p_value == pytest.approx(wanted.pvalue, abs=1e-7)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high), rel=1e-6)


def test_equal_values_differ_by_nothing_or_for_sure() -> None:
    same = groups.difference_of_means(moments([5, 5]), moments([5, 5]))
    other = groups.difference_of_means(moments([5, 5]), moments([4, 4]))
    assert same is not None
    assert other is not None
    assert (same.value, same.p_value, other.value, other.p_value) == (0, 1, 1, 0)


def test_one_observation_compares_with_nothing() -> None:
    assert groups.difference_of_means(moments([5]), moments([4, 6])) is None
    assert groups.mean(moments([5])) is None
    assert groups.ratio_of_means(moments([5]), moments([4, 6])) is None


@given(st.lists(st.integers(1, 1000), min_size=2, max_size=30))
def test_the_ratio_of_a_group_to_itself_is_1_inside_its_interval(values: list[int]) -> None:
    found = groups.ratio_of_means(moments(values), moments(values))
    assert found is not None
    assert found.value == pytest.approx(1)
    assert found.low <= found.value <= found.high


def test_newcombes_interval_of_56_in_70_against_48_in_80_is_the_published_one() -> None:
    found = groups.difference_of_shares((56, 70), (48, 80))
    # R. G. Newcombe (1998), table II, method 10, case (a): 0.0524 to 0.3339.
    assert (round(found.value, 4), round(found.low, 4), round(found.high, 4)) == (
        0.2,
        0.0524,
        0.3339,
    )


@given(st.integers(0, 50), st.integers(0, 50))
def test_a_difference_of_shares_turns_its_sign_with_the_groups(first: int, second: int) -> None:
    one = groups.difference_of_shares((first, 50), (second, 50))
    two = groups.difference_of_shares((second, 50), (first, 50))
    assert one.low <= one.value <= one.high
    assert (one.value, one.low, one.p_value) == pytest.approx((-two.value, -two.high, two.p_value))


def test_few_successes_are_tested_exactly() -> None:
    found = groups.difference_of_shares((3, 10), (0, 10))
    assert found.p_value == pytest.approx(stats.fisher_exact([[3, 7], [0, 10]]).pvalue)


def test_being_the_same_has_to_be_proved() -> None:
    assert groups.same_shares((3300, 10_000), (3310, 10_000), margin=0.03)
    assert not groups.same_shares((33, 100), (33, 100), margin=0.03)
    assert not groups.same_shares((3300, 10_000), (3900, 10_000), margin=0.03)


@given(st.lists(st.lists(st.integers(30, 80), min_size=3, max_size=3), min_size=2, max_size=4))
def test_the_test_over_groups_is_scipys(counts: list[list[int]]) -> None:
    found = groups.homogeneous(counts)
    wanted = stats.chi2_contingency(counts, correction=False)
    assert found is not None
    assert (found.statistic, found.degrees, found.p_value) == pytest.approx(
        (wanted.statistic, wanted.dof, wanted.pvalue)
    )


def test_counts_that_are_too_small_are_not_tested() -> None:
    assert groups.homogeneous([[1, 2], [3, 1]]) is None
    assert groups.homogeneous([[10, 0], [20, 0]]) is None


def test_holms_correction_of_the_textbook() -> None:
    assert groups.holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert groups.holm([]) == []


def test_groups_are_ranked_with_their_ties() -> None:
    ranked = {
        "gold": Moments(500, 100.0, 400.0),
        "silver": Moments(400, 99.5, 400.0),
        "bronze": Moments(300, 90.0, 400.0),
    }
    assert groups.tied(ranked) == [("gold", "silver")]


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(1, 9)), min_size=2, max_size=40))
def test_a_ratio_of_sums_has_the_interval_of_its_residuals(rows: list[tuple[int, int]]) -> None:
    y, x = [row[0] for row in rows], [row[1] for row in rows]
    found = groups.ratio_of_sums(*sums(y, x))
    assert found is not None
    ratio = sum(y) / sum(x)
    spread = sum((a - ratio * b) ** 2 for a, b in rows) / (len(rows) - 1)
    half = stats.t.ppf(0.975, len(rows) - 1) * sqrt(len(rows) * spread) / sum(x)
    assert (found.value, found.high - found.low) == pytest.approx((ratio, 2 * half), abs=1e-3)


@given(st.lists(st.tuples(st.integers(-99, 99), st.integers(-99, 99)), min_size=4, max_size=30))
def test_a_correlation_is_scipys(pairs: list[tuple[int, int]]) -> None:
    y, x = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    assume(len(set(y)) > 1 and len(set(x)) > 1)
    found = groups.correlation(*sums(y, x))
    wanted = stats.pearsonr(y, x)
    interval = wanted.confidence_interval(0.95)
    assert found is not None
    assert found.value == pytest.approx(wanted.statistic, abs=1e-9)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high), abs=1e-6)


def test_a_measure_without_spread_correlates_with_nothing() -> None:
    assert groups.correlation(*sums([1, 1, 1, 1], [1, 2, 3, 4])) is None
