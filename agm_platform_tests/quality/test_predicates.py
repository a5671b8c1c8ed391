"""Row rules as expressions, and rows set aside by them, the same on every engine."""

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agm_platform.contracts.model import Rule
from agm_platform.quality.layout import Layout, NotPushedDown
from agm_platform.quality.predicates import row_predicate, split
from agm_platform_tests.quality.frames import duckdb_frame, pandas_frame, rows_of

NAN = float("nan")
AT = datetime.fromisoformat
X, N, T, D, S = "x DOUBLE", "i BIGINT", "t VARCHAR", "d DATE", "s TIMESTAMP"


def rule(name: str, expectation: str, **kwargs: Any) -> Rule:
    return Rule(name, f"expect_{expectation}", kwargs, "")


ROW_CASES = [
    ("column_values_to_not_be_null", {"column": "x"}, {X: [1, None, NAN]}, [True, False, False]),
    ("column_values_to_be_null", {"column": "x"}, {X: [1, None, NAN]}, [False, True, True]),
    ("column_values_to_not_be_null", {"column": "t"}, {T: ["", None]}, [True, False]),
    (
        "column_values_to_be_in_set",
        {"column": "t", "value_set": ["é", 1, None]},
        {T: ["é", "e", None, "1"]},
        [True, False, True, False],
    ),
    (
        "column_values_to_be_in_set",
        {"column": "i", "value_set": [1.0, 2.5, "3", 2**53 + 1]},
        {N: [1, 2, 3, 2**53, 2**53 + 1]},
        [True, False, False, False, True],
    ),
    ("column_values_to_be_in_set", {"column": "i", "value_set": []}, {N: [1, None]}, [False, True]),
    (
        "column_values_to_be_in_set",
        {"column": "i", "value_set": None},
        {N: [1, None]},
        [True, True],
    ),
    (
        "column_values_to_be_in_set",
        {"column": "s", "value_set": ["2020-10-03", "2020-10-03T12:30:00"]},
        {S: [AT("2020-10-03"), AT("2020-10-03T12:30"), AT("2020-10-03T12:00")]},
        [True, True, False],
    ),
    (
        "column_values_to_be_in_set",
        {"column": "b", "value_set": [True]},
        {"b BOOLEAN": [True, False, None]},
        [True, False, True],
    ),
    (
        "column_values_to_not_be_in_set",
        {"column": "t", "value_set": ["x", ""]},
        {T: ["x", "", "y", None]},
        [False, False, True, True],
    ),
    ("column_values_to_not_be_in_set", {"column": "i", "value_set": ["1"]}, {N: [1]}, [True]),
    (
        "column_values_to_be_between",
        {"column": "x", "min_value": 0, "max_value": 1, "strict_max": True},
        {X: [0, 0.5, 1, -1, NAN, None]},
        [True, True, False, False, True, True],
    ),
    (
        "column_values_to_be_between",
        {"column": "i", "min_value": 0.5, "strict_min": True},
        {N: [0, 1, 2**62, None]},
        [False, True, True, True],
    ),
    (
        "column_values_to_be_between",
        {"column": "d", "min_value": "2020-10-03", "max_value": date(2020, 12, 31)},
        {D: [date(2020, 10, 2), date(2020, 10, 3), date(2021, 1, 1), None]},
        [False, True, False, True],
    ),
    (
        "column_value_lengths_to_be_between",
        {"column": "t", "min_value": 1, "max_value": 2},
        {T: ["", "é", "日本", "abc", None]},
        [False, True, True, False, True],
    ),
    ("column_value_lengths_to_equal", {"column": "i", "value": 2}, {N: [10, 1]}, [True, False]),
    (
        "column_values_to_match_regex",
        {"column": "t", "regex": r"^\d{5}$"},
        {T: ["12345", "123456", "x12345", "12345\n", "١٢٣٤٥", "", None]},
        [True, False, False, True, True, False, True],
    ),
    (
        "column_values_to_match_regex",
        {"column": "t", "regex": r"\d{5}$"},  # searches, as Great Expectations does
        {T: ["x12345"]},
        [True],
    ),
    (
        "column_values_to_not_match_regex",
        {"column": "t", "regex": r"^\s|\s\Z"},
        {T: [" a", "a ", "a b", "\xa0a", "a\n", None]},
        [False, False, True, False, False, True],
    ),
    (
        "column_pair_values_to_be_equal",
        {"column_A": "x", "column_B": "i"},
        {X: [1, 1, NAN, None, None], N: [1, 2, 1, None, 3]},
        [True, False, False, True, False],
    ),
    (
        "column_pair_values_to_be_equal",
        {"column_A": "x", "column_B": "i", "ignore_row_if": "either_value_is_missing"},
        {X: [1, 1, NAN, None], N: [1, 2, 1, None]},
        [True, False, True, True],
    ),
    (
        "column_pair_values_to_be_equal",
        {"column_A": "x", "column_B": "i", "ignore_row_if": "neither"},
        {X: [1, None], N: [1, None]},
        [True, False],
    ),
    (
        "column_pair_values_a_to_be_greater_than_b",
        {"column_A": "x", "column_B": "i"},
        {X: [2, 1, 0, NAN], N: [1, 1, 1, 1]},
        [True, False, False, False],
    ),
    (
        "column_pair_values_a_to_be_greater_than_b",
        {"column_A": "s", "column_B": "z", "or_equal": True},
        {
            S: [AT("2020-01-01")] * 2,
            "z TIMESTAMP": [AT("2020-01-01"), AT("2020-01-02")],
        },
        [True, False],
    ),
    (
        "multicolumn_sum_to_equal",
        {"column_list": ["i", "x"], "sum_total": 3},
        {N: [1, 1, None, None], X: [2, 1, 3, NAN]},
        [True, False, False, True],
    ),
]


