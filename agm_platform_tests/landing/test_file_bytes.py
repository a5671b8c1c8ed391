"""Counting bytes agrees with parsing them, whatever the pieces in which a file is read."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agm_platform.landing import file_bytes
from agm_platform.landing.file_bytes import json_bytes, line_at, line_bytes

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that is read in pieces of five bytes."""
    monkeypatch.setattr(file_bytes, "CHUNK", 5)
    return tmp_path / "file"


field = st.text(st.sampled_from('ab,"\n\r'), max_size=6)
many = settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])


@many
@given(
    st.lists(st.lists(field, min_size=2, max_size=3), max_size=5),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
def test_records_are_counted_as_a_csv_parser_does(
    path: Path, records: list[list[str]], end: str, last: bool
) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(records)
    content = text.getvalue() if last else text.getvalue().removesuffix(end)
    path.write_bytes(content.encode())
    found = line_bytes(path)
    assert found.records == len(records)
    ends = max(0, len(records) - (not last))
    assert (found.unix, found.windows) == ((ends, 0) if end == "\n" else (0, ends))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", (0, 0, 0, 0)),
        (b"a", (1, 0, 0, 0)),
        (b"a\n\n\r\nb\r\n", (2, 2, 2, 0)),
        (b"a\rb\rc", (1, 0, 0, 2)),
        (b'"a\nb"\nc\n', (2, 2, 0, 0)),
    ],
)
def test_blank_lines_and_each_kind_of_line_end(
    path: Path, content: bytes, expected: tuple[int, ...]
) -> None:
    path.write_bytes(content)
    assert line_bytes(path)[:4] == expected
    assert line_bytes(path).tail == content


@many
@given(
    st.recursive(st.integers(), lambda inner: st.dictionaries(st.text("ab"), inner), max_leaves=8)
)
def test_a_colon_is_a_key_where_no_text_has_one(path: Path, value: object) -> None:
    text = json.dumps(value)
    path.write_text(text)
    assert json_bytes(path).colons == text.count(":")
    assert json_bytes(path).tail == text.encode()[-64:]


def test_the_line_of_a_byte(path: Path) -> None:
    path.write_bytes(b"abc\ndef\n\nghi")
    assert [line_at(path, position) for position in (0, 3, 4, 8, 9, 99)] == [1, 1, 2, 3, 4, 4]
