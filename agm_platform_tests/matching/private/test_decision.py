"""One to one, from the most similar down, above a threshold and clear of the next."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from agm_platform.matching.private.comparison import Pairs
from agm_platform.matching.private.decision import accepted


def pairs(*rows):
    left, right, similarity = zip(*rows, strict=True) if rows else ((), (), ())
    return Pairs(np.array(left, int), np.array(right, int), np.array(similarity, float))


def decide(*rows, threshold=0.5, margin=0.0):
    return accepted(pairs(*rows), threshold, margin).tolist()


def test_each_record_is_taken_once_by_its_most_similar_partner():
    assert decide((0, 0, 0.9), (0, 1, 0.8), (1, 0, 0.95), (1, 1, 0.6)) == [False, True, True, False]


def test_nothing_below_the_threshold_is_accepted():
    assert decide((0, 0, 0.49), (1, 1, 0.5)) == [False, True]


def test_a_pair_too_near_to_the_next_best_is_dropped():
    assert decide((0, 0, 0.80), (0, 1, 0.79), margin=0.02) == [False, False]
    assert decide((0, 0, 0.82), (0, 1, 0.79), margin=0.02) == [True, False]


def test_a_rival_with_a_clearly_better_partner_does_not_count():
    assert decide((0, 0, 0.80), (0, 1, 0.79), (1, 1, 0.95), margin=0.02) == [True, False, True]


def test_no_pair_gives_no_decision():
    assert decide() == []
    assert decide(margin=0.1) == []


ROWS = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(0, 20).map(lambda n: n / 20)),
    unique_by=lambda row: row[:2],
    max_size=30,
)


@given(rows=ROWS)
def test_the_choice_is_that_of_going_down_the_list(rows):
    free_left, free_right, expected = set(range(7)), set(range(7)), set()
    for left, right, similarity in sorted(rows, key=lambda row: (-row[2], row[0], row[1])):
        if similarity >= 0.5 and left in free_left and right in free_right:
            free_left.remove(left)
            free_right.remove(right)
            expected.add((left, right))
    chosen = {row[:2] for row, is_chosen in zip(rows, decide(*rows), strict=True) if is_chosen}
    assert chosen == expected


@given(rows=ROWS)
def test_a_margin_only_takes_pairs_away(rows):
    without, with_margin = decide(*rows), decide(*rows, margin=0.1)
    assert all(a or not b for a, b in zip(without, with_margin, strict=True))
