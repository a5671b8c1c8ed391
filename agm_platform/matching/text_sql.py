"""Text as SQL of the engine: folding to comparable letters, joined letters, Soundex."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import duckdb

LONGEST = 200
"""Characters of a field that are looked at; no name or street line is longer."""


def folded(column: str) -> str:
    """Return the text in lower case without accents: letters, digits and single blanks.

    Apostrophes vanish (O'Neil is oneil); every other sign is a blank. Text without a letter or
    digit is null.
    """
    return f"nullif(trim(regexp_replace({plain(column)}, '[^\\p{{L}}\\p{{N}}]+', ' ', 'g')), '')"


def plain(column: str) -> str:
    """Return the text in lower case without accents and apostrophes; other signs stay."""
    letters = f"lower(strip_accents(nfc_normalize(left({column}, {LONGEST}))))"
    spelled = f"replace(replace(replace({letters}, 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe')"
    return f"regexp_replace(translate({spelled}, 'øłđħı', 'oldhi'), '[''’‘`´ʼ\\p{{M}}]', '', 'g')"


def joined(column: str) -> str:
    """Return folded text without its blanks, so that Mc Donald is McDonald."""
    return f"replace({column}, ' ', '')"


def soundex(column: str) -> str:
    """Return the American Soundex code of joined letters; null if the first is not a to z.

    Source: the US National Archives' rules: h and w do not part letters of one code, vowels do.
    """
    first = f"left({column}, 1)"
    rest = f"translate(regexp_replace(substr({column}, 2), '[^a-z]', '', 'g'), 'hw', '')"
    digits = (
        f"translate({first} || {rest}, 'abcdefghijklmnopqrstuvwxyz', '01230120022455012623010202')"
    )
    for digit in "123456":
        digits = f"regexp_replace({digits}, '{digit}+', '{digit}', 'g')"
    code = f"left(replace(substr({digits}, 2), '0', '') || '000', 3)"
    return f"case when {first} between 'a' and 'z' then upper({first}) || {code} end"


def lookup(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    columns: Sequence[str],
    rows: Iterable[tuple[Any, ...]],
) -> None:
    """Create a small table of text from Python rows."""
    import pyarrow as pa

    listed = list(rows)
    arrays = {
        column: pa.array([row[place] for row in listed], type=pa.string())
        for place, column in enumerate(columns)
    }
    connection.register("given", pa.table(arrays))
    connection.execute(f"create temp table {name} as from given")
    connection.unregister("given")