@pytest.mark.parametrize(("expectation", "kwargs", "columns", "expected"), ROW_CASES)
def test_a_row_rule_is_true_where_the_row_satisfies_it(
    frame, expectation, kwargs, columns, expected
):
    data = frame(columns)
    satisfied = row_predicate(rule("r", expectation, **kwargs), Layout.of(data))
    assert [row["ok"] for row in rows_of(data.select(ok=satisfied))] == expected


CONDITIONS = [
    ("i > 2", [False, False, True, False]),
    ('col("i") > 2', [False, False, True, False]),
    ("i != 1", [False, True, True, True]),
    ("i == 1 or t == 'b'", [True, True, False, False]),
    ("i >= 1 and not i == 3", [True, True, False, False]),
    ("(i >= 1) & ~(i == 3)", [True, True, False, False]),
    ("i in [1, 3] and t in ('a', 'c')", [True, False, False, False]),
    ("i not in [1, 3]", [False, True, False, True]),
    ("t.notnull()", [True, True, False, True]),
    ('col("t").isnull()', [False, False, True, False]),
    ("i < j", [False, True, False, False]),
    ("i != j", [True, True, True, True]),
    ('d >= date("2020-10-03")', [False, True, True, False]),
    ("f == True", [True, False, False, True]),
    (
        {"type": "comparison", "column": {"name": "i"}, "operator": "<=", "parameter": 2},
        [True, True, False, False],
    ),
    (
        {"type": "comparison", "column": {"name": "t"}, "operator": "NOT_IN", "parameter": ["a"]},
        [False, True, True, True],
    ),
    (
        {
            "type": "or",
            "conditions": [
                {"type": "nullity", "column": {"name": "i"}, "is_null": True},
                {
                    "type": "and",
                    "conditions": [
                        {"type": "pass_through", "pass_through_filter": "i > 1"},
                        {"type": "nullity", "column": {"name": "t"}, "is_null": False},
                    ],
                },
            ],
        },
        [False, True, False, True],
    ),
]


@pytest.mark.parametrize(("condition", "inside"), CONDITIONS)
def test_a_row_condition_frees_the_rows_outside(frame, condition, inside):
    days = [date(2020, 10, 2), date(2020, 10, 3), date(2020, 10, 4), None]
    data = frame(
        {
            N: [1, 2, 3, None],
            "j BIGINT": [0, 3, None, 1],
            T: ["a", "b", None, "c"],
            D: days,
            "f BOOLEAN": [True, False, None, True],
            X: [None] * 4,
        }
    )
    never = rule("r", "column_values_to_not_be_null", column="x", row_condition=condition)
    satisfied = row_predicate(never, Layout.of(data))
    assert [not row["ok"] for row in rows_of(data.select(ok=satisfied))] == inside


@pytest.mark.parametrize(
    ("expectation", "kwargs"),
    [
        ("column_values_to_be_unique", {"column": "t"}),
        ("column_values_to_match_regex", {"column": "t", "regex": r"(?<=a)b"}),
        ("column_values_to_be_between", {"column": "t", "min_value": 1}),
        ("column_values_to_be_between", {"column": "t", "min_value": "b"}),
        ("column_values_to_be_between", {"column": "d", "min_value": "last Monday"}),
        ("column_values_to_be_between", {"column": "i", "min_value": 1, "parse_strings": True}),
        ("column_value_lengths_to_equal", {"column": "x", "value": 1}),
        ("column_pair_values_to_be_equal", {"column_A": "t", "column_B": "i"}),
        ("multicolumn_sum_to_equal", {"column_list": ["t", "i"], "sum_total": 1}),
        (
            "column_values_to_be_null",
            {"column": "t", "row_condition": "i > 1 & t.str.len() > 2"},
        ),
        ("column_values_to_be_null", {"column": "t", "row_condition": "`i` > 1"}),
        ("column_values_to_be_null", {"column": "t", "row_condition": {"type": "odd"}}),
    ],
)
def test_what_an_engine_cannot_judge_alike_is_left_to_great_expectations(expectation, kwargs):
    data = duckdb_frame({T: [], N: [], X: [], D: []})
    with pytest.raises(NotPushedDown):
        row_predicate(rule("r", expectation, **kwargs), Layout.of(data))


