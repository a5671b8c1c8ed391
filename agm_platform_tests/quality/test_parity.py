"""The platform's verdicts are Great Expectations' own: same success, counts and figures.

Known differences, with who is right, stand at the end and are pinned too.
"""

import math
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from agm_platform.contracts.model import Rule
from agm_platform.quality.evaluate import evaluate
from agm_platform.quality.layout import Layout
from agm_platform.quality.measures import TABLE_RULES, plan
from agm_platform.quality.predicates import ROW_RULES
from agm_platform.quality.results import to_gx_json
from agm_platform.quality.suites import expectation
from agm_platform_tests.quality.frames import Columns, duckdb_frame

# Its own words on condition strings, which stay readable for analysts.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

NAN = float("nan")
DAY = date(2020, 10, 3)
MOMENT = datetime.fromisoformat("2020-10-03T12:00")
# The types that a pandas user would have: numbers with gaps are floats, days are timestamps.
PANDAS_TYPES = {
    "x": "float64",
    "y": "float64",
    "n": "float64",
    "k": "int64",
    "t": "object",
    "u": "object",
    "d": "datetime64[ns]",
    "s": "datetime64[ns]",
    "b": "bool",
    "o": "int64",
}
# Ties, gaps, NaN, texts beyond ASCII, empty texts and large whole numbers.
TEXTS = ["", "a", "é", "日本", "ab", "12345", "x12345", "12345\n", "１２３", " a", "A", "\xa0"]
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "x DOUBLE": st.sampled_from([None, 0.0, 0.5, 1.0, 2.0, -3.25, 1e15, NAN]),
    "y DOUBLE": st.sampled_from([None, 0.0, 0.5, 1.0, 2.0, NAN]),
    "n BIGINT": st.sampled_from([None, 0, 1, 2, 3, -1]),
    "k BIGINT": st.sampled_from([0, 1, 2, 12, 2**53, 2**53 + 1, -(2**62)]),
    "t VARCHAR": st.sampled_from([None, *TEXTS]),
    "u VARCHAR": st.sampled_from([None, *(f"u{number}" for number in range(90))]),
    "d DATE": st.sampled_from([None, *(DAY + timedelta(days=days) for days in range(4))]),
    "s TIMESTAMP": st.sampled_from(
        [None, MOMENT, MOMENT + timedelta(hours=13), MOMENT - timedelta(days=2)]
    ),
    "b BOOLEAN": st.booleans(),
}
ROWS = st.lists(st.tuples(*VALUES.values()), min_size=1, max_size=30)
NO_ROWS: list[tuple[Any, ...]] = []
ONLY_GAPS = [(None, NAN, None, 0, None, None, None, None, True)] * 3


def frame_of(rows: list[tuple[Any, ...]]) -> Columns:
    """Return the columns of the rows, and their place in `o`."""
    columns: Columns = {name: [row[at] for row in rows] for at, name in enumerate(VALUES)}
    return columns | {"o BIGINT": list(range(len(rows)))}


