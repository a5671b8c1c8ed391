"""DuckDB as the warehouse relies on it; each test names what would break."""

from collections.abc import Iterator

import duckdb
import pandas as pd
import pytest


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("create table t as select i from range(10) r(i)")
        yield connection


def one(connection: duckdb.DuckDBPyConnection, query: str) -> object:
    return connection.execute(query).fetchall()[0][0]


def test_a_table_can_be_replaced_by_what_is_read_from_it_and_rolled_back(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """warehouse.tables: replacing a whole table is this one statement."""
    connection.execute("begin")
    connection.register("incoming", connection.table("t").filter("i > 7"))
    connection.execute("create or replace table t as select i, 'new' as c from incoming")
    assert connection.execute("from t").fetchall() == [(8, "new"), (9, "new")]
    connection.execute("rollback")
    assert one(connection, "select count(*) from t") == 10


def test_rows_added_in_a_transaction_have_higher_rowids_than_all_before(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """warehouse.tables: what a partition held before is told from its new rows by rowid."""
    connection.execute("delete from t where i > 5")
    for _ in range(2):
        connection.execute("begin")
        last = one(connection, "select max(rowid) from t")
        connection.execute("insert into t from t")
        rows = f"select count(*) from t where rowid <= {last}"
        assert one(connection, rows) == one(connection, "select count(*) / 2 from t")
        connection.execute("commit")
        connection.execute("checkpoint")


def test_a_registered_relation_is_run_by_the_connection_that_registered_it(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """warehouse.tables: rows of another database can never be written into that database."""
    connection.execute("set variable whose = 'ours'")
    cursor = connection.cursor()
    connection.register("incoming", cursor.sql("select getvariable('whose') as v"))
    assert one(connection, "select v from incoming") == "ours"
    with (
        duckdb.connect() as other,
        pytest.raises(duckdb.InvalidInputException, match="another database"),
    ):
        connection.register("incoming", other.sql("select 1"))


def test_a_relation_made_with_parameters_is_lazy_and_keeps_them(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """warehouse.engine: assets may bind values and return the relation."""
    relation = connection.sql("select * from t where i >= ?", params=[8])
    connection.execute("insert into t values (11)")
    connection.register("incoming", relation)
    assert connection.execute("from incoming").fetchall() == [(8,), (9,), (11,)]


def test_insert_by_name_fills_a_missing_column_with_null_without_a_word(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """warehouse.tables: hence the columns are compared with the contract first."""
    connection.execute("create table pair (a int, b int)")
    connection.execute("insert into pair by name select 1 as b")
    assert connection.execute("from pair").fetchall() == [(None, 1)]


@pytest.mark.parametrize(
    "query",
    [
        "select 'SECRET'::bigint",
        "select strptime('SECRET', '%Y')",
        "select error('SECRET')",
        "select 'SECRET'::json",
    ],
)
def test_messages_about_data_quote_it_and_are_of_three_families(
    connection: duckdb.DuckDBPyConnection, query: str
) -> None:
    """warehouse.tables: messages of these families are withheld."""
    families = (duckdb.DataError, duckdb.IntegrityError, duckdb.InvalidInputException)
    with pytest.raises(families, match="SECRET"):
        connection.execute(query).fetchall()


def test_ranges_joined_by_or_keep_the_stored_order(connection: duckdb.DuckDBPyConnection) -> None:
    """warehouse.tables: partitions are read by ranges; a long `in` becomes a join, in any order."""
    connection.execute("create table big as select i, i % 400 as k from range(400_000) r(i)")
    k = duckdb.ColumnExpression("k")
    wanted = duckdb.ConstantExpression(False)
    for key in range(0, 400, 4):
        wanted |= k.between(duckdb.ConstantExpression(key), duckdb.ConstantExpression(key + 1))
    rows = [row[0] for row in connection.table("big").filter(wanted).select("i").fetchall()]
    assert len(rows) == 200_000
    assert rows == sorted(rows)


def test_a_pandas_column_of_nulls_has_a_type_of_its_own(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """warehouse.casts: such a column fits every type; pandas nanoseconds need a cast."""
    frame = pd.DataFrame({"nothing": [None], "at": pd.to_datetime(["2020-10-03"])})
    types = [str(type_) for type_ in connection.from_df(frame).types]
    assert types == ['"NULL"', "TIMESTAMP_NS"]


def test_after_an_error_a_transaction_does_nothing_but_roll_back(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """warehouse.tables: the rows that do not fit are counted after the rollback, not before."""
    connection.execute("begin")
    with pytest.raises(duckdb.ConversionException):
        connection.execute("select 'x'::bigint").fetchall()
    with pytest.raises(duckdb.TransactionException, match="aborted"):
        connection.execute("select 1")
    connection.execute("rollback")
    assert one(connection, "select 1") == 1


def test_a_result_left_open_blocks_every_relation(connection: duckdb.DuckDBPyConnection) -> None:
    """warehouse.engine: assets fetch every result to its end."""
    connection.execute("select * from range(100000)")
    with pytest.raises(duckdb.Error, match="Resource In Use"):
        connection.table("t").fetchall()
    connection.fetchall()
    assert len(connection.table("t").fetchall()) == 10


def test_a_relation_dies_with_its_connection() -> None:
    """warehouse.connection: hence one connection for the whole run."""
    connection = duckdb.connect()
    relation = connection.sql("select 1")
    connection.close()
    with pytest.raises(duckdb.ConnectionException):
        relation.fetchall()
