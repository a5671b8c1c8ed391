"""How each expectation is judged by aggregates: what to select, and the verdict from the figures.

A plan's aggregates of a whole table go into one select; only uniqueness needs a query of its own.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

import narwhals as nw

from agm_platform.contracts.model import Type
from agm_platform.quality.conditions import row_condition
from agm_platform.quality.layout import IN_TIME, NUMERIC, Layout, NotPushedDown, bound, members
from agm_platform.quality.predicates import (
    IN_EVERY_RULE,
    LIMITS,
    ROW_RULES,
    ignored_rows,
    row_test,
    within,
)
from agm_platform.quality.results import Judgement

if TYPE_CHECKING:
    from agm_platform.contracts.model import Rule

Key = tuple[str, ...]
Figures = Mapping[Key, Any]
DUPLICATES: Key = ("duplicates",)


@dataclass(frozen=True, slots=True)
class Plan:
    """The aggregates that a rule wants, by keys that equal wishes share, and the verdict on them.

    With `unique` the figure `DUPLICATES` is wanted too: the rows, among those where `unique[1]`
    holds (None: all), that share their values of the columns `unique[0]` with another row.
    """

    rule: Rule
    wanted: dict[Key, nw.Expr]
    judge: Callable[[Figures], Judgement]
    unique: tuple[list[str], nw.Expr | None] | None = None


def plan(rule: Rule, layout: Layout) -> Plan:
    """Return how to judge `rule` by aggregates; raises NotPushedDown where an engine cannot."""
    if rule.expectation in ROW_RULES:
        return _row_plan(rule, layout)
    arguments, build = TABLE_RULES.get(rule.expectation, (frozenset(), None))
    unknown = set(rule.kwargs) - arguments - IN_EVERY_RULE
    if build is None or unknown:
        msg = f"{rule.expectation} with {sorted(unknown)} is not judged by aggregates"
        raise NotPushedDown(msg)
    return build(rule, layout)


def count(where: nw.Expr) -> nw.Expr:
    """Return the number of rows where a condition holds (cast: Spark does not add up booleans)."""
    return where.cast(nw.Int64).sum()


@dataclass(frozen=True, slots=True)
class _Scope:
    """The rows a rule is about, and a label under which equal scopes share their figures."""

    inside: nw.Expr | None
    label: str

    @classmethod
    def of(cls, rule: Rule, layout: Layout) -> _Scope:
        label = json.dumps(rule.kwargs.get("row_condition"), sort_keys=True, default=str)
        return cls(row_condition(rule.kwargs, layout), label)

    def rows(self) -> dict[Key, nw.Expr]:
        return {self.key("rows"): nw.len() if self.inside is None else count(self.inside)}

    def where(self, condition: nw.Expr) -> nw.Expr:
        return condition if self.inside is None else self.inside & condition

    def key(self, *name: str) -> Key:
        return (*name, self.label)


def _row_plan(rule: Rule, layout: Layout) -> Plan:
    test = row_test(rule, layout)
    scope = _Scope(test.inside, _Scope.of(rule, layout).label)
    failed = scope.key("failed", rule.name)
    wanted = scope.rows() | {failed: count(scope.where(~test.ok))}
    ignored = None
    if test.ignored is not None:
        ignored = scope.key("missing", rule.kwargs.get("column", f"of rule {rule.name}"))
        wanted[ignored] = count(scope.where(test.ignored))
    return Plan(rule, wanted, lambda figures: _share(rule, scope, figures, failed, ignored))


def _share(
    rule: Rule, scope: _Scope, figures: Figures, failed: Key, ignored: Key | None
) -> Judgement:
    """Judge by the share of failing rows, as `mostly` wants; without rows a rule holds."""
    elements, unexpected = int(figures[scope.key("rows")]), int(figures[failed] or 0)
    # Like Great Expectations: the rules about null itself do not speak of missing values.
    missing = int(figures[ignored] or 0) if ignored else None if "column" in rule.kwargs else 0
    judged = elements - (missing or 0)
    mostly = rule.kwargs.get("mostly", 1)
    passed = not judged or (judged - unexpected) / judged >= mostly
    return Judgement(passed, elements, missing, unexpected)


def _unique(rule: Rule, layout: Layout) -> Plan:
    columns, scope = unique_columns(rule), _Scope.of(rule, layout)
    ignored = ignored_rows(rule.kwargs, columns, layout)
    wanted, key = scope.rows(), None
    if ignored is not None:
        name = columns[0] if len(columns) == 1 else f"of rule {rule.name}"
        key = scope.key("missing", name)
        wanted[key] = count(scope.where(ignored))
    return Plan(
        rule,
        wanted,
        lambda figures: _share(rule, scope, figures, DUPLICATES, key),
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
    return inside if ignored is None else _Scope(inside, "").where(~ignored)


def _figure(
    measure: Callable[[nw.Expr], nw.Expr], kinds: tuple[Type, ...]
) -> Callable[[Rule, Layout], Plan]:
    """Plan a rule that compares one aggregate of a column's values with limits."""

    def build(rule: Rule, layout: Layout) -> Plan:
        column, scope = rule.kwargs["column"], _Scope.of(rule, layout)
        kind = layout.type(column)
        if kind not in kinds:
            msg = f"{rule.expectation} of a column of type {kind and kind.name}"
            raise NotPushedDown(msg)
        limits = [_limit(rule.kwargs.get(end), kind) for end in LIMITS[:2]]
        values = _values(column, scope, layout)
        key = scope.key(rule.expectation, column)
        return Plan(
            rule,
            {key: measure(values)},
            lambda figures: _between(figures[key], limits, rule),
        )

    return build


