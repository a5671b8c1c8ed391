"""Frequency attack: the most common encoding is taken for the most common value."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd


def frequency_attack(
    encodings: npt.NDArray[Any], values: npt.NDArray[Any]
) -> npt.NDArray[np.object_]:
    """Return for each encoding the value of the same rank by number of occurrences, or None.

    Encodings and values are 1-d. An encoding (or value) as common as another has no rank of its
    own: nothing tells the two apart, so there is no guess. Source: the rank alignment of classical
    cryptanalysis, as in Christen et al., "Efficient cryptanalysis of Bloom filters for
    privacy-preserving record linkage", PAKDD 2017.
    """
    guesses = np.full(len(encodings), None, dtype=object)
    ours, theirs = _ranks(encodings), _ranks(values)
    common = min(len(ours), len(theirs))
    guess = {
        encoding: value
        for (encoding, is_tied), (value, value_is_tied) in zip(
            ours[:common], theirs[:common], strict=True
        )
        if not is_tied and not value_is_tied
    }
    for row, encoding in enumerate(encodings):
        guesses[row] = guess.get(encoding)
    return guesses


def _ranks(values: npt.NDArray[Any]) -> list[tuple[Any, bool]]:
    """Return distinct values by falling frequency, and whether each shares its frequency."""
    counts = pd.Series(values, dtype=object).value_counts()
    shared = counts.duplicated(keep=False)
    return list(zip(counts.index, shared, strict=True))
