"""The one file a side hands over: a line of header in JSON, then handles, encodings, blocks.

All numbers are unsigned 64-bit, little-endian. No value, key or own id is in it; the rows are in
random order and their handles are random.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from agm_platform.matching.private.errors import LinkageError
from agm_platform.matching.private.key import key_id
from agm_platform.matching.private.parameters import VERSION, Method, Parameters
from agm_platform.matching.private.records import normaliser_id

if TYPE_CHECKING:
    from pathlib import Path

KIND = "agm linkage encoding"
LONGEST_HEADER = 1 << 20
WORD = "<u8"
DECIDED_LATER = ("threshold", "margin")  # by whoever compares; not part of the digest


@dataclass(frozen=True)
class Encodings:
    """The encoded records of one side: words by records, blocks by records (perhaps no column)."""

    parameters: Parameters
    key_id: str
    normaliser_id: str
    handles: npt.NDArray[np.uint64]
    words: npt.NDArray[np.uint64]
    blocks: npt.NDArray[np.uint64]

    def require_same(self, other: Encodings) -> None:
        """Raise LinkageError unless both were made with the same key and parameters."""
        if self.key_id != other.key_id:
            msg = f"made with different keys: key id {self.key_id} and {other.key_id}"
            raise LinkageError(msg)
        if self.parameters.digest != other.parameters.digest:
            ours, theirs = self.parameters.to_dict(), other.parameters.to_dict()
            names = sorted(name for name in ours if ours[name] != theirs[name])
            differing = ", ".join(name for name in names if name not in DECIDED_LATER)
            msg = f"made with different parameters: {differing}"
            raise LinkageError(msg)
        if self.normaliser_id != other.normaliser_id:
            msg = "made with versions of the package that normalise differently; use the same one"
            raise LinkageError(msg)


def shuffled(
    words: npt.NDArray[np.uint64],
    blocks: npt.NDArray[np.uint64],
    parameters: Parameters,
    key: bytes,
) -> tuple[Encodings, npt.NDArray[np.intp]]:
    """Return encodings in random order with random handles, and the own row of each.

    The order of a customer list can tell who is who, so neither it nor a number made from it goes
    into the file.
    """
    n = len(words)
    handles = np.frombuffer(secrets.token_bytes(8 * n), dtype=WORD).astype(np.uint64)
    rows = np.argsort(handles, kind="stable")
    order = np.argsort(np.frombuffer(secrets.token_bytes(8 * n), dtype=WORD), kind="stable")
    if len(np.unique(handles)) < n:  # one in 10^8 for a million records
        return shuffled(words, blocks, parameters, key)
    names = key_id(key), normaliser_id(parameters)
    return Encodings(parameters, *names, handles[rows], words[order], blocks[order]), order


def write_encodings(encodings: Encodings, path: Path) -> None:
    """Write the file; raises LinkageError if it cannot be written."""
    body = b"".join(
        np.ascontiguousarray(part, dtype=WORD).tobytes()
        for part in (encodings.handles, encodings.words, encodings.blocks)
    )
    header = {
        "kind": KIND,
        "version": VERSION,
        "key_id": encodings.key_id,
        "normaliser_id": encodings.normaliser_id,
        "digest": encodings.parameters.digest,
        "records": len(encodings.handles),
        "words": encodings.words.shape[1],
        "sha256": hashlib.sha256(body).hexdigest(),
        "parameters": encodings.parameters.to_dict(),
    }
    try:
        with path.open("wb") as file:
            file.write(json.dumps(header, sort_keys=True).encode() + b"\n")
            file.write(body)
    except OSError as error:
        msg = f"{path} cannot be written: {error.strerror}"
        raise LinkageError(msg) from error


def read_encodings(path: Path) -> Encodings:
    """Return what is in a file. Raises LinkageError unless it is whole and of this version."""
    header, body = _parts(path)
    if header.get("version") != VERSION:
        msg = f"{path} was written by another version of the encoding; encode both lists anew"
        raise LinkageError(msg)
    parameters = Parameters.from_dict(header.get("parameters", {}))
    is_bloom = parameters.method is Method.BLOOM
    width = parameters.encoding_length // 64 if is_bloom else len(parameters.composites)
    columns = 1 + width + len(parameters.blocks)
    if (
        hashlib.sha256(body).hexdigest() != header.get("sha256")
        or len(body) % (8 * columns)
        or parameters.digest != header.get("digest")
    ):
        msg = f"{path} is damaged or incomplete"
        raise LinkageError(msg)
    numbers = np.frombuffer(body, dtype=WORD).astype(np.uint64)
    n = len(numbers) // columns
    return Encodings(
        parameters,
        str(header.get("key_id")),
        str(header.get("normaliser_id")),
        numbers[:n],
        numbers[n : n * (1 + width)].reshape(n, width),
        numbers[n * (1 + width) :].reshape(n, len(parameters.blocks)),
    )


def _parts(path: Path) -> tuple[dict[str, Any], bytes]:
    """Return header and body."""
    try:
        with path.open("rb") as file:
            header = json.loads(file.readline(LONGEST_HEADER))
            body = file.read()
    except (OSError, ValueError) as error:
        msg = f"{path} cannot be read as an encoding file"
        raise LinkageError(msg) from error
    if not isinstance(header, dict) or header.get("kind") != KIND:
        msg = f"{path} is no encoding file"
        raise LinkageError(msg)
    return header, body
