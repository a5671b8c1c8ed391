"""How each expectation is judged by aggregates: what to select, and the verdict from the figures.

A plan's aggregates of a whole table go into one select, those of a column's different values into
one for the column; uniqueness, order and SQL need queries of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import narwhals as nw

from agm_platform.contracts.model import Type
from agm_platform.contracts.rules import UNEXPECTED_ROWS
from agm_platform.quality.across_columns import ignored_rows
from agm_platform.quality.column_types import in_type_list, of_type
from agm_platform.quality.conditions import row_condition
from agm_platform.quality.layout import IN_TIME, NUMERIC, Layout, NotPushedDown, members
from agm_platform.quality.ordered_values import falling, quantiles, rising
from agm_platform.quality.plan import (
    DUPLICATES,
    ROWS,
    Figures,
    Plan,
    Scope,
    between,
    count,
    limits_of,
    share,
)
from agm_platform.quality.predicates import IN_EVERY_RULE, LIMITS, ROW_RULES, row_test
from agm_platform.quality.queries import other_table, unexpected_rows
from agm_platform.quality.results import Judgement

if TYPE_CHECKING:
    from agm_platform.contracts.model import Rule


def plan(rule: Rule, layout: Layout) -> Plan:
    """Return how to judge `rule` by aggregates; raises NotPushedDown where an engine cannot."""
    if rule.expectation in ROW_RULES:
        return _row_plan(rule, layout)
    arguments, build = TABLE_RULES.get(rule.expectation, (frozenset(), None))
    everywhere = IN_EVERY_RULE if build in OF_ROWS else IN_EVERY_RULE - {"mostly"}
    unknown = set(rule.kwargs) - arguments - everywhere
    if build is None or unknown:
        msg = f"{rule.expectation} with {sorted(unknown)} is not judged by aggregates"
        raise NotPushedDown(msg)
    return build(rule, layout)


def _row_plan(rule: Rule, layout: Layout) -> Plan:
    test = row_test(rule, layout)
    scope = Scope(test.inside, Scope.of(rule, layout).label)
    failed = scope.key("failed", rule.name)
    wanted = scope.rows() | {failed: count(scope.where(~test.ok))}
    ignored = None
    if test.ignored is not None:
        ignored = scope.key("missing", rule.kwargs.get("column", f"of rule {rule.name}"))
        wanted[ignored] = count(scope.where(test.ignored))
    return Plan(rule, wanted, lambda figures: share(rule, scope, figures, failed, ignored))


def _unique(rule: Rule, layout: Layout) -> Plan:
    columns, scope = unique_columns(rule), Scope.of(rule, layout)
    ignored = ignored_rows(rule.kwargs, columns, layout)
    wanted, key = scope.rows(), None
    if ignored is not None:
        name = columns[0] if len(columns) == 1 else f"of rule {rule.name}"
        key = scope.key("missing", name)
        wanted[key] = count(scope.where(ignored))
    return Plan(
        rule,
        wanted,
        lambda figures: share(rule, scope, figures, DUPLICATES, key),
        unique=(columns, considered_rows(rule, layout)),
    )


def unique_columns(rule: Rule) -> list[str]:
    """Return the columns whose values together must be unique, none for any other rule."""
    if TABLE_RULES.get(rule.expectation, (None, None))[1] is not _unique:
        return []
    return list(rule.kwargs.get("column_list") or [rule.kwargs["column"]])


def considered_rows(rule: Rule, layout: Layout) -> nw.Expr | None:
    """Return which rows a rule about uniqueness compares, None for all."""
    inside = row_condition(rule.kwargs, layout)
    ignored = ignored_rows(rule.kwargs, unique_columns(rule), layout)
    return inside if ignored is None else Scope(inside, "").where(~ignored)


def _figure(
    measure: Callable[[nw.Expr], nw.Expr], kinds: tuple[Type, ...]
) -> Callable[[Rule, Layout], Plan]:
    """Plan a rule that compares one aggregate of a column's values with limits."""

    def build(rule: Rule, layout: Layout) -> Plan:
        column, scope = rule.kwargs["column"], Scope.of(rule, layout)
        kind = layout.type(column)
        if kind not in kinds:
            msg = f"{rule.expectation} of a column of type {kind and kind.name}"
            raise NotPushedDown(msg)
        limits = limits_of(rule, kind)
        values = _values(column, scope, layout)
        key = scope.key(rule.expectation, column)
        return Plan(
            rule,
            {key: measure(values)},
            lambda figures: between(figures[key], limits, rule),
        )

    return build


