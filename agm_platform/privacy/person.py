"""One person as files know them: numbers at each sender, and every name and street they gave."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agm_platform.contracts.privacy import ERASED_NUMBER
from agm_platform.privacy.tombstones import normalised

if TYPE_CHECKING:
    from collections.abc import Iterable

Names = tuple[str, str, str]
NUMBER = re.compile(r"(?P<source>[a-z][a-z0-9_]*):(?P<number>[A-Za-z0-9-]{1,32})\Z")


class UnknownPersonError(ValueError):
    """What was given is neither a customer number nor a name with a street."""


@dataclass
class Person:
    """Grows by what is found: whoever has one of the numbers, or all three of the names.

    `names` are (first name, last name, street) as received. Two records are of one person when they
    share a sender's number, or first name, last name and street in normalised form.
    """

    numbers: set[tuple[str, str]] = field(default_factory=set)
    names: set[Names] = field(default_factory=set)

    @classmethod
    def given(cls, text: str) -> Person:
        """Return the person of `peak:3728404`, or of lines first name, last name, street.

        Raises UnknownPersonError, whose message does not repeat what was given.
        """
        lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
        if len(lines) == 1 and (match := NUMBER.match(lines[0])):
            if match["number"].lstrip("0"):
                return cls({(match["source"], match["number"])})
            msg = f"the number {ERASED_NUMBER} stands for everybody who is erased"
            raise UnknownPersonError(msg)
        if len(lines) == 3:
            return cls(names={(lines[0], lines[1], lines[2])})
        msg = "give SOURCE:NUMBER such as peak:3728404, or a file with the three lines first name, "
        raise UnknownPersonError(msg + "last name, street")

    @property
    def size(self) -> tuple[int, int]:
        """How much is known: it has stopped growing when this stays the same."""
        return len(self.numbers), len(self.names)

    def matches(self, source: str, number: str | None, names: Names | None) -> bool:
        """Whether a record is of this person; if so, what it tells is remembered."""
        number = (number or "").strip()
        if number == ERASED_NUMBER:
            return False
        whole = names if names and all((part or "").strip() for part in names) else None
        known = (source, number) in self.numbers or (
            whole is not None and _key(whole) in {_key(each) for each in self.names}
        )
        if known:
            if number:
                self.numbers.add((source, number))
            if whole:
                self.names.add(whole)
        return known

    def texts(self) -> list[str]:
        """Return every name and street, each once."""
        return sorted({part for names in self.names for part in names})


def _key(names: Iterable[str]) -> str:
    return "|".join(map(normalised, names))
