"""The first line of a delimited file against its contract: which column is where.

Names are matched without regard to case, blanks, underscores and punctuation, in any order.
"""

from __future__ import annotations

import csv
import difflib
import io
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agm_platform.contracts.model import Column

DELIMITERS = ",;\t|"
NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
NAMES_SHOWN = 10


class Header(NamedTuple):
    """The number of columns of the file, and the place (from 0) of each that the contract has."""

    delimiter: str
    width: int
    places: dict[str, int]
    notes: tuple[str, ...]


class HeaderError(ValueError):
    """The header does not fit the contract; the message says what was found and expected."""


def read_header(start: str, columns: Sequence[Column]) -> Header:
    """Find the contract's columns in the first record of a file.

    Raises HeaderError when a required column is missing or a column is there twice. If no name at
    all is known the line may be a row of data, so its values stay out of the message.
    """
    wanted = {
        matched(name): column for column in columns for name in (column.name, *column.aliases)
    }
    best: tuple[int, str, list[str]] = (0, ",", [])
    for delimiter in DELIMITERS:
        first = next(csv.reader(io.StringIO(start, newline=""), delimiter=delimiter), [])
        count = len({matched(name) for name in first} & set(wanted))
        if count > best[0]:
            best = count, delimiter, first
    _, delimiter, found = best
    expected = ", ".join(column.name for column in columns if column.required)
    if not found:
        msg = f"line 1 has none of the columns of the contract; expected a header with {expected}"
        raise HeaderError(msg)
    names = [normalised(name) for name in found]
    known = [wanted.get(matched(name)) for name in found]
    meant = [column.name for column in known if column]
    repeated = sorted({name for name in meant if meant.count(name) > 1})
    if repeated:
        msg = f"the header has the column {', '.join(repeated)} more than once"
        raise HeaderError(msg)
    extra = [name for name, column in zip(names, known, strict=True) if column is None]
    absent = [column for column in columns if column.name not in meant]
    missing = [column for column in absent if column.required]
    if missing:
        lacking = [column.name for column in missing]
        msg = f"the header lacks {', '.join(lacking)}{_renamed(lacking, extra)}"
        hints = "".join(f". {column.if_absent}" for column in missing if column.if_absent)
        raise HeaderError(f"{msg}; found {_shown(names)}; expected {expected}{hints}")
    notes = [] if delimiter == "," else [f"separated by {NAMES[delimiter]}"]
    notes += [
        f"column {name} read as {column.name}"
        for name, column in zip(names, known, strict=True)
        if column and matched(name) != matched(column.name)
    ]
    notes += [f"no column {column.name}" for column in absent if column.usual]
    if extra:
        notes.append(f"columns that the contract does not have: {_shown(extra)}")
    places = {column.name: place for place, column in enumerate(known) if column}
    return Header(delimiter, len(names), places, tuple(notes))


def normalised(name: str) -> str:
    """Return lower case words joined by underscores: " Amount (USD)" is amount_usd."""
    return re.sub(r"[\W_]+", "_", name.casefold()).strip("_")


def matched(name: str) -> str:
    """Return what two spellings of a name share: Order ID, order_id and orderId are orderid."""
    return normalised(name).replace("_", "")


def _renamed(missing: Sequence[str], extra: Sequence[str]) -> str:
    close = [(n, difflib.get_close_matches(n, extra, n=1, cutoff=0.5)) for n in missing]
    guesses = [f"was {name} renamed to {match[0]}?" for name, match in close if match]
    return f" ({' '.join(guesses)})" if guesses else ""


def _shown(names: Sequence[str]) -> str:
    shown = [name[:40] or "one without a name" for name in names[:NAMES_SHOWN]]
    return ", ".join(shown) + (f" and {len(names) - NAMES_SHOWN} more" if len(names) > 10 else "")
