"""Survival curves: a published example, and what holds for every curve."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agm_platform.statistics.survival import kaplan_meier, median_time, survival_at

# Remission times in weeks under 6-MP; J. F. Lawless, Statistical Models and Methods (1982).
REMISSION = [
    (6, 3, 1), (7, 1, 0), (9, 0, 1), (10, 1, 1), (11, 0, 1), (13, 1, 0), (16, 1, 0), (17, 0, 1),
    (19, 0, 1), (20, 0, 1), (22, 1, 0), (23, 1, 0), (25, 0, 1), (32, 0, 2), (34, 0, 1), (35, 0, 1),
]  # fmt: skip

COUNTS = st.lists(
    st.tuples(st.integers(0, 50), st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=20
)


def test_the_curve_of_a_published_trial() -> None:
    steps = kaplan_meier(REMISSION)
    found = {step.time: round(step.survival, 3) for step in steps if step.events}
    assert found == {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}
    assert median_time(steps) == 23
    step = survival_at(steps, 12)
    assert step is not None
    assert (round(step.low, 3), round(step.high, 3)) == (0.503, 0.889)


def test_without_censoring_the_curve_is_the_share_that_is_left() -> None:
    steps = kaplan_meier([(1, 2, 0), (2, 3, 0), (3, 5, 0)])
    assert [step.survival for step in steps] == pytest.approx([0.8, 0.5, 0.0])


@given(COUNTS)
def test_a_curve_never_rises_and_lies_in_its_interval(counts: list[tuple[int, int, int]]) -> None:
    steps = kaplan_meier(counts)
    for before, after in pairwise(steps):
        assert after.survival <= before.survival
        assert after.at_risk == before.at_risk - before.events - before.censored
    for step in steps:
        assert 0 <= step.low <= step.survival + 1e-12
        assert step.survival - 1e-12 <= step.high <= 1


def test_nothing_survives_nothing() -> None:
    assert kaplan_meier([]) == []
    assert median_time([]) is None
    assert survival_at([], 5) is None
    with pytest.raises(ValueError, match="cannot be negative"):
        kaplan_meier([(1, -1, 0)])
