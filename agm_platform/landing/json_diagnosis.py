"""Why a nested JSON file is not exactly what its contract says: slow, exact, in plain words.

No text here holds a value from the file: positions and names of fields only.
"""

from __future__ import annotations

import difflib
import json
import re
from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from agm_platform.landing.file_bytes import BLANKS, HARMLESS_AT_END

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from agm_platform.landing.document import Document

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
ASK_AGAIN = "ask the sender for the file again"
DATE_IN_TEXT = re.compile(r"(\d{4})[_-](\d{2})[_-](\d{2})")
NAMES_SHOWN = 10


class Diagnosis(NamedTuple):
    """Reason and line of a quarantine, or notes on what is odd but accepted.

    `repaired` are the bytes without what the engine cannot take at the end of the file.
    """

    reason: str | None = None
    line: int | None = None
    notes: tuple[str, ...] = ()
    repaired: bytes | None = None


class _RepeatedKeyError(ValueError):
    """One object has the same key twice."""


class _RefusedError(Exception):
    """Ends a diagnosis: (reason, line)."""


def diagnose(path: Path, document: Document, business_date: date) -> Diagnosis:
    """Read one file the exact way and say what is wrong or odd with it."""
    data = path.read_bytes()
    notes = []
    if data.startswith(BYTE_ORDER_MARK):
        notes.append("starts with a byte order mark")
    content = data.removeprefix(BYTE_ORDER_MARK).rstrip(HARMLESS_AT_END)
    repaired = None
    if len(content) < len(data.removeprefix(BYTE_ORDER_MARK).rstrip(BLANKS)):
        notes.append("stray bytes at the end")
        repaired = content
    try:
        parsed = _parse(content, document)
        notes += _check_header(parsed, document, business_date)
        notes += _check_records(parsed[document.records.name], content.decode(), document)
    except _RefusedError as refused:
        reason, line = refused.args
        return Diagnosis(reason, line, tuple(notes))
    return Diagnosis(None, None, tuple(notes), repaired)


