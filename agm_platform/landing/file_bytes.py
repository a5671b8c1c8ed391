"""What the bytes of a file tell before it is parsed, at memory speed: ends, lines, key marks.

The engine loses no row that was counted here first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

CHUNK = 1 << 16  # larger pieces are fresh memory each time, which costs more than the reading
TAIL = 64
QUOTE, NEWLINE, RETURN, COLON = b'"\n\r:'
# Left behind at the end of a file by old transfers: padding, an end-of-file mark, blanks.
HARMLESS_AT_END = b"\0\x1a \t\r\n"
BLANKS = b" \t\r\n"


class JsonBytes(NamedTuple):
    """Colons in the file (one a key, and those inside texts) and its last bytes."""

    colons: int
    tail: bytes


class LineBytes(NamedTuple):
    """Records of a delimited file: line ends inside quotes do not count, nor do blank lines.

    `unix`, `windows` and `old_mac` count line ends by kind; `old_mac` only where there is no other.
    """

    records: int
    unix: int
    windows: int
    old_mac: int
    tail: bytes


def json_bytes(path: Path) -> JsonBytes:
    """Count the colons of a file, reading it once."""
    import numpy as np

    colons = 0
    tail = b""
    for chunk in _chunks(path):
        colons += int(np.count_nonzero(chunk == COLON))
        tail = (tail + chunk[-TAIL:].tobytes())[-TAIL:]
    return JsonBytes(colons, tail)


def line_bytes(path: Path) -> LineBytes:
    """Count the records and line ends of a delimited file, reading it once."""
    import numpy as np

    records = windows = ends = returns = 0
    quoted = False  # whether the chunk starts inside quotes
    offset = 0
    line_start = 0  # of the line that the chunk starts in
    last = 0
    tail = b""
    for chunk in _chunks(path):
        newlines = np.flatnonzero(chunk == NEWLINE)
        quotes = np.flatnonzero(chunk == QUOTE)
        if quotes.size or quoted:
            inside = (np.searchsorted(quotes, newlines) + quoted) & 1
            newlines = newlines[inside == 0]
            quoted ^= bool(quotes.size & 1)
        if newlines.size:
            before = chunk[newlines - 1]
            if newlines[0] == 0:
                before[0] = last
            is_windows = before == RETURN
            starts = np.concatenate(([line_start - offset], newlines[:-1] + 1))
            records += int(np.count_nonzero(newlines - starts - is_windows))
            windows += int(np.count_nonzero(is_windows))
            ends += newlines.size
            line_start = offset + int(newlines[-1]) + 1
        elif not ends:
            returns += int(np.count_nonzero(chunk == RETURN))
        last = int(chunk[-1])
        offset += chunk.size
        tail = (tail + chunk[-TAIL:].tobytes())[-TAIL:]
    records += offset > line_start
    return LineBytes(records, ends - windows, windows, 0 if ends else returns, tail)


def holds_only_digits(path: Path, delimiter: str) -> bool:
    """Whether every value below the header is made of digits, quoted or not, or empty."""
    known = f'0123456789"\r\n{delimiter}'.encode()
    with path.open("rb", buffering=0) as stream:
        start = stream.read(CHUNK).partition(b"\n")[2]
        while True:
            if start.translate(None, known):
                return False
            if not (start := stream.read(CHUNK)):
                return True


def line_at(path: Path, position: int) -> int:
    """Return the number, from 1, of the line that holds the byte at `position`."""
    with path.open("rb") as stream:
        line, left = 1, position
        while left > 0 and (chunk := stream.read(min(CHUNK, left))):
            line += chunk.count(b"\n")
            left -= len(chunk)
    return line


def _chunks(path: Path) -> Iterator[npt.NDArray[np.uint8]]:
    """Yield the file in pieces; each is valid until the next."""
    import numpy as np

    buffer = bytearray(CHUNK)
    with path.open("rb", buffering=0) as stream:
        while count := stream.readinto(buffer):
            yield np.frombuffer(buffer, np.uint8, count)
