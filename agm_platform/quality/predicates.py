"""Row rules as expressions: TRUE where a row satisfies the rule, never null, on any engine.

The same expression counts failing rows in a check and sets rows aside. The meaning is that of Great
Expectations on pandas: a missing value (null or NaN) satisfies every rule about one column but
`not_be_null`; of a pair, a row with exactly one value missing fails unless `ignore_row_if` says
otherwise.
"""

from __future__ import annotations

import operator
from functools import reduce
from typing import TYPE_CHECKING, Any, NamedTuple

import narwhals as nw

from agm_platform.contracts.model import Type
from agm_platform.quality.across_columns import ACROSS_COLUMNS, Answer
from agm_platform.quality.conditions import row_condition
from agm_platform.quality.layout import Layout, NotPushedDown, bound, members
from agm_platform.quality.regex import portable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from agm_platform.contracts.model import Rule
    from agm_platform.quality.across_columns import Build

IN_EVERY_RULE = frozenset({"mostly", "row_condition", "condition_parser"})


class RowTest(NamedTuple):
    """Where a rule applies, which of those rows it ignores, and where it holds; None means all.

    `ok` is never null and is TRUE for ignored rows.
    """

    inside: nw.Expr | None
    ignored: nw.Expr | None
    ok: nw.Expr


def row_test(rule: Rule, layout: Layout) -> RowTest:
    """Return how `rule` judges a row; raises NotPushedDown if it is no row rule known here."""
    arguments, build = ROW_RULES.get(rule.expectation, (frozenset(), None))
    unknown = set(rule.kwargs) - arguments - IN_EVERY_RULE
    if build is None or unknown:
        msg = f"{rule.expectation} with {sorted(unknown)} is no row rule that an engine can judge"
        raise NotPushedDown(msg)
    answer = build(rule.kwargs, layout)
    return RowTest(row_condition(rule.kwargs, layout), answer.ignored, answer.ok)


def row_predicate(rule: Rule, layout: Layout) -> nw.Expr:
    """Return the expression that is TRUE where a row satisfies `rule` or is not its business.

    `mostly` plays no part. Raises NotPushedDown for rules that do not judge single rows, and
    ValueError for a column that is not there.
    """
    test = row_test(rule, layout)
    return test.ok if test.inside is None else ~test.inside | test.ok


def split(frame: nw.LazyFrame, rules: Sequence[Rule]) -> nw.LazyFrame:
    """Return `frame` with the text columns `failed_rule` and `failed_rules` added, still lazy.

    `failed_rule` is the first rule in declared order that a row fails, `failed_rules` all of them
    joined by ", "; both are null in a row that fails none. Raises ValueError for a rule that
    cannot be judged row by row.
    """
    layout = Layout.of(frame)
    try:
        judged = {f"__ok_{rule.name}": row_predicate(rule, layout) for rule in rules}
    except NotPushedDown as error:
        msg = f"rows cannot be set aside by this rule: {error}"
        raise ValueError(msg) from error
    if not rules:
        none = nw.lit(None, nw.String)
        return frame.with_columns(failed_rule=none, failed_rules=none)
    first = nw.lit(None, nw.String)
    for rule in reversed(rules):
        first = nw.when(nw.col(f"__ok_{rule.name}")).then(first).otherwise(nw.lit(rule.name))
    names = [nw.when(~nw.col(f"__ok_{rule.name}")).then(nw.lit(rule.name)) for rule in rules]
    every = nw.concat_str(names, separator=", ", ignore_nulls=True)
    return (
        frame.with_columns(**judged)
        .with_columns(failed_rule=first.cast(nw.String))
        .with_columns(
            failed_rules=nw.when(~nw.col("failed_rule").is_null()).then(every).cast(nw.String)
        )
        .drop(*judged)
    )


def within(value: Any, low: Any, high: Any, kwargs: Mapping[str, Any]) -> Any:
    """Return whether `value` (an expression or a number) lies in the limits, None for no limit."""
    tests = []
    if low is not None:
        tests.append(value > low if kwargs.get("strict_min") else value >= low)
    if high is not None:
        tests.append(value < high if kwargs.get("strict_max") else value <= high)
    return reduce(operator.and_, tests) if tests else True


def _about_column(
    test: Callable[[str, Mapping[str, Any], Layout], nw.Expr | None],
) -> Callable[[Mapping[str, Any], Layout], Answer]:
    """Turn a test of one column's values into a rule that ignores missing ones."""

    def build(kwargs: Mapping[str, Any], layout: Layout) -> Answer:
        missing = layout.missing(kwargs["column"])
        holds = test(kwargs["column"], kwargs, layout)
        return Answer(missing | ~missing if holds is None else missing | holds, missing)

    return build


def _not_null(kwargs: Mapping[str, Any], layout: Layout) -> Answer:
    return Answer(~layout.missing(kwargs["column"]), None)


