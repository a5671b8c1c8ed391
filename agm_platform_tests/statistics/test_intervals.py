"""Intervals: known values, and the laws they obey."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agm_platform.statistics import intervals


def test_wilsons_interval_of_13_in_97_is_8_0_to_21_6_percent() -> None:
    estimate = intervals.share(13, 97)
    assert (round(estimate.low, 3), round(estimate.high, 3)) == (0.080, 0.216)


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_share_lies_in_its_interval_and_the_interval_between_0_and_1(
    counts: tuple[int, int],
) -> None:
    estimate = intervals.share(*counts)
    assert 0 <= estimate.low <= estimate.value <= estimate.high <= 1


@pytest.mark.parametrize(("successes", "trials"), [(1, 0), (-1, 5), (6, 5)])
def test_a_share_of_nothing_is_refused(successes: int, trials: int) -> None:
    with pytest.raises(ValueError, match="a share needs"):
        intervals.share(successes, trials)


def test_students_interval_of_1_2_3_is_the_textbook_one() -> None:
    estimate = intervals.mean({1: 1, 2: 1, 3: 1})
    assert estimate is not None
    # t(0.975, 2) = 4.3027; standard error = 1 / sqrt(3)
    assert estimate.low == pytest.approx(2 - 4.302653 / 3**0.5, abs=1e-5)
    assert estimate.high == pytest.approx(2 + 4.302653 / 3**0.5, abs=1e-5)


def test_one_observation_has_no_interval() -> None:
    assert intervals.mean({5: 1}) is None
    assert intervals.mean({}) is None


def test_equal_observations_have_an_interval_of_no_width() -> None:
    estimate = intervals.mean({4: 10})
    assert estimate is not None
    assert (estimate.low, estimate.value, estimate.high) == (4, 4, 4)
