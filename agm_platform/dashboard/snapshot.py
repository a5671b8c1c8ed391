"""The snapshot that a reader looks at: which one is current, its tables, its figures by filter."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import narwhals as nw

from agm_platform.dashboard.tables import grouped, narrowed
from agm_platform.reports.catalogue import chapters
from agm_platform.reports.figure import rows_of
from agm_platform.reports.published import Published, arranged

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from agm_platform.reports.figure import Drawn, Figure, LeftOut

NEEDED = ("answers.json", "insights.duckdb", "manifest.json")


def current(link: Path) -> Path | None:
    """Return the folder that the readers' link leads to now; None if nothing is published yet."""
    folder = link.resolve()
    return folder if all((folder / name).exists() for name in NEEDED) else None


class Snapshot(Published):
    """A published folder whose figures can be drawn from some of a table's rows.

    Raises FileNotFoundError for a folder without answers or tables.
    """

    def __init__(self, folder: Path) -> None:
        """Open the tables once more, beside a catalogue in memory that may hold views."""
        super().__init__(folder)
        self.folder = folder
        self._views = duckdb.connect()
        self._views.execute("set threads = 1")
        path = str(folder / "insights.duckdb").replace("'", "''")
        self._views.execute(f"attach '{path}' as snapshot (read_only)")

    def __exit__(self, *unused: object) -> None:
        """Close the tables."""
        self._views.close()
        super().__exit__(*unused)

    def table(self, full_name: str) -> nw.LazyFrame[Any]:
        """Return a table as a frame that is read when it is needed."""
        schema, _, name = full_name.partition(".")
        return nw.from_native(self._views.sql(f'from snapshot."{schema}"."{name}"')).lazy()

    def rows(
        self, full_name: str, chosen: Mapping[str, Any], by: str | None = None
    ) -> nw.LazyFrame[Any]:
        """Return the rows of a table that fit what is chosen; with `by`, added up by that."""
        fitting = narrowed(self.table(full_name), chosen)
        return grouped(fitting, by) if by else fitting

    def figures(self, answer_id: str) -> list[Figure]:
        """Return the figures that illustrate an answer, in the order of the catalogue."""
        return [
            figure
            for chapter in chapters()
            for figure in chapter.figures
            if figure.illustrates(answer_id)
        ]

    def figures_of(self, full_name: str) -> list[Figure]:
        """Return the figures that rest on a table, in the order of the catalogue."""
        return [
            figure
            for chapter in chapters()
            for figure in chapter.figures
            if full_name in figure.evidence
        ]

    def draw_from(self, figure: Figure, only: Mapping[str, nw.LazyFrame[Any]]) -> Drawn | LeftOut:
        """Return a figure drawn from the rows given for a table, and all rows of the others."""
        if not all(map(self.has, figure.evidence)):
            return self.draw(figure)
        for full_name in figure.evidence:
            schema, _, name = full_name.partition(".")
            rows = nw.to_native(only.get(full_name, self.table(full_name)))
            self._views.execute(f'create schema if not exists "{schema}"')
            self._views.execute(f'create or replace view "{schema}"."{name}" as {rows.sql_query()}')
        found = self._views.execute(figure.sql)
        columns = [column[0] for column in found.description or ()]
        table = rows_of(columns, found.fetchall(), dollars=figure.dollars, rates=figure.rates)
        return arranged(figure, table)


def made(
    folder: Path,
    full_name: str,
    chosen: Mapping[str, Any],
    by: str | None,
    write: Callable[[duckdb.DuckDBPyRelation], bytes],
) -> bytes:
    """Return a file of the rows that `Snapshot.rows` gives.

    Opens the snapshot itself: a download is asked for long after the page was made.
    FileNotFoundError once the snapshot has been deleted.
    """
    with Snapshot(folder) as snapshot:
        return write(nw.to_native(snapshot.rows(full_name, chosen, by)))
