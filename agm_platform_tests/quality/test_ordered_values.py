"""Quantiles pick what pandas picks; rising and falling need an order of the rows."""

from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agm_platform.contracts.model import Column, Rule, Table, Type
from agm_platform.quality.evaluate import evaluate, evaluate_table
from agm_platform.quality.layout import Layout, NotPushedDown
from agm_platform.quality.measures import plan
from agm_platform.quality.results import State
from agm_platform_tests.quality.frames import duckdb_frame

QUANTILES = [0, 0.1, 0.25, 1 / 3, 0.5, 0.75, 0.9, 1]
RISING, FALLING = (
    f"expect_column_values_to_be_{direction}" for direction in ("increasing", "decreasing")
)


def of_quantiles(**more: Any) -> Rule:
    ranges = {"quantiles": QUANTILES, "value_ranges": [[None, None]] * len(QUANTILES)}
    kwargs = {"column": "x", "quantile_ranges": ranges, **more}
    return Rule("x__quantiles", "expect_column_quantile_values_to_be_between", kwargs, "")


@pytest.mark.parametrize("between", ["nearest", "linear", "lower", "higher", "midpoint"])
@settings(max_examples=15)
@given(values=st.lists(st.integers(-9, 9) | st.floats(-1e6, 1e6), min_size=1, max_size=12))
def test_quantiles_are_those_of_pandas(between, values):
    frame = duckdb_frame({"x DOUBLE": [*values, None, float("nan")]})
    (result,) = evaluate(frame, [of_quantiles(allow_relative_error=between)])
    wanted = pd.Series(values, dtype="float64").quantile(QUANTILES, interpolation=between)
    size = max(map(abs, values))
    assert result.observed["values"] == pytest.approx(wanted.tolist(), abs=1e-12 * max(size, 1))


def test_all_quantiles_of_a_rule_take_one_sorted_pass_on_any_engine(frame):
    rule = of_quantiles(quantile_ranges={"quantiles": [0.5], "value_ranges": [[2, 3]]})
    (result,) = evaluate(frame({"x DOUBLE": [1.0, 2.5, 9.0]}), [rule])
    assert (result.state, result.observed["values"]) == (State.PASSED, [2.5])


@pytest.mark.parametrize(
    ("limits", "passed"),
    [
        ([100, 100], True),
        ([100.005, 101], True),  # within a ten-thousandth, as Great Expectations allows
        ([100.02, 101], False),
        ([None, 99.995], True),
        ([None, 99.9], False),
    ],
)
def test_a_quantile_may_miss_its_limit_by_a_hair(limits, passed):
    rule = of_quantiles(quantile_ranges={"quantiles": [0.5], "value_ranges": [limits]})
    (result,) = evaluate(duckdb_frame({"x DOUBLE": [100.0]}), [rule])
    assert (result.state is State.PASSED) is passed


@pytest.mark.parametrize(
    "ranges",
    [
        {"quantiles": [0.5], "value_ranges": []},
        {"quantiles": [1.5], "value_ranges": [[0, 1]]},
        {"value_ranges": [[0, 1]]},
    ],
)
def test_ranges_that_make_no_sense_crash(ranges):
    (result,) = evaluate(duckdb_frame({"x DOUBLE": [1.0]}), [of_quantiles(quantile_ranges=ranges)])
    assert result.state is State.CRASHED


def test_an_interpolation_that_nobody_knows_crashes():
    rule = of_quantiles(allow_relative_error=True)
    (result,) = evaluate(duckdb_frame({"x DOUBLE": [1.0]}), [rule])
    assert result.state is State.CRASHED
    assert "allow_relative_error is one of" in result.description


PLACED = {
    "place BIGINT": [3, 1, 2, 4],
    "x DOUBLE": [2.0, 1.0, None, 2.0],
    "t VARCHAR": ["a", "b", "c", "d"],
}


@pytest.mark.parametrize(
    ("expectation", "strictly", "failed"),
    [(RISING, False, 0), (RISING, True, 1), (FALLING, False, 1), (FALLING, True, 2)],
)
def test_values_rise_and_fall_along_the_order_of_the_rows(frame, expectation, strictly, failed):
    rule = Rule("x__ordered", expectation, {"column": "x", "strictly": strictly}, "")
    (result,) = evaluate(frame(PLACED), [rule], order=["place"])
    assert (result.element_count, result.missing_count, result.unexpected_count) == (4, 1, failed)


def test_without_an_order_and_for_text_great_expectations_judges():
    data = duckdb_frame(PLACED)
    for column, order in (("x", ()), ("t", ("place",))):
        rule = Rule("x__ordered", RISING, {"column": column}, "")
        with pytest.raises(NotPushedDown):
            plan(rule, Layout.of(data, order))


@pytest.mark.parametrize(("kind", "state"), [(Type.INTEGER, State.PASSED), (Type.TEXT, "failed")])
def test_rows_are_in_the_order_of_a_key_of_numbers_else_as_they_are_stored(
    kind, state, great_expectations_says
):
    table = Table(
        "shop",
        "things",
        "",
        (Column("place", kind, ""), Column("x", Type.NUMBER, "")),
        key=("place",),
        rules=(Rule("x__rising", RISING, {"column": "x"}, ""),),
    )
    rows = {f"place {kind.value}": ["3", "1", "2"], "x DOUBLE": [3.0, 1.0, 2.0]}
    (result,) = evaluate_table(table, duckdb_frame(rows), table.rules)
    assert result.state == state
