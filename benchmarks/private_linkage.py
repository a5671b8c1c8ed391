"""Matching without sharing: F1, what the encodings give away, seconds. `make bench-private`.

Thresholds are fixed before: on world 3 for AGM, on invented people for FEBRL4; reported are world 4
and, with --febrl4 FOLDER, the two files dataset4a.csv and dataset4b.csv.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from rich.console import Console
from rich.table import Table

from agm_platform.matching.private import PEOPLE, PEOPLE_BY_HASH, Field, Parameters, Tokens
from agm_platform.matching.private.attacks.frequency import frequency_attack
from agm_platform.matching.private.attacks.known_pairs import known_pairs_attack
from agm_platform.matching.private.attacks.pattern_mining import pattern_mining_attack
from agm_platform.matching.private.bloom import encode_bloom, tokens_of
from agm_platform.matching.private.comparison import Pairs, similar_pairs
from agm_platform.matching.private.decision import accepted
from agm_platform.matching.private.keyed_hashes import equal_pairs, keyed_hashes
from agm_platform.matching.private.linking import Quality, link, private_f1
from agm_platform.matching.private.records import columns_of
from agm_platform.statistics.intervals import share
from benchmarks.invented_people import agm_world, common_names, people_with_errors

KEY, ATTACKERS_KEY = b"k" * 32, b"a" * 32
KNOWN = (20, 100, 500)  # people whose encodings the attacker knows

FEBRL = Parameters(
    fields=(
        Field("given_name", Tokens.BIGRAMS, 80),
        Field("surname", Tokens.BIGRAMS, 80),
        Field("street_number", Tokens.BIGRAMS, 30),
        Field("address_1", Tokens.BIGRAMS, 60),
        Field("address_2", Tokens.BIGRAMS, 30),
        Field("suburb", Tokens.BIGRAMS, 55),
        Field("postcode", Tokens.POSITIONS, 40),
        Field("state", Tokens.WHOLE, 10),
        Field("date_of_birth", Tokens.POSITIONS, 80),
    ),
    length=4096,
    diffusion=10,
    normaliser="plain",
    threshold=0.56,
)


def weighed(times: float, **changes: Any) -> Parameters:
    """Return the default parameters with other weights and hardening."""
    fields = tuple(replace(field, bits=round(field.bits * times)) for field in PEOPLE.fields)
    return replace(PEOPLE, fields=fields, **{"diffusion": 0, "length": 1024, **changes})


PLAIN = replace(
    weighed(1),
    fields=tuple(replace(field, bits=20, per_token=True) for field in PEOPLE.fields),
)
VARIANTS = {
    "plain: 20 bits a token": PLAIN,
    "as many bits whatever the length": weighed(2),
    "folded once": weighed(2, length=2048, folds=1),
    "5 % noise": weighed(2, flip=0.05),
    "20 % noise": weighed(2, flip=0.20),
    "diffusion of 5": weighed(1, length=4096, diffusion=5),
    "diffusion of 8": weighed(1, length=4096, diffusion=8),
    "diffusion of 10 (default)": PEOPLE,
    "diffusion of 12": weighed(1, length=4096, diffusion=12),
}


class Lists:
    """One world, normalised once: Peak's accounts (left), AGM's customers (right), true pairs."""

    def __init__(self, customers: int, accounts: int, seed: int) -> None:
        """Make and normalise the lists."""
        right, left, self.true = agm_world(customers, accounts, seed)
        self.ids = left["record_id"].to_numpy(), right["record_id"].to_numpy()
        self.left, self.right = (columns_of(rows, PEOPLE) for rows in (left, right))

    def pairs(self, parameters: Parameters, least: float) -> Pairs:
        """Return similar pairs."""
        encoded = (encode_bloom(rows, parameters, KEY) for rows in (self.left, self.right))
        return similar_pairs(*encoded, least)

    def quality(self, pairs: Pairs, threshold: float, margin: float) -> Quality:
        """Return how the decision compares with the truth."""
        chosen = pd.DataFrame(
            {
                "left_id": self.ids[0][pairs.left],
                "right_id": self.ids[1][pairs.right],
                "accepted": accepted(pairs, threshold, margin),
            }
        )
        return private_f1(chosen, self.true)


def best_threshold(lists: Lists, parameters: Parameters) -> float:
    """Return the threshold in steps of 0.01 with the best F1; ties: the middle one."""
    pairs = lists.pairs(parameters, LEAST[parameters])
    steps = np.arange(round(LEAST[parameters] * 100) + 3, 96) / 100
    f1 = np.array([lists.quality(pairs, step, PEOPLE.margin).f1 for step in steps])
    best = np.flatnonzero(f1 == f1.max())
    return float(steps[best[len(best) // 2]])


def floor_of(lists: Lists, parameters: Parameters) -> float:
    """Return a similarity that one pair of strangers in 10,000 reaches: where to start looking."""
    few = [
        encode_bloom({k: v[:700] for k, v in rows.items()}, parameters, KEY)
        for rows in (lists.left, lists.right)
    ]
    return float(np.quantile(similar_pairs(*few, 0.0).similarity, 0.9999).round(2))


LEAST: dict[Parameters, float] = {}


def unpacked(words: npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
    """Return one column a bit."""
    return np.unpackbits(words.view(np.uint8), axis=1).astype(np.bool_)


def token_table(rows: dict[str, list[str]], parameters: Parameters) -> npt.NDArray[np.bool_]:
    """Return records by distinct tokens of all fields."""
    parts = []
    for field in parameters.fields:
        found = [tokens_of(value, field.tokens) for value in rows[field.name]]
        number = {token: i for i, token in enumerate(sorted({t for row in found for t in row}))}
        part = np.zeros((len(found), len(number)), dtype=np.bool_)
        for row, tokens in enumerate(found):
            part[row, [number[token] for token in tokens]] = True
        parts.append(part)
    return np.hstack(parts)


def dice(bits: npt.NDArray[np.bool_], known: npt.NDArray[np.intp]) -> npt.NDArray[Any]:
    """Return the similarity of each row with the known rows."""
    ones = bits.astype(np.float32)
    together = ones @ ones[known].T
    return 2 * together / (ones.sum(axis=1)[:, None] + ones[known].sum(axis=1))


class Target:
    """The worst case for the owner: the attacker's list holds exactly the people encoded."""

    def __init__(self, people: int, seed: int) -> None:
        """Invent people with common names."""
        self.rng = np.random.default_rng(seed)
        self.list = columns_of(common_names(agm_world(people, 60, seed)[0], seed), PEOPLE)
        self.n = people
        self.place = self.rng.permutation(people)  # encoding i is row place[i] of the list
        self.tokens = token_table(self.list, PEOPLE)
        self.encoded = {k: [v[i] for i in self.place] for k, v in self.list.items()}

    def attacks(self, parameters: Parameters) -> list[str]:
        """Return what each attack re-identifies: pattern mining, then known pairs."""
        bits = unpacked(encode_bloom(self.encoded, parameters, KEY))
        own = unpacked(encode_bloom(self.list, parameters, ATTACKERS_KEY))
        guess = pattern_mining_attack(bits, self.tokens)
        cells = [told(int((guess == self.place).sum()), self.n)]
        for count in KNOWN:
            known = self.rng.choice(self.n, count, replace=False)
            others = np.setdiff1d(np.arange(self.n), known)
            # The parameters are public: with a key of their own attackers see how alike is alike.
            guess = known_pairs_attack(dice(bits, known)[others], dice(own, self.place[known]))
            cells.append(told(int((guess == self.place[others]).sum()), len(others)))
        return cells

    def frequency(self, composite: tuple[str, ...]) -> str:
        """Return the share of records whose value is found from its hash's frequency."""
        values = np.empty(self.n, dtype=object)
        values[:] = list(zip(*(self.list[name] for name in composite), strict=True))
        hashes = keyed_hashes(self.encoded, [composite], "composite", KEY)[:, 0]
        guess = frequency_attack(hashes, values)
        truth = values[self.place]
        return told(sum(a == b for a, b in zip(guess, truth, strict=True)), self.n)


