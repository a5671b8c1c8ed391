"""From text as received to types: engine-neutral expressions that give null where text will not do.

Engines differ in what a failed cast does (DuckDB raises, Spark returns null), so the text is
proved by a pattern before it is cast and a bad value is null on every engine.
"""

from __future__ import annotations

import narwhals as nw


def trimmed(column: str) -> nw.Expr:
    """Return the text without blanks at its ends; blank text is null."""
    text = nw.col(column).str.strip_chars()
    return nw.when(text != "").then(text)


def identifier(column: str) -> nw.Expr:
    """Return the text of a whole number such as an id; null where it is anything else."""
    text = nw.col(column).str.strip_chars()
    return nw.when(text.str.contains(r"^[0-9]{1,18}$")).then(text)


def whole_number(column: str) -> nw.Expr:
    """Return an integer from "3" or "3.0"; null where the text is anything else."""
    text = nw.col(column).str.strip_chars()
    proved = nw.when(text.str.contains(r"^[0-9]{1,15}(\.0+)?$")).then(text)
    return proved.cast(nw.Float64).cast(nw.Int64)  # exact: a float holds 15 digits


def usd_cents(column: str) -> nw.Expr:
    """Return exact cents from dollars such as "12" or "12.50"; null for anything else.

    Text of more than two decimals is accepted only when the rest are zeros, so no money is
    rounded; a negative amount is null.
    """
    text = nw.col(column).str.strip_chars()
    proved = nw.when(text.str.contains(r"^[0-9]{1,12}(\.[0-9]{1,2}0*)?$")).then(text)
    # Exact: 14 digits fit into a float, whose error is far below half a cent; text surgery would
    # cost three times as much over millions of rows.
    return (proved.cast(nw.Float64) * 100).round().cast(nw.Int64)


def number(column: str) -> nw.Expr:
    """Return a float from plain decimal text; null for anything else."""
    text = nw.col(column).str.strip_chars()
    proved = nw.when(text.str.contains(r"^[-+]?[0-9]{1,15}(\.[0-9]{0,15})?$")).then(text)
    return proved.cast(nw.Float64)


def iso_date(column: str) -> nw.Expr:
    """Return the date of "2020-10-03" (a time of day after it is dropped); null for anything else.

    Days that no calendar has (2020-02-30) are null too.
    """
    text = nw.col(column).str.strip_chars()
    shape = r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])([ T].*)?$"
    day_text = nw.when(text.str.contains(shape)).then(text.str.slice(0, 10))
    year = day_text.str.slice(0, 4).cast(nw.Int64)
    month = day_text.str.slice(5, 2).cast(nw.Int64)
    day = day_text.str.slice(8, 2).cast(nw.Int64)
    is_leap = ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)
    february = nw.when(is_leap).then(nw.lit(29)).otherwise(nw.lit(28))
    short = nw.when(month.is_in([4, 6, 9, 11])).then(nw.lit(30)).otherwise(nw.lit(31))
    last_day = nw.when(month == 2).then(february).otherwise(short)
    return nw.when((day <= last_day) & (year >= 1)).then(day_text).str.to_date(format="%Y-%m-%d")


def truth(column: str) -> nw.Expr:
    """Return true or false from the usual words for them; null for anything else."""
    text = nw.col(column).str.strip_chars().str.to_lowercase()
    yes = text.is_in(["true", "t", "yes", "y", "1"])
    no = text.is_in(["false", "f", "no", "n", "0"])
    return nw.when(yes).then(nw.lit(value=True)).when(no).then(nw.lit(value=False))
