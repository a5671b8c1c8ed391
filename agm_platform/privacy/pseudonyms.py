"""Keyed pseudonyms: HMAC-SHA-256 (RFC 2104, FIPS 180-4), truncated, one domain for each purpose."""

from __future__ import annotations

import hmac
from typing import NamedTuple

from agm_platform.contracts.privacy import ERASED_MARK, ERASED_NUMBER, PSEUDONYM_BITS

BLOCK_BYTES = 64
HEX_DIGITS = PSEUDONYM_BITS // 4


class Pads(NamedTuple):
    """The key mixed into HMAC's two blocks, for an engine that only has plain SHA-256.

    As secret as the key: SHA-256(outer + SHA-256(inner + message)) is the code of the message.
    """

    inner: bytes
    outer: bytes


def pseudonym(key: bytes, domain: str, number: str) -> str:
    """Return the pseudonym of a number of `domain`: 20 hexadecimal digits.

    The same number has another pseudonym in another domain. An erased person has no pseudonym but
    the word erased.
    """
    if number == ERASED_NUMBER:
        return ERASED_MARK
    message = f"{domain}:{number}".encode()
    return hmac.new(key, message, "sha256").hexdigest()[:HEX_DIGITS]


def pads(key: bytes) -> Pads:
    """Return the two blocks of a key of at most 64 bytes; ValueError for a longer one."""
    if len(key) > BLOCK_BYTES:
        msg = f"the key is longer than {BLOCK_BYTES} bytes"
        raise ValueError(msg)
    block = key.ljust(BLOCK_BYTES, b"\0")
    return Pads(bytes(byte ^ 0x36 for byte in block), bytes(byte ^ 0x5C for byte in block))
