"""Day numbers and weekdays by arithmetic, because engines disagree on both."""

import narwhals as nw

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def day_number(column: str) -> nw.Expr:
    """Return the days since 0000-12-31 in the Gregorian calendar, so 0001-01-01 is day 1."""
    before = nw.col(column).dt.year().cast(nw.Int64) - 1
    leap_days = before // 4 - before // 100 + before // 400
    return before * 365 + leap_days + nw.col(column).dt.ordinal_day().cast(nw.Int64)


def weekday(column: str) -> nw.Expr:
    """Return the ISO weekday, 1 for Monday to 7 for Sunday (0001-01-01 was a Monday)."""
    return (day_number(column) - 1) % 7 + 1


def weekday_name(column: str) -> nw.Expr:
    """Return the English name of the weekday."""
    number = weekday(column)
    name = nw.lit(WEEKDAYS[-1])
    for position, word in enumerate(WEEKDAYS[:-1], start=1):
        name = nw.when(number == position).then(nw.lit(word)).otherwise(name)
    return name


def iso_week(column: str) -> nw.Expr:
    """Return the ISO 8601 week with its own year, such as "2025-W27".

    The week belongs to the year of its Thursday: 2021-01-03 is in 2020-W53.
    """
    year = nw.col(column).dt.year().cast(nw.Int64)
    number = (nw.col(column).dt.ordinal_day().cast(nw.Int64) - weekday(column) + 10) // 7
    of_year = (
        nw.when(number < 1)
        .then(year - 1)
        .when(number > _weeks_in(year))
        .then(year + 1)
        .otherwise(year)
    )
    week = (
        nw.when(number < 1)
        .then(_weeks_in(year - 1))
        .when(number > _weeks_in(year))
        .then(nw.lit(1))
        .otherwise(number)
    )
    digits = nw.concat_str(nw.lit("0"), week.cast(nw.Int64).cast(nw.String)).str.tail(2)
    return nw.concat_str(of_year.cast(nw.Int64).cast(nw.String), nw.lit("-W"), digits)


def month(column: str) -> nw.Expr:
    """Return year and month, "2025-07": a July of one year is not that of another."""
    number = nw.col(column).dt.month().cast(nw.Int64).cast(nw.String)
    year = nw.col(column).dt.year().cast(nw.Int64).cast(nw.String)
    return nw.concat_str(year, nw.lit("-"), nw.concat_str(nw.lit("0"), number).str.tail(2))


def _weeks_in(year: nw.Expr) -> nw.Expr:
    """Return 53 for a year that ends on a Thursday, or on a Friday in a leap year; else 52."""

    def last_weekday(of: nw.Expr) -> nw.Expr:
        return (of + of // 4 - of // 100 + of // 400) % 7

    has_53 = (last_weekday(year) == 4) | (last_weekday(year - 1) == 3)
    return nw.when(has_53).then(nw.lit(53)).otherwise(nw.lit(52))
