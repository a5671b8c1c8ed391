"""How people type their own details differently: the kinds seen in Peak's first day."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np

from agm_platform.world.names import LANDSCAPE_ENDS, STREET_SUFFIXES, nicknames


class Details(NamedTuple):
    """A person's name and address as typed."""

    first_name: str
    last_name: str
    street: str
    city: str
    state: str
    zip: str


class Misspelling(NamedTuple):
    """One field typed another way."""

    field: str
    kind: str
    before: str
    after: str


# Letters that sound alike; applied behind the first letter of a word.
SOUNDS = (
    (r"ph", "f"),
    (r"ck", "k"),
    (r"wh", "w"),
    (r"ie\b", "y"),
    (r"ey\b", "y"),
    (r"(?<![aeiou])y\b", "ie"),
    (r"er\b", "ar"),
    (r"[ao]n\b", "en"),
    (r"([b-df-hj-np-tv-z])\1", r"\1"),
    (r"ei", "ie"),
    (r"ea", "ee"),
    (r"c(?=[aou])", "k"),
    (r"z", "s"),
    (r"(?<=[a-z]{3})e\b", ""),
)

# field -> the kinds it may suffer, with how common each is; invented, the kinds are real
KIND_WEIGHTS = {
    ("street", "suffix"): 25,
    ("first_name", "nickname"): 20,
    ("first_name", "initial"): 10,
    ("last_name", "apostrophe"): 40,  # common among the few who have one
    ("first_name", "sound"): 8,
    ("last_name", "sound"): 12,
    ("street", "sound"): 10,
    ("street", "word_boundary"): 20,
    ("last_name", "word_boundary"): 10,
    ("first_name", "word_boundary"): 5,
}
KINDS = tuple(sorted({kind for _, kind in KIND_WEIGHTS}))


def misspell(rng: np.random.Generator, details: Details, skip: str = "") -> Misspelling | None:
    """Return one way in which these details may be typed, never in the field `skip`; None if
    there is no other way (there is one for any first name of two letters).

    City, state and ZIP stay right: Peak checks them at sign-up.
    """
    ways = []
    for (field, kind), weight in KIND_WEIGHTS.items():
        before = getattr(details, field)
        afters = [] if field == skip else [x for x in _CHANGES[kind](before) if x != before]
        if afters:
            after = afters[int(rng.integers(len(afters)))]
            ways.append((weight, Misspelling(field, kind, before, after)))
    if not ways:
        return None
    edges = np.cumsum([weight for weight, _ in ways])
    return ways[int(np.searchsorted(edges, rng.random() * edges[-1], side="right"))][1]


def _suffix(street: str) -> list[str]:
    """Return the street with its suffix abbreviated, or written out."""
    rest, _, suffix = street.rpartition(" ")
    other = STREET_SUFFIXES | {short: full for full, short in STREET_SUFFIXES.items()}
    return [f"{rest} {other[suffix]}"] if suffix in other else []


def _nickname(first_name: str) -> list[str]:
    return _nicknames().get(first_name, [])


@cache
def _nicknames() -> dict[str, list[str]]:
    return nicknames()


def _initial(first_name: str) -> list[str]:
    return [first_name[0]]


def _apostrophe(name: str) -> list[str]:
    return [name.replace("'", "")]


def _sound(text: str) -> list[str]:
    """Return the text spelled as it sounds; the number and suffix of a street stay."""
    words = text.split(" ")
    street = words[0].isdigit()
    changed = []
    for position in range(1 if street else 0, len(words) - 1 if street else len(words)):
        word = words[position]
        for pattern, replacement in SOUNDS:
            typed = word[:1] + re.sub(pattern, replacement, word[1:], count=1)
            if len(typed) >= 2:
                changed.append(" ".join([*words[:position], typed, *words[position + 1 :]]))
    return changed


def _word_boundary(text: str) -> list[str]:
    """Return the text with two words joined, or one split in two."""
    words = text.split(" ")
    street = words[0].isdigit()
    start, end = (1, len(words) - 1) if street else (0, len(words))
    changed = []
    for i in range(start, end):
        before, after = words[:i], words[i + 1 :]
        if i + 1 < end:
            changed.append(" ".join([*before, words[i] + after[0].lower(), *after[1:]]))
        for tail in LANDSCAPE_ENDS:
            stem = words[i].removesuffix(tail)
            if stem != words[i] and len(stem) >= 3:
                changed.append(" ".join([*before, stem, tail.capitalize(), *after]))
        if "-" in words[i]:
            changed.append(" ".join([*before, words[i].replace("-", " "), *after]))
    return changed


_CHANGES: dict[str, Callable[[str], list[str]]] = {
    "suffix": _suffix,
    "nickname": _nickname,
    "initial": _initial,
    "apostrophe": _apostrophe,
    "sound": _sound,
    "word_boundary": _word_boundary,
}
