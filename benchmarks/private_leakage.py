"""What encodings give away to an attacker without the key, in the worst case for their owner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from agm_platform.matching.private import Field, Parameters
from agm_platform.matching.private.attacks.frequency import frequency_attack
from agm_platform.matching.private.attacks.known_pairs import known_pairs_attack
from agm_platform.matching.private.attacks.pattern_mining import pattern_mining_attack
from agm_platform.matching.private.bloom import encode_bloom, tokens_of
from agm_platform.matching.private.keyed_hashes import keyed_hashes
from agm_platform.statistics.intervals import share

KEY, ATTACKERS_KEY = b"k" * 32, b"a" * 32
KNOWN = (20, 100, 500)  # people whose encodings the attacker knows
ATTACKS = ("pattern mining", *(f"{count} known" for count in KNOWN))


class Target:
    """Encodings of people, attacked with a list of exactly these people, spelled the same."""

    def __init__(self, rows: Mapping[str, Sequence[str]], seed: int) -> None:
        """Take normalised columns, one value a person."""
        self.rng = np.random.default_rng(seed)
        self.list = dict(rows)
        self.n = len(next(iter(rows.values())))
        self.place = self.rng.permutation(self.n)  # encoding i is row place[i] of the list
        self.encoded = {name: [v[i] for i in self.place] for name, v in self.list.items()}

    def attacks(self, parameters: Parameters) -> list[str]:
        """Return the share that each of ATTACKS re-identifies, with its interval."""
        bits = _unpacked(encode_bloom(self.encoded, parameters, KEY))
        guess = pattern_mining_attack(bits, _token_table(self.list, parameters.fields))
        cells = [told(int((guess == self.place).sum()), self.n)]
        # The parameters are public: with a key of their own attackers see which filters are alike,
        # without the noise of hardening; an exclusive or of t bits agrees as its bits do, to the
        # power of t.
        bare = replace(parameters, diffusion=0, folds=0, flip=0.0)
        own = _unpacked(encode_bloom(self.list, bare, ATTACKERS_KEY))
        terms = parameters.diffusion or 2**parameters.folds
        for count in KNOWN:
            known = self.rng.choice(self.n, count, replace=False)
            others = np.setdiff1d(np.arange(self.n), known)
            expected = _agreement(own, self.place[known]) ** terms
            guess = known_pairs_attack(_agreement(bits, known)[others], expected)
            cells.append(told(int((guess == self.place[others]).sum()), len(others)))
        return cells

    def by_frequency(self, composite: tuple[str, ...]) -> str:
        """Return the share of records whose value is found from how often its hash occurs."""
        values = np.empty(self.n, dtype=object)
        values[:] = list(zip(*(self.list[name] for name in composite), strict=True))
        hashes = keyed_hashes(self.encoded, [composite], "composite", KEY)[:, 0]
        return self._found(frequency_attack(hashes, values), values)

    def encodings_by_frequency(self, parameters: Parameters) -> str:
        """Return the share of records found from how often their whole encoding occurs."""
        words = encode_bloom(self.encoded, parameters, KEY)
        encodings = np.array([row.tobytes() for row in words], dtype=object)
        values = np.empty(self.n, dtype=object)
        values[:] = list(zip(*(self.list[field.name] for field in parameters.fields), strict=True))
        return self._found(frequency_attack(encodings, values), values)

    def _found(self, guess: npt.NDArray[Any], values: npt.NDArray[Any]) -> str:
        truth = values[self.place]
        return told(sum(a == b for a, b in zip(guess, truth, strict=True)), self.n)


def told(hits: int, of: int) -> str:
    """Return a share with its interval in per cent."""
    found = share(hits, of)
    return f"{found.value:.1%} ({found.low:.1%}-{found.high:.1%})"


def _unpacked(words: npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
    return np.unpackbits(words.view(np.uint8), axis=1).astype(np.bool_)


def _agreement(bits: npt.NDArray[np.bool_], known: npt.NDArray[np.intp]) -> npt.NDArray[Any]:
    """Return 1 - 2 x the share of differing bits, of each row with the known rows."""
    signs = np.where(bits, np.float32(1), np.float32(-1))
    return signs @ signs[known].T / bits.shape[1]


def _token_table(
    rows: Mapping[str, Sequence[str]], fields: Sequence[Field]
) -> npt.NDArray[np.bool_]:
    """Return records by distinct tokens of all fields."""
    parts = []
    for field in fields:
        found = [tokens_of(value, field.tokens) for value in rows[field.name]]
        number = {token: i for i, token in enumerate(sorted({t for row in found for t in row}))}
        part = np.zeros((len(found), len(number)), dtype=np.bool_)
        for row, tokens in enumerate(found):
            part[row, [number[token] for token in tokens]] = True
        parts.append(part)
    return np.hstack(parts)
