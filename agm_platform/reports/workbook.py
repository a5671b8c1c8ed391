"""One Excel file with what the pages show: numbers as numbers, and charts that Excel draws."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from agm_platform.contracts.business import CONFIDENCE
from agm_platform.reports.excel_charts import add_chart
from agm_platform.reports.figure import Form, Rows, rows_of
from agm_platform.reports.report import gather
from agm_platform.reports.written import EXCEL_FORMATS, written

if TYPE_CHECKING:
    from pathlib import Path

    from agm_platform.reports.figure import Drawn
    from agm_platform.reports.report import Report

CREATED = datetime(2020, 1, 1, tzinfo=UTC)
"""The date in the file's properties where no answer has one: never the clock's."""
NARROWEST, WIDEST = 8, 60
"""Widths of columns, in characters."""
LONGEST_NAME = 31
"""Excel's limit for the name of a sheet."""
MOST_ROWS = 100_000
"""Rows of a table that a sheet holds; Excel's own limit is 1 048 576."""
ABOVE_TABLE = 4
"""Rows above a figure's table: title, question, words, and one that is empty."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of the contents: its name and what is on it."""

    name: str
    title: str


def write_workbook(published: Path, target: Path) -> int:
    """Write the workbook of a published folder to `target`; return how many sheets it has.

    The same folder gives the same bytes. Raises what `report.gather` raises.
    """
    import xlsxwriter

    report = gather(published)
    # A text that begins like a formula or a link stays a text.
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(target), options) as book:
        created = datetime.fromisoformat(report.as_of) if report.as_of else CREATED
        book.set_properties({"title": "Customer insights", "created": created.replace(tzinfo=None)})
        return _Writer(book, report).write()


class _Writer:
    """Writes the sheets of one workbook, in the order in which they are read."""

    def __init__(self, book: Any, report: Report) -> None:
        self._book = book
        self._report = report
        self._formats = {
            form: book.add_format(
                {"num_format": pattern, "valign": "top", "text_wrap": form is Form.TEXT}
            )
            for form, pattern in EXCEL_FORMATS.items()
        }
        self._head = book.add_format(
            {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top", "bg_color": "#EDEBE4"}
        )
        self._title = book.add_format({"bold": True, "font_size": 14})
        self._link = book.add_format({"font_color": "#0B5394", "underline": 1})
        self._soft = book.add_format({"font_color": "#566067"})
        self._sheets: list[Sheet] = []

    def write(self) -> int:
        report = self._report
        contents = self._book.add_worksheet("Contents")
        self._table("Answers", "Every question with its answer", _answers(report))
        self._table("Details", "Rankings and breakdowns behind the answers", _details(report))
        for drawn in report.drawn:
            self._figure(drawn)
        self._table("Files", "Files received, as the ledger has them", report.quality.files)
        self._table("Business terms", "Named numbers and where they come from", _terms(report))
        self._table("Methods", "How each answer was made", _methods(report))
        self._table(
            "Reconciliation", "Rows received and what became of them", report.quality.reconciliation
        )
        self._table("Rows set aside", "Rows set aside, by rule", report.quality.quarantine)
        self._table("Shortfalls", "Values that are not as they must be", report.quality.shortfalls)
        self._table("Scores", "Shares of values that are as they must be", report.quality.scores)
        self._table("Checks", "Blocking checks that each table passed", report.quality.checks)
        self._contents(contents)
        return len(self._sheets) + 1

    def _contents(self, sheet: Any) -> None:
        as_of = f"Data up to {self._report.as_of}. " if self._report.as_of else ""
        sheet.write_string(0, 0, "Customer insights", self._title)
        sheet.write_string(
            1, 0, f"{as_of}Figures that describe too few customers are left empty.", self._soft
        )
        for place, one in enumerate(self._sheets, 3):
            sheet.write_url(place, 0, f"internal:'{one.name}'!A1", self._link, one.name)
            sheet.write_string(place, 1, one.title)
        sheet.set_column(0, 0, LONGEST_NAME + 2)
        sheet.set_column(1, 1, WIDEST)

    def _table(self, name: str, title: str, table: Rows) -> None:
        """Write a sheet that is a table alone; none for one without columns."""
        if not table.columns:
            return
        sheet = self._sheet(name, title)
        self._write(sheet, table, 0)
        sheet.freeze_panes(1, 1)
        if table.rows:
            sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)

    def _figure(self, drawn: Drawn) -> None:
        figure = drawn.figure
        sheet = self._sheet(figure.name, figure.title)
        sheet.write_string(0, 0, figure.title, self._title)
        sheet.write_string(1, 0, figure.question)
        words = f"{figure.note} From {', '.join(figure.evidence)}.".strip()
        sheet.write_string(2, 0, words, self._soft)
        self._write(sheet, drawn.table, ABOVE_TABLE)
        sheet.freeze_panes(ABOVE_TABLE + 1, 0)
        add_chart(self._book, sheet, drawn, ABOVE_TABLE)

    def _sheet(self, name: str, title: str) -> Any:
        taken = {one.name.lower() for one in self._sheets}
        short = sheet_name(name, taken)
        self._sheets.append(Sheet(short, title))
        sheet = self._book.add_worksheet(short)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        return sheet

    def _write(self, sheet: Any, table: Rows, top: int) -> None:
        """Write head and rows from row `top` on, as wide as what is in them."""
        for column, (name, form) in enumerate(zip(table.columns, table.forms, strict=True)):
            sheet.write_string(top, column, name, self._head)
            values = [row[column] for row in table.rows[:MOST_ROWS]]
            for row, value in enumerate(values, top + 1):
                _cell(sheet, row, column, value, self._formats[form])
            width = max([len(name), *(len(written(value, form)) for value in values)]) + 2
            sheet.set_column(column, column, min(max(width, NARROWEST), WIDEST))


