"""Encodings keep similarity under one key and show nothing under another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agm_platform.matching.private import Field, Parameters, Tokens
from agm_platform.matching.private.bloom import encode_bloom, tokens_of
from agm_platform.matching.private.comparison import similarity_of

KEY, OTHER_KEY = bytes(range(32)), bytes(range(1, 33))
NAME = Parameters((Field("name", Tokens.BIGRAMS, 60),), length=1024)
HARDENED = {
    "plain": NAME,
    "per token": replace(NAME, fields=(Field("name", Tokens.BIGRAMS, 10, per_token=True),)),
    "folded": replace(NAME, folds=1),
    "noise": replace(NAME, flip=0.05),
    "diffused": replace(NAME, diffusion=5),
    "diffused with noise": replace(NAME, diffusion=5, flip=0.05),
}
VALUES = st.text(min_size=1, max_size=20)


def encoded(parameters, key, *values):
    return encode_bloom({"name": list(values)}, parameters, key)


@pytest.mark.parametrize("parameters", HARDENED.values(), ids=HARDENED)
@settings(max_examples=10, deadline=None)
@given(one=VALUES, other=VALUES)
def test_similarity_is_symmetric_and_one_for_the_same_record(parameters, one, other):
    a, b = encoded(parameters, KEY, one), encoded(parameters, KEY, other)
    assert similarity_of(a, b) == similarity_of(b, a)
    assert similarity_of(a, encoded(parameters, KEY, one)) == 1.0
    assert 0 <= similarity_of(a, b)[0] <= 1


@settings(max_examples=10, deadline=None)
@given(value=st.text(alphabet="abcdefghijklmnop", min_size=4, max_size=20))
@pytest.mark.parametrize("parameters", HARDENED.values(), ids=HARDENED)
def test_the_same_record_under_another_key_is_as_unlike_as_a_random_one(parameters, value):
    a, b = (
        np.unpackbits(encoded(parameters, key, value).view(np.uint8)) for key in (KEY, OTHER_KEY)
    )
    expected = 2 * a.mean() * b.mean() / (a.mean() + b.mean())
    spread = 1 / np.sqrt(len(a))  # generous: of a mean of as many independent bits
    assert abs(2 * (a & b).sum() / (a.sum() + b.sum()) - expected) < 8 * spread


@pytest.mark.parametrize("parameters", HARDENED.values(), ids=HARDENED)
def test_a_misspelt_name_is_more_alike_than_another(parameters):
    name, typo, stranger = encoded(parameters, KEY, "margaret o'neil", "margret o'neil", "xu zhou")
    assert similarity_of(name[None], typo[None]) > similarity_of(name[None], stranger[None])


def test_rows_do_not_depend_on_what_else_is_in_the_list():
    parameters = HARDENED["diffused with noise"]
    alone = encoded(parameters, KEY, "phelps")
    among = encoded(parameters, KEY, "fritz", "phelps", "", "phelps")
    assert (among[1] == alone[0]).all()
    assert (among[3] == alone[0]).all()


def test_equal_text_in_two_fields_sets_different_bits():
    fields = (Field("first", Tokens.BIGRAMS, 100), Field("last", Tokens.BIGRAMS, 100))
    parameters = replace(NAME, fields=fields)
    first = encode_bloom({"first": ["jordan"], "last": [""]}, parameters, KEY)
    last = encode_bloom({"first": [""], "last": ["jordan"]}, parameters, KEY)
    assert similarity_of(first, last)[0] < 0.3


def test_the_number_of_bits_tells_the_length_only_when_each_token_has_as_many():
    def ones(parameters):
        words = encoded(parameters, KEY, "al", "bartholomew fitzgerald")
        return np.bitwise_count(words).sum(axis=1)

    short, long = ones(HARDENED["per token"])
    assert long > 3 * short
    short, long = ones(NAME)
    assert abs(int(long) - int(short)) < 12


def test_no_value_sets_no_bit():
    assert not encoded(NAME, KEY, "").any()


@pytest.mark.parametrize(
    ("kind", "tokens"),
    [
        (Tokens.BIGRAMS, ["\x02a", "aa", "a\x03"]),
        (Tokens.POSITIONS, ["0:a", "1:a", "2:a"]),
        (Tokens.WHOLE, ["aaa"]),
    ],
)
def test_tokens_are_distinct(kind, tokens):
    assert sorted(tokens_of("aaa", kind)) == sorted(tokens)
    assert tokens_of("", kind) == []
