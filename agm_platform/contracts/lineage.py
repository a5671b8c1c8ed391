"""Which columns a column is made of, one step back and all the way to fields of files.

Read from `lineage.json`, which `make contracts` writes from the functions of the tables.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

PATH = Path(__file__).with_name("lineage.json")
MOST_NAMED = 4
"""Fields that a sentence names; of more it says how many there are of which files."""


class How(StrEnum):
    """How the lineage of a table is known."""

    TRACED = "traced"  # read off the query that its function builds: exact
    FILE = "file"  # a field of a file, taken under its name: exact
    BY_NAME = "by name"  # a table that its function reads declares the same column: likely


@dataclass(frozen=True, slots=True)
class Lineage:
    """What one table is made of, one step back.

    `reads` are the tables, or kinds of files, that its asset reads. `columns` give for each column
    the columns whose values it is made of, `source.table.column`; none for a count of rows and for
    a constant. Of a column that is missing only the tables are known.
    """

    how: How
    reads: tuple[str, ...]
    columns: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a column comes from in the end.

    `fields` are fields of files, `<source>_<feed>.<field>`; `tables` those in which a way back is
    lost, so that only they are known. `is_exact` if every step of every way was traced.
    """

    fields: tuple[str, ...]
    tables: tuple[str, ...]
    is_exact: bool

    def __str__(self) -> str:
        """Say it in a sentence."""
        if self.tables:
            fields = f"; also {_named(self.fields)}" if self.fields else ""
            return f"Computed in Python from {_listed(self.tables)}{fields}."
        if not self.fields:
            return "Counts rows, or is a constant."
        return f"From {_named(self.fields)}{'' if self.is_exact else ' (by name)'}."


@cache
def lineage() -> Mapping[str, Lineage]:
    """Return the lineage of every table by its full name; read once."""
    return parsed(PATH.read_text(encoding="utf-8"))


def parsed(text: str) -> dict[str, Lineage]:
    """Return what `lineage.json` says."""
    return {
        name: Lineage(
            How(entry["how"]),
            tuple(entry["reads"]),
            {column: tuple(sources) for column, sources in entry["columns"].items()},
        )
        for name, entry in json.loads(text).items()
    }


@cache
def origin(table: str, column: str) -> Origin:
    """Return where a column of a table comes from; of an unknown table nothing is known.

    A table that reads itself, to keep what it had, comes from what else it reads.
    """
    return _origin(table, column, lineage(), frozenset())


def _origin(
    table: str, column: str, known: Mapping[str, Lineage], seen: frozenset[tuple[str, str]]
) -> Origin:
    entry = known.get(table)
    if entry is None or column not in entry.columns:
        return Origin((), entry.reads if entry else (table,), is_exact=False)
    fields: set[str] = set()
    tables: set[str] = set()
    is_exact = entry.how is not How.BY_NAME
    for source in entry.columns[column]:
        parent, _, name = source.rpartition(".")
        if entry.how is How.FILE:
            fields.add(f"{parent.removeprefix('landing.')}.{name}")
        elif (parent, name) not in seen:
            before = _origin(parent, name, known, seen | {(table, column)})
            fields |= set(before.fields)
            tables |= set(before.tables)
            is_exact &= before.is_exact
    return Origin(tuple(sorted(fields)), tuple(sorted(tables)), is_exact)


def _named(fields: tuple[str, ...]) -> str:
    if len(fields) <= MOST_NAMED:
        return _listed(fields)
    files = sorted({field.partition(".")[0] for field in fields})
    return f"{len(fields)} fields of {_listed(tuple(files))}"


def _listed(names: tuple[str, ...]) -> str:
    if len(names) <= MOST_NAMED:
        return ", ".join(names)
    return f"{', '.join(names[: MOST_NAMED - 1])} and {len(names) - MOST_NAMED + 1} more"