def _values(column: str, scope: _Scope, layout: Layout) -> nw.Expr:
    """Return the values of a column inside the scope, null for all others and for NaN."""
    if scope.inside is None and layout.type(column) is not Type.NUMBER:
        return nw.col(column)
    return nw.when(scope.where(~layout.missing(column))).then(nw.col(column))


def _row_count(rule: Rule, layout: Layout) -> Plan:
    scope = _Scope.of(rule, layout)
    limits = [_limit(rule.kwargs.get(end), Type.INTEGER) for end in LIMITS[:2]]
    if "value" in rule.kwargs:
        limits = [rule.kwargs["value"]] * 2
    key = scope.key("rows")
    return Plan(rule, scope.rows(), lambda figures: _between(int(figures[key]), limits, rule))


def _distinct(*, share: bool) -> Callable[[Rule, Layout], Plan]:
    """Plan a rule about the number of different values, or their share of all values."""

    def build(rule: Rule, layout: Layout) -> Plan:
        column, scope = rule.kwargs["column"], _Scope.of(rule, layout)
        values = _values(column, scope, layout)
        limits = [_limit(rule.kwargs.get(end), Type.NUMBER) for end in LIMITS[:2]]
        different, filled = scope.key("different", column), scope.key("filled", column)
        wanted = {**_different(values, different), filled: count(~values.is_null())}

        def judge(figures: Figures) -> Judgement:
            number, rows = _without_null(figures, different), int(figures[filled] or 0)
            return _between(number / max(rows, 1) if share else number, limits, rule)

        return Plan(rule, wanted, judge)

    return build


def _different(values: nw.Expr, key: Key) -> dict[Key, nw.Expr]:
    return {key: values.n_unique(), (*key, "null"): count(values.is_null())}


def _without_null(figures: Figures, key: Key) -> int:
    """Return the number of different values: `n_unique` counts null as a value of its own."""
    return int(figures[key] or 0) - bool(figures[*key, "null"])


def _filled(rule: Rule, layout: Layout) -> Plan:
    """Plan a rule about the share of rows that have a value."""
    column, scope = rule.kwargs["column"], _Scope.of(rule, layout)
    limits = [_limit(rule.kwargs.get(end), Type.NUMBER) for end in LIMITS[:2]]
    rows, filled = scope.key("rows"), scope.key("present", column)
    wanted = {**scope.rows(), filled: count(scope.where(~layout.missing(column)))}

    def judge(figures: Figures) -> Judgement:
        return _between(int(figures[filled] or 0) / max(int(figures[rows]), 1), limits, rule)

    return Plan(rule, wanted, judge)


