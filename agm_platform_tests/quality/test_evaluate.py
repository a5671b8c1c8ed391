"""Evaluating a table: one pass, one result a rule whatever happens, and the way out to GX."""

import json
import subprocess
import sys
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import narwhals as nw
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agm_platform.contracts.model import Rule
from agm_platform.quality import evaluate as evaluate_module
from agm_platform.quality import fallback
from agm_platform.quality import repeats as repeats_module
from agm_platform.quality.evaluate import evaluate
from agm_platform.quality.predicates import split
from agm_platform.quality.results import State, crashed, expected, percent, plain, to_gx_json
from agm_platform_tests.quality.frames import duckdb_frame, rows_of

NOT_NULL = "column_values_to_not_be_null"
IN_SET = "column_values_to_be_in_set"
BETWEEN = "column_values_to_be_between"
ORDERS = {
    "order_id VARCHAR": ["a", "a", "b", None],
    "cents BIGINT": [100, 0, 250, None],
    "tip BIGINT": [2**62, 2**62, 1, 1],
}


def rule(name: str, expectation: str, description: str = "", **kwargs: Any) -> Rule:
    return Rule(name, f"expect_{expectation}", kwargs, description)


PRESENT = rule("order_id__not_null", NOT_NULL, "an order has a number.", column="order_id")
UNIQUE = rule("order_id__unique", "column_values_to_be_unique", column="order_id")
POSITIVE = rule("cents__positive", BETWEEN, "cents are positive", column="cents", min_value=1)
FILLED = rule("orders__some", "table_row_count_to_be_between", "there are orders", min_value=1)
UNKNOWN = rule("colour__not_null", NOT_NULL, column="colour")
OVERFLOW = rule("tip__sum", "multicolumn_sum_to_equal", column_list=["tip", "tip"], sum_total=1)
BEHIND = rule("order_id__no_b", "column_values_to_match_regex", column="order_id", regex="(?!b)a")


def test_results_come_in_the_order_of_the_rules_with_counts_and_words(frame):
    results = evaluate(frame(ORDERS), [FILLED, PRESENT, UNIQUE, POSITIVE])
    assert [(r.name, str(r.state), r.unexpected_count, r.description) for r in results] == [
        ("orders__some", "passed", None, "holds, observed 4: there are orders"),
        (
            "order_id__not_null",
            "failed",
            1,
            "1 of 4 rows (25.0 %) fail: an order has a number",
        ),
        (
            "order_id__unique",
            "failed",
            2,
            "2 of 3 rows with a value (66.7 %) fail: column values to be unique",
        ),
        (
            "cents__positive",
            "failed",
            1,
            "1 of 3 rows with a value (33.3 %) fail: cents are positive",
        ),
    ]


def test_all_rules_but_uniqueness_take_one_query_together(monkeypatch):
    asked = []

    def counted(frame: nw.LazyFrame) -> dict[str, Any]:
        asked.append(frame.to_native().sql_query())
        return one_row(frame)

    one_row = evaluate_module.one_row
    monkeypatch.setattr(evaluate_module, "one_row", counted)
    monkeypatch.setattr(repeats_module, "one_row", counted)
    evaluate(duckdb_frame(ORDERS), [PRESENT, UNIQUE, POSITIVE, FILLED])
    assert len(asked) == 2
    assert "GROUP BY" in asked[1]


def test_rules_that_cannot_be_judged_crash_alone(frame):
    results = evaluate(frame(ORDERS), [UNKNOWN, PRESENT, UNIQUE])
    assert [result.state for result in results] == [State.CRASHED, State.FAILED, State.FAILED]
    assert "the table has no column 'colour'" in results[0].description


def test_a_rule_that_breaks_the_common_query_crashes_alone():
    present, overflow, unique = evaluate(duckdb_frame(ORDERS), [PRESENT, OVERFLOW, UNIQUE])
    assert (present.state, present.unexpected_count) == (State.FAILED, 1)
    assert (unique.state, unique.unexpected_count) == (State.FAILED, 2)
    assert overflow.state is State.CRASHED
    assert "OutOfRange" in overflow.description


def test_a_table_that_cannot_be_read_crashes_every_rule():
    connection = duckdb.connect()
    frame = nw.from_native(connection.sql("select 1 as cents, 'a' as order_id"))
    connection.close()
    results = evaluate(frame, [POSITIVE, PRESENT])
    assert [result.state for result in results] == [State.CRASHED, State.CRASHED]


def test_an_empty_table_satisfies_rules_about_rows_but_has_no_figures(frame):
    highest = rule("cents__max", "column_max_to_be_between", column="cents", max_value=9)
    empty = {name: [] for name in ORDERS}
    results = evaluate(frame(empty), [PRESENT, UNIQUE, POSITIVE, FILLED, highest])
    assert [result.state is State.PASSED for result in results] == [True, True, True, False, False]
    assert results[0].description == "no rows to judge: an order has a number"


def test_a_share_of_failing_rows_may_be_allowed(frame):
    allowed = rule("cents__positive", BETWEEN, column="cents", min_value=1, mostly=0.6)
    (result,) = evaluate(frame(ORDERS), [allowed])
    assert result.state is State.PASSED
    assert "1 of 3 rows with a value (33.3 %) fail, at most 40.0 % may" in result.description


