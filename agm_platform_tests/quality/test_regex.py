"""Patterns: what Python finds and what the engine finds are the same."""

import re

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agm_platform.quality.regex import portable

PATTERNS = [
    r"^\d{5}(-\d{4})?$",
    r"\s*\S",
    r"^[A-Z]{2}\Z",
    r"^[^\d\s]+$",
    r"\W",
    r"a.b",
    r"(?s)a.b",
    r"(?i)^ab?$",
    r"^(?:a|b|)$",
    r"a{2,}?b",
    r"[\]\-\\^&]",
    r"x*",
    r"^$",
    r"[^\n]$",
    r"^\w+@\w+\.[a-z]{2,3}$",
]
# Digits and blanks beyond ASCII, line breaks, an astral letter, what patterns treat specially.
TEXTS = st.text(alphabet="aAbB019é１٣ \n\t\x0b\x1c\u2028\xa0_-@.\\]^&𝒜日", max_size=7)
CONNECTION = duckdb.connect()


@pytest.mark.parametrize("pattern", PATTERNS)
@settings(max_examples=15)
@given(texts=st.lists(TEXTS, min_size=20, max_size=40))
def test_the_engine_finds_what_python_finds(pattern, texts):
    query = "select list_transform(?, lambda text: regexp_matches(text, ?))"
    ((found,),) = CONNECTION.execute(query, [texts, portable(pattern)]).fetchall()
    assert found == [re.search(pattern, text) is not None for text in texts]


@pytest.mark.parametrize(
    "pattern",
    [
        r"(?<=a)b",
        r"(?!a)b",
        r"(a)\1",
        r"\bword",
        r"(?m)^a$",
        r"(?a)\d",
        r"a$b",
        r"(a$)+",
        r"[\s\S]",
        r"a++",
        r"(?>a)b",
        r"(?i:a)b",
        r"a{1001}",
    ],
)
def test_what_only_python_understands_is_not_translated(pattern):
    assert portable(pattern) is None


def test_text_that_is_no_pattern_is_an_error():
    with pytest.raises(ValueError, match="not a regular expression"):
        portable("[a")
