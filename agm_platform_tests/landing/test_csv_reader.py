"""Delimited files: what is accepted and said, what is refused with its line, nothing lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agm_platform.contracts.model import Column, Type
from agm_platform.landing.csv_reader import CsvTable, read_csv_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import duckdb

COLUMNS = (
    Column("customer_id", Type.TEXT, "Number."),
    Column("last_name", Type.TEXT, "Name."),
    Column("zip", Type.TEXT, "ZIP.", required=False),
)
GOOD = [(1, "1", "Quux", "01234"), (2, "2", "Frob", None)]


@pytest.fixture
def read(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> Callable[..., CsvTable]:
    def read_bytes(content: bytes | str, **options: bool) -> CsvTable:
        path = tmp_path / "people [1].csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        scratch = tmp_path / "scratch"
        scratch.mkdir(exist_ok=True)
        return read_csv_file(connection, path, COLUMNS, scratch, **options)

    return read_bytes


def rows(table: CsvTable) -> list[tuple[object, ...]]:
    assert table.relation is not None, table.reason
    return table.relation.order("row_number").fetchall()


def test_rows_keep_their_order_and_their_text(read: Callable[..., CsvTable]) -> None:
    table = read("customer_id,last_name,zip\n1,Quux,01234\n2,Frob,\n")
    assert table.relation is not None
    assert table.relation.columns == ["row_number", "customer_id", "last_name", "zip"]
    assert [str(t) for t in table.relation.types] == ["BIGINT", "VARCHAR", "VARCHAR", "VARCHAR"]
    assert (rows(table), table.rows, table.notes) == (GOOD, 2, ())


@pytest.mark.parametrize(
    ("content", "note"),
    [
        ("zip,customer_id,last_name\n01234,1,Quux\n,2,Frob\n", None),
        (" Customer ID , LAST-NAME ,Zip\n1,Quux,01234\n2,Frob,", None),
        ("customer_id;last_name;zip\n1;Quux;01234\n2;Frob;\n", "separated by semicolon"),
        ("customer_id\tlast_name\tzip\n1\tQuux\t01234\n2\tFrob\t\n", "separated by tab"),
        ("customer_id|last_name|zip\n1|Quux|01234\n2|Frob|\n", "separated by bar"),
        ("customer_id,last_name,zip\r\n1,Quux,01234\r\n2,Frob,\r\n", None),
        ("customer_id,last_name,zip\r\n1,Quux,01234\r\n2,Frob,", None),
        ("customer_id,last_name,zip\r\n1,Quux,01234\n2,Frob,\n", "mixed or old line ends"),
        ("customer_id,last_name,zip\r1,Quux,01234\r2,Frob,\r", "mixed or old line ends"),
        ("\ufeffcustomer_id,last_name,zip\n1,Quux,01234\n2,Frob,\n", "starts with a byte order"),
        ('"customer_id","last_name","zip"\n"1","Quux","01234"\n"2","Frob",""\n', None),
        ("customer_id,last_name,zip\n\n1,Quux,01234\n\n\n2,Frob,\n\n", None),
        ("customer_id,last_name,zip\n1,Quux,01234\n2,Frob,\n\x1a", "stray bytes at the end"),
        ("customer_id,last_name,zip\n1,Quux,01234\n2,Frob,\n\0\0", "stray bytes at the end"),
        (
            "x,customer_id,last_name,zip,\n9,1,Quux,01234,\n9,2,Frob,,\n",
            "columns that the contract does not have: x, one without a name",
        ),
        (
            "customer_id,last_name,zip\n1,Quux,01234\n2,Frob,\n".encode("utf-16"),
            "not UTF-8; read as utf-16",
        ),
    ],
)
def test_the_same_rows_come_from_every_usual_way_to_write_them(
    read: Callable[..., CsvTable], content: str | bytes, note: str | None
) -> None:
    table = read(content)
    assert rows(table) == GOOD
    assert [n.startswith(note or "") for n in table.notes] == ([True] if note else [])


def test_an_optional_column_that_is_rarely_there_is_missed_without_a_word(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = tmp_path / "map.csv"
    path.write_text("customer_id\n1\n")
    columns = (COLUMNS[0], Column("valid_from", Type.TEXT, "Day.", required=False, usual=False))
    table = read_csv_file(connection, path, columns, tmp_path)
    assert rows(table) == [(1, "1", None)]
    assert table.notes == ()


def test_an_absent_optional_column_is_null_and_said(read: Callable[..., CsvTable]) -> None:
    table = read("customer_id,last_name\n1,Quux\n")
    assert rows(table) == [(1, "1", "Quux", None)]
    assert table.notes == ("no column zip",)


def test_quotes_hold_delimiters_quotes_and_line_ends(read: Callable[..., CsvTable]) -> None:
    table = read('customer_id,last_name\r\n1,"Quux, ""Z""\r\nEsq."\r\n2,Fr"ob\r\n')
    assert [row[2] for row in rows(table)] == ['Quux, "Z"\r\nEsq.', 'Fr"ob']


def test_windows_1252_is_read_and_said(read: Callable[..., CsvTable]) -> None:
    table = read("customer_id,last_name\n1,Müller–Łö\n".replace("Ł", "").encode("cp1252"))
    assert rows(table)[0][2] == "Müller–ö"
    assert "not UTF-8; read as windows-1252: look at accents" in table.notes


@pytest.mark.parametrize(
    ("content", "reason", "line"),
    [
        ("", "the file is empty", 1),
        (" \r\n\n", "the file is empty", 1),
        ("\ufeff", "the file is empty", 1),
        ("customer_id,last_name,zip\n", "a header and no rows", 1),
        ("1,Quux,01234\n2,Frob,\n", "line 1 has none of the columns of the contract", 1),
        ("customer_id,lastnames\n1,Quux\n", "the header lacks last_name (was last_name ren", 1),
        ("customer_id,last_name,Last Name\n1,Quux,Frob\n", "the header has the column last_", 1),
        ("customer_id,last_name\n1,Quux\n2\n3,Frob\n", "rows that do not fit the 2 col", 3),
        ("customer_id,last_name\n1,Quux\n2,a,b\n", "rows that do not fit the 2 columns", 3),
        ('customer_id,last_name\n1,"Qu\nux"\n2\n', "rows that do not fit the 2 columns", 4),
        ('customer_id,last_name\n1,Quux\n2,"Frob\n3,x\n', "rows that do not fit the 2 colu", 3),
        ('customer_id,last_name\n1,"Quux" jr\n', "rows that do not fit the 2 columns", 2),
        ("customer_id,last_name\n1,Müll\n2,M".encode() + b"\xfc\n", "UTF-8 with a damaged", 3),
        (b"customer_id,last_name\n1,\x81Quux\n", "neither UTF-8 nor windows-1252", None),
    ],
)
def test_what_cannot_be_read_whole_is_refused_with_reason_and_line(
    read: Callable[..., CsvTable], content: str | bytes, reason: str, line: int | None
) -> None:
    table = read(content)
    assert (table.relation, table.rows, table.line) == (None, 0, line)
    assert str(table.reason).startswith(reason)
    for personal in ("Quux", "Frob", "01234"):
        assert personal not in f"{table.reason} {table.notes}"


def test_a_refusal_names_what_was_found_and_what_was_expected(
    read: Callable[..., CsvTable],
) -> None:
    reason = str(read("Customer ID,surname\n1,Quux\n").reason)
    assert "found customer_id, surname; expected customer_id, last_name" in reason


def test_every_ragged_row_is_counted(read: Callable[..., CsvTable]) -> None:
    reason = str(read("customer_id,last_name\n" + "1\n" * 9 + "1,2,3\n").reason)
    assert "line 2: fewer values than the header; line 3: fewer" in reason
    assert " and 5 more" in reason


def test_no_row_of_a_refused_file_stays_behind(
    read: Callable[..., CsvTable], connection: duckdb.DuckDBPyConnection
) -> None:
    def tables() -> list[tuple[str]]:
        return connection.execute("select table_name from duckdb_tables()").fetchall()

    before = tables()
    read("customer_id,last_name\n1,Quux\n2\n")
    read("customer_id,last_name\n")
    assert tables() == before


def test_an_empty_table_may_be_allowed(read: Callable[..., CsvTable]) -> None:
    assert rows(read("customer_id,last_name\n", allow_empty=True)) == []


def test_a_file_larger_than_the_engines_buffers_keeps_its_order(
    read: Callable[..., CsvTable],
) -> None:
    lines = [f'{number},"Na\nme{number}"' for number in range(300_000)]
    table = read("customer_id,last_name\n" + "\n".join(lines))
    assert table.rows == 300_000
    assert table.relation is not None
    wrong = table.relation.filter("row_number <> customer_id::bigint + 1")
    assert wrong.aggregate("count(*)").fetchall() == [(0,)]


values = st.text(st.characters(codec="utf-8", exclude_characters="\0\x1a"), max_size=5)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(values, values), min_size=1, max_size=6),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([",", ";", "\t", "|"]),
)
def test_every_quoted_text_comes_back(
    read: Callable[..., CsvTable], pairs: list[tuple[str, str]], end: str, delimiter: str
) -> None:
    lines = [("customer_id", "last_name"), *pairs]
    quoted = [
        delimiter.join(f'"{value.replace(chr(34), chr(34) * 2)}"' for value in line)
        for line in lines
    ]
    table = read(end.join(quoted))
    assert [row[1:3] for row in rows(table)] == [(a or None, b or None) for a, b in pairs]


NUMBERS = (
    Column("order_id", Type.INTEGER, "Number."),
    Column("place", Type.INTEGER, "Number.", required=False),
)


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        ("order_id,place\n1,2\n3,\n", [(1, 2, None), (3, None, None)]),
        ('"order_id","place"\r\n"1","2"\r\n', [(1, 2, None)]),
        ("order_id,place,name\n01,15.0,x\n", [(1, 15, None)]),
        ("order_id\n7\n", [(7, None, None)]),
        ("order_id,place\n7.6,x\n", [(None, None, '{"order_id":"7.6","place":"x"}')]),
        ("order_id,place\n99999999999999999999,2\n", None),
    ],
)
def test_whole_numbers_are_kept_as_such_and_what_is_none_as_text(
    connection: duckdb.DuckDBPyConnection,
    tmp_path: Path,
    content: str,
    rows: list[tuple[object, ...]] | None,
) -> None:
    path = tmp_path / "lines.csv"
    path.write_text(content, newline="")
    table = read_csv_file(connection, path, NUMBERS, tmp_path)
    assert table.relation is not None
    found = table.relation.project("order_id, place, record").fetchall()
    if rows is None:
        assert found[0][0] is None
        assert "99999999999999999999" in found[0][2]
    else:
        assert found == rows
