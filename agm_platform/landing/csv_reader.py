"""Delimited files into tables of text, read once by the engine under an explicit contract.

Nothing is sniffed but the delimiter (from the header) and the encoding. The rows that the engine
returns are counted against the bytes of the file, so none is lost in silence.
"""

from __future__ import annotations

import codecs
import csv
import itertools
import re
import shutil
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import duckdb

from agm_platform.contracts.model import Type
from agm_platform.landing.csv_header import Header, HeaderError, read_header
from agm_platform.landing.file_bytes import (
    BLANKS,
    HARMLESS_AT_END,
    LineBytes,
    holds_only_digits,
    line_at,
    line_bytes,
)
from agm_platform.landing.numbers import as_number, record_of_misfits
from agm_platform.landing.plain_columns import WHOLE, whole_columns
from agm_platform.landing.rewritten import (
    TURNED,
    WORKBOOK_START,
    NotReadableError,
    from_workbook,
    turned,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from duckdb import DuckDBPyConnection, DuckDBPyRelation

    from agm_platform.contracts.model import Column

ASK_AGAIN = "ask the sender for the file again"
START_BYTES = 1 << 16  # more than any header
ROWS_SHOWN = 5
UTF8_LETTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}")
FAULTS = {
    "MISSING COLUMNS": "fewer values than the header",
    "TOO MANY COLUMNS": "more values than the header",
    "UNQUOTED VALUE": "a quote that does not close where the value ends",
    "LINE SIZE OVER MAXIMUM": "a line of more than 2 MB, so a quote may never close",
    "INVALID ENCODING": "bytes that are not UTF-8",
}
_numbers = itertools.count(1)


class CsvTable(NamedTuple):
    """The rows of one file, or the reason and line of its quarantine.

    `relation` has `row_number` (1..n in file order) and every column of the contract as text; null
    where the value is empty or the column absent. It reads a temporary table of the connection.
    Columns that the contract calls whole numbers are such, null where the text is none; `record`
    is then the row as JSON, in a column that is there if any is a number.
    `notes` are oddities that were accepted. No text holds a value from a row.
    """

    relation: DuckDBPyRelation | None
    rows: int = 0
    reason: str | None = None
    line: int | None = None
    notes: tuple[str, ...] = ()


class _RefusedError(Exception):
    """Ends the reading of a file: (reason, line)."""


def read_csv_file(
    connection: DuckDBPyConnection,
    path: Path,
    columns: Sequence[Column],
    scratch: Path,
    *,
    allow_empty: bool = False,
) -> CsvTable:
    """Read one delimited file whole, or not at all.

    Accepted and noted: a workbook with one sheet, a table whose columns stand in rows, other
    delimiters, a byte order mark, mixed line ends, padding at the end, UTF-16, Windows-1252 (only
    if no letter in the file is valid UTF-8), other names of a column that its contract knows,
    absent optional columns and unknown columns. Refused: no or another header, rows of another
    width, unclosed quotes, an empty file and, unless `allow_empty`, a header without rows: as a
    snapshot it would empty its table. `scratch` is an existing folder for a repaired copy. The
    connection must not be in a transaction and must keep the insertion order (DuckDB's default).
    """
    notes: list[str] = []
    table = None
    try:
        path, marks = _made_readable(path, scratch, notes)
        path, marks, header = _with_header(path, marks, columns, scratch, notes)
        notes += header.notes
        numbers = [column.name for column in columns if column.type is Type.INTEGER]
        # Bytes prove that no number is rounded or cut: they are read three times as fast as text.
        kinds = _proved(path, header, numbers)
        table = _load(connection, path, header, kinds=kinds) if kinds else None
        if table is None:
            kinds = {}
            table = _load(connection, path, header)
        if table is None:
            raise _RefusedError(*_faults(connection, path, header))
        rows = connection.execute(f"select count(*) from {table}").fetchall()[0][0]
        _prove_count(path, header, marks, rows)
        if not rows and not allow_empty:
            raise _RefusedError("a header and no rows: it would empty the table; send the rows", 1)
    except _RefusedError as refused:
        connection.execute(f"drop table if exists {table}" if table else "select 1").fetchall()
        reason, line = refused.args
        return CsvTable(None, 0, reason, line, tuple(notes))
    values = [f'{_value(column, header, kinds)} as "{column.name}"' for column in columns]
    if numbers:
        places = {n: f"c{header.places[n]}" for n in header.places}
        record = "null::varchar" if kinds else record_of_misfits(places, numbers)
        values.append(f"{record} as record")
    relation = connection.sql(f"select rowid + 1 as row_number, {', '.join(values)} from {table}")
    return CsvTable(relation, rows, None, None, tuple(notes))


