"""The query beside a failed check: run in the warehouse, it shows exactly the failing rows."""

from dataclasses import replace

import duckdb
import narwhals as nw
import pytest

from agm_platform.contracts.model import Column, Rule, Table, Type
from agm_platform.quality.evaluate import evaluate
from agm_platform.quality.rows_sql import rows_sql

MEALS = Table(
    "shop",
    "meals",
    "Meals.",
    (
        Column("meal_id", Type.TEXT, "Number."),
        Column("day", Type.DATE, "Day."),
        Column("price", Type.NUMBER, "Price."),
        Column("size", Type.INTEGER, "Size."),
    ),
    key=("day", "meal_id"),
    partition_column="day",
)
RULES = [
    Rule(
        "id__digits",
        "expect_column_values_to_match_regex",
        {"column": "meal_id", "regex": r"^\d+$"},
        "",
    ),
    Rule("id__present", "expect_column_values_to_not_be_null", {"column": "meal_id"}, ""),
    Rule("id__unique", "expect_column_values_to_be_unique", {"column": "meal_id"}, ""),
    Rule(
        "size__unique",
        "expect_column_values_to_be_unique",
        {"column": "size", "row_condition": "price > 1"},
        "",
    ),
    Rule(
        "day__size",
        "expect_compound_columns_to_be_unique",
        {"column_list": ["day", "size"], "ignore_row_if": "never"},
        "",
    ),
    Rule(
        "price__cheap",
        "expect_column_values_to_be_between",
        {"column": "price", "max_value": 2},
        "",
    ),
    Rule(
        "price__is_size",
        "expect_column_pair_values_to_be_equal",
        {"column_A": "price", "column_B": "size"},
        "",
    ),
    Rule(
        "size__set", "expect_column_values_to_be_in_set", {"column": "size", "value_set": [1]}, ""
    ),
]


@pytest.fixture
def warehouse() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("create schema shop")
    connection.execute(
        "create table shop.meals (meal_id varchar, day date, price double, size bigint)"
    )
    connection.execute(
        "insert into shop.meals values ('1', '2020-10-03', 1, 1), ('1', '2020-10-03', 'nan', 1),"
        " ('x''y', '2020-10-04', 3, 2), (null, '2020-10-04', 2.5, 2), (null, null, null, null)"
    )
    return connection


def test_the_query_shows_as_many_rows_as_the_check_counts(warehouse):
    results = evaluate(nw.from_native(warehouse.table("shop.meals")), RULES)
    queries = rows_sql(MEALS, RULES)
    shown = {name: len(warehouse.execute(query).fetchall()) for name, query in queries.items()}
    assert shown == {result.name: result.unexpected_count for result in results}
    assert min(shown.values()) > 0


@pytest.mark.parametrize(
    ("partitions", "rows"),
    [
        ([], 2),
        (["2020-10-03"], 0),
        (["2020-10-04"], 1),
        (["2020-10-04", "2020-10-03"], 1),
        ([f"2020-10-{day:02}" for day in range(4, 32)], 1),
    ],
)
def test_the_query_keeps_to_the_partitions_of_the_run(warehouse, partitions, rows):
    query = rows_sql(MEALS, RULES[1:2], partitions)["id__present"]
    assert len(warehouse.execute(query).fetchall()) == rows


def test_of_a_personal_table_only_the_harmless_columns_of_the_key_are_shown(warehouse):
    personal = replace(
        MEALS, columns=(replace(MEALS.columns[0], personal=True), *MEALS.columns[1:])
    )
    query = rows_sql(personal, RULES[3:4])["size__unique"]
    assert warehouse.execute(query).description[0][0] == "day"
    assert len(warehouse.execute(query).fetchall()[0]) == 1
    without_key = replace(personal, key=("meal_id",))
    query = rows_sql(without_key, RULES[:1])["id__digits"]
    assert warehouse.execute(query).fetchall() == [(1,)]


def test_a_rule_that_no_row_stands_for_has_no_query():
    total = Rule(
        "size__sum", "expect_column_sum_to_be_between", {"column": "size", "max_value": 1}, ""
    )
    assert rows_sql(MEALS, [total]) == {}
