"""Text as received becomes a typed value or null, never a guess."""

from datetime import date, timedelta

import duckdb
import narwhals as nw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agm_platform.landing import casts

ENGINE = duckdb.connect()


def cast_one(text: str | None, expression: nw.Expr) -> object:
    return cast_all([text], expression)[0]


def cast_all(texts: list[str | None], expression: nw.Expr) -> list[object]:
    relation = ENGINE.sql("select unnest($texts::varchar[]) as text", params={"texts": texts})
    rows = nw.from_native(relation).select(value=expression).to_native().fetchall()
    return [value for (value,) in rows]


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("12", 1200),
        (" 12.5 ", 1250),
        ("12.50", 1250),
        ("12.5000", 1250),
        ("0", 0),
        ("12.505", None),
        ("-12", None),
        ("twelve", None),
        ("1e3", None),
        ("", None),
        (None, None),
    ],
)
def test_money_is_exact_cents_or_nothing(text: str | None, cents: int | None) -> None:
    assert cast_one(text, casts.usd_cents("text")) == cents


@given(st.lists(st.integers(min_value=0, max_value=10**13), min_size=1, max_size=50))
@settings(max_examples=10)
def test_money_written_with_two_decimals_loses_no_cent(amounts: list[int]) -> None:
    texts = [f"{cents // 100}.{cents % 100:02}" for cents in amounts]
    assert cast_all(texts, casts.usd_cents("text")) == amounts


@pytest.mark.parametrize(
    ("text", "value"),
    [("3", 3), ("3.0", 3), (" 3 ", 3), ("3.5", None), ("three", None), ("-1", None), (None, None)],
)
def test_a_whole_number_is_read_and_anything_else_is_null(
    text: str | None, value: int | None
) -> None:
    assert cast_one(text, casts.whole_number("text")) == value


@given(st.lists(st.dates(min_value=date(1, 1, 1)), min_size=1, max_size=50))
@settings(max_examples=10)
def test_every_day_of_the_calendar_is_read_back(days: list[date]) -> None:
    assert cast_all([day.isoformat() for day in days], casts.iso_date("text")) == days


@pytest.mark.parametrize(
    "text",
    [
        "2021-02-29",
        "2020-02-30",
        "1900-02-29",
        "2020-04-31",
        "2020-13-01",
        "2020-00-10",
        "03.10.2020",
        "",
    ],
)
def test_a_day_that_no_calendar_has_is_null(text: str) -> None:
    assert cast_one(text, casts.iso_date("text")) is None


def test_a_time_of_day_behind_the_date_is_dropped() -> None:
    assert cast_one("2020-10-04 02:00:00", casts.iso_date("text")) == date(2020, 10, 4)


@pytest.mark.parametrize(
    ("text", "value"), [("42314677", "42314677"), ("007", "007"), ("12a", None), ("1.0", None)]
)
def test_an_identifier_keeps_its_digits_as_text(text: str, value: str | None) -> None:
    assert cast_one(text, casts.identifier("text")) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [("true", True), ("T", True), ("1", True), ("No", False), ("0", False), ("maybe", None)],
)
def test_the_usual_words_for_true_and_false_are_read(text: str, value: object) -> None:
    assert cast_one(text, casts.truth("text")) is value


@pytest.mark.parametrize(
    ("text", "value"),
    [("-122.25", -122.25), ("37.", 37.0), ("+1", 1.0), ("1,5", None), ("nan", None)],
)
def test_plain_decimals_are_read(text: str, value: float | None) -> None:
    assert cast_one(text, casts.number("text")) == value


def test_blank_text_is_null() -> None:
    assert cast_one("   ", casts.trimmed("text")) is None
    assert cast_one(" a b ", casts.trimmed("text")) == "a b"


def test_neighbouring_days_stay_neighbours() -> None:
    day = date(2020, 2, 28)
    texts = [(day + timedelta(days=number)).isoformat() for number in range(3)]
    assert [cast_one(text, casts.iso_date("text")) for text in texts] == [
        date(2020, 2, 28),
        date(2020, 2, 29),
        date(2020, 3, 1),
    ]


@pytest.mark.parametrize(
    ("text", "day_first", "month_first"),
    [
        ("06-07-2025", date(2025, 7, 6), date(2025, 6, 7)),
        ("26-04-25", date(2025, 4, 26), None),
        ("1/17/2017", None, date(2017, 1, 17)),
        (" 6.7.25 ", date(2025, 7, 6), date(2025, 6, 7)),
        ("2025-07-06", date(2025, 7, 6), date(2025, 7, 6)),
        ("31-02-2025", None, None),
        ("2025-02-30", None, None),
        ("06-07-225", None, None),
        ("July 6", None, None),
        (None, None, None),
    ],
)
def test_the_order_of_day_and_month_is_said_and_never_guessed(
    text: str | None, day_first: date | None, month_first: date | None
) -> None:
    assert cast_one(text, casts.day_first_date("text")) == day_first
    assert cast_one(text, casts.month_first_date("text")) == month_first


@given(st.lists(st.dates(min_value=date(2000, 1, 1), max_value=date(2099, 12, 31)), min_size=1))
@settings(max_examples=10)
def test_days_come_back_from_every_way_to_write_them(days: list[date]) -> None:
    for shape in ("%d-%m-%y", "%d/%m/%Y", "%Y-%m-%d"):
        texts = [day.strftime(shape) for day in days]
        assert cast_all(texts, casts.day_first_date("text")) == days
    texts = [f"{day.month}/{day.day}/{day.year}" for day in days]
    assert cast_all(texts, casts.month_first_date("text")) == days
