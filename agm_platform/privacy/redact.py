"""Taking persons out of received files while every other byte stays as it was.

JSON: in the objects about a person the number becomes that of the erased and the details are
emptied. CSV: the line of a person goes, or only the number where the line is about something else.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
from typing import TYPE_CHECKING, NamedTuple

from agm_platform.contracts.privacy import ERASED_NUMBER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    # (number, (first name, last name, street) or None) -> whether the person is to be erased
    IsErased = Callable[[str | None, "tuple[str, str, str] | None"], bool]

VALUE = r'("(?:[^"\\]|\\.)*"|[^\s,}\]]+)'


class Redacted(NamedTuple):
    """A file's new bytes, in how many records the person was, and how many lines went."""

    content: bytes
    records: int
    lines_removed: int = 0


def redact_json(
    content: bytes,
    member: str,
    number: str,
    names: Sequence[str],
    others: Sequence[str],
    is_erased: IsErased,
) -> Redacted:
    """Empty the details of erased persons in every object called `member`.

    `number`, `names` (first name, last name, street) and `others` (places) are its fields. Works on
    damaged files too, as far as the object itself is whole.
    """
    text = content.decode("utf-8", errors="surrogateescape")
    decoder = json.JSONDecoder()
    parts, position, records = [], 0, 0
    for match in re.finditer(rf'"{re.escape(member)}"\s*:\s*(?=\{{)', text):
        if match.end() < position:
            continue
        try:
            found, end = decoder.raw_decode(text, match.end())
        except ValueError:
            continue
        if not isinstance(found, dict):
            continue
        values = [found.get(name) for name in (number, *names)]
        own, *texts = ["" if value is None else str(value) for value in values]
        if is_erased(own, (texts[0], texts[1], texts[2])):
            parts.append(text[position : match.end()])
            parts.append(_emptied(text[match.end() : end], number, (*names, *others)))
            position, records = end, records + 1
    parts.append(text[position:])
    return Redacted("".join(parts).encode("utf-8", errors="surrogateescape"), records)


def _emptied(text: str, number: str, fields: Sequence[str]) -> str:
    """Empty the fields in the text of one flat object; the number stays of its JSON type."""

    def value(match: re.Match[str]) -> str:
        if match[2] != number:
            return f'{match[1]}""'
        return match[1] + (f'"{ERASED_NUMBER}"' if match[3].startswith('"') else ERASED_NUMBER)

    wanted = "|".join(re.escape(name) for name in (number, *fields))
    return re.sub(rf'("({wanted})"\s*:\s*){VALUE}', value, text)


def redact_csv(
    content: bytes,
    places: Mapping[str, int],
    delimiter: str,
    number: str,
    names: Sequence[str],
    is_erased: IsErased,
    *,
    drops_line: bool,
) -> Redacted:
    """Drop the lines of erased persons, or only put the number of the erased in its place.

    `places` are the columns of the header from 0. A line of another width than the header's is
    looked at too: its person is found by the three names among its values.
    """
    encoding, mark = _encoding(content)
    text = content[len(mark) :].decode(encoding, errors="surrogateescape")
    kept: list[str] = []
    records = removed = 0
    for line_number, line in enumerate(_records(text)):
        values = next(csv.reader(io.StringIO(line, newline=""), delimiter=delimiter), [])
        if not line_number or not values:
            kept.append(line)
            continue

        def at(name: str, values: list[str] = values) -> str:
            place = places.get(name)
            return values[place] if place is not None and place < len(values) else ""

        told = (at(names[0]), at(names[1]), at(names[2])) if names else None
        if not is_erased(at(number), told):
            kept.append(line)
            continue
        records += 1
        if drops_line:
            removed += 1
            continue
        values[places[number]] = ERASED_NUMBER
        written = io.StringIO(newline="")
        csv.writer(written, delimiter=delimiter, lineterminator=_end(line)).writerow(values)
        kept.append(written.getvalue())
    return Redacted(
        mark + "".join(kept).encode(encoding, errors="surrogateescape"), records, removed
    )


def decoded(content: bytes) -> str:
    """Return the text of a delimited file, or of its start, without byte order mark."""
    encoding, mark = _encoding(content)
    return content[len(mark) :].decode(encoding, errors="ignore")


def _encoding(content: bytes) -> tuple[str, bytes]:
    """Return the encoding and the byte order mark of a delimited file."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if content.startswith(mark):
            return encoding, mark
    try:
        content.decode()
    except UnicodeDecodeError:
        return "cp1252", b""
    return "utf-8", b""


def _records(text: str) -> Iterator[str]:
    """Yield records with their line ends: a line break inside of quotes does not end one."""
    record = ""
    for line in re.split(r"(?<=\n)|(?<=\r)(?!\n)", text):
        record += line
        if record.count('"') % 2 == 0:
            if record:
                yield record
            record = ""
    if record:
        yield record


def _end(line: str) -> str:
    return line[len(line.rstrip("\r\n")) :]