def told_dates(header: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Return the ISO dates that a document gives in its `file_name` and `timestamp`."""
    found = [DATE_IN_TEXT.search(str(header.get(name))) for name in ("file_name", "timestamp")]
    named, written = ("-".join(match.groups()) if match else None for match in found)
    return named, written


def _parse(content: bytes, document: Document) -> dict[str, Any]:
    if not content:
        raise _RefusedError(f"the file is empty; {ASK_AGAIN}", 1)
    if content.startswith(UTF16_MARKS):
        raise _RefusedError("the file is UTF-16; ask the sender for UTF-8", 1)
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _RefusedError("the file is not UTF-8; ask the sender for UTF-8", line) from None
    try:
        parsed = json.loads(text, object_pairs_hook=_without_repeats)
    except _RepeatedKeyError as error:
        reason = f"the field {error} is there twice in one object; {ASK_AGAIN}"
        raise _RefusedError(reason, _line_of_repeat(text, document)) from None
    except json.JSONDecodeError as error:
        if error.msg == "Extra data":
            reason = "something follows the end of the JSON document"
        elif error.pos >= len(text) or error.msg.startswith("Unterminated string"):
            reason = "the file ends in the middle (truncated)"
        else:
            reason = f"not valid JSON ({error.msg.partition(':')[0]}, column {error.colno})"
        raise _RefusedError(f"{reason}; {ASK_AGAIN}", error.lineno) from None
    except RecursionError:
        raise _RefusedError(f"nested too deep to be read; {ASK_AGAIN}", None) from None
    if not isinstance(parsed, dict):
        raise _RefusedError(f"not a JSON object but {_kind(parsed)}; {ASK_AGAIN}", 1)
    return parsed


def _check_header(parsed: dict[str, Any], document: Document, business_date: date) -> list[str]:
    name = document.records.name
    expected = {*document.header, name}
    if name not in parsed:
        raise _RefusedError(_missing_everywhere(name, set(parsed) - expected), 1)
    if not isinstance(parsed[name], list):
        reason = f"{name} is not a list but {_kind(parsed[name])}; {ASK_AGAIN}"
        raise _RefusedError(reason, 1)
    notes = [f"no field {field}" for field in document.header if field not in parsed]
    notes += _unexpected({field: 1 for field in parsed if field not in expected}, "", 0)
    named, written = told_dates(parsed)
    if named not in (None, business_date.isoformat()):
        reason = (
            f"the document says that it is of {named}, the file name says {business_date};"
            " find out which is true, rename the file and send it again"
        )
        raise _RefusedError(reason, 1)
    if written and written < business_date.isoformat():
        notes.append("the time in the document is before its business date")
    return notes


def _check_records(records: list[Any], text: str, document: Document) -> list[str]:
    """Count missing and unexpected fields by place; refuse what has another shape."""
    top = f"{document.records.name}[]"
    places = {top: document.record_members}
    places |= {f"{top}.{part.name}": part.fields for part in document.objects}
    places[f"{top}.{document.items.name}[]"] = document.items.fields
    scalars = {**places, top: document.records.fields}
    totals: Counter[str] = Counter()
    found: dict[str, Counter[str]] = {place: Counter() for place in places}
    nested: Counter[str] = Counter()
    for place, value, wanted, number in _shapes(records, document):
        if value is None:
            continue
        if not isinstance(value, wanted):
            shape = "a list" if wanted is list else "an object"
            reason = f"{place} is not {shape} but {_kind(value)}; {ASK_AGAIN}"
            raise _RefusedError(reason, _record_line(text, document, number))
        if isinstance(value, dict):
            totals[place] += 1
            found[place].update(value.keys())
            nested.update(
                f"{place}.{field}"
                for field in scalars[place]
                if isinstance(value.get(field), dict | list)
            )
    notes = []
    for place, expected in places.items():
        total = totals[place]
        extra = {field: n for field, n in found[place].items() if field not in expected}
        for field in expected:
            missing = total - found[place][field]
            if missing == total > 0:
                reason = _missing_everywhere(f"{place}.{field}", extra)
                raise _RefusedError(reason, _record_line(text, document, 1))
            if missing:
                notes.append(f"no field {place}.{field} in {missing} of {total}")
        notes += _unexpected(extra, f"{place}.", total)
    return notes + [f"{field} is not a single value in {n} places" for field, n in nested.items()]


def _shapes(
    records: list[Any], document: Document
) -> Iterator[tuple[str, Any, type[dict[str, Any] | list[Any]], int]]:
    """Yield place, value, wanted shape and record number of all that is no single value."""
    top = f"{document.records.name}[]"
    items_place = f"{top}.{document.items.name}"
    for number, record in enumerate(records, start=1):
        yield top, record, dict, number
        for part in document.objects:
            yield f"{top}.{part.name}", (record or {}).get(part.name), dict, number
        items = (record or {}).get(document.items.name)
        yield items_place, items, list, number
        for item in items or ():
            yield f"{items_place}[]", item, dict, number


def _unexpected(counts: dict[str, int], prefix: str, total: int) -> list[str]:
    notes = [
        f"unexpected field {prefix}{_shown(field)}" + (f" in {count} of {total}" if total else "")
        for field, count in counts.items()
    ]
    if len(notes) > NAMES_SHOWN:
        notes[NAMES_SHOWN:] = [f"{len(notes) - NAMES_SHOWN} more unexpected fields"]
    return notes


def _missing_everywhere(field: str, unexpected: Iterable[str]) -> str:
    """Name the missing field and the one that it may have been renamed to."""
    wanted = field.rpartition(".")[2]
    lower = {name.lower(): name for name in unexpected}
    close = difflib.get_close_matches(wanted.lower(), lower, n=1, cutoff=0.5)
    rename = f"; was it renamed to {_shown(lower[close[0]])}?" if close else ""
    return f"the field {field} is missing everywhere{rename}; {ASK_AGAIN} or change the contract"


def _shown(name: str) -> str:
    """Make a name from outside fit for a message."""
    return name if re.fullmatch(r"[\w-]{1,40}", name) else ascii(name[:40])


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false"}
    return "null" if value is None else names.get(type(value), "a number")


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        repeated = next(key for key, count in Counter(k for k, _ in pairs).items() if count > 1)
        raise _RepeatedKeyError(_shown(repeated))
    return result


def _record_line(text: str, document: Document, number: int) -> int | None:
    """Return the line where a record starts, None where it cannot be told."""
    return _walk(text, document, json.JSONDecoder(), number)


def _line_of_repeat(text: str, document: Document) -> int | None:
    return _walk(text, document, json.JSONDecoder(object_pairs_hook=_without_repeats), None)


def _walk(
    text: str, document: Document, decoder: json.JSONDecoder, number: int | None
) -> int | None:
    """Decode record after record up to `number`, or up to the first that the decoder refuses."""
    start = re.search(rf'"{re.escape(document.records.name)}"\s*:\s*\[\s*', text)
    if start is None:
        return None
    position, count = start.end(), 1
    while position < len(text) and count != number:
        try:
            _, end = decoder.raw_decode(text, position)
        except _RepeatedKeyError:
            break
        except ValueError:
            return None
        position = re.compile(r"[\s,]*").match(text, end).end()  # type: ignore[union-attr]
        count += 1
    return text.count("\n", 0, position) + 1