def _proved(path: Path, header: Header, numbers: Sequence[str]) -> dict[int, str]:
    """Return the types as which the columns of whole numbers can be read; all of them, or none."""
    wanted = {header.places[name] for name in numbers if name in header.places}
    if not wanted:
        return {}
    if len(wanted) == header.width and holds_only_digits(path, header.delimiter):
        return dict.fromkeys(wanted, WHOLE)
    found = whole_columns(path, header.width, header.delimiter)
    return {place: found[place] for place in wanted} if wanted <= set(found) else {}


def _value(column: Column, header: Header, kinds: Mapping[int, str]) -> str:
    """Return the SQL of a column's value in its type."""
    if column.name not in header.places:
        return f"null::{column.type.value}"
    place = header.places[column.name]
    if column.type is not Type.INTEGER:
        return f"c{place}"
    kind = kinds.get(place)
    if kind is None:
        return as_number(f"c{place}")
    return f"c{place}" if kind == WHOLE else f"cast(c{place} as bigint)"


def _made_readable(path: Path, scratch: Path, notes: list[str]) -> tuple[Path, LineBytes]:
    """Return the file, or a copy in UTF-8 with one kind of line end and no padding."""
    with path.open("rb") as stream:
        start = stream.read(START_BYTES)
    if start.startswith(WORKBOOK_START):
        copy = _copy(scratch)
        try:
            workbook = from_workbook(path, copy)
        except NotReadableError as error:
            raise _RefusedError(f"{error}; {ASK_AGAIN}", None) from None
        notes.append(workbook.note)
        return copy, line_bytes(copy)
    marks = line_bytes(path)
    if not start.strip(HARMLESS_AT_END + codecs.BOM_UTF8):
        raise _RefusedError(f"the file is empty; {ASK_AGAIN}", 1)
    if start.startswith(codecs.BOM_UTF8):
        notes.append("starts with a byte order mark")
    encoding = _encoding(path, start)
    repairs = [] if encoding == "utf-8" else [f"not UTF-8; read as {encoding}: look at accents"]
    if encoding != "utf-16":
        if (marks.unix and marks.windows) or marks.old_mac:
            repairs.append("mixed or old line ends; those inside of values are changed too")
        if marks.tail.rstrip(HARMLESS_AT_END) != marks.tail.rstrip(BLANKS):
            repairs.append("stray bytes at the end")
    if not repairs:
        return path, marks
    notes += repairs
    copy = _copy(scratch)
    with (
        path.open(encoding=encoding, newline=None) as source,
        copy.open("w", encoding="utf-8", newline="\n") as target,
    ):
        try:
            shutil.copyfileobj(source, target, START_BYTES)
        except UnicodeDecodeError:
            raise _RefusedError(f"neither UTF-8 nor {encoding}; {ASK_AGAIN}", None) from None
    with copy.open("rb+") as stream:
        stream.seek(max(0, copy.stat().st_size - START_BYTES))
        position = stream.tell()
        stream.truncate(position + len(stream.read().rstrip(HARMLESS_AT_END)))
    return copy, line_bytes(copy)


def _encoding(path: Path, start: bytes) -> str:
    """Tell UTF-8 from UTF-16 and Windows-1252, and each from a damaged file."""
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    decoder = codecs.getincrementaldecoder("utf-8")()
    bad, letters, position = None, False, 0
    with path.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            if bad is None:
                held = len(decoder.getstate()[0])
                try:
                    decoder.decode(chunk, final=len(chunk) < 1 << 20)
                except UnicodeDecodeError as error:
                    bad = position - held + error.start
                    stream.seek(0)
            else:
                letters = letters or UTF8_LETTER.search(chunk) is not None
            position += len(chunk)
    if bad is None:
        return "utf-8"
    if letters:
        raise _RefusedError(f"UTF-8 with a damaged letter; {ASK_AGAIN}", line_at(path, bad))
    return "windows-1252"