@pytest.mark.parametrize(
    ("expectation", "kwargs", "reason"),
    [
        ("column_values_to_not_be_null", {"column": "y"}, "no column 'y'"),
        ("column_values_to_be_between", {"column": "i"}, "cannot both be missing"),
        (
            "column_values_to_be_between",
            {"column": "i", "min_value": 2, "max_value": 1},
            "min_value is greater",
        ),
        ("column_values_to_match_regex", {"column": "t", "regex": "("}, "not a regular expression"),
    ],
)
def test_a_rule_that_makes_no_sense_is_an_error(expectation, kwargs, reason):
    with pytest.raises(ValueError, match=reason):
        row_predicate(rule("r", expectation, **kwargs), Layout.of(duckdb_frame({N: [], T: []})))


PRESENT = rule("quantity__not_null", "column_values_to_not_be_null", column="quantity")
POSITIVE = rule("quantity__positive", "column_values_to_be_between", column="quantity", min_value=1)
KNOWN = rule("meal__known", "column_values_to_be_in_set", column="meal", value_set=["curry"])


def test_a_row_carries_the_first_and_all_rules_that_it_fails(frame):
    data = frame(
        {"meal VARCHAR": ["curry", "soup", "soup", None], "quantity BIGINT": [1, 0, None, 1]}
    )
    assert rows_of(split(data, [PRESENT, POSITIVE, KNOWN])) == [
        {"meal": "curry", "quantity": 1, "failed_rule": None, "failed_rules": None},
        {
            "meal": "soup",
            "quantity": 0,
            "failed_rule": "quantity__positive",
            "failed_rules": "quantity__positive, meal__known",
        },
        {
            "meal": "soup",
            "quantity": None,
            "failed_rule": "quantity__not_null",
            "failed_rules": "quantity__not_null, meal__known",
        },
        {"meal": None, "quantity": 1, "failed_rule": None, "failed_rules": None},
    ]


def test_without_rules_or_rows_the_columns_are_still_text(frame):
    for data, rules in ((frame({N: [1]}), []), (frame({N: []}), [PRESENT_I])):
        columns = split(data, rules).collect_schema()
        assert columns["failed_rule"] == columns["failed_rules"]
        assert all(row["failed_rule"] is None for row in rows_of(split(data, rules)))
    assert (
        str(split(duckdb_frame({N: []}), [PRESENT_I]).collect_schema()["failed_rule"]) == "String"
    )


PRESENT_I = rule("i__not_null", "column_values_to_not_be_null", column="i")


def test_a_rule_about_the_whole_table_cannot_set_rows_aside(frame):
    with pytest.raises(ValueError, match="rows cannot be set aside"):
        split(frame({N: [1]}), [rule("i__unique", "column_values_to_be_unique", column="i")])


ROWS = st.lists(
    st.tuples(
        st.none() | st.integers(-3, 3),
        st.none() | st.sampled_from([0.0, 1.0, NAN, -2.5]),
        st.none() | st.sampled_from(["", "a", "é", "a\n", "１"]),
    ),
    max_size=8,
)
LAW_RULES = [
    PRESENT_I,
    rule("i__low", "column_values_to_be_between", column="i", max_value=1),
    rule("t__word", "column_values_to_match_regex", column="t", regex=r"^\w$"),
    rule("x__is_i", "column_pair_values_to_be_equal", column_A="x", column_B="i"),
    rule("t__if", "column_values_to_not_be_null", column="t", row_condition="i != 1 or x > 0"),
]


@settings(max_examples=12)
@given(ROWS)
def test_rows_stay_and_engines_agree_on_what_each_fails(rows):
    columns = {name: [row[place] for row in rows] for place, name in enumerate([N, X, T])} | {
        "n BIGINT": list(range(len(rows)))
    }
    on_duckdb, on_pandas = (
        sorted(rows_of(split(make(columns), LAW_RULES)), key=lambda row: row["n"])
        for make in (duckdb_frame, pandas_frame)
    )
    assert [row["n"] for row in on_duckdb] == list(range(len(rows)))
    for one, other in zip(on_duckdb, on_pandas, strict=True):
        assert one["failed_rules"] == other["failed_rules"]
        assert one["failed_rule"] == ((one["failed_rules"] or "").split(", ")[0] or None)