def _values(column: str, scope: Scope, layout: Layout) -> nw.Expr:
    """Return the values of a column inside the scope, null for all others and for NaN."""
    if scope.inside is None and layout.type(column) is not Type.NUMBER:
        return nw.col(column)
    return nw.when(scope.where(~layout.missing(column))).then(nw.col(column))


def _row_count(rule: Rule, layout: Layout) -> Plan:
    scope = Scope.of(rule, layout)
    limits = limits_of(rule, Type.INTEGER)
    if "value" in rule.kwargs:
        limits = [rule.kwargs["value"]] * 2
    key = scope.key("rows")
    return Plan(rule, scope.rows(), lambda figures: between(int(figures[key]), limits, rule))


def _distinct(*, as_share: bool) -> Callable[[Rule, Layout], Plan]:
    """Plan a rule about the number of different values, or their share of all values."""

    def build(rule: Rule, layout: Layout) -> Plan:
        column, scope = rule.kwargs["column"], Scope.of(rule, layout)
        filled, limits = ~layout.missing(column), limits_of(rule, Type.NUMBER)
        different, rows = scope.key("different", column), scope.key("filled", column)
        wanted = {different: count(filled), rows: nw.when(filled).then(nw.col(ROWS)).sum()}

        def judge(figures: Figures) -> Judgement:
            number, every = int(figures[different] or 0), int(figures[rows] or 0)
            return between(number / max(every, 1) if as_share else number, limits, rule)

        return Plan(rule, wanted, judge, of_values=scope.values(column))

    return build


def _filled(rule: Rule, layout: Layout) -> Plan:
    """Plan a rule about the share of rows that have a value."""
    column, scope = rule.kwargs["column"], Scope.of(rule, layout)
    limits = limits_of(rule, Type.NUMBER)
    rows, filled = scope.key("rows"), scope.key("present", column)
    wanted = {**scope.rows(), filled: count(scope.where(~layout.missing(column)))}

    def judge(figures: Figures) -> Judgement:
        return between(int(figures[filled] or 0) / max(int(figures[rows]), 1), limits, rule)

    return Plan(rule, wanted, judge)


def _distinct_set(*, inside: bool, complete: bool) -> Callable[[Rule, Layout], Plan]:
    """Plan a rule about the set of values: nothing outside of it, all of it there, or both."""

    def build(rule: Rule, layout: Layout) -> Plan:
        column, scope = rule.kwargs["column"], Scope.of(rule, layout)
        known = members(rule.kwargs["value_set"], layout.type(column))
        asked = len(set(rule.kwargs["value_set"]))
        filled = ~layout.missing(column)
        found = layout.value(column).is_in(known) if known else ~filled
        strange, familiar = (scope.key(what, rule.name) for what in ("strange", "familiar"))
        wanted = {strange: count(filled & ~found), familiar: count(filled & found)}

        def judge(figures: Figures) -> Judgement:
            told = {"unexpected_count": int(figures[strange] or 0)} if inside else {}
            told |= {"missing_count": asked - int(figures[familiar] or 0)} if complete else {}
            return Judgement(not any(told.values()), observed=told)

        return Plan(rule, wanted, judge, of_values=scope.values(column))

    return build


def _columns(
    verdict: Callable[[list[str], Mapping[str, Any]], Judgement],
) -> Callable[[Rule, Layout], Plan]:
    """Plan a rule that needs only the names of the columns."""

    def build(rule: Rule, layout: Layout) -> Plan:
        judgement = verdict(list(layout.types), rule.kwargs)
        return Plan(rule, {}, lambda _: judgement)

    return build


