"""Secret keys: from a setting, or in a file that only its owner may read, made at first use."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

KEY_BYTES = 32


class KeyFileError(RuntimeError):
    """The key cannot be used; the message says why and never what it is."""


def key_from_text(text: str) -> bytes:
    """Return the key that hexadecimal digits spell; KeyFileError for fewer than 32 bytes."""
    try:
        key = bytes.fromhex(text.strip())
    except ValueError:
        key = b""
    if len(key) < KEY_BYTES:
        msg = f"a key has at least {2 * KEY_BYTES} hexadecimal digits; see docs: personal data"
        raise KeyFileError(msg)
    return key


def key_of_file(path: Path) -> bytes:
    """Return the key in a file, made with 32 random bytes if there is none.

    Raises KeyFileError if the file is no key or others than its owner may read or write it.
    """
    if not path.exists():
        _make(path)
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        msg = f"{path} may be read by others (mode {mode:o}): chmod 600, and consider a new key"
        raise KeyFileError(msg)
    return key_from_text(path.read_text(encoding="ascii", errors="replace"))


def _make(path: Path) -> None:
    """Write a new key beside and link it into place: of two that try at once, one wins."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    aside = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_hex(KEY_BYTES) + "\n")
    try:
        with suppress(FileExistsError):
            os.link(aside, path)
    finally:
        aside.unlink()
