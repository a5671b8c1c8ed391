"""Tables in another form than rows of text: workbooks, and columns that stand in rows."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
import xlsxwriter

from agm_platform.contracts.model import Column, Type
from agm_platform.landing.csv_reader import CsvTable, read_csv_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import duckdb

COLUMNS = (
    Column("department_id", Type.TEXT, "Number."),
    Column("department", Type.TEXT, "Name."),
    Column("amount_usd", Type.TEXT, "Amount.", required=False, usual=False, aliases=("amount",)),
)


@pytest.fixture
def read(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> Callable[..., CsvTable]:
    def read_path(name: str, content: bytes | None = None) -> CsvTable:
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content)
        scratch = tmp_path / "scratch"
        scratch.mkdir(exist_ok=True)
        return read_csv_file(connection, path, COLUMNS, scratch)

    return read_path


def workbook(path: Path, **sheets: list[list[Any]]) -> None:
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)


def rows(table: CsvTable) -> list[tuple[object, ...]]:
    assert table.relation is not None, table.reason
    return table.relation.order("row_number").fetchall()


def test_a_workbook_gives_the_rows_of_the_file_it_was_saved_from(
    read: Callable[..., CsvTable], tmp_path: Path
) -> None:
    cells = [
        ["", "department_id", "Department", "Amount"],
        [0, 1, "dairy, eggs", 53],
        [1, 2, 'say "cheese"', 5.8],
        [2, 3, date(2025, 7, 6), None],
    ]
    workbook(tmp_path / "departments.xlsx", Sheet1=cells, Empty=[])
    table = read("departments.xlsx")
    assert rows(table) == [
        (1, "1", "dairy, eggs", "53"),
        (2, "2", 'say "cheese"', "5.8"),
        (3, "3", "2025-07-06", None),
    ]
    assert table.notes == (
        "a workbook; its only sheet with cells was read",
        "column amount read as amount_usd",
        "columns that the contract does not have: one without a name",
    )


def test_a_workbook_with_two_filled_sheets_is_refused(
    read: Callable[..., CsvTable], tmp_path: Path
) -> None:
    workbook(tmp_path / "two.xlsx", One=[["department_id"]], Two=[["department"]])
    assert "2 sheets with cells" in str(read("two.xlsx").reason)


def test_a_damaged_workbook_is_refused(read: Callable[..., CsvTable], tmp_path: Path) -> None:
    workbook(tmp_path / "whole.xlsx", One=[["department_id", "department"], [1, "frozen"]])
    half = (tmp_path / "whole.xlsx").read_bytes()[:2000]
    assert "the workbook is damaged" in str(read("half.xlsx", half).reason)


@pytest.mark.parametrize("separator", [",", ";"])
def test_columns_that_stand_in_rows_are_turned_and_said(
    read: Callable[..., CsvTable], separator: str
) -> None:
    content = "department_id,1,2,21\ndepartment,frozen,other,missing\n".replace(",", separator)
    table = read("departments.csv", content.encode())
    assert rows(table) == [
        (1, "1", "frozen", None),
        (2, "2", "other", None),
        (3, "21", "missing", None),
    ]
    assert table.notes[0] == "the columns stand in rows; it was turned"


def test_a_table_as_it_should_be_is_not_turned(read: Callable[..., CsvTable]) -> None:
    table = read("departments.csv", b"department_id,department\n1,frozen\n")
    assert (rows(table), table.notes) == ([(1, "1", "frozen", None)], ())


def test_a_turned_table_without_all_columns_is_refused(read: Callable[..., CsvTable]) -> None:
    table = read("departments.csv", b"department_id,1,2\nname,frozen,other\n")
    assert "the header lacks department" in str(table.reason)


def test_a_column_by_both_of_its_names_is_refused(read: Callable[..., CsvTable]) -> None:
    table = read("departments.csv", b"department_id,department,amount,amount_usd\n1,frozen,1,2\n")
    assert "column amount_usd more than once" in str(table.reason)


def test_a_refusal_says_what_the_contract_knows_about_an_absent_column(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    columns = (
        Column("payment_method", Type.TEXT, "Used."),
        Column("preferred", Type.TEXT, "Liked.", if_absent="Payment method may hold the liked one"),
    )
    path = tmp_path / "trends.csv"
    path.write_text("Payment Method\nCash\n")
    reason = read_csv_file(connection, path, columns, tmp_path).reason
    assert "the header lacks preferred" in str(reason)
    assert "Payment method may hold the liked one" in str(reason)
