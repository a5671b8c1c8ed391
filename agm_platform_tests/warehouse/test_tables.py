"""Laws of reading and replacing tables, without Dagster."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agm_platform.contracts.model import Column, Table, Type
from agm_platform.warehouse.tables import (
    ContractBrokenError,
    kept_rows,
    read_table,
    replace_rows,
    transaction,
)
from agm_platform_tests.warehouse.bench import PRICES, VISITS

DAYS = [f"2020-10-0{day}" for day in range(1, 6)]
WRITES = st.lists(
    st.dictionaries(
        st.sampled_from(DAYS), st.lists(st.integers(0, 9), max_size=3), min_size=1, max_size=3
    ),
    max_size=6,
)


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 1}) as connection:
        yield connection


def visits_of(
    connection: duckdb.DuckDBPyConnection, write: dict[str, list[int]]
) -> duckdb.DuckDBPyRelation:
    rows = [f"(date '{day}', 'V', {spent})" for day, all_ in write.items() for spent in all_]
    some = f"select * from (values {', '.join(rows)}) t(day, visitor, spent)"
    none = "select null as day, null as visitor, null as spent where false"
    return connection.sql(some if rows else none)


@settings(max_examples=25)
@given(writes=WRITES, wanted=st.sets(st.sampled_from(DAYS)))
def test_each_day_holds_what_was_written_last_in_its_order_whatever_came_in_between(
    writes: list[dict[str, list[int]]], wanted: set[str]
) -> None:
    expected: dict[str, list[int]] = {}
    with duckdb.connect(config={"threads": 1}) as connection:
        for write in writes:
            expected.update(write)
            written = replace_rows(connection, VISITS, visits_of(connection, write), list(write))
            assert written == sum(map(len, write.values()))
        stored = read_table(connection, VISITS, sorted(wanted)).fetchall()
    for day in DAYS:
        spent = [row[2] for row in stored if row[0] == dt.date.fromisoformat(day)]
        assert spent == (expected.get(day, []) if day in wanted else [])


def refusal(connection: duckdb.DuckDBPyConnection, table: Table, rows: Any) -> str:
    """Return why the rows are refused, "" if they are stored."""
    try:
        replace_rows(connection, table, rows)
    except ContractBrokenError as error:
        return str(error)
    return ""


VALUES = st.one_of(
    st.none(),
    st.integers(-200, 200).map(str),
    st.floats(-1e6, 1e6).map(repr),
    st.sampled_from(["2020-10-03", "2020-10-03 12:00:00", "2020-10-03 12:00:00.123456789"]),
    st.sampled_from(["007", "1.50", "true", "yes", "", "nan", "inf", "O'Brien", "9" * 30]),
)


@pytest.mark.parametrize("target", list(Type))
def test_a_stored_value_is_the_frames_value_or_the_frame_is_refused(
    connection: duckdb.DuckDBPyConnection, target: Type
) -> None:
    table = Table("shop", "casts", "One value.", (Column("v", target, "It."),))
    types = ["VARCHAR", "DOUBLE", "HUGEINT", "TIMESTAMP_NS", "FLOAT", "TINYINT"]

    @settings(max_examples=20)
    @given(source=st.sampled_from(types), value=VALUES)
    def law(source: str, value: str | None) -> None:
        cast = f"select try_cast(? as {source}) as v"
        before = connection.execute(f"select v::varchar from ({cast})", [value]).fetchall()
        message = refusal(connection, table, connection.sql(cast, params=[value]))
        if message:
            assert "column v: 1 value does not fit" in message
            assert before != [(None,)]
            assert target.value not in (source, "VARCHAR")
        else:
            after = f"select cast(v as {source})::varchar from shop.casts"
            # The sign of zero is not a value: -0.0 may come back as 0.0.
            stored = connection.execute(after).fetchall()
            assert [_unsigned_zero(row) for row in stored] == [
                _unsigned_zero(row) for row in before
            ]

    law()


def _unsigned_zero(row: tuple[str | None, ...]) -> tuple[str | None, ...]:
    return tuple("0.0" if text == "-0.0" else text for text in row)


@pytest.mark.parametrize("failure", [KeyboardInterrupt, SystemExit, ValueError])
def test_a_transaction_is_undone_by_any_exception(
    connection: duckdb.DuckDBPyConnection, failure: type[BaseException]
) -> None:
    def fail() -> None:
        with transaction(connection):
            connection.execute("create table t (i int)")
            raise failure

    with pytest.raises(failure):
        fail()
    with transaction(connection):
        connection.execute("create table t (i int)")
    assert connection.execute("from t").fetchall() == []


def test_an_error_that_is_not_about_data_keeps_its_message(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    connection.execute("create table source (item varchar, price bigint)")
    rows = connection.table("source")
    connection.execute("drop table source")
    with pytest.raises(duckdb.CatalogException, match="source does not exist"):
        replace_rows(connection, PRICES, rows)
    assert read_table(connection, PRICES).fetchall() == []


def test_the_order_of_a_large_frame_is_kept(tmp_path: Path) -> None:
    rows = (
        "select date '2020-10-03' as day, 'V' || i as visitor, i as spent from range(300000) t(i)"
    )
    with duckdb.connect(str(tmp_path / "two_threads.duckdb"), config={"threads": 2}) as connection:
        for partitions in (None, ["2020-10-03"]):
            replace_rows(connection, VISITS, connection.sql(rows), partitions)
            stored = read_table(connection, VISITS, partitions).select("spent").fetchall()
            assert stored == [(i,) for i in range(300000)]


def test_days_far_apart_are_read_in_stored_order_without_those_between(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    rows = """select date '2020-01-01' + (i % 400)::int as day, 'V' as visitor, i as spent
        from range(4000) t(i) order by i"""
    connection.execute(f"create schema shop; create table shop.visits as {rows}")
    every_third = [str(dt.date(2020, 1, 1) + dt.timedelta(days=day)) for day in range(0, 400, 3)]
    spent = [row[2] for row in read_table(connection, VISITS, every_third).fetchall()]
    assert spent == [i for i in range(4000) if i % 400 % 3 == 0]


@pytest.mark.parametrize("partitions", [[], ["2030-01-01"]])
def test_no_such_day_is_no_row(
    connection: duckdb.DuckDBPyConnection, partitions: list[str]
) -> None:
    replace_rows(connection, VISITS, visits_of(connection, {DAYS[0]: [1]}), [DAYS[0]])
    assert read_table(connection, VISITS, partitions).fetchall() == []
    assert replace_rows(connection, VISITS, visits_of(connection, {}), partitions) == 0


def test_columns_stored_in_another_order_are_read_in_the_contracts(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    connection.execute("create schema shop")
    connection.execute("create table shop.prices as select 3::bigint as price, 'rye' as item")
    stored = read_table(connection, PRICES)
    assert (stored.columns, stored.fetchall()) == (["item", "price"], [("rye", 3)])


def test_a_table_that_reads_itself_outlives_a_change_of_its_contract(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    assert kept_rows(connection, PRICES) is None
    connection.execute("create schema shop")
    connection.execute("create table shop.prices as select 'rye' as item, 'old' as dropped")
    with pytest.raises(ContractBrokenError):
        read_table(connection, PRICES)
    kept = kept_rows(connection, PRICES)
    assert kept is not None
    assert replace_rows(connection, PRICES, kept) == 1
    assert read_table(connection, PRICES).fetchall() == [("rye", None)]


def test_a_table_that_is_not_stored_follows_the_rows_that_it_reads(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    column = Column("n", Type.INTEGER, "Number.")
    kept = Table("shop", "kept", "Rows.", (column,), publish=False)
    view = Table("shop", "seen", "A view.", (column,), publish=False, stored=False)
    replace_rows(connection, kept, connection.sql("select 1::bigint as n"))
    rows = read_table(connection, kept).filter("n < 5")
    assert replace_rows(connection, view, rows) == 1
    replace_rows(connection, kept, connection.sql("select unnest([2, 3, 9])::bigint as n"))
    assert read_table(connection, view).fetchall() == [(2,), (3,)]
    with pytest.raises(ContractBrokenError, match="other types"):
        replace_rows(connection, view, connection.sql("select 'x' as n"))
    assert read_table(connection, view).fetchall() == [(2,), (3,)]


def test_a_table_can_become_a_view_and_a_view_a_table(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    column = Column("n", Type.INTEGER, "Number.")
    stored = Table("shop", "lines", "Rows.", (column,), publish=False)
    view = Table("shop", "lines", "Rows.", (column,), publish=False, stored=False)
    for number, contract in enumerate((stored, view, stored, view)):
        rows = connection.sql(f"select {number}::bigint as n")
        replace_rows(connection, contract, rows)
        assert read_table(connection, contract).fetchall() == [(number,)]
