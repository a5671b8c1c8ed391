"""Exact keyed hashes of several fields together: for equality only, in composites and blocks."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from agm_platform.matching.private.comparison import MOST_PAIRS, Pairs
from agm_platform.matching.private.errors import LinkageError
from agm_platform.matching.private.key import derived, framed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MISSING = 0  # in place of a hash: one of the fields has no value


def keyed_hashes(
    records: Mapping[str, Sequence[str]],
    composites: Sequence[tuple[str, ...]],
    purpose: str,
    key: bytes,
) -> npt.NDArray[np.uint64]:
    """Return records by composites: the first 64 bits of HMAC-SHA256 over the fields' text.

    MISSING where a field is "". Each composite and purpose has a key of its own.
    """
    n = len(next(iter(records.values())))
    hashes = np.zeros((n, len(composites)), dtype=np.uint64)
    for column, names in enumerate(composites):
        own = derived(key, purpose, *names)
        known: dict[tuple[str, ...], int] = {}
        for row, values in enumerate(zip(*(records[name] for name in names), strict=True)):
            if all(values):
                if values not in known:
                    known[values] = _hash(own, values)
                hashes[row, column] = known[values]
    return hashes


def _hash(key: bytes, values: tuple[str, ...]) -> int:
    return int.from_bytes(hmac.digest(key, framed(values), "sha256")[:8], "big") or 1


def equal_pairs(left: npt.NDArray[np.uint64], right: npt.NDArray[np.uint64]) -> Pairs:
    """Return pairs that agree in a composite; the similarity is the share of composites agreed.

    Raises LinkageError when more than MOST_PAIRS agree: the composites are not telling enough.
    """
    found: list[npt.NDArray[np.int64]] = []
    for column in range(left.shape[1]):
        order = np.argsort(right[:, column], kind="stable")
        keys = right[order, column]
        begin = np.searchsorted(keys, left[:, column], side="left")
        end = np.searchsorted(keys, left[:, column], side="right")
        counts = np.where(left[:, column] == MISSING, 0, end - begin)
        if counts.sum() > MOST_PAIRS:
            msg = f"more than {MOST_PAIRS:,} pairs agree in composite {column + 1}"
            raise LinkageError(msg)
        rows = np.repeat(np.arange(len(left)), counts)
        offsets = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
        partners = order[np.repeat(begin, counts) + offsets]
        found.append(rows * len(right) + partners)
    numbers, agreed = np.unique(np.concatenate(found), return_counts=True)
    rows, partners = np.divmod(numbers, max(len(right), 1))
    return Pairs(rows, partners, agreed / left.shape[1])
