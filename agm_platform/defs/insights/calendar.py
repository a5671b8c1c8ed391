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