def _copy(scratch: Path) -> Path:
    return scratch / f"landing_csv_{next(_numbers)}.csv"


def _with_header(
    path: Path, marks: LineBytes, columns: Sequence[Column], scratch: Path, notes: list[str]
) -> tuple[Path, LineBytes, Header]:
    """Return the file with its header; one whose columns stand in rows is turned first."""
    try:
        return path, marks, _header(path, columns)
    except (HeaderError, csv.Error) as error:
        copy = _copy(scratch)
        if not turned(path, columns, copy):
            raise _RefusedError(f"{error}; {ASK_AGAIN} or change the contract", 1) from None
    notes.append(TURNED)
    try:
        return copy, line_bytes(copy), _header(copy, columns)
    except (HeaderError, csv.Error) as error:
        raise _RefusedError(f"{error}; {ASK_AGAIN} or change the contract", 1) from None


def _header(path: Path, columns: Sequence[Column]) -> Header:
    with path.open("rb") as stream:
        start = stream.read(START_BYTES).removeprefix(codecs.BOM_UTF8)
    return read_header(start.decode(errors="ignore"), columns)


def _load(
    connection: DuckDBPyConnection,
    path: Path,
    header: Header,
    rejects: str = "",
    kinds: Mapping[int, str] = MappingProxyType({}),
) -> str | None:
    """Read the file into a temporary table; None if the engine finds it faulty."""
    table = f"landing_csv_{next(_numbers)}"
    columns = ", ".join(
        f"'c{place}': '{kinds.get(place, 'varchar')}'" for place in range(header.width)
    )
    literal = str(path).replace("[", "[[]").replace("*", "[*]").replace("?", "[?]")
    try:
        connection.execute(
            f"""create temp table {table} as from read_csv($path, columns = {{{columns}}},
            auto_detect = false, header = true, delim = $delimiter, quote = '"', escape = '"',
            strict_mode = true, null_padding = false{rejects})""",
            {"path": literal, "delimiter": header.delimiter},
        )
    except (duckdb.InvalidInputException, duckdb.ConversionException):
        return None
    return table


def _faults(connection: DuckDBPyConnection, path: Path, header: Header) -> tuple[str, int | None]:
    """Read the file again, keeping what does not fit, and say where that is."""
    name = f"landing_faults_{next(_numbers)}"
    keep = f", store_rejects = true, rejects_table = '{name}', rejects_scan = '{name}_scan'"
    table = _load(connection, path, header, keep)
    if table is None:
        return f"not a delimited file that can be read; {ASK_AGAIN}", None
    rows = connection.execute(
        f"select line_byte_position, error_type::varchar from {name} order by all"
    ).fetchall()
    for temporary in (name, f"{name}_scan", table):  # they hold lines with people in them
        connection.execute(f"drop table {temporary}")
    places = [(line_at(path, position - 1), fault) for position, fault in rows[:ROWS_SHOWN]]
    shown = "; ".join(f"line {line}: {FAULTS.get(fault, fault)}" for line, fault in places)
    more = f" and {len(rows) - ROWS_SHOWN} more" if len(rows) > ROWS_SHOWN else ""
    reason = f"rows that do not fit the {header.width} columns of the header: {shown}{more}"
    return f"{reason}; {ASK_AGAIN}", places[0][0] if places else None


def _prove_count(path: Path, header: Header, marks: LineBytes, rows: int) -> None:
    """Refuse a file if the engine returned another number of rows than it holds."""
    if rows == marks.records - 1:
        return
    with path.open(encoding="utf-8-sig", newline="") as stream:
        # A quote inside of an unquoted value misleads the count of bytes, not this one.
        try:
            held = sum(1 for row in csv.reader(stream, delimiter=header.delimiter) if row) - 1
        except csv.Error:
            raise _RefusedError(f"quotes that do not add up; {ASK_AGAIN}", None) from None
    if rows != held:
        reason = f"the engine read {rows} rows where the file holds {held}; {ASK_AGAIN}"
        raise _RefusedError(reason, None)