X_LIMITS = {"column": "x", "min_value": 0.5, "max_value": 2}
CASES: list[tuple[str, dict[str, Any]]] = [
    ("column_values_to_not_be_null", {"column": "x"}),
    ("column_values_to_not_be_null", {"column": "t", "mostly": 0.75}),
    ("column_values_to_be_null", {"column": "x"}),
    ("column_values_to_be_null", {"column": "t", "mostly": 0.1}),
    ("column_values_to_be_in_set", {"column": "t", "value_set": ["a", "é", "日本", ""]}),
    ("column_values_to_be_in_set", {"column": "n", "value_set": [0, 1, 2.0]}),
    ("column_values_to_be_in_set", {"column": "k", "value_set": [2**53 + 1, 0]}),
    ("column_values_to_be_in_set", {"column": "b", "value_set": [True]}),
    ("column_values_to_be_in_set", {"column": "t", "value_set": [1, 2]}),
    ("column_values_to_not_be_in_set", {"column": "x", "value_set": [1, -3.25]}),
    ("column_values_to_not_be_in_set", {"column": "d", "value_set": ["2020-10-03", "2020-10-04"]}),
    ("column_values_to_be_between", X_LIMITS),
    ("column_values_to_be_between", X_LIMITS | {"strict_min": True, "strict_max": True}),
    ("column_values_to_be_between", {"column": "n", "min_value": 0.5, "mostly": 0.5}),
    ("column_values_to_be_between", {"column": "d", "min_value": "2020-10-04T00:00:00"}),
    (
        "column_values_to_be_between",
        {"column": "s", "min_value": "2020-10-03T12:00:00", "strict_min": True},
    ),
    ("column_value_lengths_to_be_between", {"column": "t", "min_value": 1, "max_value": 2}),
    (
        "column_value_lengths_to_be_between",
        {"column": "t", "min_value": 1, "strict_min": True, "mostly": 0.4},
    ),
    ("column_value_lengths_to_equal", {"column": "k", "value": 2}),
    ("column_values_to_match_regex", {"column": "t", "regex": r"^\d{5}$"}),
    ("column_values_to_match_regex", {"column": "t", "regex": r"\d{5}$", "mostly": 0.3}),
    ("column_values_to_match_regex", {"column": "k", "regex": "^[0-9]$"}),
    ("column_values_to_not_match_regex", {"column": "t", "regex": r"^\s|\w\w"}),
    ("column_values_to_match_regex_list", {"column": "t", "regex_list": ["^a", r"\d", "é"]}),
    (
        "column_values_to_match_regex_list",
        {"column": "t", "regex_list": ["a", "b"], "match_on": "all", "mostly": 0.1},
    ),
    ("column_values_to_match_regex_list", {"column": "k", "regex_list": ["^1", "2$"]}),
    ("column_values_to_not_match_regex_list", {"column": "t", "regex_list": [r"^\s", "x"]}),
    ("column_pair_values_to_be_equal", {"column_A": "x", "column_B": "y"}),
    (
        "column_pair_values_to_be_in_set",
        {"column_A": "x", "column_B": "n", "value_pairs_set": [[0.5, 1], [1, 0], [None, 2]]},
    ),
    (
        "column_pair_values_to_be_in_set",
        {
            "column_A": "t",
            "column_B": "y",
            "value_pairs_set": [["a", 1], ["é", 0.5], ["", 2]],
            "ignore_row_if": "either_value_is_missing",
            "mostly": 0.1,
        },
    ),
    (
        "column_pair_values_to_be_in_set",
        {"column_A": "x", "column_B": "y", "value_pairs_set": [], "ignore_row_if": "neither"},
    ),
    (
        "column_pair_values_to_be_equal",
        {"column_A": "x", "column_B": "y", "ignore_row_if": "either_value_is_missing"},
    ),
    (
        "column_pair_values_to_be_equal",
        {"column_A": "d", "column_B": "s", "ignore_row_if": "neither"},
    ),
    ("column_pair_values_a_to_be_greater_than_b", {"column_A": "x", "column_B": "n"}),
    (
        "column_pair_values_a_to_be_greater_than_b",
        {"column_A": "x", "column_B": "y", "or_equal": True, "mostly": 0.5},
    ),
    ("multicolumn_sum_to_equal", {"column_list": ["x", "y"], "sum_total": 1}),
    (
        "multicolumn_sum_to_equal",
        {"column_list": ["n", "y", "x"], "sum_total": 2, "ignore_row_if": "any_value_is_missing"},
    ),
    ("multicolumn_values_to_be_equal", {"column_list": ["x", "y", "n"]}),
    (
        "multicolumn_values_to_be_equal",
        {"column_list": ["d", "s"], "ignore_row_if": "any_value_is_missing", "mostly": 0.2},
    ),
    ("select_column_values_to_be_unique_within_record", {"column_list": ["x", "y", "n"]}),
    (
        "select_column_values_to_be_unique_within_record",
        {"column_list": ["t", "u"], "ignore_row_if": "never"},
    ),
    (
        "select_column_values_to_be_unique_within_record",
        {"column_list": ["t", "x"], "ignore_row_if": "any_value_is_missing"},
    ),
    ("column_values_to_be_increasing", {"column": "x"}),
    ("column_values_to_be_increasing", {"column": "n", "strictly": True, "mostly": 0.5}),
    ("column_values_to_be_increasing", {"column": "o", "strictly": True}),
    ("column_values_to_be_decreasing", {"column": "s"}),
    ("column_values_to_be_decreasing", {"column": "d", "strictly": True}),
    ("column_values_to_be_of_type", {"column": "x", "type_": "float64"}),
    ("column_values_to_be_of_type", {"column": "k", "type_": "int64"}),
    ("column_values_to_be_of_type", {"column": "k", "type_": "int32"}),
    ("column_values_to_be_of_type", {"column": "t", "type_": "str"}),
    ("column_values_to_be_of_type", {"column": "d", "type_": "datetime64[ns]"}),
    ("column_values_to_be_in_type_list", {"column": "b", "type_list": ["int64", "bool"]}),
    ("column_values_to_be_in_type_list", {"column": "b", "type_list": ["int64", "float64"]}),
    ("column_values_to_be_in_type_list", {"column": "u", "type_list": ["str", "bool"]}),
    *(
        (
            "column_quantile_values_to_be_between",
            {
                "column": column,
                "quantile_ranges": {
                    "quantiles": [0, 0.05, 0.25, 0.5, 0.9, 1],
                    "value_ranges": [[None, 1], [-4, 2], [0, 1], [0, 2], [0.5, 1e15], [1, None]],
                },
                **between,
            },
        )
        for column, between in (
            ("x", {}),
            ("n", {"allow_relative_error": "linear"}),
            ("y", {"allow_relative_error": "midpoint"}),
            (
                "n",
                {
                    "allow_relative_error": "lower",
                    "row_condition": "b",
                    "condition_parser": "pandas",
                },
            ),
            ("k", {"allow_relative_error": "higher"}),
        )
    ),
    ("column_values_to_be_unique", {"column": "t"}),
    ("column_values_to_be_unique", {"column": "x", "mostly": 0.5}),
    ("column_values_to_be_unique", {"column": "u"}),
    ("column_values_to_be_unique", {"column": "d"}),
    ("compound_columns_to_be_unique", {"column_list": ["n", "t"]}),
    (
        "compound_columns_to_be_unique",
        {"column_list": ["n", "d"], "ignore_row_if": "any_value_is_missing"},
    ),
    ("compound_columns_to_be_unique", {"column_list": ["b", "k"], "ignore_row_if": "never"}),
    ("column_max_to_be_between", {"column": "x", "max_value": 2}),
    ("column_max_to_be_between", {"column": "d", "max_value": "2020-10-05T00:00:00"}),
    ("column_min_to_be_between", {"column": "n", "min_value": -1, "strict_min": True}),
    ("column_min_to_be_between", {"column": "s", "min_value": "2020-10-01T12:00:00"}),
    ("column_sum_to_be_between", {"column": "x", "min_value": 0}),
    ("column_sum_to_be_between", {"column": "n", "min_value": 1, "max_value": 100}),
    ("column_mean_to_be_between", {"column": "y", "min_value": 0, "max_value": 1}),
    ("column_median_to_be_between", {"column": "n", "min_value": 1, "max_value": 2}),
    ("column_stdev_to_be_between", {"column": "y", "min_value": 0.1, "max_value": 1}),
    ("column_unique_value_count_to_be_between", {"column": "t", "max_value": 11}),
    ("column_unique_value_count_to_be_between", {"column": "x", "min_value": 2}),
    (
        "column_proportion_of_unique_values_to_be_between",
        {"column": "u", "min_value": 0.5, "max_value": 1},
    ),
    ("column_proportion_of_non_null_values_to_be_between", {"column": "x", "min_value": 0.7}),
    ("column_distinct_values_to_be_in_set", {"column": "n", "value_set": [0, 1, 2]}),
    ("column_distinct_values_to_be_in_set", {"column": "t", "value_set": ["a", "é"]}),
    ("column_distinct_values_to_contain_set", {"column": "t", "value_set": ["a", "zz"]}),
    ("column_distinct_values_to_contain_set", {"column": "n", "value_set": [0, 1]}),
    ("column_distinct_values_to_equal_set", {"column": "n", "value_set": [-1, 0, 1, 2, 3]}),
    (
        "column_distinct_values_to_equal_set",
        {"column": "d", "value_set": ["2020-10-03", "2020-10-04"]},
    ),
    ("table_row_count_to_equal", {"value": 40}),
    ("table_row_count_to_be_between", {"min_value": 1, "max_value": 9}),
    ("table_column_count_to_equal", {"value": 10}),
    ("table_column_count_to_equal", {"value": 9}),
    ("table_column_count_to_be_between", {"min_value": 2, "max_value": 9}),
    ("table_column_count_to_be_between", {"min_value": 10}),
    ("column_to_exist", {"column": "x"}),
    ("column_to_exist", {"column": "z"}),
    ("column_to_exist", {"column": "y", "column_index": 1}),
    ("table_columns_to_match_set", {"column_set": ["x", "y"]}),
    ("table_columns_to_match_set", {"column_set": ["x", "y"], "exact_match": False}),
    ("table_columns_to_match_set", {"column_set": list(PANDAS_TYPES)}),
    ("table_columns_to_match_ordered_list", {"column_list": list(PANDAS_TYPES)}),
    ("table_columns_to_match_ordered_list", {"column_list": ["y", "x"]}),
]
PANDAS = {"condition_parser": "pandas"}
CASES += [
    ("column_values_to_not_be_null", {"column": "x", "row_condition": "n > 0", **PANDAS}),
    (
        "column_values_to_be_between",
        X_LIMITS | {"row_condition": 'n != 1 and t != "a"', "mostly": 0.5, **PANDAS},
    ),
    ("column_values_to_be_unique", {"column": "t", "row_condition": "n in [0, 1]", **PANDAS}),
    ("column_sum_to_be_between", {"column": "n", "min_value": 3, "row_condition": "b", **PANDAS}),
    (
        "column_pair_values_to_be_equal",
        {"column_A": "x", "column_B": "y", "row_condition": "y.notnull()", **PANDAS},
    ),
    (
        "column_unique_value_count_to_be_between",
        {"column": "t", "max_value": 3, "row_condition": "n < 2 or n == 3", **PANDAS},
    ),
    ("table_row_count_to_be_between", {"min_value": 1, "row_condition": "k == 0", **PANDAS}),
    (
        "column_values_to_be_in_set",
        {
            "column": "t",
            "value_set": ["a", "ab"],
            "row_condition": {
                "type": "comparison",
                "column": {"name": "n"},
                "operator": "NOT_IN",
                "parameter": [0, 3],
            },
        },
    ),
    (
        "column_values_to_not_be_null",
        {
            "column": "x",
            "row_condition": {
                "type": "and",
                "conditions": [
                    {"type": "nullity", "column": {"name": "t"}, "is_null": False},
                    {
                        "type": "comparison",
                        "column": {"name": "k"},
                        "operator": "<=",
                        "parameter": 12,
                    },
                ],
            },
        },
    ),
]
RULES = [
    Rule(f"case_{number}", f"expect_{name}", kwargs, "")
    for number, (name, kwargs) in enumerate(CASES)
]