def told(hits: int, of: int) -> str:
    """Return a share with its interval in per cent."""
    found = share(hits, of)
    return f"{found.value:.1%} ({found.low:.1%} to {found.high:.1%})"


def words(quality: Quality) -> list[str]:
    """Return F1 and what it rests on."""
    return [
        f"{quality.f1:.4f}",
        f"{quality.precision:.4f}",
        f"{quality.recall:.4f}",
        str(quality.true),
    ]


def leakage(console: Console, customers: int, people: int) -> None:
    """Print F1 beside re-identified share of every variant, and the frequency attack on hashes."""
    tuning, reported = (Lists(customers, customers // 6, seed) for seed in (3, 4))
    target = Target(people, seed=9)
    table = Table(
        "encoding",
        "threshold",
        "F1",
        "pattern mining",
        *(f"{n} known" for n in KNOWN),
        title=f"re-identified of {people:,}",
    )
    for name, parameters in VARIANTS.items():
        LEAST[parameters] = floor_of(tuning, parameters)
        threshold = best_threshold(tuning, parameters)
        pairs = reported.pairs(parameters, threshold - PEOPLE.margin)
        f1 = reported.quality(pairs, threshold, PEOPLE.margin).f1
        table.add_row(name, f"{threshold:.2f}", f"{f1:.4f}", *target.attacks(parameters))
        console.print(f"  {name} done")
    console.print(table)
    hashed = [
        keyed_hashes(rows, PEOPLE_BY_HASH.composites, "composite", KEY)
        for rows in (reported.left, reported.right)
    ]
    quality = reported.quality(equal_pairs(*hashed), PEOPLE_BY_HASH.threshold, 0)
    console.print(f"hashes: F1 {quality.f1:.4f} on the same lists ({quality.true} true pairs)")
    table = Table("hash of", "value found by frequency")
    for composite in (
        ("first_name_canonical",),
        ("last_name_normalised",),
        ("zip_normalised",),
        ("last_name_normalised", "zip_normalised"),
        *PEOPLE_BY_HASH.composites,
    ):
        table.add_row(" + ".join(composite), target.frequency(composite))
    console.print(table)


def quality(console: Console, customers: int, accounts: int, febrl4: Path | None) -> None:
    """Print F1 at the fixed thresholds, with the seconds of the whole link."""
    table = Table("lists", "F1", "precision", "recall", "true pairs", "seconds")
    ours, accounts_, true = agm_world(customers, accounts, seed=4)
    blocks = replace(PEOPLE, blocks=(("zip_normalised",), ("last_name_normalised",)))
    for name, parameters in (
        ("encodings", PEOPLE),
        ("encodings in blocks", blocks),
        ("hashes", PEOPLE_BY_HASH),
    ):
        started = time.perf_counter()
        found = private_f1(link(accounts_, ours, parameters, KEY), true)
        seconds = time.perf_counter() - started
        table.add_row(f"{accounts:,} x {customers:,} {name}", *words(found), f"{seconds:.1f}")
    left, right, true = people_with_errors(5000, seed=5)
    for threshold in np.arange(0.50, 0.66, 0.02):
        found = private_f1(link(left, right, replace(FEBRL, threshold=float(threshold)), KEY), true)
        table.add_row(f"invented people, threshold {threshold:.2f}", *words(found), "")
    if febrl4:
        left, right = (_febrl(febrl4 / f"dataset4{side}.csv") for side in "ab")
        true = left[["record_id"]].merge(right[["record_id"]])
        true = pd.DataFrame({"left_id": true["record_id"], "right_id": true["record_id"]})
        started = time.perf_counter()
        found = private_f1(link(left, right, FEBRL, KEY), true)
        seconds = time.perf_counter() - started
        table.add_row(f"FEBRL4, threshold {FEBRL.threshold}", *words(found), f"{seconds:.1f}")
    console.print(table)


def _febrl(path: Path) -> pd.DataFrame:
    """Return one file; blanks lead in headers and values, the social security number is left."""
    rows = pd.read_csv(path, dtype=str, keep_default_na=False, skipinitialspace=True)
    rows.columns = rows.columns.str.strip()
    rows["record_id"] = rows["rec_id"].str.extract(r"rec-(\d+)-", expand=False)
    return rows.drop(columns=["rec_id", "soc_sec_id"])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--febrl4", type=Path, help="folder with dataset4a.csv and dataset4b.csv")
    parser.add_argument("--customers", type=int, default=31_082)
    parser.add_argument("--accounts", type=int, default=6_000)
    parser.add_argument("--people", type=int, default=3_000, help="encoded, to be attacked")
    parser.add_argument("--only", choices=("quality", "leakage"))
    options = parser.parse_args()
    console = Console()
    if options.only != "leakage":
        quality(console, options.customers, options.accounts, options.febrl4)
    if options.only != "quality":
        leakage(console, options.customers // 2, options.people)


if __name__ == "__main__":
    main()
