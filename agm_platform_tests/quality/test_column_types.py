"""Type names of pandas, SQL, Spark and the contract all mean the type a column is stored as."""

from typing import Any

import duckdb
import narwhals as nw
import pytest

from agm_platform.contracts.model import Rule
from agm_platform.quality.evaluate import evaluate
from agm_platform.quality.results import Result, State

FRAME = nw.from_native(
    duckdb.sql(
        "select 1::bigint as n, 1::integer as i, 1.0::double as x, 'a' as t, true as b,"
        " date '2020-10-03' as d, timestamp '2020-10-03 12:00' as s"
    )
)


def judged(column: str, **kwargs: Any) -> Result:
    kind = "in_type_list" if "type_list" in kwargs else "of_type"
    rule = Rule("a__type", f"expect_column_values_to_be_{kind}", {"column": column, **kwargs}, "")
    (result,) = evaluate(FRAME, [rule])
    return result


@pytest.mark.parametrize(
    ("column", "names"),
    [
        ("n", "int int64 Int64 INTEGER BIGINT LongType Int64Dtype"),
        ("i", "int int32 Integer IntegerType"),
        ("x", "float float64 DOUBLE DoubleType number"),
        ("t", "str object VARCHAR TEXT StringType StringDtype text"),
        ("b", "bool bool_ BOOLEAN BooleanType boolean"),
        ("d", "date DATE DateType datetime64"),
        ("s", "datetime64 TIMESTAMP TimestampType timestamp datetime"),
    ],
)
def test_a_type_has_many_names(column, names):
    for name in names.split():
        assert judged(column, type_=name).state is State.PASSED, name


@pytest.mark.parametrize(
    ("column", "name"),
    [("n", "int32"), ("i", "BIGINT"), ("n", "float"), ("t", "int"), ("d", "TIMESTAMP")],
)
def test_another_type_or_width_does_not_hold(column, name):
    assert judged(column, type_=name).state is State.FAILED


def test_one_of_a_list_is_enough_and_the_type_is_told():
    assert judged("x", type_list=["int", "DOUBLE PRECISION"]).state is State.PASSED
    assert judged("x", type_list=None).state is State.PASSED
    result = judged("x", type_list=["int", "str"])
    assert (result.state, result.observed) == (State.FAILED, "number")


def test_a_name_that_no_engine_knows_crashes():
    result = judged("x", type_="flaot64")
    assert result.state is State.CRASHED
    assert "no engine knows a type flaot64" in result.description
