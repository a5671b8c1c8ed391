"""The readers' copy: published columns only, described, in an order of its own."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from agm_platform.warehouse.connection import Claim
from agm_platform.warehouse.publish_copy import copy_tables, read_copy
from agm_platform.warehouse.tables import ContractBrokenError, replace_rows
from agm_platform_tests.warehouse.bench import PRICES, VISITS

DESCRIBED = replace(PRICES, description="The baker's prices.")


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with Claim(tmp_path / "warehouse.duckdb") as claim:
        yield claim.connection


def prices(connection: duckdb.DuckDBPyConnection, *rows: str) -> None:
    values = f"from (values {', '.join(rows)}) t(item, price)"
    replace_rows(connection, PRICES, connection.sql(values))


def look(target: Path, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(target), read_only=True) as reader:
        return reader.execute(query).fetchall()


def test_the_copy_holds_the_rows_by_key_with_what_the_columns_mean(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    target = tmp_path / "new.duckdb"
    prices(connection, "('rye', 3)", "('oat', 5)")
    assert copy_tables(connection, target, [DESCRIBED]) == {"shop.prices": 2}
    assert look(target, "from shop.prices") == [("oat", 5), ("rye", 3)]
    assert look(target, "select comment from duckdb_tables()") == [("The baker's prices.",)]
    assert look(
        target, "select column_name, data_type, comment from duckdb_columns() where not internal"
    ) == [
        ("item", "VARCHAR", "The item."),
        ("price", "BIGINT", "The price. [cents]"),
    ]


def test_the_same_rows_stand_in_parquet_files_that_are_the_same_twice(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    prices(connection, "('rye', 3)", "('oat', 5)")
    written = []
    for name in ("one", "two"):
        copy_tables(connection, tmp_path / name, [DESCRIBED], parquet=tmp_path / f"{name}_parquet")
        written.append(tmp_path / f"{name}_parquet" / "shop.prices" / "shop.prices.parquet")
    assert duckdb.sql(f"from '{written[0]}'").fetchall() == [("oat", 5), ("rye", 3)]
    assert written[0].read_bytes() == written[1].read_bytes()


def test_personal_columns_stay_behind(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    target = tmp_path / "new.duckdb"
    visit = "select date '2020-10-03' as day, 'SECRETNAME' as visitor, 5 as spent"
    replace_rows(connection, VISITS, connection.sql(visit), ["2020-10-03"])
    copy_tables(connection, target, [VISITS])
    assert look(target, "select * exclude day from shop.visits") == [(5,)]
    assert b"SECRETNAME" not in target.read_bytes()


def test_a_table_that_is_not_published_is_refused_and_no_file_made(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    target = tmp_path / "new.duckdb"
    names = replace(VISITS, columns=(VISITS.column("visitor"),), partition_column=None)
    with pytest.raises(ValueError, match=r"not to be published: shop\.visits, shop\.prices"):
        copy_tables(connection, target, [names, replace(PRICES, publish=False)])
    assert not target.exists()


def test_a_table_never_materialized_is_empty_in_the_copy(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    target = tmp_path / "new.duckdb"
    assert copy_tables(connection, target, [PRICES]) == {"shop.prices": 0}
    assert look(target, "from shop.prices") == []


def test_the_order_in_which_rows_came_in_does_not_show(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = ["('rye', 3)", "('rye', 1)", "('oat', 5)"]
    copies = []
    for order in (rows, rows[::-1]):
        prices(connection, *order)
        copy_tables(connection, tmp_path / "new.duckdb", [PRICES])
        copies.append(look(tmp_path / "new.duckdb", "from shop.prices"))
    assert copies[0] == copies[1] == [("oat", 5), ("rye", 1), ("rye", 3)]


def test_leftovers_of_a_copy_that_died_are_replaced_and_none_are_left(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    target = tmp_path / "new.duckdb"
    target.write_text("half a file")
    target.with_name("new.duckdb.wal").write_text("half a log")
    prices(connection, "('rye', 3)")
    copy_tables(connection, target, [PRICES])
    copy_tables(connection, target, [PRICES])
    assert look(target, "from shop.prices") == [("rye", 3)]
    assert [path.name for path in tmp_path.glob("new*")] == ["new.duckdb"]


def test_after_a_failure_the_next_copy_works(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    connection.execute("create schema shop; create table shop.prices (item varchar)")
    with pytest.raises(ContractBrokenError, match="materialize it"):
        copy_tables(connection, tmp_path / "new.duckdb", [PRICES])
    prices(connection, "('rye', 3)")
    assert copy_tables(connection, tmp_path / "new.duckdb", [PRICES]) == {"shop.prices": 1}


def test_a_copy_is_read_back_and_can_be_stored_again(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    target = tmp_path / "new.duckdb"
    assert read_copy(connection, target, PRICES) is None
    prices(connection, "('rye', 3)", "('oat', 5)")
    copy_tables(connection, target, [PRICES])
    assert read_copy(connection, target, VISITS) is None, "the copy has no such table"
    connection.execute("drop table shop.prices")
    rows = read_copy(connection, target, PRICES)
    assert rows is not None
    assert replace_rows(connection, PRICES, rows) == 2
    assert connection.table("shop.prices").fetchall() == [("oat", 5), ("rye", 3)]


def test_a_copy_under_an_older_contract_is_read_with_nulls(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    target = tmp_path / "new.duckdb"
    with duckdb.connect(str(target)) as other:
        other.execute("create schema shop")
        other.execute("create table shop.prices as select 'rye' as item")
    rows = read_copy(connection, target, PRICES)
    assert rows is not None
    assert rows.fetchall() == [("rye", None)]