def _exists(names: list[str], kwargs: Mapping[str, Any]) -> Judgement:
    position = kwargs.get("column_index")
    candidates = names[position : position + 1] if position else names
    return Judgement(kwargs["column"] in candidates)


def _column_count(names: list[str], kwargs: Mapping[str, Any]) -> Judgement:
    low, high = (kwargs.get(end, kwargs.get("value")) for end in LIMITS[:2])
    passed = (low is None or low <= len(names)) and (high is None or len(names) <= high)
    return Judgement(passed, observed=len(names))


def _matches_set(names: list[str], kwargs: Mapping[str, Any]) -> Judgement:
    wanted = set(kwargs["column_set"] or ())
    passed = wanted == set(names) if kwargs.get("exact_match", True) else wanted <= set(names)
    return Judgement(passed, observed=sorted(names))


def _matches_list(names: list[str], kwargs: Mapping[str, Any]) -> Judgement:
    return Judgement(names == list(kwargs["column_list"] or names), observed=names)


ORDERED = (*NUMERIC, *IN_TIME)
COLUMN = ("column", *LIMITS)
TABLE_RULES: dict[str, tuple[frozenset[str], Callable[[Rule, Layout], Plan]]] = {
    f"expect_{name}": (frozenset(arguments), build)
    for name, arguments, build in (
        ("column_values_to_be_unique", ["column"], _unique),
        ("compound_columns_to_be_unique", ["column_list", "ignore_row_if"], _unique),
        ("column_values_to_be_increasing", ["column", "strictly"], rising),
        ("column_values_to_be_decreasing", ["column", "strictly"], falling),
        ("column_values_to_be_of_type", ["column", "type_"], of_type),
        ("column_values_to_be_in_type_list", ["column", "type_list"], in_type_list),
        (
            "column_quantile_values_to_be_between",
            ["column", "quantile_ranges", "allow_relative_error"],
            quantiles,
        ),
        ("column_max_to_be_between", COLUMN, _figure(nw.Expr.max, ORDERED)),
        ("column_min_to_be_between", COLUMN, _figure(nw.Expr.min, ORDERED)),
        ("column_sum_to_be_between", COLUMN, _figure(nw.Expr.sum, NUMERIC)),
        ("column_mean_to_be_between", COLUMN, _figure(nw.Expr.mean, NUMERIC)),
        ("column_median_to_be_between", COLUMN, _figure(nw.Expr.median, NUMERIC)),
        ("column_stdev_to_be_between", COLUMN, _figure(nw.Expr.std, NUMERIC)),
        ("column_unique_value_count_to_be_between", COLUMN, _distinct(as_share=False)),
        ("column_proportion_of_unique_values_to_be_between", COLUMN, _distinct(as_share=True)),
        ("column_proportion_of_non_null_values_to_be_between", COLUMN, _filled),
        (
            "column_distinct_values_to_be_in_set",
            ["column", "value_set"],
            _distinct_set(inside=True, complete=False),
        ),
        (
            "column_distinct_values_to_contain_set",
            ["column", "value_set"],
            _distinct_set(inside=False, complete=True),
        ),
        (
            "column_distinct_values_to_equal_set",
            ["column", "value_set"],
            _distinct_set(inside=True, complete=True),
        ),
        ("table_row_count_to_equal", ["value"], _row_count),
        ("table_row_count_to_be_between", LIMITS, _row_count),
        ("table_row_count_to_equal_other_table", ["other_table_name"], other_table),
        ("table_column_count_to_equal", ["value"], _columns(_column_count)),
        ("table_column_count_to_be_between", LIMITS[:2], _columns(_column_count)),
        ("column_to_exist", ["column", "column_index"], _columns(_exists)),
        ("table_columns_to_match_set", ["column_set", "exact_match"], _columns(_matches_set)),
        ("table_columns_to_match_ordered_list", ["column_list"], _columns(_matches_list)),
    )
} | {
    UNEXPECTED_ROWS: (frozenset({"unexpected_rows_query"}), unexpected_rows),
}
OF_ROWS = (_unique, rising, falling, of_type, in_type_list)
"""What counts rows, or could: only there does Great Expectations know `mostly`."""
