"""A table of a sender in the forms in which senders have been seen to send it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import xlsxwriter

NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{0,6}[1-9])?\Z")
ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
BOM = b"\xef\xbb\xbf"


class Sheet(NamedTuple):
    """A header and rows of text."""

    header: list[str]
    rows: list[list[str]]

    @classmethod
    def of(cls, path: Path) -> Sheet:
        """Read a sample."""
        with path.open(encoding="utf-8", newline="") as stream:
            header, *rows = csv.reader(stream)
        return cls(header, rows)

    def csv(self, delimiter: str = ",", line_end: str = "\n", *, quote_all: bool = False) -> bytes:
        """Write delimited text."""
        text = io.StringIO(newline="")
        quoting = csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL
        writer = csv.writer(text, delimiter=delimiter, lineterminator=line_end, quoting=quoting)
        writer.writerows([self.header, *self.rows])
        return text.getvalue().encode()

    def xlsx(self) -> bytes:
        """Write a workbook as a spreadsheet program does: numbers and ISO dates are such."""
        target = io.BytesIO()
        with xlsxwriter.Workbook(target, {"default_date_format": "yyyy-mm-dd"}) as book:
            sheet = book.add_worksheet()
            for place, row in enumerate([self.header, *self.rows]):
                for column, text in enumerate(row):
                    if place and NUMBER.match(text):
                        sheet.write_number(place, column, float(text))
                    elif place and ISO.match(text):
                        sheet.write_datetime(place, column, datetime.fromisoformat(text))
                    elif text:
                        sheet.write_string(place, column, text)
        return target.getvalue()

    def turned(self) -> Sheet:
        """Let the columns stand in rows."""
        header, *rows = (list(line) for line in zip(self.header, *self.rows, strict=True))
        return Sheet(header, rows)

    def named(self, name: Callable[[str], str]) -> Sheet:
        """Name every column in another style."""
        return Sheet([name(each) for each in self.header], self.rows)

    def renamed(self, **names: str) -> Sheet:
        """Name some columns otherwise."""
        return self.named(lambda each: names.get(each, each))

    def without(self, *names: str) -> Sheet:
        """Drop columns."""
        kept = [place for place, name in enumerate(self.header) if name not in names]
        return Sheet(
            [self.header[place] for place in kept],
            [[row[place] for place in kept] for row in self.rows],
        )

    def indexed(self, *names: str) -> Sheet:
        """Put columns with the place of the row in front, as pandas does."""
        return Sheet(
            [*names, *self.header],
            [[*[str(place)] * len(names), *row] for place, row in enumerate(self.rows)],
        )

    def cleaned(self, *names: str) -> Sheet:
        """Put a cleaned copy right after each of these columns, as an analyst does."""
        made = self
        for name in names:
            place = made.header.index(name) + 1
            made = Sheet(
                [*made.header[:place], f"{name}_clean", *made.header[place:]],
                [[*row[:place], row[place - 1].strip().title(), *row[place:]] for row in made.rows],
            )
        return made

    def changed(self, change: Callable[[str], str], *names: str) -> Sheet:
        """Write the values of some columns otherwise."""
        places = {self.header.index(name) for name in names}
        return Sheet(
            self.header,
            [
                [change(text) if place in places else text for place, text in enumerate(row)]
                for row in self.rows
            ],
        )

    def joined(self, other: Sheet, key: str, *names: str) -> Sheet:
        """Add columns of another sheet by its key; nothing where the key is not there."""
        key_place = other.header.index(key)
        places = [other.header.index(name) for name in names]
        found = {row[key_place]: [row[place] for place in places] for row in other.rows}
        own = self.header.index(key)
        nothing = [""] * len(names)
        return Sheet(
            [*self.header, *names], [[*row, *found.get(row[own], nothing)] for row in self.rows]
        )


def upper(name: str) -> str:
    """Return ORDER ID for order_id."""
    return name.replace("_", " ").upper()


def camel(name: str) -> str:
    """Return orderId for order_id."""
    first, *others = re.findall(r"[A-Za-z0-9]+", name)
    return "".join([first.lower(), *(word.capitalize() for word in others)])


def snake(name: str) -> str:
    """Return purchase_amount_usd for Purchase Amount (USD)."""
    return "_".join(re.findall(r"[a-z0-9]+", name.lower()))


def dates(read: str, write: str) -> Callable[[str], str]:
    """Return what writes dates of one format in another; blank text stays."""

    def change(text: str) -> str:
        if not text.strip():
            return text
        return datetime.strptime(text.strip(), read).replace(tzinfo=UTC).strftime(write)

    return change


def padded(text: str) -> str:
    """Return 08 for 8."""
    return text.zfill(2)


def fraction(text: str) -> str:
    """Return 8.0 for 8."""
    return f"{text}.0" if text.isdigit() else text


def whole(text: str) -> str:
    """Return 15 for 15.0."""
    return text.removesuffix(".0")
