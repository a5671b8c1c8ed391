"""What the bytes say of a column is what its values say one by one, wherever a file is cut."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agm_platform.contracts.model import Column, Type
from agm_platform.landing import plain_columns
from agm_platform.landing.csv_reader import read_csv_file
from agm_platform.landing.plain_columns import whole_columns

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that is read in pieces of seven bytes."""
    monkeypatch.setattr(plain_columns, "CHUNK", 7)
    return tmp_path / "file.csv"


values = st.sampled_from(
    ["", "0", "07", "7.0", "12.0", "7.5", ".0", "7.00", "x", "1e3", "-1", "9" * 16]
)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(values, values), min_size=1, max_size=6), st.booleans())
def test_a_column_is_whole_if_all_its_values_are(
    path: Path, rows: list[tuple[str, str]], ends: bool
) -> None:
    text = "a,b\n" + "\n".join(map(",".join, rows)) + ("\n" if ends else "")
    path.write_text(text)
    expected = {}
    for place in (0, 1):
        column = [row[place] for row in rows]
        if all(re.fullmatch(r"[0-9]{0,15}", value) for value in column):
            expected[place] = "bigint"
        elif all(re.fullmatch(r"[0-9]{0,15}|[0-9]{1,15}\.0", value) for value in column):
            expected[place] = "double"
    assert whole_columns(path, 2, ",") == expected


@pytest.mark.parametrize(
    "content",
    [
        'a,b\n"1",2\n',
        "a,b\r\n1,2\r\n",
        "a,b\n1,2,3\n4\n",
        "a,b\n1\n2,3,4\n",
        "a,b\n\n1,2\n",
        '"a\nc",b\n1,2\n',
    ],
)
def test_a_file_that_is_no_plain_table_is_left_to_the_reader_of_text(
    path: Path, content: str
) -> None:
    path.write_bytes(content.encode())
    assert whole_columns(path, 2, ",") == {}


@pytest.mark.parametrize(
    ("gap", "number", "is_kept"),
    [
        ("7.0", 7, False),
        ("", None, False),
        ("30", 30, False),
        ("7.5", None, True),
        ("x", None, True),
    ],
)
def test_numbers_beside_text_are_read_as_numbers_or_kept_in_the_record(
    connection: duckdb.DuckDBPyConnection,
    tmp_path: Path,
    gap: str,
    number: int | None,
    is_kept: bool,
) -> None:
    columns = (
        Column("order_id", Type.INTEGER, "Number."),
        Column("user_id", Type.TEXT, "Number."),
        Column("gap", Type.INTEGER, "Days."),
    )
    path = tmp_path / "orders.csv"
    path.write_text(f"order_id,user_id,gap\n1,007,3.0\n2,x y,{gap}\n")
    table = read_csv_file(connection, path, columns, tmp_path)
    assert table.relation is not None
    first, second = table.relation.order("row_number").fetchall()
    assert first == (1, 1, "007", 3, None)
    assert second[:4] == (2, 2, "x y", number)
    assert (second[4] is not None) is is_kept
