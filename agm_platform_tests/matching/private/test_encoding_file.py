"""The file handed over: whole or refused, the same key and parameters or refused, no raw value."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from agm_platform.matching.private import (
    Field,
    LinkageError,
    Method,
    Parameters,
    Tokens,
    compare,
    encode,
)
from agm_platform.matching.private.encoding_file import read_encodings, write_encodings
from agm_platform_tests.matching.private.people import KEY, OTHER_KEY, OURS, THEIRS

# Not normalised: the file is the same and the tests are faster.
BLOOM = Parameters(
    tuple(Field(name, Tokens.BIGRAMS, 60) for name in ("first_name", "last_name", "street", "zip")),
    length=4096,
    diffusion=10,
    threshold=0.6,
    normaliser="plain",
)
COMPOSITES = (("first_name", "last_name", "zip"), ("last_name", "street"))
METHODS = {
    "bloom": BLOOM,
    "hash": replace(BLOOM, method=Method.HASH, composites=COMPOSITES),
    "blocks": replace(BLOOM, blocks=(("zip",),)),
}


@pytest.fixture(params=METHODS.values(), ids=METHODS)
def parameters(request):
    return request.param


@pytest.fixture
def path(tmp_path, parameters):
    encodings, _ = encode(OURS, parameters, KEY)
    write_encodings(encodings, tmp_path / "ours.clk")
    return tmp_path / "ours.clk"


def test_what_is_written_is_what_is_read(path, parameters):
    back = read_encodings(path)
    assert back.parameters == parameters
    pairs = compare(back, encode(OURS, parameters, KEY)[0])
    assert pairs["accepted"].sum() == len(OURS)
    assert (pairs.loc[pairs["accepted"], "similarity"] == 1.0).all()


def test_no_value_no_id_and_no_key_is_in_the_file(path):
    content = path.read_bytes().lower()
    body = content.partition(b"\n")[2]
    values = {str(v).lower() for name in OURS if name != "state" for v in OURS[name]}
    words = {word for value in values for word in value.split() if len(word) >= 4}
    assert len(words) > 15
    assert not [word for word in words if word.encode() in content]
    for form in (KEY, KEY.hex().encode(), KEY[:8], KEY[::-1]):
        assert form not in body
        assert form not in content


def test_rows_are_in_another_order_each_time_and_handles_are_new(parameters):
    orders, handles = set(), set()
    for _ in range(4):
        encodings, order = encode(OURS, parameters, KEY)
        orders.add(tuple(order.tolist()))
        handles |= set(encodings.handles.tolist())
    assert len(orders) > 1
    assert len(handles) == 4 * len(OURS)


def test_another_key_is_refused(parameters):
    ours, theirs = encode(OURS, parameters, KEY)[0], encode(THEIRS, parameters, OTHER_KEY)[0]
    with pytest.raises(LinkageError, match="different keys"):
        compare(ours, theirs)


def test_other_parameters_are_refused_and_named(parameters):
    theirs = replace(parameters, flip=0.01, threshold=0.9)
    with pytest.raises(LinkageError, match=r"different parameters: flip$"):
        compare(encode(OURS, parameters, KEY)[0], encode(THEIRS, theirs, KEY)[0])


def test_a_list_normalised_differently_is_refused(parameters):
    ours, theirs = (encode(rows, parameters, KEY)[0] for rows in (OURS, THEIRS))
    with pytest.raises(LinkageError, match="normalise differently"):
        compare(ours, replace(theirs, normaliser_id="0" * 16))


def test_another_threshold_needs_no_new_encoding(parameters):
    theirs = replace(parameters, threshold=0.9)
    pairs = compare(encode(OURS, parameters, KEY)[0], encode(OURS, theirs, KEY)[0])
    assert pairs["accepted"].sum() == len(OURS)


@pytest.mark.parametrize("damage", ["cut", "byte", "header", "empty", "csv", "binary"])
def test_a_damaged_file_is_refused(path, damage):
    content = path.read_bytes()
    path.write_bytes(
        {
            "cut": content[:-8],
            "byte": content[:-1] + bytes([content[-1] ^ 1]),
            "header": content.replace(b'"folds": 0', b'"folds": 1'),
            "empty": b"",
            "csv": b"first_name,last_name\nA,B\n",
            "binary": bytes(range(256)),
        }[damage]
    )
    with pytest.raises(LinkageError):
        read_encodings(path)


def test_a_file_of_another_version_says_so(path):
    header, _, body = path.read_bytes().partition(b"\n")
    changed = json.dumps(json.loads(header) | {"version": 99}).encode()
    path.write_bytes(changed + b"\n" + body)
    with pytest.raises(LinkageError, match="another version"):
        read_encodings(path)
