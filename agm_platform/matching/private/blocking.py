"""Comparing only records that share a block: for lists too long to compare all with all."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt

from agm_platform.matching.private.comparison import Pairs, joined, similar_rows
from agm_platform.matching.private.keyed_hashes import MISSING


def similar_pairs_in_blocks(
    left: npt.NDArray[np.uint64],
    right: npt.NDArray[np.uint64],
    left_blocks: npt.NDArray[np.uint64],
    right_blocks: npt.NDArray[np.uint64],
    least: float,
) -> Pairs:
    """Return the pairs of `comparison.similar_pairs` that agree in at least one block column.

    Blocks are records by columns of keyed hashes; MISSING agrees with nothing.
    """
    found: list[Pairs] = []
    for column in range(left_blocks.shape[1]):
        ours, theirs = _members(left_blocks[:, column]), _members(right_blocks[:, column])
        shared = [(ours[key], theirs[key]) for key in ours if key in theirs]

        def in_block(rows: tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]) -> Pairs:
            pairs = similar_rows(left[rows[0]], right[rows[1]], least)
            return Pairs(rows[0][pairs.left], rows[1][pairs.right], pairs.similarity)

        with ThreadPoolExecutor(os.cpu_count()) as threads:
            found += threads.map(in_block, shared)
    pairs = joined(found)
    _, first = np.unique(pairs.left * max(len(right), 1) + pairs.right, return_index=True)
    return Pairs(pairs.left[first], pairs.right[first], pairs.similarity[first])


def _members(blocks: npt.NDArray[np.uint64]) -> dict[int, npt.NDArray[np.intp]]:
    """Return the row numbers of each block."""
    order = np.argsort(blocks, kind="stable")
    keys, starts = np.unique(blocks[order], return_index=True)
    rows = np.split(order, starts[1:])
    return {int(key): part for key, part in zip(keys, rows, strict=True) if key != MISSING}
