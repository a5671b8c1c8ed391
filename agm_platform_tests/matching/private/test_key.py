"""The shared key: new, private, never overwritten."""

from __future__ import annotations

import os

import pytest

from agm_platform.matching.private import LinkageError
from agm_platform.matching.private.key import KEY_BYTES, derived, key_id, read_key, write_new_key


def test_a_new_key_is_random_private_and_read_back(tmp_path):
    names = {write_new_key(tmp_path / f"{i}.key") for i in range(5)}
    assert len(names) == 5
    key = read_key(tmp_path / "0.key")
    assert len(key) == KEY_BYTES
    assert key_id(key) in names
    assert (tmp_path / "0.key").stat().st_mode & 0o777 == 0o600


def test_an_existing_key_stays(tmp_path):
    write_new_key(tmp_path / "shared.key")
    before = (tmp_path / "shared.key").read_bytes()
    with pytest.raises(LinkageError, match="never overwritten"):
        write_new_key(tmp_path / "shared.key")
    assert (tmp_path / "shared.key").read_bytes() == before


@pytest.mark.parametrize("content", ["", "zz" * 32, "00" * 31, "ab" * 33, "é"])
def test_what_is_no_key_is_refused(tmp_path, content):
    path = tmp_path / "shared.key"
    path.write_text(content, encoding="utf-8")
    path.chmod(0o600)
    with pytest.raises(LinkageError):
        read_key(path)


@pytest.mark.skipif(os.name != "posix", reason="modes of files are POSIX")
def test_a_key_that_others_can_read_is_refused(tmp_path):
    write_new_key(tmp_path / "shared.key")
    (tmp_path / "shared.key").chmod(0o640)
    with pytest.raises(LinkageError, match="chmod 600"):
        read_key(tmp_path / "shared.key")


def test_purposes_do_not_share_a_key():
    key = bytes(32)
    purposes = [("a",), ("b",), ("a", "b"), ("ab",), ("a", ""), ("", "a")]
    assert len({derived(key, *purpose) for purpose in purposes}) == len(purposes)
