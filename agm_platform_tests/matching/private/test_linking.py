"""Two lists linked by what the encodings say."""

from __future__ import annotations

from dataclasses import replace

import duckdb
import pandas as pd
import pytest

from agm_platform.matching.normalise import normalised
from agm_platform.matching.private import (
    PEOPLE,
    PEOPLE_BY_HASH,
    Field,
    LinkageError,
    Parameters,
    Tokens,
    encode,
    link,
    private_f1,
    records,
)
from agm_platform.matching.private.records import columns_of, normaliser_id, read_list
from agm_platform_tests.matching.private.people import KEY, OURS, THEIRS

TRUE = pd.DataFrame({"left_id": ["1", "3"], "right_id": ["A7", "A9"]})


@pytest.mark.parametrize(
    "parameters",
    [PEOPLE, PEOPLE_BY_HASH, replace(PEOPLE, blocks=(("zip_normalised",),))],
    ids=["bloom", "hash", "blocks"],
)
def test_misspelt_people_are_found_and_strangers_are_not(parameters):
    quality = private_f1(link(OURS, THEIRS, parameters, KEY), TRUE)
    assert (quality.accepted, quality.correct, quality.true) == (2, 2, 2)


def test_any_frame_will_do():
    relation = duckdb.from_df(THEIRS)
    assert private_f1(link(OURS, relation, PEOPLE, KEY), TRUE).f1 == 1.0


def test_quality_counts_wrong_and_missed_pairs():
    pairs = pd.DataFrame(
        {
            "left_id": ["1", "3", "2"],
            "right_id": ["A7", "A8", "A9"],
            "accepted": [True, True, False],
        }
    )
    quality = private_f1(pairs, TRUE)
    assert (quality.precision, quality.recall, quality.f1) == (0.5, 0.5, 0.5)


def test_the_normalisers_name_follows_what_it_makes(monkeypatch):
    name = normaliser_id(PEOPLE)
    assert name == normaliser_id(PEOPLE)
    monkeypatch.setattr(records, "normalised", lambda frame: normalised(frame).replace("55101", ""))
    assert normaliser_id(PEOPLE) != name


def test_an_empty_list_and_missing_columns_are_refused():
    with pytest.raises(LinkageError, match="empty"):
        encode(OURS.head(0), PEOPLE, KEY)
    with pytest.raises(LinkageError, match="no column street, zip"):
        encode(OURS.drop(columns=["street", "zip"]), PEOPLE, KEY)


def test_a_list_read_from_csv_keeps_people_called_na(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("\ufeffFirst_Name , last_name\nNull,NA\n,x\n", encoding="utf-8")
    plain = Parameters(
        (Field("first_name", Tokens.BIGRAMS, 9), Field("last_name", Tokens.BIGRAMS, 9)),
        normaliser="plain",
    )
    columns = columns_of(read_list(path), plain)
    assert columns == {"first_name": ["null", ""], "last_name": ["na", "x"]}


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"a,A\n1,2\n", b'a\n"1\n'])
def test_what_is_no_list_is_refused_without_its_values(tmp_path, content):
    path = tmp_path / "list.csv"
    path.write_bytes(content)
    with pytest.raises(LinkageError, match=r"list\.csv"):
        read_list(path)


@pytest.mark.parametrize(
    "changes",
    [
        {"fields": ()},
        {"length": 1000},
        {"diffusion": 5, "folds": 1},
        {"flip": 0.5},
        {"threshold": 0.0},
        {"blocks": (("shoe_size",),)},
        {"method": PEOPLE_BY_HASH.method},
        {"normaliser": "uk"},
    ],
)
def test_parameters_without_sense_are_refused(changes):
    with pytest.raises(LinkageError):
        encode(OURS, replace(PEOPLE, **changes), KEY)


def test_parameters_survive_being_written_down():
    for parameters in (PEOPLE, PEOPLE_BY_HASH):
        back = Parameters.from_dict(parameters.to_dict())
        assert back == parameters
        assert back.digest == parameters.digest
    assert PEOPLE.digest != PEOPLE_BY_HASH.digest
    with pytest.raises(LinkageError):
        Parameters.from_dict({"fields": [{"name": "x"}]})
