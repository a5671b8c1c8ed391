"""Reads a published folder: answers, manifest, tables with their descriptions, figures' rows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import duckdb

from agm_platform.reports.figure import Drawn, Figure, LeftOut, Rows, rows_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Described:
    """A published table: its name, what it holds, how many rows, and (name, type, meaning)."""

    schema: str
    name: str
    description: str
    rows: int
    columns: tuple[tuple[str, str, str], ...]

    @property
    def full_name(self) -> str:
        """`schema.name`, as in SQL."""
        return f"{self.schema}.{self.name}"


class Published:
    """A published folder, open for reading until the `with` block is left.

    Raises FileNotFoundError for a folder without answers or tables.
    """

    def __init__(self, folder: Path) -> None:
        """Read answers and manifest, and open the tables."""
        self.answers: list[dict[str, Any]] = json.loads(
            (folder / "answers.json").read_text(encoding="utf-8")
        )
        path = folder / "insights.duckdb"
        if not path.exists():
            msg = f"{path}: not there"
            raise FileNotFoundError(msg)
        manifest = folder / "manifest.json"
        self.manifest: dict[str, Any] = (
            json.loads(manifest.read_text(encoding="utf-8")) if manifest.exists() else {}
        )
        self._db = duckdb.connect(str(path), read_only=True)
        # Sums of fractions come out alike every time only if they are added up in one order.
        self._db.execute("set threads = 1")
        self.tables = self._described()

    def __enter__(self) -> Self:
        """Give this."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the tables."""
        self._db.close()

    @property
    def as_of(self) -> str | None:
        """The last business date in the answers, in ISO form."""
        dates = [str(answer["as_of"]) for answer in self.answers if answer.get("as_of")]
        return max(dates, default=None)

    def has(self, full_name: str) -> bool:
        """Whether a table is published."""
        return full_name in self.tables

    def query(self, sql: str, **forms: tuple[str, ...]) -> Rows:
        """Return the rows of a query; `dollars` and `rates` name its columns of these forms."""
        found = self._db.execute(sql)
        columns = [column[0] for column in found.description or ()]
        return rows_of(columns, found.fetchall(), **forms)

    def draw(self, figure: Figure) -> Drawn | LeftOut:
        """Return a figure with its rows, ordered by series; or why it is left out."""
        missing = [name for name in figure.evidence if not self.has(name)]
        if missing:
            return LeftOut(figure, f"{' and '.join(missing)} is not in this snapshot")
        return arranged(figure, self.query(figure.sql, dollars=figure.dollars, rates=figure.rates))

    def _described(self) -> dict[str, Described]:
        columns: dict[tuple[str, str], list[tuple[str, str, str]]] = {}
        for schema, table, *column in self._db.execute(
            "select schema_name, table_name, column_name, data_type, coalesce(comment, '')"
            " from duckdb_columns() where not internal order by schema_name, table_name,"
            " column_index"
        ).fetchall():
            columns.setdefault((schema, table), []).append((column[0], column[1], column[2]))
        found = {}
        for schema, name, comment in self._db.execute(
            "select schema_name, table_name, coalesce(comment, '') from duckdb_tables()"
            " where not internal order by 1, 2"
        ).fetchall():
            count = self._db.execute(f'select count(*) from "{schema}"."{name}"').fetchall()[0][0]
            table = Described(schema, name, comment, count, tuple(columns[schema, name]))
            found[table.full_name] = table
        return found


def first_rows(folder: Path, tables: Sequence[str], count: int) -> dict[str, list[dict[str, Any]]]:
    """Return the first rows of published tables, in the order of their keys; none of others."""
    found = {}
    with duckdb.connect(str(folder / "insights.duckdb"), read_only=True) as db:
        for name in tables:
            schema, _, table = name.partition(".")
            rows = db.table(f'"{schema}"."{table}"').limit(count)
            found[name] = [dict(zip(rows.columns, row, strict=True)) for row in rows.fetchall()]
    return found


def arranged(figure: Figure, table: Rows) -> Drawn | LeftOut:
    """Return a figure with the rows of its query, ordered by series; or why it is left out."""
    if figure.colour and figure.colour != figure.number:
        place = table.columns.index(figure.colour)
        series = list(dict.fromkeys(table.column(figure.colour)))
        ordered = sorted(table.rows, key=lambda row: series.index(row[place]))
        table = Rows(table.columns, table.forms, tuple(ordered))
    drawn = Drawn(figure, table)
    if not table.rows:
        return LeftOut(figure, f"{figure.evidence[0]} has no rows for it yet")
    if not drawn.shown.rows:
        return LeftOut(figure, "every group has too few customers, or too few observations")
    return drawn
