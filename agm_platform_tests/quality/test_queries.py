"""Rules in SQL: counted in the engine, beside its other tables, and no value comes out."""

import re

import duckdb
import narwhals as nw
import pytest

from agm_platform.contracts.model import Column, Rule, Table, Type
from agm_platform.contracts.registry import TABLES, find_table
from agm_platform.contracts.rules import UNEXPECTED_ROWS, refers_to
from agm_platform.quality.evaluate import evaluate
from agm_platform.quality.results import Result, State
from agm_platform.quality.rows_sql import rows_sql
from agm_platform.warehouse.types import create_statement

CUSTOMERS = Table("shop", "customers", "", (Column("id", Type.TEXT, ""),), key=("id",))
ORDERS = Table(
    "shop",
    "orders",
    "",
    (Column("day", Type.DATE, ""), Column("customer_id", Type.TEXT, "")),
    rules=(refers_to("customer_id", CUSTOMERS, "id", "who bought is known"),),
    partition_column="day",
)


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    opened = duckdb.connect()
    opened.execute("create schema shop; create table shop.customers (id varchar)")
    opened.execute("create table shop.orders (day date, customer_id varchar)")
    opened.execute("insert into shop.customers values ('a'), ('b'), (null)")
    opened.execute(
        "insert into shop.orders values ('2020-10-03', 'a'), ('2020-10-03', 'Elm 7'),"
        " ('2020-10-04', 'Elm 7'), ('2020-10-04', null)"
    )
    return opened


def orders(connection: duckdb.DuckDBPyConnection) -> nw.LazyFrame:
    return nw.from_native(connection.table("shop.orders"))


def judged(connection: duckdb.DuckDBPyConnection, query: str) -> Result:
    rule = Rule("rows__none", UNEXPECTED_ROWS, {"unexpected_rows_query": query}, "nothing odd")
    (result,) = evaluate(orders(connection), [rule])
    return result


def test_a_reference_counts_rows_whose_partner_is_missing_and_no_row_without_a_value(connection):
    (result,) = evaluate(orders(connection), ORDERS.rules)
    assert (result.state, result.observed) == (State.FAILED, 2)
    assert result.description == "does not hold, observed 2: who bought is known"
    connection.execute("insert into shop.customers values ('Elm 7')")
    (result,) = evaluate(orders(connection), ORDERS.rules)
    assert (result.state, result.observed) == (State.PASSED, 0)


def test_a_reference_is_one_anti_join(connection):
    query = rows_sql(ORDERS, ORDERS.rules)["customer_id__in_customers"]
    plan = connection.execute(f"explain {query}").fetchall()[0][1]
    assert len(re.findall("Join Type: .*ANTI", plan)) == plan.count("Join Type") == 1
    assert plan.count("Seq Scan") == 2


def test_a_reference_looks_at_the_rows_under_test_only(connection):
    day = orders(connection).filter(nw.col("customer_id").is_null())
    (result,) = evaluate(day, ORDERS.rules)
    assert result.state is State.PASSED


def test_the_query_beside_a_failed_reference_shows_the_rows_of_the_run(connection):
    name = "customer_id__in_customers"
    every, one_day = rows_sql(ORDERS, ORDERS.rules), rows_sql(ORDERS, ORDERS.rules, ["2020-10-04"])
    assert connection.execute(every[name]).fetchall() == [("Elm 7",)] * 2
    assert connection.execute(one_day[name]).fetchall() == [("Elm 7",)]


def test_of_a_table_with_personal_columns_there_is_no_such_query():
    personal = Table(
        "shop",
        "orders",
        "",
        (*ORDERS.columns, Column("street", Type.TEXT, "", personal=True)),
        rules=ORDERS.rules,
    )
    assert rows_sql(personal, personal.rules) == {}


def test_a_reference_to_a_column_that_is_not_there_is_an_error_at_import():
    with pytest.raises(KeyError):
        refers_to("customer_id", CUSTOMERS, "number", "")


def test_a_reference_names_the_table_that_has_to_come_first():
    assert ORDERS.rules[0].reads == ("shop.customers",)


@pytest.mark.parametrize(
    ("query", "observed"),
    [
        ("SELECT 1 FROM {batch} WHERE customer_id = 'a'", 1),
        ("SELECT * FROM {batch} b JOIN shop.customers c ON b.customer_id = c.id ; \n", 1),
        ("WITH few AS (SELECT * FROM {batch}) SELECT day FROM few GROUP BY day", 2),
        ("SELECT 1 FROM {batch} WHERE customer_id = '{{'", 0),
    ],
)
def test_any_query_is_counted(connection, query, observed):
    assert judged(connection, query).observed == observed


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("SELECT gone FROM {batch}", "BinderException"),
        ("SELECT 1 FROM {batch} JOIN shop.gone USING (day)", "CatalogException"),
        ("DELETE FROM shop.orders", "ParserException"),
        ("SELECT 1 FROM {batch}) AS x; DELETE FROM shop.orders; SELECT (1", "InvalidInput"),
        ("SELECT 1 FROM {table}", "a brace that is not {batch}"),
        ("SELECT 1 FROM {batch} WHERE x = '{'", "a brace that is not {batch}"),
    ],
)
def test_what_is_no_query_crashes_and_changes_nothing(connection, query, reason):
    result = judged(connection, query)
    assert result.state is State.CRASHED
    assert reason in result.description
    assert len(orders(connection).to_native().fetchall()) == 4


def test_an_error_that_quotes_a_value_is_told_without_it(connection):
    result = judged(connection, "SELECT 1 FROM {batch} WHERE CAST(customer_id AS BIGINT) > 1")
    assert result.state is State.CRASHED
    assert "ConversionException" in result.description
    assert "Elm" not in result.description


def test_the_connection_keeps_no_view_of_the_rows(connection):
    judged(connection, "SELECT 1 FROM {batch}")
    assert connection.execute("from duckdb_views() where not internal").fetchall() == []


@pytest.mark.parametrize(("table", "other", "passed"), [("shop.customers", 3, False)])
def test_the_row_count_is_compared_with_another_table(connection, table, other, passed):
    rule = Rule(
        "rows__same",
        "expect_table_row_count_to_equal_other_table",
        {"other_table_name": table},
        "",
    )
    (result,) = evaluate(orders(connection), [rule])
    assert result.observed == {"self": 4, "other": other}
    assert (result.state is State.PASSED) is passed
    connection.execute(f"insert into {table} values ('z')")
    (result,) = evaluate(orders(connection), [rule])
    assert result.state is State.PASSED


IN_SQL = [(table, rule) for table in TABLES for rule in table.rules if rule.reads]


@pytest.mark.parametrize(("table", "rule"), IN_SQL, ids=lambda one: getattr(one, "name", None))
def test_every_reference_of_the_contracts_can_be_judged(table, rule):
    with duckdb.connect() as opened:
        for name in {table.full_name, *rule.reads}:
            contract = find_table(*name.split("."))
            assert contract is not None
            opened.execute(f"create schema if not exists {contract.source}")
            opened.execute(create_statement(contract))
        (result,) = evaluate(nw.from_native(opened.table(table.full_name)), [rule])
        assert result.state is State.PASSED


def test_contracts_declare_references():
    assert len(IN_SQL) >= 3
