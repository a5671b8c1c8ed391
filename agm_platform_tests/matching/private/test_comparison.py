"""Tiles and blocks find what comparing each with each finds."""

from __future__ import annotations

import numpy as np
import pytest

from agm_platform.matching.private import LinkageError, comparison
from agm_platform.matching.private.blocking import similar_pairs_in_blocks
from agm_platform.matching.private.comparison import similar_pairs, similarity_of
from agm_platform.matching.private.keyed_hashes import equal_pairs, keyed_hashes

KEY = bytes(range(32))


@pytest.fixture
def sides():
    rng = np.random.default_rng(1)
    return tuple(rng.integers(0, 2**63, (n, 4), dtype=np.uint64) for n in (150, 70))


def each_with_each(left, right, least):
    rows, columns = np.divmod(np.arange(len(left) * len(right)), len(right))
    similarity = similarity_of(left[rows], right[columns])
    return {
        (a, b): s
        for a, b, s in zip(rows.tolist(), columns.tolist(), similarity.tolist(), strict=True)
        if s >= least
    }


def as_dict(pairs):
    return {(a, b): s for a, b, s in zip(*(values.tolist() for values in pairs), strict=True)}


def test_tiles_give_what_comparing_each_with_each_gives(sides, monkeypatch):
    monkeypatch.setattr(comparison, "ROWS", 7)
    monkeypatch.setattr(comparison, "COLUMNS", 11)
    expected = each_with_each(*sides, 0.52)
    assert 0 < len(expected) < 150 * 70
    assert as_dict(similar_pairs(*sides, 0.52)) == expected


def test_empty_sides_and_empty_filters_give_no_pair(sides):
    nothing = np.zeros((0, 4), dtype=np.uint64)
    assert len(similar_pairs(nothing, sides[1], 0.0).left) == 0
    assert len(similar_pairs(sides[0], nothing, 0.0).left) == 0
    empty = np.zeros((2, 4), dtype=np.uint64)
    assert len(similar_pairs(empty, empty, 0.0).left) == 0


def test_too_many_similar_pairs_are_refused(sides, monkeypatch):
    monkeypatch.setattr(comparison, "MOST_PAIRS", 10)
    with pytest.raises(LinkageError, match="raise it"):
        similar_pairs(*sides, 0.0)


def test_blocks_give_the_pairs_that_share_one_and_each_once(sides):
    left, right = sides
    rng = np.random.default_rng(2)
    ours, theirs = (rng.integers(0, 4, (len(s), 2)).astype(np.uint64) for s in sides)
    expected = {
        (a, b): s
        for (a, b), s in each_with_each(left, right, 0.5).items()
        if any(x == y != 0 for x, y in zip(ours[a], theirs[b], strict=True))
    }
    found = similar_pairs_in_blocks(left, right, ours, theirs, 0.5)
    assert as_dict(found) == expected
    assert len(found.left) == len(expected)


def test_hashes_agree_where_text_agrees_and_never_where_it_is_missing():
    left = {"last": ["phelps", "fritz", ""], "zip": ["94610", "", ""]}
    right = {"last": ["phelps", "phelps", ""], "zip": ["94610", "94611", ""]}
    composites = [("last",), ("last", "zip")]
    found = equal_pairs(
        *(keyed_hashes(rows, composites, "composite", KEY) for rows in (left, right))
    )
    assert as_dict(found) == {(0, 0): 1.0, (0, 1): 0.5}


def test_parts_of_a_composite_cannot_be_shifted_into_each_other():
    left, right = {"a": ["xy"], "b": ["z"]}, {"a": ["x"], "b": ["yz"]}
    hashes = [keyed_hashes(rows, [("a", "b")], "composite", KEY) for rows in (left, right)]
    assert hashes[0][0, 0] != hashes[1][0, 0]
