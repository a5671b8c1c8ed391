"""Each kind of misspelling on one example, and what always holds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agm_platform.world.misspellings import _CHANGES, KINDS, Details, misspell

PERSON = Details("Thomas", "O'Carroll", "46 Lake View Terrace", "Oakland", "CA", "94609")


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        ("suffix", "46 Farwell Terrace", "46 Farwell Ter"),
        ("suffix", "46 Farwell Ter", "46 Farwell Terrace"),
        ("nickname", "Thomas", "Tom"),
        ("initial", "Thomas", "T"),
        ("apostrophe", "O'Carroll", "OCarroll"),
        ("sound", "Phillips", "Philips"),
        ("sound", "46 Murphy Lane", "46 Murfy Lane"),
        ("word_boundary", "46 Lake View Lane", "46 Lakeview Lane"),
        ("word_boundary", "46 Lakeview Lane", "46 Lake View Lane"),
        ("word_boundary", "Mac Breen", "Macbreen"),
        ("word_boundary", "Anne-Marie", "Anne Marie"),
    ],
)
def test_a_kind_of_misspelling(kind: str, before: str, after: str) -> None:
    assert after in _CHANGES[kind](before)


@pytest.mark.parametrize(
    ("kind", "text"),
    [("suffix", "46 Farwell Park"), ("nickname", "Xq"), ("word_boundary", "46 Ash Lane")],
)
def test_a_kind_that_does_not_fit_offers_no_other_spelling(kind: str, text: str) -> None:
    assert set(_CHANGES[kind](text)) <= {text}


def test_every_kind_is_listed() -> None:
    assert set(KINDS) == set(_CHANGES)


@given(st.integers(0, 2**32), st.sampled_from(["", "first_name", "last_name", "street"]))
def test_exactly_one_field_changes_and_never_the_place(seed: int, skip: str) -> None:
    typed = misspell(np.random.default_rng(seed), PERSON, skip=skip)
    assert typed
    assert typed.field in {"first_name", "last_name", "street"} - {skip}
    assert typed.before == getattr(PERSON, typed.field)
    assert typed.after != typed.before
    assert typed.after.strip()


def test_some_details_can_be_typed_in_one_way_only() -> None:
    person = Details("T", "Ash", "46 Ash Park", "Oakland", "CA", "94609")
    assert misspell(np.random.default_rng(1), person) is None
    typed = misspell(np.random.default_rng(1), person._replace(first_name="Tx"))
    assert typed == ("first_name", "initial", "Tx", "T")
