"""Text as received becomes a typed value or null, never a guess."""

from datetime import date, timedelta

import duckdb
import narwhals as nw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agm_platform.landing import casts


def cast_one(text: str | None, expression: nw.Expr) -> object:
    with duckdb.connect() as connection:
        relation = connection.sql("select $text::varchar as text", params={"text": text})
        return nw.from_native(relation).select(value=expression).to_native().fetchall()[0][0]


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


@given(st.integers(min_value=0, max_value=10**13))
def test_money_written_with_two_decimals_loses_no_cent(cents: int) -> None:
    text = f"{cents // 100}.{cents % 100:02}"
    assert cast_one(text, casts.usd_cents("text")) == cents


@pytest.mark.parametrize(
    ("text", "value"),
    [("3", 3), ("3.0", 3), (" 3 ", 3), ("3.5", None), ("three", None), ("-1", None), (None, None)],
)
def test_a_whole_number_is_read_and_anything_else_is_null(
    text: str | None, value: int | None
) -> None:
    assert cast_one(text, casts.whole_number("text")) == value


@given(st.dates(min_value=date(1, 1, 1)))
def test_every_day_of_the_calendar_is_read_back(day: date) -> None:
    assert cast_one(day.isoformat(), casts.iso_date("text")) == day


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
