"""What makes Bloom filters harder to read: diffusion, folding, noise. Bits in, packed words out."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from agm_platform.matching.private.key import derived

if TYPE_CHECKING:
    from agm_platform.matching.private.parameters import Parameters


def hardened(
    bits: npt.NDArray[np.uint8], parameters: Parameters, key: bytes
) -> npt.NDArray[np.uint64]:
    """Return the encodings of filters given as one byte a bit, as packed 64-bit words."""
    if parameters.diffusion:
        bits = _diffused(bits, parameters.diffusion, parameters.output_length, key)
    for _ in range(parameters.folds):
        half = bits.shape[1] // 2
        bits = bits[:, :half] ^ bits[:, half:]
    if parameters.flip:
        bits = bits ^ _noise(np.packbits(bits, axis=1), bits.shape[1], parameters.flip, key)
    return np.packbits(bits, axis=1).view(np.uint64)


def _diffused(
    bits: npt.NDArray[np.uint8], terms: int, length: int, key: bytes
) -> npt.NDArray[np.uint8]:
    """Return bits of which each is the exclusive or of `terms` filter bits the key has chosen."""
    wide = np.ascontiguousarray(bits.T)
    places = np.array(
        [
            _distinct(derived(key, "diffusion", str(bit)), terms, wide.shape[0])
            for bit in range(length)
        ]
    )
    mixed = wide[places[:, 0]]
    for term in range(1, terms):
        mixed ^= wide[places[:, term]]
    return np.ascontiguousarray(mixed.T)


def _noise(
    packed: npt.NDArray[np.uint8], length: int, share: float, key: bytes
) -> npt.NDArray[np.uint8]:
    """Return a one for each bit to flip; drawn from key and record, so equal records stay equal."""
    own = derived(key, "noise")
    edge = np.uint16(round(share * 65_536))
    flips = np.empty((len(packed), length), dtype=np.uint8)
    for row, record in enumerate(packed):
        stream = hashlib.shake_128(own + record.tobytes()).digest(2 * length)
        flips[row] = np.frombuffer(stream, dtype="<u2") < edge
    return flips


def _distinct(seed: bytes, count: int, below: int) -> list[int]:
    """Return `count` different numbers below a power of two that the seed alone decides."""
    size = 2 * count
    while True:
        stream = np.frombuffer(hashlib.shake_128(seed).digest(4 * size), dtype="<u4") % below
        numbers = list(dict.fromkeys(stream.tolist()))
        if len(numbers) >= count:
            return numbers[:count]
        size *= 2