def as_pandas(columns: Columns) -> pd.DataFrame:
    return pd.DataFrame(
        {
            name: pd.Series(values, dtype=PANDAS_TYPES[name])
            for name, values in ((declared.split()[0], v) for declared, v in columns.items())
        }
    )


# Only the verdict is compared: what is observed is a type's name, here the contract's.
TYPE_RULES = {"expect_column_values_to_be_of_type", "expect_column_values_to_be_in_type_list"}


def differences(ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    """Return what the two results say differently, where both say something."""
    found = {}
    if ours["success"] != theirs["success"]:
        found["success"] = (ours["success"], theirs["success"])
    if theirs["expectation_config"]["type"] in TYPE_RULES:
        return found
    figures = theirs["result"].keys() - {"details"}
    return found | {
        figure: told
        for figure in figures
        if not same(*(told := (ours["result"].get(figure), theirs["result"][figure])))
    }


def same(one: Any, other: Any) -> bool:
    if isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in other)
    if isinstance(other, list) and isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(other, str) and isinstance(one, str | None):  # a moment: "NaT" is theirs for none
        if one == other:
            return True
        return pd.Timestamp(one) is pd.Timestamp(other) or pd.Timestamp(one) == pd.Timestamp(other)
    if isinstance(other, float) and math.isnan(other):
        return one is None
    numbers = isinstance(one, int | float) and isinstance(other, int | float)
    return one == (pytest.approx(other, rel=1e-9) if numbers else other)