def test_what_no_engine_judges_goes_to_great_expectations(great_expectations_says):
    odd = rule("order_id__odd", "column_values_to_be_in_sett", column="order_id")
    dated = rule("day__month", BETWEEN, column="day", min_value="2020-10-03T00:00:00", mostly=1.0)
    parse = rule("day__x", "column_values_to_be_increasing", column="day")
    columns = {**ORDERS, "day DATE": [date(2020, 10, 3), date(2020, 10, 2), None, None]}
    results = evaluate(duckdb_frame(columns), [BEHIND, odd, PRESENT, dated, parse])
    assert [(result.state, result.unexpected_count) for result in results] == [
        (State.FAILED, 1),
        (State.CRASHED, None),
        (State.FAILED, 1),
        (State.FAILED, 1),
        (State.FAILED, 1),
    ]
    assert "expect_column_values_to_be_in_sett not found" in results[1].description


def test_a_crash_inside_great_expectations_is_a_crash(great_expectations_says):
    alike = rule(
        "x__like", "column_values_to_match_like_pattern", column="order_id", like_pattern="a"
    )
    (result,) = evaluate(duckdb_frame(ORDERS), [alike])
    assert result.state is State.CRASHED


def test_great_expectations_sees_a_bounded_number_of_rows_and_says_so(great_expectations_says):
    judgement = fallback.judge(duckdb_frame(ORDERS), [BEHIND], most_rows=3)[BEHIND.name]
    assert (judgement.element_count, judgement.rows_left_out) == (3, 1)


def test_values_of_personal_columns_are_not_told():
    latest = rule("born__max", "column_max_to_be_between", column="born", max_value="1990-01-01")
    people = duckdb_frame({"born DATE": [date(1999, 7, 1)], "street VARCHAR": ["7 Elm"]})
    broken = people.with_columns(cents=nw.col("street").cast(nw.Int64))
    shown, crash = evaluate(broken, [latest, POSITIVE])
    assert "observed 1999-07-01" in shown.description
    assert "7 Elm" in crash.description
    hidden, crash = evaluate(broken, [latest, POSITIVE], personal={"born", "street"})
    assert (hidden.state, hidden.observed) == (State.FAILED, None)
    assert hidden.description == "does not hold: column max to be between"
    assert crash.description == "could not be judged: cents are positive (ConversionException)"


def test_results_have_the_form_of_great_expectations(frame):
    failed, figure, crash = (
        to_gx_json(result) for result in evaluate(frame(ORDERS), [POSITIVE, FILLED, UNKNOWN])
    )
    assert failed["success"] is False
    assert failed["result"] == {
        "element_count": 4,
        "unexpected_count": 1,
        "unexpected_percent": pytest.approx(100 / 3),
        "partial_unexpected_list": [],
        "missing_count": 1,
        "missing_percent": 25.0,
        "unexpected_percent_total": 25.0,
        "unexpected_percent_nonmissing": pytest.approx(100 / 3),
    }
    assert figure["result"] == {"observed_value": 4}
    assert (crash["success"], crash["result"]) == (False, {})
    assert crash["exception_info"]["raised_exception"] is True
    assert json.loads(json.dumps([failed, figure, crash])) == [failed, figure, crash]


def test_great_expectations_builds_its_own_result_from_ours(great_expectations_says):
    from great_expectations.core import ExpectationValidationResult
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    (result,) = evaluate(duckdb_frame(ORDERS), [POSITIVE])
    form = to_gx_json(result)
    config = ExpectationConfiguration(**form.pop("expectation_config"))
    theirs = ExpectationValidationResult(**form, expectation_config=config)
    assert theirs.result["unexpected_count"] == 1


def test_figures_are_plain_enough_for_json():
    values = [np.int32(3), np.float64("nan"), Decimal("2.50"), Decimal(7), date(2020, 1, 2), {1}]
    assert plain(values) == [3, None, 2.5, 7, "2020-01-02", [1]]


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [(0, 5, "0.0 %"), (1, 10**6, "less than 0.1 %"), (999_999, 10**6, "more than 99.9 %")],
)
def test_a_share_is_never_rounded_to_none_or_all(part, whole, words):
    assert percent(part, whole) == words


def test_a_long_reason_is_cut_and_a_rule_can_be_read_as_a_call():
    assert len(crashed(PRESENT, "x" * 5000).description) < 400
    assert expected(POSITIVE) == "expect_column_values_to_be_between(column='cents', min_value=1)"


@settings(max_examples=12)
@given(st.lists(st.tuples(st.none() | st.integers(-2, 2), st.sampled_from(["a", "b", None]))))
def test_a_check_counts_the_rows_that_are_set_aside(rows):
    rules = [
        rule("n__positive", BETWEEN, column="n", min_value=1),
        rule("t__a", IN_SET, column="t", value_set=["a"], row_condition="n != 0"),
        rule("n__not_null", NOT_NULL, column="n"),
    ]
    data = duckdb_frame({"n BIGINT": [n for n, _ in rows], "t VARCHAR": [t for _, t in rows]})
    fates = [(row["failed_rules"] or "").split(", ") for row in rows_of(split(data, rules))]
    counts = {one.name: sum(one.name in fate for fate in fates) for one in rules}
    assert {r.name: r.unexpected_count for r in evaluate(data, rules)} == counts


def test_checking_by_the_engine_imports_neither_great_expectations_nor_pandas():
    script = (
        "import sys, duckdb, narwhals as nw\n"
        "from agm_platform.contracts.model import Rule\n"
        "from agm_platform.quality.evaluate import evaluate\n"
        "frame = nw.from_native(duckdb.sql('select 1 as x'))\n"
        "rules = [Rule(kind[:9], f'expect_column_values_to_{kind}', {'column': 'x'}, '')\n"
        "         for kind in ('not_be_null', 'be_unique')]\n"
        "assert [str(result.state) for result in evaluate(frame, rules)] == ['passed'] * 2\n"
        "print(sorted({'great_expectations', 'pandas', 'scipy', 'numpy'} & set(sys.modules)))\n"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"
