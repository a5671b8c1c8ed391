"""Tables that arrive in another form than rows of text, rewritten as rows of text.

A workbook becomes the delimited file it was saved from; a table whose columns stand in rows is
turned. Nothing is interpreted: numbers keep the digits that the sender would have written.
"""

from __future__ import annotations

import csv
from datetime import date, datetime, time, timedelta
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, NamedTuple

from agm_platform.landing.csv_header import DELIMITERS, matched

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from agm_platform.contracts.model import Column

WORKBOOK_START = b"PK\x03\x04"
MOST_TURNED_BYTES = 1 << 20
"""A larger file is not looked at as a turned table: those are short lists of names."""


TURNED = "the columns stand in rows; it was turned"


class NotReadableError(ValueError):
    """The workbook cannot be read; the message says why, without a value of it."""


class Workbook(NamedTuple):
    """Where the delimited copy lies, and what is to be said about the workbook."""

    path: Path
    note: str


def from_workbook(path: Path, copy: Path) -> Workbook:
    """Write the only filled sheet of an Excel or OpenDocument workbook as a delimited file.

    Raises NotReadableError for a damaged file, and for several filled sheets: which one is meant
    cannot be told.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        workbook = CalamineWorkbook.from_path(path)
        sheets = [workbook.get_sheet_by_name(name) for name in workbook.sheet_names]
        filled = [sheet for sheet in sheets if sheet.height]
    except (CalamineError, OSError) as error:
        msg = "the workbook is damaged"
        raise NotReadableError(msg) from error
    if len(filled) != 1:
        msg = f"the workbook has {len(filled)} sheets with cells; save the one that is meant alone"
        raise NotReadableError(msg)
    write_rows(copy, ([_text(cell) for cell in row] for row in filled[0].iter_rows()))
    return Workbook(copy, "a workbook; its only sheet with cells was read")


def turned(path: Path, columns: Sequence[Column], copy: Path) -> bool:
    """Write the rows of a table as columns if all required columns stand in its first column.

    Returns whether they do and `copy` was written. One column alone proves nothing.
    """
    required = {matched(column.name) for column in columns if column.required}
    if len(required) < 2 or path.stat().st_size > MOST_TURNED_BYTES:
        return False
    for delimiter in DELIMITERS:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            try:
                rows = [row for row in csv.reader(stream, delimiter=delimiter) if row]
            except (csv.Error, UnicodeDecodeError):
                return False
        if required <= {matched(row[0]) for row in rows}:
            write_rows(copy, zip_longest(*rows, fillvalue=""))
            return True
    return False


def write_rows(path: Path, rows: Iterable[Iterable[str]]) -> None:
    """Write rows with commas and one kind of line end."""
    with path.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target, lineterminator="\n").writerows(rows)


def _text(cell: Any) -> str:
    """Return a cell as its sender would have written it: 53 and not 53.0, dates in ISO form."""
    match cell:
        case bool():
            return "true" if cell else "false"
        case float() if cell.is_integer() and abs(cell) < 1e15:
            return str(int(cell))
        case datetime() if cell.time() == time():
            return cell.date().isoformat()
        case datetime() | date() | time():
            return cell.isoformat()
        case timedelta():
            return str(cell)
    return str(cell)
