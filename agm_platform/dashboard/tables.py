"""What the dashboard does to a table: which filters it has, its rows by them, sums, downloads.

Functions of frames and of nothing else, so that they are tested without a browser.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import narwhals as nw

from agm_platform.reports.written import NOTHING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import duckdb

MOST_CHOICES = 60
"""Different values of a column that a list of choices holds; in longer ones nobody finds any."""
LONGEST_CHOICE = 40
"""Letters; longer values are sentences or hashes, which nobody filters by."""
FIRST = ("dimension", "source", "store_id", "store_name", "segment", "tier", "member_group")
"""What people filter by first, where a table has it."""
ONE_AT_A_TIME = "dimension"
"""A table of sums tells the same orders again in every dimension: together they count twice."""
EVENTS = {"order_id", "customer_id", "file_name"}
"""A table with one of these has a row an order, line, customer or file. Only such rows may be added
up: other tables are sums and shares already, often of the same orders in several ways."""
COUNTED = {"order_count", "quantity", "redemptions", "rows_received", "waiting", "released"}
MONEY, A_PIECE = "_usd_cents", "price"
"""Amounts may be added up, prices of one piece may not."""
MOST_EXCEL_ROWS = 1_048_575
"""Rows that Excel takes beside the head."""


class Kind(StrEnum):
    """How a filter is set."""

    ONE = "one"
    SOME = "some"
    PERIOD = "period"


@dataclass(frozen=True, slots=True)
class Filter:
    """One column to filter by: its values as people read them, or first and last day."""

    column: str
    kind: Kind
    values: tuple[Any, ...]

    @property
    def name(self) -> str:
        """The column's name in words."""
        return self.column.replace("_", " ").capitalize()


def filters_of(frame: nw.LazyFrame[Any]) -> list[Filter]:
    """Return the filters of a table, those that people want first at the front.

    A column of days makes a period, a column of text or yes and no with at most `MOST_CHOICES`
    values a choice. A column with one value only tells nothing apart and makes none.
    """
    schema = frame.collect_schema()
    days = [name for name, kind in schema.items() if kind == nw.Date]
    words = [name for name, kind in schema.items() if kind in {nw.String, nw.Boolean}]
    if not days and not words:
        return []
    facts = _only_row(
        frame.select(
            *(nw.col(name).min().alias(f"{name}:first") for name in days),
            *(nw.col(name).max().alias(f"{name}:last") for name in days),
            *(nw.col(name).n_unique().alias(name) for name in words),
            *(
                nw.col(name).cast(nw.String).str.len_chars().max().alias(f"{name}:longest")
                for name in words
            ),
        )
    )
    found = []
    for name in schema:
        if name in days and facts[f"{name}:first"] != facts[f"{name}:last"]:
            found.append(Filter(name, Kind.PERIOD, (facts[f"{name}:first"], facts[f"{name}:last"])))
        is_short = name in words and (facts[f"{name}:longest"] or 0) <= LONGEST_CHOICE
        if is_short and 1 < (facts[name] or 0) <= MOST_CHOICES:
            kind = Kind.ONE if name == ONE_AT_A_TIME else Kind.SOME
            values = frame.select(name).unique().collect().get_column(name).to_list()
            found.append(Filter(name, kind, tuple(sorted(map(in_words, values)))))
    place = {name: number for number, name in enumerate(FIRST)}
    return sorted(found, key=lambda one: (place.get(one.column, len(FIRST)), one.kind != "period"))


def narrowed(
    frame: nw.LazyFrame[Any], chosen: Mapping[str, tuple[date, date] | Sequence[str]]
) -> nw.LazyFrame[Any]:
    """Return the rows that fit: between two days, both counted, or with one of the values.

    Nothing chosen for a column leaves it alone. Values are in words, as `filters_of` gives them.
    """
    schema = frame.collect_schema()
    for name, wanted in chosen.items():
        column = nw.col(name)
        if schema[name] == nw.Date:
            first, last = wanted
            frame = frame.filter(column >= first, column <= last)
        elif wanted:
            text = column.cast(nw.String)
            if schema[name] == nw.Boolean:
                text = nw.when(column).then(nw.lit("yes")).when(~column).then(nw.lit("no"))
            fits = text.is_in([value for value in wanted if value != NOTHING])
            frame = frame.filter(fits | column.is_null() if NOTHING in wanted else fits)
    return frame


def can_be_added_up(frame: nw.LazyFrame[Any]) -> bool:
    """Whether a table's rows are of events, so that groups of them may be counted and summed."""
    return not EVENTS.isdisjoint(frame.collect_schema().names())


def grouped(frame: nw.LazyFrame[Any], by: str) -> nw.LazyFrame[Any]:
    """Return one row a value of `by`: that, `rows`, and sums of amounts and of what is counted.

    A sum of nothing but missing values is null, never 0.
    """
    sums = [
        nw.when(nw.col(name).count() > 0).then(nw.col(name).sum()).alias(name)
        for name, kind in frame.collect_schema().items()
        if kind.is_integer() and (name in COUNTED or (name.endswith(MONEY) and A_PIECE not in name))
    ]
    return frame.group_by(by).agg(nw.len().alias("rows"), *sums).sort(by, nulls_last=True)


def counted(frame: nw.LazyFrame[Any]) -> int:
    """Return how many rows there are."""
    return int(_only_row(frame.select(nw.len().alias("rows")))["rows"])


def as_csv(rows: duckdb.DuckDBPyRelation) -> bytes:
    """Return rows as CSV in UTF-8 with a head; nothing where there is no value."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        rows.write_csv(str(path), header=True)
        return path.read_bytes()


def as_parquet(rows: duckdb.DuckDBPyRelation) -> bytes:
    """Return rows as one Parquet file with the types of the table."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.parquet"
        rows.write_parquet(str(path))
        return path.read_bytes()


def as_xlsx(rows: duckdb.DuckDBPyRelation) -> bytes:
    """Return rows as a workbook of one sheet: numbers as numbers, text never a formula."""
    import xlsxwriter

    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "default_date_format": "yyyy-mm-dd",
        "nan_inf_to_errors": True,
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.xlsx"
        with xlsxwriter.Workbook(str(path), options) as book:
            sheet = book.add_worksheet("Rows")
            sheet.freeze_panes(1, 0)
            sheet.write_row(0, 0, rows.columns)
            for place, row in enumerate(rows.limit(MOST_EXCEL_ROWS).fetchall(), 1):
                sheet.write_row(place, 0, row)
        return path.read_bytes()


def in_words(value: Any) -> str:
    """Return a value of a choice as people read it."""
    if value is None:
        return NOTHING
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _only_row(frame: nw.LazyFrame[Any]) -> dict[str, Any]:
    return dict(frame.collect(backend="pyarrow").rows(named=True)[0])
