"""The shared key: made once, kept in a file only its owner can read, never written elsewhere."""

from __future__ import annotations

import hmac
import os
import secrets
from typing import TYPE_CHECKING

from agm_platform.matching.private.errors import LinkageError

if TYPE_CHECKING:
    from pathlib import Path

KEY_BYTES = 32
PRIVATE = 0o600


def write_new_key(path: Path) -> str:
    """Write a random key of 256 bits as hex, readable by its owner only; return its key id.

    Raises LinkageError if the file exists: an overwritten key cannot be had again.
    """
    key = secrets.token_bytes(KEY_BYTES)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    except FileExistsError as error:
        msg = f"{path} exists; a key is never overwritten"
        raise LinkageError(msg) from error
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(key.hex() + "\n")
    return key_id(key)


def read_key(path: Path) -> bytes:
    """Return the key. Raises LinkageError if it is missing, damaged or readable by others."""
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="ascii").strip()
        key = bytes.fromhex(text)
    except (OSError, ValueError) as error:
        msg = f"{path} cannot be read as a linkage key"
        raise LinkageError(msg) from error
    if len(key) != KEY_BYTES:
        msg = f"{path} does not hold a key of {KEY_BYTES} bytes in hex"
        raise LinkageError(msg)
    if os.name == "posix" and mode & 0o077:
        msg = f"{path} can be read by others on this machine; chmod 600 it"
        raise LinkageError(msg)
    return key


def key_id(key: bytes) -> str:
    """Return a name of the key that tells nothing about it: 16 hex digits."""
    return derived(key, "key id")[:8].hex()


def derived(key: bytes, *purpose: str) -> bytes:
    """Return a key of 32 bytes for one purpose only (HMAC-SHA256 of the purpose's parts)."""
    return hmac.digest(key, framed(purpose), "sha256")


def framed(parts: tuple[str, ...]) -> bytes:
    """Return parts as bytes such that no two different tuples give the same."""
    encoded = [part.encode() for part in parts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)
