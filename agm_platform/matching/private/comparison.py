"""Similar pairs of two sets of encodings, tile by tile: memory is bounded, nothing is sampled."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from agm_platform.matching.private.errors import LinkageError

ROWS, COLUMNS = 64, 8_192  # of a tile: its three buffers, 6 MB, stay in a core's cache
MOST_PAIRS = 20_000_000  # similar pairs kept, 320 MB


class Pairs(NamedTuple):
    """Pairs as row numbers of the left and of the right list, with their similarity."""

    left: npt.NDArray[np.int64]
    right: npt.NDArray[np.int64]
    similarity: npt.NDArray[np.float64]


def similar_pairs(
    left: npt.NDArray[np.uint64], right: npt.NDArray[np.uint64], least: float
) -> Pairs:
    """Return every pair whose Dice similarity of bits is at least `least`.

    Dice is twice the common ones over the sum of both counts of ones; 0 for two empty filters.
    Raises LinkageError when `least` is so low that more than MOST_PAIRS pass.
    """
    found: list[Pairs] = []
    total = 0
    prepared = _ones(right), np.ascontiguousarray(right.T)
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        strips = [left[start : start + ROWS] for start in range(0, len(left), ROWS)]
        for number, pairs in enumerate(
            threads.map(lambda strip: _strip(strip, *prepared, least), strips)
        ):
            found.append(Pairs(pairs.left + number * ROWS, pairs.right, pairs.similarity))
            total += len(pairs.left)
            if total > MOST_PAIRS:
                threads.shutdown(cancel_futures=True)
                msg = f"more than {MOST_PAIRS:,} pairs have a similarity of {least}: raise it"
                raise LinkageError(msg)
    return joined(found)


def similar_rows(
    left: npt.NDArray[np.uint64], right: npt.NDArray[np.uint64], least: float
) -> Pairs:
    """Return the same as `similar_pairs` for small sets, in the calling thread."""
    prepared = _ones(right), np.ascontiguousarray(right.T)
    strips = [
        _strip(left[start : start + ROWS], *prepared, least) for start in range(0, len(left), ROWS)
    ]
    return joined(
        [
            Pairs(pairs.left + number * ROWS, pairs.right, pairs.similarity)
            for number, pairs in enumerate(strips)
        ]
    )


def similarity_of(
    left: npt.NDArray[np.uint64], right: npt.NDArray[np.uint64]
) -> npt.NDArray[np.float64]:
    """Return the Dice similarity of each row of `left` with the same row of `right`."""
    common = np.bitwise_count(left & right).sum(axis=1, dtype=np.int64)
    ones = np.bitwise_count(left).sum(axis=1, dtype=np.int64) + np.bitwise_count(right).sum(
        axis=1, dtype=np.int64
    )
    return np.asarray(2 * common / np.maximum(ones, 1))


def _ones(words: npt.NDArray[np.uint64]) -> npt.NDArray[np.int32]:
    return np.bitwise_count(words).sum(axis=1, dtype=np.int32)


def _strip(
    ours: npt.NDArray[np.uint64],
    right_ones: npt.NDArray[np.int32],
    right_words: npt.NDArray[np.uint64],
    least: float,
) -> Pairs:
    """Compare at most ROWS records with all of the right, given transposed."""
    tiles = []
    for column in range(0, len(right_ones), COLUMNS):
        columns = slice(column, column + COLUMNS)
        pairs = _tile(ours, right_words[:, columns], right_ones[columns], least)
        tiles.append(Pairs(pairs.left, pairs.right + column, pairs.similarity))
    return joined(tiles)


def _tile(
    ours: npt.NDArray[np.uint64],
    theirs: npt.NDArray[np.uint64],
    their_ones: npt.NDArray[np.int32],
    least: float,
) -> Pairs:
    shape = (len(ours), theirs.shape[1])
    both, counts = np.empty(shape, dtype=np.uint64), np.empty(shape, dtype=np.uint8)
    common = np.zeros(shape, dtype=np.uint16)
    for word in range(len(theirs)):
        np.bitwise_and(ours[:, word, None], theirs[word], out=both)
        np.bitwise_count(both, out=counts)
        common += counts
    ones = _ones(ours)[:, None] + their_ones
    # 2 common / ones >= least without a division a pair; the exact test follows on the few.
    near_rows, near_columns = np.nonzero(common >= (least / 2 - 1e-9) * ones.astype(np.float32))
    together = ones[near_rows, near_columns]
    similarity = 2.0 * common[near_rows, near_columns] / np.maximum(together, 1)
    kept = (similarity >= least) & (together > 0)
    return Pairs(near_rows[kept], near_columns[kept], similarity[kept])


def joined(parts: list[Pairs]) -> Pairs:
    """Return the pairs of all parts."""
    if not parts:
        nothing = np.zeros(0, dtype=np.int64)
        return Pairs(nothing, nothing, np.zeros(0))
    return Pairs(*(np.concatenate(column) for column in zip(*parts, strict=True)))
