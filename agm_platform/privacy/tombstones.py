"""Keyed hashes of erased persons: they keep a person out when the same file comes again.

A file of one hash a line that only its owner may read. Without its key nobody can tell whose they
are; with it one can only ask whether a given person is among them.
"""

from __future__ import annotations

import hmac
import os
import re
import unicodedata
from typing import TYPE_CHECKING

from agm_platform.contracts.privacy import ERASED_NUMBER
from agm_platform.privacy.keys import key_of_file

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

NAME_FIELDS = ("first_name", "last_name", "street")
KEY_FILE, LIST_FILE = "erasure.key", "erased"


class Tombstones:
    """The erased persons that the folder `keys` remembers; nothing is made before the first."""

    def __init__(self, keys: Path) -> None:
        self._keys = keys
        path = keys / LIST_FILE
        text = path.read_text(encoding="ascii") if path.exists() else ""
        self._hashes = set(text.split())
        self._key = key_of_file(keys / KEY_FILE) if self._hashes else None

    def __bool__(self) -> bool:
        return bool(self._hashes)

    def __len__(self) -> int:
        return len(self._hashes)

    def holds_number(self, source: str, number: str | None) -> bool:
        """Whether the customer with this number of a source is erased."""
        return bool(number and number.strip()) and self._holds(_of_number(source, str(number)))

    def holds_person(self, first_name: str, last_name: str, street: str) -> bool:
        """Whether a person of this name and street is erased, however cased and blanked."""
        return self._holds(_of_person(first_name, last_name, street))

    def holds(self, source: str, number: str | None, names: tuple[str, str, str] | None) -> bool:
        """Whether a record is of somebody erased, by its number or else by its three names."""
        if number and number.strip() == ERASED_NUMBER:
            return False
        return self.holds_number(source, number) or (
            names is not None
            and all((part or "").strip() for part in names)
            and self.holds_person(*names)
        )

    def add(
        self, numbers: Iterable[tuple[str, str]], persons: Iterable[tuple[str, str, str]]
    ) -> None:
        """Remember persons by (source, number) and by (first name, last name, street)."""
        if self._key is None:
            self._key = key_of_file(self._keys / KEY_FILE)
        whole = [person for person in persons if all(part.strip() for part in person)]
        texts = [*(_of_number(*number) for number in numbers), *(_of_person(*p) for p in whole)]
        self._hashes |= {self._hash(text) for text in texts}
        path = self._keys / LIST_FILE
        aside = path.with_name(f".{LIST_FILE}.{os.getpid()}")
        aside.unlink(missing_ok=True)
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write("".join(f"{digest}\n" for digest in sorted(self._hashes)))
        aside.replace(path)

    def _holds(self, text: str) -> bool:
        return self._key is not None and self._hash(text) in self._hashes

    def _hash(self, text: str) -> str:
        assert self._key is not None
        return hmac.new(self._key, text.encode(), "sha256").hexdigest()


def normalised(text: str) -> str:
    """Return lower case letters and digits with single blanks; apostrophes vanish.

    Accents stay, in one Unicode form: Zoë and Zoe are two persons.
    """
    plain = re.sub(r"['’`]", "", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(re.findall(r"[^\W_]+", plain))


def _of_number(source: str, number: str) -> str:
    return f"number:{source}:{number.strip()}"


def _of_person(first_name: str, last_name: str, street: str) -> str:
    return "person:" + "|".join(normalised(part or "") for part in (first_name, last_name, street))
