"""Which columns of a file without quotes hold whole numbers alone, told by its bytes.

The engine may then read them as numbers beside columns of text: none is rounded or cut.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

CHUNK = 1 << 15
MOST_DIGITS = 15  # a float holds so many exactly
FRACTION = 2  # the bytes of ".0"
QUOTE, NEWLINE, RETURN, POINT, ZERO = b'"\n\r.0'
WHOLE, WITH_FRACTION = "bigint", "double"


def whole_columns(path: Path, width: int, delimiter: str) -> dict[int, str]:
    """Return the places of the columns of whole numbers, and the type to read each as.

    `bigint`: every value is empty or up to 15 digits; `double`: some end in ".0" besides. Empty for
    a file that has quotes, blank lines, rows of another width, or old or Windows line ends.
    """
    import numpy as np

    digits = np.ones(width, np.bool_)
    numbers = np.ones(width, np.bool_)
    for chunk in _whole_lines(path):
        ends = chunk == NEWLINE
        separators = ends | (chunk == ord(delimiter))
        places = np.flatnonzero(separators)
        if width == 1 or places.size % width:
            return {}
        is_last = ends[places].reshape(-1, width)
        if not is_last[:, -1].all() or is_last[:, :-1].any():
            return {}
        other = ~(separators | ((chunk - ZERO) < 10))  # unsigned: the ten digits
        found = chunk[other]
        if ((found == QUOTE) | (found == RETURN)).any():
            return {}
        lengths = np.diff(places, prepend=-1) - 1
        others = np.diff(np.cumsum(other, dtype=np.int32)[places], prepend=0)
        ends_in_fraction = (
            (others == 1)
            & (lengths > FRACTION)
            & (chunk[places - 1] == ZERO)
            & (chunk[places - FRACTION] == POINT)
        )
        plain = (others == 0) & (lengths <= MOST_DIGITS)
        with_fraction = ends_in_fraction & (lengths <= MOST_DIGITS + FRACTION)
        digits &= plain.reshape(-1, width).all(axis=0)
        numbers &= (plain | with_fraction).reshape(-1, width).all(axis=0)
    return {
        place: WHOLE if digits[place] else WITH_FRACTION
        for place in map(int, np.flatnonzero(numbers))
    }


def _whole_lines(path: Path) -> Iterator[npt.NDArray[np.uint8]]:
    """Yield the file below its first line in pieces of whole lines."""
    import numpy as np

    with path.open("rb") as stream:
        if b'"' in stream.readline():
            stream.seek(0)  # what a quote in the header spans is found by its quotes
        rest = b""
        while piece := stream.read(CHUNK):
            text = rest + piece
            cut = text.rfind(b"\n") + 1
            rest = text[cut:]
            if cut:
                yield np.frombuffer(text, np.uint8, cut)
        if rest:
            yield np.frombuffer(rest + b"\n", np.uint8)
