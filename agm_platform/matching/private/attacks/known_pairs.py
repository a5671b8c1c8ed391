"""Known-pairs attack: whoever knows some people's encodings places the others by likeness."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def known_pairs_attack(
    to_known_encodings: npt.NDArray[np.float64], to_known_values: npt.NDArray[np.float64]
) -> npt.NDArray[np.intp]:
    """Return for each encoding the row of the list whose likeness to known people fits best.

    `to_known_encodings` (encodings by known people) holds similarities of encodings,
    `to_known_values` (list by known people) similarities of plain text, columns in the same order.
    It works on anything that keeps similarity, whatever the bits look like. Source: the seeded
    form of Vidanage et al., "A graph matching attack on privacy-preserving record linkage",
    CIKM 2020.
    """
    fit = _standardised(to_known_encodings) @ _standardised(to_known_values).T
    return np.asarray(fit.argmax(axis=1))


def _standardised(similarity: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return each column as its distance from the mean in spreads, each row scaled to length 1."""
    spread = similarity.std(axis=0)
    scaled = (similarity - similarity.mean(axis=0)) / np.where(spread == 0, 1, spread)
    length = np.linalg.norm(scaled, axis=1, keepdims=True)
    return np.asarray(scaled / np.where(length == 0, 1, length))
