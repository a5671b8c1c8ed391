"""What to search for to prove that a person is gone, in every form that bytes may hold it in."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from agm_platform.privacy.tombstones import normalised

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from agm_platform.privacy.person import Person

LEAST_LETTERS = 6
"""Shorter text is searched beside another value of the person only: chance finds it anywhere."""
LEAST_DIGITS = 5
"""Shorter numbers are searched in columns of customer numbers only, for the same reason."""
NEARBY = 160
"""Bytes within which two values count as being together, in one record."""
ENCODINGS = ("utf-8", "cp1252", "utf-16-le", "utf-16-be")

Forms = tuple[bytes, ...]


class Probes(NamedTuple):
    """Values in all their forms: those that prove something alone, and those of one record.

    `not_alone` counts the values that are searched beside another one only.
    """

    alone: Forms
    together: tuple[tuple[Forms, ...], ...]
    not_alone: int

    def alone_in(self, content: bytes) -> bool:
        """Whether a value is there that is nobody else's."""
        lowered = content.lower()
        return any(next(_places(lowered, form), None) is not None for form in self.alone)

    def found_in(self, content: bytes) -> bool:
        """Whether such a value is there, or two values of one record close to each other."""
        if self.alone_in(content):
            return True
        lowered = content.lower()
        return any(_are_close(lowered, values) for values in self.together)


def probes_for(person: Person, is_shared: Callable[[str], bool]) -> Probes:
    """Return what to search for.

    A value that others have too (`is_shared`) proves nothing alone, so it is searched beside
    another value of the same record.
    """
    alone = [text for text in person.texts() if len(normalised(text)) >= LEAST_LETTERS]
    alone = [text for text in alone if not is_shared(text)]
    numbers = [number for _, number in sorted(person.numbers) if len(number) >= LEAST_DIGITS]
    return Probes(
        tuple(dict.fromkeys(form for text in [*alone, *numbers] for form in forms(text))),
        tuple(tuple(forms(text) for text in names) for names in sorted(person.names)),
        len(person.texts()) - len(alone),
    )


def hints_for(person: Person) -> Probes:
    """Return what a file holds that may hold the person: a number, a last name or a street."""
    texts = {text for names in person.names for text in names[1:]}
    texts |= {number for _, number in person.numbers}
    return Probes(tuple(form for text in sorted(texts) for form in forms(text)), (), 0)


def forms(text: str) -> Forms:
    """Return the text as received, upper, lower, normalised and escaped as in JSON, encoded.

    ASCII letters are lower case, as those of the bytes that are searched.
    """
    spellings = [text, text.lower(), text.upper(), normalised(text), normalised(text).upper()]
    escaped = [json.dumps(spelling)[1:-1] for spelling in spellings]
    return tuple(
        dict.fromkeys(
            spelling.encode(encoding).lower()
            for encoding in ENCODINGS
            for spelling in [*spellings, *escaped]
            if spelling and (encoding != "cp1252" or _fits_cp1252(spelling))
        )
    )


def in_rows(rows: Iterable[tuple[object, ...]], probes: Probes) -> int:
    """Return how many rows hold a probe, their values side by side."""
    texts = ["\x1f".join("" if v is None else str(v) for v in row).encode() for row in rows]
    if not probes.found_in(b"\n".join(texts)):
        return 0
    return sum(map(probes.found_in, texts))


def _are_close(lowered: bytes, values: tuple[Forms, ...]) -> bool:
    """Whether forms of two different values of one record stand near each other."""
    places = [
        sorted({place for form in value for place in _places(lowered, form)}) for value in values
    ]
    if sum(map(bool, places)) < 2:
        return False
    marked = sorted((place, number) for number, found in enumerate(places) for place in found)
    return any(
        second - first <= NEARBY and number != other
        for (first, number), (second, other) in pairwise(marked)
    )


def _places(lowered: bytes, form: bytes) -> Iterator[int]:
    """Yield where a form stands as words of its own: not inside of longer words or numbers."""
    is_wide = b"\0" in form
    start = lowered.find(form)
    while start >= 0:
        end = start + len(form)
        before, after = lowered[start - 1 : start], lowered[end : end + 1]
        if is_wide or not (before.isalnum() or after.isalnum()):
            yield start
        start = lowered.find(form, start + 1)


def _fits_cp1252(text: str) -> bool:
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True
