"""The workbook holds numbers as numbers, the same as the pages, and the same bytes each time."""

from __future__ import annotations

import re
import zipfile
from datetime import date
from pathlib import Path

import pytest
import python_calamine

from agm_platform.reports.figure import Kind
from agm_platform.reports.report import Report
from agm_platform.reports.site import pages
from agm_platform.reports.workbook import ABOVE_TABLE, LONGEST_NAME, sheet_name, write_workbook
from agm_platform_tests.reports.conftest import ANSWERS, ROWS
from agm_platform_tests.reports.pages import Page
from agm_platform_tests.reports.snapshots import publish


@pytest.fixture(scope="module")
def path(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("workbook") / "insights.xlsx"
    write_workbook(published, target)
    return target


@pytest.fixture(scope="module")
def sheets(path: Path) -> dict[str, list[list[object]]]:
    book = python_calamine.load_workbook(str(path))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def table_of(sheets: dict[str, list[list[object]]], name: str) -> list[list[object]]:
    """Return head and rows of the figure's table, without what stands beside it for its chart."""
    rows = sheets[sheet_name(name, set())][ABOVE_TABLE:]
    width = rows[0].index("") if "" in rows[0] else len(rows[0])
    return [row[:width] for row in rows]


def test_site_and_workbook_show_the_same_figures(
    report: Report, sheets: dict[str, list[list[object]]]
) -> None:
    parsed = {name: Page(text) for name, text in pages(report).items()}
    compared = 0
    for section in report.sections:
        for drawn in section.drawn:
            on_page = parsed[f"{section.source}.html"].tables[drawn.figure.title]
            in_book = table_of(sheets, drawn.figure.name)
            assert on_page[0] == in_book[0], drawn.figure.name
            assert len(on_page) == len(in_book)
            for page_row, book_row in zip(on_page[1:], in_book[1:], strict=True):
                for page_cell, book_cell in zip(page_row, book_row, strict=True):
                    compared += 1
                    if isinstance(page_cell, float):
                        assert book_cell == pytest.approx(page_cell, rel=1e-14)
                    else:
                        text = book_cell.isoformat() if isinstance(book_cell, date) else book_cell
                        assert page_cell == (text or "–")
    assert compared > 50


def test_site_and_workbook_show_the_same_answers(
    report: Report, sheets: dict[str, list[list[object]]]
) -> None:
    page = Page(pages(report)["index.html"])
    head, *rows = sheets["Answers"]
    for row in rows:
        told = dict(zip(head, row, strict=True))
        numbers = [told[name] for name in ("Value", "Lower end", "Upper end", "Observations")]
        shown = [float(number) for number in numbers if number not in {"", 0.0}]
        assert page.numbers.get(str(told["Answer"]), []) == pytest.approx(shown, rel=1e-14)
    assert {row[0] for row in rows} == {answer["answer_id"] for answer in ANSWERS}


def test_the_same_snapshot_gives_the_same_bytes(path: Path, tmp_path: Path) -> None:
    again = publish(tmp_path / "elsewhere", ROWS, ANSWERS)
    write_workbook(again, tmp_path / "again.xlsx")
    assert (tmp_path / "again.xlsx").read_bytes() == path.read_bytes()


def test_the_file_is_dated_by_its_data(path: Path) -> None:
    with zipfile.ZipFile(path) as book:
        core = book.read("docProps/core.xml").decode()
    assert set(re.findall(r"\d{4}-\d{2}-\d{2}T", core)) == {"2020-11-11T"}


def test_a_text_that_looks_like_a_formula_stays_a_text(
    path: Path, sheets: dict[str, list[list[object]]]
) -> None:
    assert ["=1+1", 35.0, 7.0] in table_of(sheets, "peak_meals_by_product")
    with zipfile.ZipFile(path) as book:
        cells = [book.read(name).decode() for name in book.namelist() if "worksheets/" in name]
    assert not [cell for cell in cells if "<f>" in cell]


def test_every_figure_has_a_chart_or_a_coloured_grid(report: Report, path: Path) -> None:
    with zipfile.ZipFile(path) as book:
        charts = [name for name in book.namelist() if name.startswith("xl/charts/chart")]
        grids = [n for n in book.namelist() if b"colorScale" in book.read(n)]
    assert len(charts) + len(grids) == len(report.drawn)
    assert len(grids) == 1


def test_the_axis_of_categories_is_called_after_them(report: Report, path: Path) -> None:
    titles = {}
    with zipfile.ZipFile(path) as book:
        for name in book.namelist():
            text = book.read(name).decode() if name.startswith("xl/charts/chart") else ""
            for axis in re.findall(r"<c:(?:cat|date)Ax>.*?</c:(?:cat|date)Ax>", text):
                head, called = (
                    re.findall(r"<a:t>(.*?)</a:t>", text)[0],
                    re.findall("<a:t>(.*?)<", axis),
                )
                titles[head] = called
    wanted = {
        drawn.figure.title: [drawn.figure.x]
        for drawn in report.drawn
        if drawn.figure.kind not in {Kind.HEAT, Kind.SCATTER}
    }
    assert titles == wanted
    assert len(wanted) > 4


def test_every_sheet_is_linked_from_the_contents(
    path: Path, sheets: dict[str, list[list[object]]]
) -> None:
    listed = [row[0] for row in sheets["Contents"][3:]]
    assert ["Contents", *listed] == list(sheets)
    with zipfile.ZipFile(path) as book:
        contents = book.read("xl/worksheets/sheet1.xml").decode()
    assert len(re.findall(r"<hyperlink ", contents)) == len(listed)


def test_heads_are_frozen(path: Path, sheets: dict[str, list[list[object]]]) -> None:
    with zipfile.ZipFile(path) as book:
        for number in range(2, len(sheets) + 1):
            assert 'state="frozen"' in book.read(f"xl/worksheets/sheet{number}.xml").decode()


def test_sheet_names_are_short_and_unlike_each_other() -> None:
    name = "a_very_long_name_of_a_figure_that_goes_on"
    first = sheet_name(name, set())
    second = sheet_name(name, {first.lower()})
    assert first != second
    assert max(len(first), len(second)) <= LONGEST_NAME
    assert sheet_name("what: is/it?", set()) == "What  is it"
