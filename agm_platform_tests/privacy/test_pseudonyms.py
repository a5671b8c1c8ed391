"""Keys and pseudonyms: stable, keyed, apart by purpose, and the same in the engine."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agm_platform.privacy.keys import KeyFileError, key_from_text, key_of_file
from agm_platform.privacy.pseudonyms import pads, pseudonym

KEY = bytes(range(32))


@given(st.binary(min_size=32, max_size=64), st.text(max_size=200))
def test_two_plain_hashes_over_the_pads_are_the_keyed_code(key: bytes, message: str) -> None:
    inner, outer = pads(key)
    within = hashlib.sha256(inner + message.encode()).digest()
    expected = hmac.new(key, message.encode(), "sha256").digest()
    assert hashlib.sha256(outer + within).digest() == expected


def test_a_key_longer_than_a_block_is_refused() -> None:
    with pytest.raises(ValueError, match="longer than 64"):
        pads(bytes(65))


def test_the_same_number_has_the_same_pseudonym_and_another_in_another_domain_or_key() -> None:
    own = pseudonym(KEY, "peak", "17")
    assert own == pseudonym(KEY, "peak", "17")
    assert len({own, pseudonym(KEY, "agm", "17"), pseudonym(KEY[::-1], "peak", "17")}) == 3
    assert len(own) * 4 == 80


def test_no_two_of_fifty_thousand_numbers_share_a_pseudonym() -> None:
    assert len({pseudonym(KEY, "peak", str(n)) for n in range(1, 50_001)}) == 50_000


def test_an_erased_person_has_no_pseudonym() -> None:
    assert pseudonym(KEY, "peak", "0") == "erased"


def test_a_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "pseudonym.key"
    made = key_of_file(path)
    assert len(made) == 32
    assert key_of_file(path) == made
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o077 == 0
    assert [entry.name for entry in path.parent.iterdir()] == ["pseudonym.key"]


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "pseudonym.key"
    key_of_file(path)
    path.chmod(0o644)
    with pytest.raises(KeyFileError, match="read by others"):
        key_of_file(path)


@pytest.mark.parametrize("text", ["", "not hexadecimal", "ab" * 31, "\x00\xff"])
def test_what_is_no_key_is_refused_without_telling_it(text: str) -> None:
    with pytest.raises(KeyFileError) as refused:
        key_from_text(text)
    assert not text or text not in str(refused.value)
