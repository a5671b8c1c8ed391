"""Records as keyed Bloom filters: one filter a record, all fields in it."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from agm_platform.matching.private.hardening import hardened
from agm_platform.matching.private.key import derived
from agm_platform.matching.private.parameters import Field, Parameters, Tokens

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CHUNK = 20_000  # records at a time: 80 MB of unpacked bits at a length of 4,096
BYTES_A_POSITION = 4


def encode_bloom(
    records: Mapping[str, Sequence[str]], parameters: Parameters, key: bytes
) -> npt.NDArray[np.uint64]:
    """Return one row of packed bits a record, `encoding_length` / 64 words wide.

    `records` holds one column of normalised text a field; "" is missing and sets no bit. Each field
    hashes with a key of its own, so equal text in two fields sets different bits. Source of the
    encoding: Schnell, Bachteler, Reiher, "A novel error-tolerant anonymous linking code" (2011),
    with independent hashes in place of double hashing.
    """
    n = len(records[parameters.fields[0].name])
    spread = [_positions(records[f.name], f, parameters.length, key) for f in parameters.fields]
    words = np.zeros((n, parameters.encoding_length // 64), dtype=np.uint64)
    for start in range(0, n, CHUNK):
        stop = min(start + CHUNK, n)
        bits = np.zeros((stop - start, parameters.length), dtype=np.uint8)
        for codes, starts, positions in spread:
            chosen = codes[start:stop]
            counts = starts[chosen + 1] - starts[chosen]
            rows = np.repeat(np.arange(stop - start), counts)
            offsets = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
            bits[rows, positions[np.repeat(starts[chosen], counts) + offsets]] = 1
        words[start:stop] = hardened(bits, parameters, key)
    return words


def tokens_of(value: str, kind: Tokens) -> list[str]:
    """Return the distinct tokens of a value, sorted; none for ""."""
    if not value:
        return []
    if kind is Tokens.WHOLE:
        return [value]
    if kind is Tokens.POSITIONS:
        return [f"{place}:{sign}" for place, sign in enumerate(value)]
    marked = f"\x02{value}\x03"
    return sorted({marked[i : i + 2] for i in range(len(marked) - 1)})


def _positions(
    values: Sequence[str], field: Field, length: int, key: bytes
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], npt.NDArray[np.int32]]:
    """Return the code of each record's value and, by code, where its bit positions lie."""
    codes, distinct = pd.factorize(np.asarray(values, dtype=object))
    own = derived(key, "field", field.name)
    streams: dict[str, npt.NDArray[np.int32]] = {}
    parts: list[npt.NDArray[Any]] = []
    sizes = np.zeros(len(distinct) + 1, dtype=np.intp)
    for code, value in enumerate(distinct):
        tokens = tokens_of(value, field.tokens)
        if tokens:
            each = field.bits if field.per_token else max(1, round(field.bits / len(tokens)))
            for token in tokens:
                if token not in streams:
                    streams[token] = _stream(own, token, field.bits, length)
                parts.append(streams[token][:each])
            sizes[code + 1] = each * len(tokens)
    positions = np.concatenate(parts) if parts else np.zeros(0, dtype=np.int32)
    return codes, np.cumsum(sizes), positions


def _stream(key: bytes, token: str, count: int, length: int) -> npt.NDArray[np.int32]:
    """Return `count` pseudo-random bit positions of a token; `length` is a power of two."""
    text = token.encode()
    blocks = -(-count * BYTES_A_POSITION // 64)
    stream = b"".join(
        hmac.digest(key, number.to_bytes(4, "big") + text, "sha512") for number in range(blocks)
    )
    return (np.frombuffer(stream, dtype=">u4")[:count] % length).astype(np.int32)
