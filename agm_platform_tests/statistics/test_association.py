"""Slopes within strata against least squares by hand; shares of one sample."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from agm_platform.statistics.association import Sums, shares_of_one_sample, slope
from agm_platform.statistics.groups import Moments, difference_of_means


def sums(x: list[float], y: list[float]) -> Sums:
    a, b = np.array(x), np.array(y)
    return Sums(len(x), a.sum(), b.sum(), (a * a).sum(), (b * b).sum(), (a * b).sum())


def test_with_one_stratum_it_is_simple_regression() -> None:
    rng = np.random.default_rng(1)
    x = rng.random(50)
    y = 2 * x + rng.random(50)
    found, wanted = slope([sums(list(x), list(y))]), stats.linregress(x, y)
    assert found is not None
    assert found.value == pytest.approx(wanted.slope)
    assert found.p_value == pytest.approx(wanted.pvalue)
    half = stats.t.ppf(0.975, 48) * wanted.stderr
    assert (found.low, found.high) == pytest.approx((wanted.slope - half, wanted.slope + half))
    assert found.low < found.low_90 < found.high_90 < found.high


def test_a_difference_made_by_the_strata_alone_goes_away_within_them() -> None:
    # Dear goods are seldom discounted and bought singly: together it looks like an effect.
    cheap = sums([1, 1, 1, 0], [3, 4, 5, 4])
    dear = sums([1, 0, 0, 0], [1, 0, 1, 2])
    together = Sums(
        *(getattr(cheap, k) + getattr(dear, k) for k in ("count", "x", "y", "xx", "yy", "xy"))
    )
    crude, adjusted = slope([together]), slope([cheap, dear])
    assert crude is not None
    assert adjusted is not None
    assert crude.value == pytest.approx(13 / 4 - 7 / 4)
    assert adjusted.value == pytest.approx(0)
    assert adjusted.strata == 2


def test_of_two_groups_it_is_the_difference_of_means() -> None:
    ones, zeros = [3.0, 4.0, 8.0], [1.0, 2.0, 4.0, 3.0]
    found = slope([sums([1.0] * 3 + [0.0] * 4, ones + zeros)])
    welch = difference_of_means(Moments.of_sums(3, 15, 89), Moments.of_sums(4, 10, 30))
    assert found is not None
    assert welch is not None
    assert found.value == pytest.approx(welch.value)


@pytest.mark.parametrize(
    "strata", [[], [sums([1, 1, 1], [1, 2, 3])], [sums([0, 1], [1, 2])], [sums([5], [1])]]
)
def test_nothing_is_told_without_spread_or_freedom(strata: list[Sums]) -> None:
    assert slope(strata) is None


@given(
    st.lists(
        st.tuples(st.integers(0, 1), st.integers(1, 6), st.integers(0, 3)), min_size=5, max_size=60
    ),
    st.integers(-50, 50),
)
def test_adding_the_same_to_every_y_of_a_stratum_changes_nothing(
    rows: list[tuple[int, int, int]], more: int
) -> None:
    def strata(lift: int) -> list[Sums]:
        return [
            sums(
                [x for x, _, own in rows if own == k],
                [y + lift * k for _, y, own in rows if own == k],
            )
            for k in range(4)
        ]

    before, after = slope(strata(0)), slope(strata(more))
    assert (before is None) == (after is None)
    if before and after:
        assert after.value == pytest.approx(before.value, abs=1e-9)


def test_two_outcomes_of_one_sample_are_compared_by_the_sign_test() -> None:
    found = shares_of_one_sample(60, 40, 200)
    assert found.value == pytest.approx(0.1)
    assert found.p_value == pytest.approx(2 * stats.norm.sf(20 / 10))
    assert found.low < 0.1 < found.high
    assert shares_of_one_sample(0, 0, 5).p_value == 1.0


@pytest.mark.parametrize("counts", [(1, 1, 0), (-1, 1, 5), (4, 3, 6)])
def test_counts_that_do_not_fit_are_refused(counts: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="two outcomes"):
        shares_of_one_sample(*counts)
