"""The area under the curve: how often one group's score is above the other's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agm_platform.statistics.ranking import area_under_curve

SCORES = st.lists(st.integers(0, 5), min_size=1, max_size=20)


def test_groups_apart_give_one_and_equal_ones_a_half() -> None:
    assert area_under_curve([2, 3], [0, 1]).value == 1
    assert area_under_curve([1, 1], [1, 1]).value == 0.5


def test_the_interval_is_that_of_hanley_and_mcneil() -> None:
    # Their table 3: an area of 0.893 with 51 abnormal and 58 normal images has a standard error
    # of 0.032 by this formula; scores are made to give that area.
    higher, lower = [1.0] * 51, [0.0] * 46 + [1.0] * 12
    found = area_under_curve(higher, lower)
    assert found.value == pytest.approx(0.8966, abs=1e-4)
    assert (found.high - found.low) / 2 / 1.96 == pytest.approx(0.0317, abs=0.001)
    assert found.sample_size == 109


@given(SCORES, SCORES)
def test_it_is_the_share_of_pairs_won_and_turns_round_with_the_groups(
    higher: list[int], lower: list[int]
) -> None:
    wins = sum((a > b) + (a == b) / 2 for a in higher for b in lower)
    found = area_under_curve(higher, lower)
    assert found.value == pytest.approx(wins / (len(higher) * len(lower)))
    assert found.low <= found.value <= found.high
    assert area_under_curve(lower, higher).value == pytest.approx(1 - found.value)


def test_an_empty_group_is_refused() -> None:
    with pytest.raises(ValueError, match="both groups"):
        area_under_curve([], [1])
