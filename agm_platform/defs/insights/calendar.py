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


def with_iso_week(frame: nw.LazyFrame, column: str, name: str) -> nw.LazyFrame:
    """Add the ISO 8601 week with its own year, such as "2025-W27"; 2021-01-03 is in 2020-W53.

    In steps, each of which is computed once: as one expression the query would grow tenfold.
    """
    number, weeks, before = (nw.col(each) for each in ("_number", "_weeks", "_weeks_before"))
    year, week = nw.col("_year"), nw.col("_week")
    digits = nw.concat_str(nw.lit("0"), week.cast(nw.Int64).cast(nw.String)).str.tail(2)
    return (
        frame.with_columns(
            _year=nw.col(column).dt.year().cast(nw.Int64),
            _weekday=weekday(column),
            _day=nw.col(column).dt.ordinal_day().cast(nw.Int64),
        )
        .with_columns(
            _number=(nw.col("_day") - nw.col("_weekday") + 10) // 7,
            _weeks=_weeks_in(year),
            _weeks_before=_weeks_in(year - 1),
        )
        .with_columns(
            _week=nw.when(number < 1).then(before).when(number > weeks).then(1).otherwise(number),
            _year=nw.when(number < 1)
            .then(year - 1)
            .when(number > weeks)
            .then(year + 1)
            .otherwise(year),
        )
        .with_columns(
            nw.concat_str(year.cast(nw.Int64).cast(nw.String), nw.lit("-W"), digits).alias(name)
        )
        .drop("_year", "_weekday", "_day", "_number", "_weeks", "_weeks_before", "_week")
    )


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
