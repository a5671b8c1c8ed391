"""From text as received to types: engine-neutral expressions that give null where text will not do.

Engines differ in what a failed cast does (DuckDB raises, Spark returns null), so the text is
proved by a pattern before it is cast and a bad value is null on every engine.
"""

from __future__ import annotations

import narwhals as nw

NUMBER_WORDS = (
    *("zero", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)


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


def counted(column: str) -> nw.Expr:
    """Return an integer from digits, or from a word from "zero" to "twelve"; else null."""
    word = nw.col(column).str.strip_chars().str.to_lowercase()
    value = whole_number(column)
    for number, name in enumerate(NUMBER_WORDS):
        value = nw.when(word == name).then(nw.lit(number, dtype=nw.Int64)).otherwise(value)
    return value


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
    day = nw.when(text.str.contains(rf"^{CALENDAR}([ T].*)?$")).then(text.str.slice(0, 10))
    return day.str.to_date(format="%Y-%m-%d")


def day_first_date(column: str) -> nw.Expr:
    """Return the date of "03-10-2020", "3/10/20" or "2020-10-03"; null for anything else.

    The day stands first, never the month, unless the year does; two digits of a year are 20xx.
    """
    return nw.coalesce(iso_date(column), _reordered(column, day=0, month=1))


def month_first_date(column: str) -> nw.Expr:
    """Return the date of "1/17/2020", "01-17-20" or "2020-01-17"; null for anything else."""
    return nw.coalesce(iso_date(column), _reordered(column, day=1, month=0))


# Every day of the Gregorian calendar as ISO text: engines differ in what they do with others.
_YEARS_WITH_29_FEBRUARY = (
    "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)"
)
CALENDAR = (
    "(?:[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
    "|[0-9]{4}-(?:0[13-9]|1[0-2])-(?:29|30)"
    "|[0-9]{4}-(?:0[13578]|1[02])-31"
    f"|{_YEARS_WITH_29_FEBRUARY}-02-29)"
)


def _reordered(column: str, *, day: int, month: int) -> nw.Expr:
    """Return the date of two short numbers, at these places, and a year of two or four digits."""
    text = nw.col(column).str.strip_chars().str.replace_all("[/.]", "-")
    shape = "^[0-9]{1,2}-[0-9]{1,2}-([0-9]{2}|[0-9]{4})$"
    numbers = nw.when(text.str.contains(shape)).then(text).str.split("-")

    def padded(place: int, before: str, digits: int) -> nw.Expr:
        """Null becomes text that no calendar has: guards against null would double the query."""
        number = nw.concat_str(nw.lit(before), numbers.list.get(place), ignore_nulls=True)
        return number.str.tail(digits)

    dash = nw.lit("-")
    day_text = nw.concat_str(
        padded(2, "20", 4),
        dash,
        padded(month, "0", 2),
        dash,
        padded(day, "0", 2),
        ignore_nulls=True,
    )
    proved = nw.when(day_text.str.contains(f"^{CALENDAR}$")).then(day_text)
    return proved.str.to_date(format="%Y-%m-%d")


def truth(column: str) -> nw.Expr:
    """Return true or false from the usual words for them; null for anything else."""
    text = nw.col(column).str.strip_chars().str.to_lowercase()
    yes = text.is_in(["true", "t", "yes", "y", "1"])
    no = text.is_in(["false", "f", "no", "n", "0"])
    return nw.when(yes).then(nw.lit(value=True)).when(no).then(nw.lit(value=False))
