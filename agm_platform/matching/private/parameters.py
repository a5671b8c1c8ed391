"""What both sides must agree on: fields, encoding, hardening, decision. Data and its digest."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from agm_platform.matching.private.errors import LinkageError

VERSION = 1  # of the encoding: raise it when the same parameters give other bits


class Tokens(StrEnum):
    """How a field's value is cut into what is encoded."""

    BIGRAMS = "bigrams"  # pairs of neighbouring characters, with the ends marked: names, streets
    POSITIONS = "positions"  # each character with its place: ZIPs, dates, phone numbers
    WHOLE = "whole"  # the value itself: states, codes


class Method(StrEnum):
    """How a record is encoded."""

    BLOOM = "bloom"  # one Bloom filter a record: finds misspelt records
    HASH = "hash"  # keyed hashes of composite keys: finds equal ones only


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record.

    `bits` is the number of bit positions that a value sets, whatever its length; with
    `per_token` each token sets that many, which tells how long the value is.
    """

    name: str
    tokens: Tokens
    bits: int
    per_token: bool = False


@dataclass(frozen=True, slots=True)
class Parameters:
    """All that a comparison depends on but the key. Raises LinkageError when it makes no sense.

    length        bits of the Bloom filter before hardening, a power of two
    diffusion     0: off; otherwise each output bit is the exclusive or of so many filter bits at
                  places that the key chooses. Source: Armknecht, Heng, Schnell, "Strengthening
                  privacy-preserving record linkage using diffusion", PoPETs 2023
    output_length bits of the encoding after diffusion or folding, a multiple of 64
    folds         times the filter is folded onto itself by exclusive or. Source: Schnell, Borgs,
                  "XOR-folding for Bloom filter-based encryptions for privacy-preserving record
                  linkage", 2016
    flip          share of bits flipped at random, the same for equal records (BLIP). Source:
                  Alaggan, Gambs, Kermarrec, "BLIP: non-interactive differentially-private
                  similarity computation on Bloom filters", SSS 2012
    composites    for Method.HASH: which fields are hashed together, the most telling first
    blocks        keyed hashes of these fields go into the file so that only records with one in
                  common are compared; they show how often a value occurs, so the default is none
    threshold     least similarity of an accepted pair, from 0 to 1
    margin        how much better it must be than any other pair of either record
    """

    fields: tuple[Field, ...]
    method: Method = Method.BLOOM
    length: int = 1024
    diffusion: int = 0
    output_length: int = 1024
    folds: int = 0
    flip: float = 0.0
    composites: tuple[tuple[str, ...], ...] = ()
    blocks: tuple[tuple[str, ...], ...] = ()
    threshold: float = 0.8
    margin: float = 0.0
    normaliser: str = "us"

    def __post_init__(self) -> None:
        """Check what can be checked without data."""
        names = [field.name for field in self.fields]
        unknown = {name for keys in (*self.composites, *self.blocks) for name in keys} - set(names)
        for is_wrong, words in (
            (not names, "no field"),
            (len(set(names)) < len(names), "a field is named twice"),
            (bool(unknown), f"composites or blocks name fields that are not there: {unknown}"),
            (self.length < 64 or self.length & (self.length - 1), "length is no power of two"),
            (self.output_length < 64 or self.output_length % 64, "output_length: multiple of 64"),
            (self.diffusion and self.folds, "either diffusion or folds"),
            (not 0 <= self.diffusion <= self.length // 2, "diffusion of more bits than there are"),
            (self.folds < 0 or self.length >> self.folds < 64, "folded to fewer than 64 bits"),
            (any(field.bits < 1 for field in self.fields), "a field sets no bit"),
            (not 0 <= self.flip < 0.5, "flip must lie in [0, 0.5)"),
            (not 0 < self.threshold <= 1, "threshold must lie in (0, 1]"),
            (not 0 <= self.margin < 1, "margin must lie in [0, 1)"),
            (self.method is Method.HASH and not self.composites, "hashes need composites"),
        ):
            if is_wrong:
                msg = f"parameters of the linkage: {words}"
                raise LinkageError(msg)

    @property
    def encoding_length(self) -> int:
        """Bits of one encoded record (Method.BLOOM)."""
        return self.output_length if self.diffusion else self.length >> self.folds

    @property
    def digest(self) -> str:
        """Return what two files must have in common, without threshold and margin, as hex."""
        content = replace(self, threshold=1.0, margin=0.0).to_dict() | {"version": VERSION}
        text = json.dumps(content, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def to_dict(self) -> dict[str, Any]:
        """Return the parameters as plain data for a header or a file."""
        return asdict(self)

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> Parameters:
        """Return parameters from plain data. Raises LinkageError for anything else."""
        try:
            values = dict(content)
            values["fields"] = tuple(
                Field(**{**field, "tokens": Tokens(field["tokens"])}) for field in values["fields"]
            )
            values["method"] = Method(values.get("method", Method.BLOOM))
            for name in ("composites", "blocks"):
                values[name] = tuple(tuple(keys) for keys in values.get(name, ()))
            return cls(**values)
        except (KeyError, TypeError, ValueError) as error:
            msg = f"these are no parameters of a linkage: {error}"
            raise LinkageError(msg) from error
