"""Python regular expressions in the words of the engines: RE2 (DuckDB), Java (Spark), Rust.

Great Expectations searches with Python's `re`. Engines read the same text differently: `\\d` and
`\\w` mean ASCII there, and `$` never stands before a last line break.
"""

from __future__ import annotations

import re
import string
from functools import cache
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

# What Python's str.isspace, str.isdecimal and str.isalnum accept.
INSIDE_CLASS = {
    op.CATEGORY_DIGIT: r"\p{Nd}",
    op.CATEGORY_NOT_DIGIT: r"\P{Nd}",
    op.CATEGORY_SPACE: r"\t-\r\x1c-\x20\x85\p{Z}",
    op.CATEGORY_WORD: r"\p{L}\p{N}_",
}
OUTSIDE_ONLY = {
    op.CATEGORY_NOT_SPACE: op.CATEGORY_SPACE,
    op.CATEGORY_NOT_WORD: op.CATEGORY_WORD,
}
KNOWN_FLAGS = re.UNICODE | re.VERBOSE | re.IGNORECASE | re.DOTALL
MOST_REPEATS = 1000  # RE2 refuses more


class _NotPortableError(Exception):
    pass


@cache
def portable(pattern: str) -> str | None:
    """Return `pattern` so that every engine finds what Python finds, None where that cannot be.

    Look-around, back references, word boundaries and line mode have no equal elsewhere. What
    remains different: letters that only a newer Unicode version knows, and the dotless and dotted
    i where case is ignored. Raises ValueError for text that is no regular expression.
    """
    try:
        parsed = _parser.parse(pattern)
    except re.error as error:
        msg = f"{pattern!r} is not a regular expression: {error}"
        raise ValueError(msg) from error
    flags = parsed.state.flags
    if flags & ~KNOWN_FLAGS:
        return None
    try:
        written = _sequence(parsed, last=True, dot="(?s:.)" if flags & re.DOTALL else r"[^\n]")
    except _NotPortableError:
        return None
    return f"(?i){written}" if flags & re.IGNORECASE else written


def _sequence(items: Any, *, last: bool, dot: str) -> str:
    end = len(items) - 1
    return "".join(
        _item(code, argument, last=last and position == end, dot=dot)
        for position, (code, argument) in enumerate(items)
    )


def _item(code: Any, argument: Any, *, last: bool, dot: str) -> str:  # noqa: PLR0911
    """Write one parsed element; `last` says that nothing can follow it in the whole pattern."""
    if code is op.LITERAL:
        return _character(argument)
    if code is op.NOT_LITERAL:
        return f"[^{_character(argument)}]"
    if code is op.ANY:
        return dot
    if code is op.IN:
        return _class(argument)
    if code is op.BRANCH:
        ways = (_sequence(way, last=last, dot=dot) for way in argument[1])
        return f"(?:{'|'.join(ways)})"
    if code is op.SUBPATTERN and not argument[1] and not argument[2]:
        return f"(?:{_sequence(argument[3], last=last, dot=dot)})"
    if code in {op.MAX_REPEAT, op.MIN_REPEAT}:
        least, most, repeated = argument
        inner = _sequence(repeated, last=False, dot=dot)
        return f"(?:{inner}){_times(least, most)}{'?' if code is op.MIN_REPEAT else ''}"
    if code is op.AT:
        return _position(argument, last=last)
    raise _NotPortableError


def _class(parts: list[tuple[Any, Any]]) -> str:
    if parts[0][0] is op.NEGATE:
        return f"[^{''.join(_member(*part) for part in parts[1:])}]"
    if len(parts) == 1 and parts[0][1] in OUTSIDE_ONLY:
        return f"[^{INSIDE_CLASS[OUTSIDE_ONLY[parts[0][1]]]}]"
    return f"[{''.join(_member(*part) for part in parts)}]"


def _member(code: Any, argument: Any) -> str:
    if code is op.LITERAL:
        return _character(argument)
    if code is op.RANGE:
        return f"{_character(argument[0])}-{_character(argument[1])}"
    if code is op.CATEGORY and argument in INSIDE_CLASS:
        return INSIDE_CLASS[argument]
    raise _NotPortableError


def _times(least: int, most: int) -> str:
    if most is op.MAXREPEAT and least <= 1:
        return "+" if least else "*"
    if max(least, 0 if most is op.MAXREPEAT else most) > MOST_REPEATS:
        raise _NotPortableError
    if least == most:
        return f"{{{least}}}"
    return f"{{{least},{'' if most is op.MAXREPEAT else most}}}"


def _position(where: Any, *, last: bool) -> str:
    if where in {op.AT_BEGINNING, op.AT_BEGINNING_STRING}:
        return r"\A"
    if where is op.AT_END_STRING:
        return r"\z"
    if where is op.AT_END and last:
        return r"\n?\z"
    raise _NotPortableError


def _character(code: int) -> str:
    character = chr(code)
    if character in string.punctuation:
        return f"\\{character}"
    return character if character.isprintable() else f"\\x{{{code:x}}}"