def _null(kwargs: Mapping[str, Any], layout: Layout) -> Answer:
    return Answer(layout.missing(kwargs["column"]), None)


def _in_set(column: str, kwargs: Mapping[str, Any], layout: Layout) -> nw.Expr | None:
    if kwargs["value_set"] is None:
        return None
    found = members(kwargs["value_set"], layout.type(column))
    return layout.value(column).is_in(found) if found else layout.missing(column)


def _not_in_set(column: str, kwargs: Mapping[str, Any], layout: Layout) -> nw.Expr | None:
    found = members(kwargs["value_set"] or (), layout.type(column))
    return ~layout.value(column).is_in(found) if found else None


def _between(column: str, kwargs: Mapping[str, Any], layout: Layout) -> nw.Expr:
    kind = layout.type(column)
    if kind is Type.TEXT:
        msg = "Great Expectations takes numbers and dates as limits, not text"
        raise NotPushedDown(msg)
    low, high = (_limit(kwargs.get(end), kind) for end in ("min_value", "max_value"))
    return within(layout.value(column), *_ordered(low, high), kwargs)


def _lengths(column: str, kwargs: Mapping[str, Any], layout: Layout) -> nw.Expr:
    low, high = _ordered(kwargs.get("min_value"), kwargs.get("max_value"))
    return within(layout.text(column).str.len_chars(), low, high, kwargs)


def _length(column: str, kwargs: Mapping[str, Any], layout: Layout) -> nw.Expr:
    return layout.text(column).str.len_chars() == kwargs["value"]


def _match(column: str, kwargs: Mapping[str, Any], layout: Layout) -> nw.Expr:
    return _found(column, kwargs["regex"], layout)


def _not_match(column: str, kwargs: Mapping[str, Any], layout: Layout) -> nw.Expr:
    return ~_found(column, kwargs["regex"], layout)


def _match_list(column: str, kwargs: Mapping[str, Any], layout: Layout) -> nw.Expr:
    joins = {"any": operator.or_, "all": operator.and_}
    match_on = kwargs.get("match_on") or "any"
    if match_on not in joins:
        msg = f"match_on is any or all, not {match_on!r}"
        raise ValueError(msg)
    return reduce(joins[match_on], _each_found(column, kwargs, layout))


def _not_match_list(column: str, kwargs: Mapping[str, Any], layout: Layout) -> nw.Expr:
    return ~reduce(operator.or_, _each_found(column, kwargs, layout))


def _each_found(column: str, kwargs: Mapping[str, Any], layout: Layout) -> list[nw.Expr]:
    if not kwargs["regex_list"]:
        msg = "regex_list holds no pattern"
        raise ValueError(msg)
    return [_found(column, regex, layout) for regex in kwargs["regex_list"]]


def _found(column: str, regex: str, layout: Layout) -> nw.Expr:
    pattern = portable(regex)
    if layout.engine.is_pandas_like():
        pattern = regex  # pandas searches with Python's own re
    if pattern is None:
        msg = f"only Python understands the pattern {regex!r}"
        raise NotPushedDown(msg)
    return layout.text(column).str.contains(pattern)


def _limit(value: Any, kind: Any) -> Any:
    return None if value is None else bound(value, kind)


def _ordered(low: Any, high: Any) -> tuple[Any, Any]:
    if low is None and high is None:
        msg = "min_value and max_value cannot both be missing"
        raise ValueError(msg)
    if low is not None and high is not None and low > high:
        msg = "min_value is greater than max_value"
        raise ValueError(msg)
    return low, high


LIMITS = ("min_value", "max_value", "strict_min", "strict_max")

ROW_RULES: dict[str, tuple[frozenset[str], Build]] = {
    f"expect_{name}": (frozenset(arguments), build)
    for name, arguments, build in (
        ("column_values_to_not_be_null", ["column"], _not_null),
        ("column_values_to_be_null", ["column"], _null),
        ("column_values_to_be_in_set", ["column", "value_set"], _about_column(_in_set)),
        ("column_values_to_not_be_in_set", ["column", "value_set"], _about_column(_not_in_set)),
        ("column_values_to_be_between", ["column", *LIMITS], _about_column(_between)),
        ("column_value_lengths_to_be_between", ["column", *LIMITS], _about_column(_lengths)),
        ("column_value_lengths_to_equal", ["column", "value"], _about_column(_length)),
        ("column_values_to_match_regex", ["column", "regex"], _about_column(_match)),
        ("column_values_to_not_match_regex", ["column", "regex"], _about_column(_not_match)),
        (
            "column_values_to_match_regex_list",
            ["column", "regex_list", "match_on"],
            _about_column(_match_list),
        ),
        (
            "column_values_to_not_match_regex_list",
            ["column", "regex_list"],
            _about_column(_not_match_list),
        ),
        *ACROSS_COLUMNS,
    )
}