def _distinct_set(*, inside: bool, complete: bool) -> Callable[[Rule, Layout], Plan]:
    """Plan a rule about the set of values: nothing outside of it, all of it there, or both."""

    def build(rule: Rule, layout: Layout) -> Plan:
        column, scope = rule.kwargs["column"], _Scope.of(rule, layout)
        known = members(rule.kwargs["value_set"], layout.type(column))
        asked = len(set(rule.kwargs["value_set"]))
        values = _values(column, scope, layout)
        filled = ~values.is_null()
        found = values.is_in(known) if known else ~filled
        strange, familiar = (scope.key(what, rule.name) for what in ("strange", "familiar"))
        wanted = {
            **_different(nw.when(filled & ~found).then(values), strange),
            **_different(nw.when(filled & found).then(values), familiar),
        }

        def judge(figures: Figures) -> Judgement:
            told = {"unexpected_count": _without_null(figures, strange)} if inside else {}
            told |= {"missing_count": asked - _without_null(figures, familiar)} if complete else {}
            return Judgement(not any(told.values()), observed=told)

        return Plan(rule, wanted, judge)

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


def _matches_set(names: list[str], kwargs: Mapping[str, Any]) -> Judgement:
    wanted = set(kwargs["column_set"] or ())
    passed = wanted == set(names) if kwargs.get("exact_match", True) else wanted <= set(names)
    return Judgement(passed, observed=sorted(names))


def _matches_list(names: list[str], kwargs: Mapping[str, Any]) -> Judgement:
    return Judgement(names == list(kwargs["column_list"] or names), observed=names)


def _between(value: Any, limits: list[Any], rule: Rule) -> Judgement:
    """Judge a figure by limits; a figure that does not exist (no rows) fails."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return Judgement(passed=False)
    low, high = (_like(limit, value) for limit in limits)
    return Judgement(bool(within(value, low, high, rule.kwargs)), observed=value)


def _like(limit: Any, value: Any) -> Any:
    """Return a date limit as a datetime where the figure, or the limit, is one."""
    is_date = isinstance(limit, date) and not isinstance(limit, datetime)
    return datetime.combine(limit, time()) if is_date and isinstance(value, datetime) else limit


def _limit(value: Any, kind: Type) -> Any:
    return None if value is None else bound(value, kind)


ORDERED = (*NUMERIC, *IN_TIME)
COLUMN = ("column", *LIMITS)
TABLE_RULES: dict[str, tuple[frozenset[str], Callable[[Rule, Layout], Plan]]] = {
    f"expect_{name}": (frozenset(arguments), build)
    for name, arguments, build in (
        ("column_values_to_be_unique", ["column"], _unique),
        ("compound_columns_to_be_unique", ["column_list", "ignore_row_if"], _unique),
        ("column_max_to_be_between", COLUMN, _figure(nw.Expr.max, ORDERED)),
        ("column_min_to_be_between", COLUMN, _figure(nw.Expr.min, ORDERED)),
        ("column_sum_to_be_between", COLUMN, _figure(nw.Expr.sum, NUMERIC)),
        ("column_mean_to_be_between", COLUMN, _figure(nw.Expr.mean, NUMERIC)),
        ("column_median_to_be_between", COLUMN, _figure(nw.Expr.median, NUMERIC)),
        ("column_stdev_to_be_between", COLUMN, _figure(nw.Expr.std, NUMERIC)),
        ("column_unique_value_count_to_be_between", COLUMN, _distinct(share=False)),
        ("column_proportion_of_unique_values_to_be_between", COLUMN, _distinct(share=True)),
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
        ("column_to_exist", ["column", "column_index"], _columns(_exists)),
        ("table_columns_to_match_set", ["column_set", "exact_match"], _columns(_matches_set)),
        ("table_columns_to_match_ordered_list", ["column_list"], _columns(_matches_list)),
    )
}