@settings(max_examples=3, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@example(NO_ROWS)
@example(ONLY_GAPS)
@given(ROWS)
def test_verdicts_counts_and_figures_are_those_of_great_expectations(great_expectations_says, rows):
    columns = frame_of(rows)
    suite = {"name": "parity", "expectations": [expectation(rule) for rule in RULES]}
    theirs = great_expectations_says(as_pandas(columns), suite)
    results = evaluate(duckdb_frame(columns), RULES, order=["o"])
    ours = {result.name: to_gx_json(result) for result in results}
    assert {
        (rule.expectation, str(dict(rule.kwargs))): found
        for rule in RULES
        if (found := differences(ours[rule.name], theirs[rule.name]))
    } == {}


# Great Expectations runs no SQL on pandas: see test_queries and test_spark.
SQL = {"unexpected_rows_expectation", "expect_table_row_count_to_equal_other_table"}


def test_every_expectation_that_an_engine_judges_is_compared():
    assert {rule.expectation for rule in RULES} | SQL == {*ROW_RULES, *TABLE_RULES}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_each_case_is_judged_by_the_engine(rule):
    assert plan(rule, Layout.of(duckdb_frame(frame_of(NO_ROWS)), ["o"])).rule is rule


# What the platform says differently, and it is right: (why, expectation, arguments, values,
# their success, ours)
DIFFERENT: list[tuple[str, str, dict[str, Any], Columns, bool, bool]] = [
    (
        "limits become floats there, so 2**53 + 1 counts as 2**53",
        "column_values_to_be_between",
        {"column": "k", "max_value": 2**53},
        {"k BIGINT": [2**53 + 1]},
        True,
        False,
    ),
    (
        "a limit without a time of day cannot be compared there: it crashes",
        "column_values_to_be_between",
        {"column": "d", "min_value": "2020-10-03"},
        {"d DATE": [DAY]},
        False,
        True,
    ),
    (
        "the same for a maximum",
        "column_max_to_be_between",
        {"column": "d", "max_value": "2020-10-03"},
        {"d DATE": [DAY]},
        False,
        True,
    ),
    (
        "whole numbers with a gap are floats there, so 12 is written 12.0",
        "column_value_lengths_to_equal",
        {"column": "n", "value": 2},
        {"n BIGINT": [12, None]},
        False,
        True,
    ),
    (
        "the same gap makes the column one of floats there",
        "column_values_to_be_of_type",
        {"column": "n", "type_": "int64"},
        {"n BIGINT": [12, None]},
        False,
        True,
    ),
    (
        "a name of SQL or Spark is no type there",
        "column_values_to_be_in_type_list",
        {"column": "k", "type_list": ["BIGINT", "LongType"]},
        {"k BIGINT": [1]},
        False,
        True,
    ),
    (
        "a text column without values has every type there",
        "column_values_to_be_of_type",
        {"column": "t", "type_": "int"},
        {"t VARCHAR": [None]},
        True,
        False,
    ),
    (
        "a pair with a date, which JSON can only say as text, is never found there",
        "column_pair_values_to_be_in_set",
        {"column_A": "k", "column_B": "d", "value_pairs_set": [[1, "2020-10-03"]]},
        {"k BIGINT": [1], "d DATE": [DAY]},
        False,
        True,
    ),
    (
        "no text and no number are two different values there",
        "select_column_values_to_be_unique_within_record",
        {"column_list": ["t", "x", "k"]},
        {"t VARCHAR": [None], "x DOUBLE": [None], "k BIGINT": [1]},
        True,
        False,
    ),
    (
        "the difference of two whole numbers overflows there",
        "column_values_to_be_increasing",
        {"column": "k"},
        {"k BIGINT": [-(2**62), 2**62]},
        False,
        True,
    ),
]


@pytest.mark.parametrize(("why", "name", "kwargs", "columns", "theirs", "ours"), DIFFERENT)
def test_known_differences(why, name, kwargs, columns, theirs, ours, great_expectations_says):
    rule = Rule("case", f"expect_{name}", kwargs, why)
    suite = {"name": "different", "expectations": [expectation(rule)]}
    told = great_expectations_says(as_pandas(columns), suite)["case"]
    (result,) = evaluate(duckdb_frame(columns), [rule], order=["k"])
    assert (told["success"], to_gx_json(result)["success"]) == (theirs, ours)
