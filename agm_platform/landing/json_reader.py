"""Nested JSON files into flat tables of text, parsed once by the engine under an explicit contract.

The engine alone is too lenient (a field missing everywhere is a silent null) and its errors quote
people's names, so the keys it found are counted against the bytes of the file; whatever does not
add up goes to the slow but exact `json_diagnosis`. Rows always come from the engine.
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb

from agm_platform.landing.file_bytes import BLANKS, JsonBytes, json_bytes, line_at
from agm_platform.landing.json_diagnosis import ASK_AGAIN, Diagnosis, diagnose, told_dates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date
    from pathlib import Path

    from duckdb import DuckDBPyConnection, DuckDBPyRelation

    from agm_platform.landing.document import Document, Part

FILES_AT_ONCE = 250  # what one bad file can cost: it is found by halving
ENGINE_OBJECT_BYTES = 16 << 20  # the engine's default; a larger buffer costs memory in each thread
_numbers = itertools.count(1)


class DayFile(NamedTuple):
    """One file to read: the name as delivered is told apart from where its bytes lie now."""

    business_date: date
    file_name: str
    path: Path


class Verdict(NamedTuple):
    """What became of one file: its counts, or the reason and line of its quarantine.

    `notes` are oddities that were accepted. No text holds a value from the file.
    """

    file: DayFile
    records: int = 0
    items: int = 0
    reason: str | None = None
    line: int | None = None
    notes: tuple[str, ...] = ()

    @property
    def accepted(self) -> bool:
        """Whether the rows of the file are in the tables."""
        return self.reason is None


class JsonTables(NamedTuple):
    """Lazy relations by table name, in the order of the files given, and a verdict a file.

    The relations read a temporary table of the connection: write them before it is closed.
    """

    relations: dict[str, DuckDBPyRelation]
    verdicts: list[Verdict]


def read_json_files(
    connection: DuckDBPyConnection,
    files: Sequence[DayFile],
    document: Document,
    scratch: Path,
    on_progress: Callable[[int, int], None] | None = None,
) -> JsonTables:
    """Read the files into the tables of `document`: business_date, file_name, positions, text.

    A number is text as the engine writes it (12.50 becomes 12.5). A file is accepted or quarantined
    whole. `scratch` is an existing folder for repaired copies that lasts as long as the connection.
    The connection must not be in a transaction and must keep the insertion order (DuckDB's
    default). `on_progress` gets (files read, files).
    """
    reader = _Reader(connection, files, document, scratch)
    for start in range(0, len(files), FILES_AT_ONCE):
        reader.read(list(range(start, min(start + FILES_AT_ONCE, len(files)))))
        if on_progress:
            on_progress(min(start + FILES_AT_ONCE, len(files)), len(files))
    return JsonTables(reader.relations(), reader.verdicts())


class _Reader:
    """One call: a temporary table with one row a record, and what is known of each file."""

    def __init__(
        self,
        connection: DuckDBPyConnection,
        files: Sequence[DayFile],
        document: Document,
        scratch: Path,
    ) -> None:
        self.connection = connection
        self.files = files
        self.document = document
        self.scratch = scratch
        self.paths = [file.path for file in files]
        self.diagnoses: dict[int, Diagnosis] = {}
        self.counts: dict[int, tuple[int, int]] = {}
        self.table = f"landing_json_{next(_numbers)}"
        header = ", ".join(f"{_quoted(name)} varchar" for name in document.header)
        connection.execute(
            f"create temp table {self.table} (file_id bigint, business_date date,"
            f" file_name varchar, position bigint, record {_record_type(document)},"
            f" header struct(records bigint, {header}))"
        )

    def read(self, ids: list[int]) -> None:
        """Read some files; diagnose those that do not add up."""
        marks = {}
        for number in ids:
            marks[number] = json_bytes(self.paths[number])
            if not marks[number].tail.rstrip(BLANKS).endswith(b"}"):
                self._diagnose(number)
                if self.diagnoses[number].repaired:
                    marks[number] = json_bytes(self.paths[number])
        self._insert([number for number in ids if not self._refused(number)])
        for number in self._odd(marks):
            if number not in self.diagnoses:
                self._diagnose(number)
        refused = [number for number in ids if self._refused(number)]
        if refused:
            self.connection.execute(
                f"delete from {self.table} where list_contains($refused, file_id)",
                {"refused": refused},
            )

    def verdicts(self) -> list[Verdict]:
        """Return a verdict for each file, in the order given."""
        verdicts = []
        for number, file in enumerate(self.files):
            found = self.diagnoses.get(number, Diagnosis())
            records, items = (0, 0) if found.reason else self.counts.get(number, (0, 0))
            verdicts.append(Verdict(file, records, items, found.reason, found.line, found.notes))
        return verdicts

    def relations(self) -> dict[str, DuckDBPyRelation]:
        """Return the tables: one row a record for each object, one row an item."""
        shape = self.document
        start = (
            f"select business_date, file_name, position as {_quoted(shape.record_position)},"
            f" record.{_quoted(shape.key)} as {_quoted(shape.key)}"
        )
        end = f"from {self.table} where position > 0"
        others = [name for name in shape.records.fields if name != shape.key]
        queries = {shape.records.table: f"{start}, {_members('record', others)} {end}"}
        for part in shape.objects:
            values = _members(f"record.{_quoted(part.name)}", part.fields)
            queries[part.table] = f"{start}, {values} {end}"
        items = f"record.{_quoted(shape.items.name)}"
        numbered = f"generate_subscripts({items}, 1) as {_quoted(shape.item_position)}"
        queries[shape.items.table] = (
            f"select * exclude (item), {_members('item', shape.items.fields)} from"
            f" ({start}, {numbered}, unnest({items}) as item {end})"
        )
        return {table: self.connection.sql(query) for table, query in queries.items()}

    def _insert(self, ids: list[int]) -> None:
        """Let the engine parse the files in one statement; on an error halve and try again."""
        if not ids:
            return
        records = _quoted(self.document.records.name)
        header = ", ".join(f"{_quoted(name)} := {_quoted(name)}" for name in self.document.header)
        fields = dict.fromkeys(self.document.header, "varchar")
        fields[self.document.records.name] = f"{_record_type(self.document)}[]"
        columns = ", ".join(f"'{name}': '{kind}'" for name, kind in fields.items())
        sizes = [self.paths[number].stat().st_size for number in ids]
        query = f"""
            insert into {self.table}
            select file_id, business_date, file_name, if(header.records > 0, position, 0), record,
                if(position = 1, header, null)
            from (
                select file_id, business_date, file_name, header,
                    generate_subscripts(records, 1) as position, unnest(records) as record
                from (
                    select $ids[place] as file_id, $dates[place] as business_date,
                        $names[place] as file_name,
                        struct_pack(records := len({records}), {header}) as header,
                        -- a file without records keeps one row to be counted by
                        if(len({records}) > 0, {records}, [null]) as records
                    from (
                        select *, file_index::bigint + 1 as place
                        from read_json($paths, format = 'unstructured', columns = {{{columns}}},
                            maximum_object_size = {max(ENGINE_OBJECT_BYTES, max(sizes) + 1)}))))
        """
        values = {
            "ids": ids,
            "dates": [self.files[number].business_date for number in ids],
            "names": [self.files[number].file_name for number in ids],
            "paths": [_literal_path(self.paths[number]) for number in ids],
        }
        try:
            self.connection.execute(query, values)
        except duckdb.InvalidInputException as error:
            if len(ids) > 1:
                middle = len(ids) // 2
                self._insert(ids[:middle])
                self._insert(ids[middle:])
                return
            self._refused_by_engine(ids[0], error)

    def _refused_by_engine(self, number: int, error: duckdb.Error) -> None:
        """Find words for a file that the engine does not take; its own would quote the file."""
        self._diagnose(number)
        if self.diagnoses[number].reason:
            return
        position = re.search(r"at byte (\d+)", str(error))
        self.diagnoses[number] = Diagnosis(
            f"the engine cannot read this JSON ({type(error).__name__}); {ASK_AGAIN}",
            line_at(self.paths[number], int(position[1])) if position else None,
        )

    def _odd(self, marks: dict[int, JsonBytes]) -> list[int]:
        """Return the files whose keys, as read, are not exactly those of the contract."""
        shape = self.document
        in_record = len(shape.record_members) + sum(len(part.fields) for part in shape.objects)
        odd = []
        for number, (documents, records, items, keys, *values) in self._found(marks).items():
            self.counts[number] = (records or 0, items)
            header = dict(zip(shape.header, values, strict=True))
            expected = len(shape.header) + 1
            expected += (records or 0) * in_record + items * len(shape.items.fields)
            colons = marks[number].colons - sum((value or "").count(":") for value in values)
            named, written = told_dates(header)
            today = self.files[number].business_date.isoformat()
            if (
                documents != 1
                or not keys == colons == expected
                or named not in (None, today)
                or (written or today) < today
            ):
                odd.append(number)
        return odd + [n for n in marks if n not in self.counts and n not in self.diagnoses]

    def _found(self, marks: Iterable[int]) -> dict[int, tuple[Any, ...]]:
        """Return by file: documents, records, items, keys with a value, and the header's values."""
        shape = self.document
        members = [f"record.{_quoted(name)}" for name in shape.record_members]
        members += [
            f"record.{_quoted(part.name)}.{_quoted(field)}"
            for part in shape.objects
            for field in part.fields
        ]
        header = [f"header.{_quoted(name)}" for name in shape.header]
        keys = " + ".join(f"count({name})" for name in [*header, "header.records", *members])
        values = ", ".join(f"max({name})" for name in header)
        items = " + ".join(f"count(item.{_quoted(name)})" for name in shape.items.fields)
        rows = self.connection.execute(
            f"""
            with here as (from {self.table} where file_id between $first and $last),
            records as (
                select file_id, count(header) as documents, max(header.records) as records,
                    {keys} as keys, {values}
                from here group by file_id),
            items as (
                select file_id, count(*) as items, {items} as keys
                from (select file_id, unnest(record.{_quoted(shape.items.name)}) as item from here)
                group by file_id)
            select file_id, documents, records, coalesce(items, 0),
                r.keys + coalesce(i.keys, 0), r.* exclude (file_id, documents, records, keys)
            from records as r left join items as i using (file_id)
            """,
            {"first": min(marks), "last": max(marks)},
        ).fetchall()
        return {row[0]: row[1:] for row in rows}

    def _diagnose(self, number: int) -> None:
        found = diagnose(self.paths[number], self.document, self.files[number].business_date)
        self.diagnoses[number] = found
        if found.repaired is not None:
            self.paths[number] = self.scratch / f"{self.table}_{number}.json"
            self.paths[number].write_bytes(found.repaired)

    def _refused(self, number: int) -> bool:
        return number in self.diagnoses and self.diagnoses[number].reason is not None


def _record_type(document: Document) -> str:
    members = [f"{_quoted(name)} varchar" for name in document.records.fields]
    members += [f"{_quoted(part.name)} {_struct(part)}" for part in document.objects]
    members.append(f"{_quoted(document.items.name)} {_struct(document.items)}[]")
    return f"struct({', '.join(members)})"


def _struct(part: Part) -> str:
    return f"struct({', '.join(f'{_quoted(field)} varchar' for field in part.fields)})"


def _members(struct: str, names: Sequence[str]) -> str:
    return ", ".join(f"{struct}.{_quoted(name)} as {_quoted(name)}" for name in names)


def _quoted(name: str) -> str:
    return f'"{name}"'


def _literal_path(path: Path) -> str:
    """Keep the engine from reading a file name as a pattern."""
    return re.sub(r"([*?\[])", r"[\1]", str(path))
