"""Whole numbers of long files: kept as numbers, and the row as text where one does not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WHOLE = r"\s*[0-9]{1,15}(\.0+)?\s*"
"""Text that is a whole number: "7", " 07" or "7.0"; a float holds its 15 digits exactly."""


def as_number(column: str) -> str:
    """Return the SQL of a text column as a whole number; null for any other text."""
    return f"case when {_fits(column)} then cast(cast({column} as double) as bigint) end"


def record_of_misfits(places: Mapping[str, str], numbers: Sequence[str]) -> str:
    """Return the SQL of the row as JSON, null if all its numbers fit.

    `places` gives the SQL column of each name; text that is blank fits, it is a missing value.
    """
    misfits = " or ".join(
        f"({places[name]} is not null and trim({places[name]}) <> '' and not {_fits(places[name])})"
        for name in numbers
        if name in places
    )
    if not misfits:
        return "null::varchar"
    names = ", ".join(f"'{name}', {place}" for name, place in places.items())
    return f"case when {misfits} then cast(json_object({names}) as varchar) end"


def _fits(column: str) -> str:
    return f"regexp_full_match({column}, '{WHOLE}')"
