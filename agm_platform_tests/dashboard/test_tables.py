"""Filters, sums and downloads give exactly the rows that were asked for."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from typing import Any

import duckdb
import narwhals as nw
import pandas as pd
import pytest
import python_calamine
from hypothesis import given, settings
from hypothesis import strategies as st

from agm_platform.dashboard.tables import (
    LONGEST_CHOICE,
    MOST_CHOICES,
    Filter,
    Kind,
    as_csv,
    as_parquet,
    as_xlsx,
    can_be_added_up,
    counted,
    filters_of,
    grouped,
    narrowed,
)

SALES = """
    select * from (values
        ('o1', date '2020-11-24', 's1', true, 2, 2400, 1200),
        ('o2', date '2020-11-25', 's2', false, 1, 1200, 1200),
        ('o3', date '2020-11-26', null, null, 4, null, 1200),
        ('o4', null, 's1', true, 1, 100, 1200)
    ) as t(order_id, order_date, store_id, is_first, quantity, line_usd_cents, price_usd_cents)
"""
Frame = nw.LazyFrame[Any]


@pytest.fixture
def db() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


@pytest.fixture
def sales(db: duckdb.DuckDBPyConnection) -> Frame:
    return nw.from_native(db.sql(SALES)).lazy()


def orders(frame: Frame) -> list[str]:
    return sorted(row[0] for row in nw.to_native(frame).fetchall())


def test_days_text_and_yes_or_no_make_filters_and_numbers_do_not(sales: Frame) -> None:
    assert filters_of(sales) == [
        Filter("store_id", Kind.SOME, ("s1", "s2", "–")),
        Filter("order_date", Kind.PERIOD, (date(2020, 11, 24), date(2020, 11, 26))),
        Filter("order_id", Kind.SOME, ("o1", "o2", "o3", "o4")),
        Filter("is_first", Kind.SOME, ("no", "yes", "–")),
    ]


def test_a_column_that_tells_nothing_apart_is_no_filter(db: duckdb.DuckDBPyConnection) -> None:
    rows = db.sql(
        f"select 'same' as one, i::varchar as many, repeat('x', {LONGEST_CHOICE}) || i % 2 as long,"
        f" date '2020-11-24' as day, i % 2 = 0 as even from range({MOST_CHOICES + 1}) t(i)"
    )
    assert [one.column for one in filters_of(nw.from_native(rows).lazy())] == ["even"]


def test_a_table_without_rows_has_no_filters(sales: Frame) -> None:
    assert filters_of(sales.filter(nw.col("quantity") > 99)) == []


def test_of_a_table_of_sums_one_dimension_is_shown_at_a_time(
    db: duckdb.DuckDBPyConnection,
) -> None:
    rows = db.sql("select * from (values ('a', 'x'), ('b', 'y')) as t(segment, dimension)")
    kinds = {one.column: one.kind for one in filters_of(nw.from_native(rows).lazy())}
    assert kinds == {"dimension": Kind.ONE, "segment": Kind.SOME}
    assert next(iter(kinds)) == "dimension"


@pytest.mark.parametrize(
    ("chosen", "wanted"),
    [
        ({}, ["o1", "o2", "o3", "o4"]),
        ({"store_id": []}, ["o1", "o2", "o3", "o4"]),
        ({"store_id": ["s1"]}, ["o1", "o4"]),
        ({"store_id": ["–"]}, ["o3"]),
        ({"store_id": ["s2", "–"]}, ["o2", "o3"]),
        ({"store_id": ["nowhere"]}, []),
        ({"is_first": ["yes"]}, ["o1", "o4"]),
        ({"is_first": ["no", "–"]}, ["o2", "o3"]),
        ({"order_date": (date(2020, 11, 25), date(2020, 11, 26))}, ["o2", "o3"]),
        ({"store_id": ["s1"], "order_date": (date(2020, 11, 1), date(2020, 11, 24))}, ["o1"]),
    ],
)
def test_the_rows_that_fit_every_filter_are_left(
    sales: Frame, chosen: dict[str, Any], wanted: list[str]
) -> None:
    assert orders(narrowed(sales, chosen)) == wanted


@settings(max_examples=20)
@given(st.lists(st.sampled_from(["a", "b", "it's", None]), min_size=2, max_size=30))
def test_the_choices_of_a_column_part_its_rows(values: list[str | None]) -> None:
    frame = pd.DataFrame({"word": pd.Series(values, dtype="string"), "n": range(len(values))})
    with duckdb.connect() as db:
        lazy = nw.from_native(db.from_df(frame)).lazy()
        choices = [value for one in filters_of(lazy) for value in one.values]
        if len(set(values)) > 1:
            assert sum(counted(narrowed(lazy, {"word": [one]})) for one in choices) == len(values)
        else:
            assert choices == []


def test_sums_are_of_amounts_and_counts_and_never_of_prices(sales: Frame) -> None:
    assert can_be_added_up(sales)
    found = nw.to_native(grouped(sales, "store_id"))
    assert found.columns == ["store_id", "rows", "quantity", "line_usd_cents"]
    assert found.fetchall() == [("s1", 2, 3, 2500), ("s2", 1, 1, 1200), (None, 1, 4, None)]


def test_a_table_of_sums_is_not_added_up_again(db: duckdb.DuckDBPyConnection) -> None:
    rows = db.sql("select 'day' as dimension, 'x' as member, 5 as orders, 100 as gross_usd_cents")
    assert not can_be_added_up(nw.from_native(rows).lazy())


def test_a_csv_has_every_row_with_its_own_digits(db: duckdb.DuckDBPyConnection) -> None:
    text = as_csv(db.sql(SALES).order("order_id")).decode()
    assert text.splitlines()[0].startswith("order_id,order_date,store_id,is_first,quantity")
    assert text.splitlines()[3] == "o3,2020-11-26,,,4,,1200"
    assert len(text.splitlines()) == 5


def test_a_parquet_file_has_the_same_rows_and_types(
    db: duckdb.DuckDBPyConnection, tmp_path: Any
) -> None:
    path = tmp_path / "rows.parquet"
    path.write_bytes(as_parquet(db.sql(SALES)))
    again = db.read_parquet(str(path))
    assert again.types == db.sql(SALES).types
    assert sorted(again.fetchall()) == sorted(db.sql(SALES).fetchall())


def test_a_workbook_has_numbers_days_and_text_that_is_no_formula(
    db: duckdb.DuckDBPyConnection,
) -> None:
    rows = db.sql(
        "select '=1+1' as name, 12 as n, date '2020-11-24' as day, null as gap, 'nan'::double as no"
    )
    book = python_calamine.load_workbook(io.BytesIO(as_xlsx(rows)))
    head, row = book.get_sheet_by_index(0).to_python()[:2]
    assert head == ["name", "n", "day", "gap", "no"]
    assert row[:3] == ["=1+1", 12.0, date(2020, 11, 24)]
    assert row[3] == ""