def sheet_name(name: str, taken: set[str]) -> str:
    """Return a name that Excel takes and that no other sheet has; `taken` are in lower case."""
    plain = re.sub(r"[\[\]:*?/\\']", " ", name.replace("_", " ")).strip()
    plain = plain[:1].upper() + plain[1:]
    for number in range(1, len(taken) + 2):
        end = "" if number == 1 else f" {number}"
        short = plain[: LONGEST_NAME - len(end)] + end
        if short.lower() not in taken:
            return short
    raise AssertionError(name)


def _cell(sheet: Any, row: int, column: int, value: Any, form: Any) -> None:
    match value:
        case None:
            sheet.write_blank(row, column, None, form)
        case int() | float():
            sheet.write_number(row, column, value, form)
        case date():
            sheet.write_datetime(row, column, value, form)
        case _:
            sheet.write_string(row, column, str(value), form)


def _answers(report: Report) -> Rows:
    names = (
        "answer_id",
        "question",
        "answer",
        "value",
        "low",
        "high",
        "unit",
        "sample_size",
        "caveat",
        "evidence",
        "as_of",
    )
    heads = (
        "Answer",
        "Question",
        "In words",
        "Value",
        "Lower end",
        "Upper end",
        "Unit",
        "Observations",
        "Caveat",
        "Evidence",
        "As of",
    )
    return rows_of(heads, [[one.row.get(name) for name in names] for one in report.answers])


def _details(report: Report) -> Rows:
    rows = [
        (one.answer_id, place, name, value, None)
        if isinstance(value, int | float)
        else (one.answer_id, place, name, None, value)
        for one in report.answers
        for place, row in enumerate(one.details.rows, 1)
        for name, value in zip(one.details.columns, row, strict=True)
        if value is not None
    ]
    return rows_of(("Answer", "Row", "Field", "Number", "Text"), rows)


def _methods(report: Report) -> Rows:
    rows = [
        (
            one.answer_id,
            one.row.get("method"),
            f"{CONFIDENCE:.0%}" if one.row.get("low") is not None else None,
            one.row.get("evidence"),
            one.query,
            " ".join(one.lineage),
        )
        for one in report.answers
    ]
    heads = ("Answer", "Method", "Interval", "Evidence", "Query", "Where it comes from")
    return rows_of(heads, rows)


def _terms(report: Report) -> Rows:
    rows = [(term.name.lower(), term.value, term.meaning, term.source) for term in report.terms]
    return rows_of(("Term", "Value", "Meaning", "Source"), rows)
