"""Row rules about several columns of a row: pairs, sums, all equal, all different.

The meaning is that of Great Expectations on pandas; see `predicates` for what an answer is.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from itertools import combinations
from typing import Any, NamedTuple

import narwhals as nw

from agm_platform.contracts.model import Type
from agm_platform.quality.conditions import comparable
from agm_platform.quality.layout import NUMERIC, Layout, NotPushedDown, members


class Answer(NamedTuple):
    """Where a row satisfies a rule, never null, and where the rule does not look at it at all."""

    ok: nw.Expr
    ignored: nw.Expr | None


Build = Callable[[Mapping[str, Any], Layout], Answer]


def _about_pair(compare: Callable[[nw.Expr, nw.Expr, Mapping[str, Any]], nw.Expr]) -> Build:
    def build(kwargs: Mapping[str, Any], layout: Layout) -> Answer:
        pair = [kwargs["column_A"], kwargs["column_B"]]
        if not comparable(*(layout.type(column) for column in pair)):
            msg = f"columns {pair} have types that cannot be compared"
            raise NotPushedDown(msg)
        missing = [layout.missing(column) for column in pair]
        compared = compare(layout.value(pair[0]), layout.value(pair[1]), kwargs)
        holds = ~missing[0] & ~missing[1] & compared
        ignored = _ignored(kwargs.get("ignore_row_if", "both_values_are_missing"), missing)
        return Answer(holds if ignored is None else ignored | holds, ignored)

    return build


def _sum_equals(kwargs: Mapping[str, Any], layout: Layout) -> Answer:
    columns = kwargs["column_list"]
    if not all(layout.type(column) in NUMERIC for column in columns):
        msg = f"columns {columns} are not all numbers"
        raise NotPushedDown(msg)
    missing = [layout.missing(column) for column in columns]
    total = reduce(operator.add, (nw.col(column) for column in columns))
    holds = ~reduce(operator.or_, missing) & (total == kwargs["sum_total"])
    return _of_columns(holds, kwargs, layout)


def _pair_in_set(kwargs: Mapping[str, Any], layout: Layout) -> Answer:
    pair = [kwargs["column_A"], kwargs["column_B"]]
    missing = [layout.missing(column) for column in pair]
    ignored = _ignored(kwargs.get("ignore_row_if", "both_values_are_missing"), missing)
    everywhere = missing[0] | ~missing[0]
    if kwargs["value_pairs_set"] is None:
        return Answer(everywhere, ignored)
    holds = ~everywhere
    for wanted in kwargs["value_pairs_set"]:
        tests = [_is(column, value, layout) for column, value in zip(pair, wanted, strict=True)]
        holds |= tests[0] & tests[1]
    return Answer(holds if ignored is None else ignored | holds, ignored)


def _is(column: str, value: Any, layout: Layout) -> nw.Expr:
    missing = layout.missing(column)
    if value is None:
        return missing
    found = members([value], layout.type(column))
    return ~missing & (layout.value(column) == found[0]) if found else missing & ~missing


def _all_different(kwargs: Mapping[str, Any], layout: Layout) -> Answer:
    columns = kwargs["column_list"]
    alike = [_alike(one, other, layout) for one, other in combinations(columns, 2)]
    first = layout.missing(columns[0])
    return _of_columns(~reduce(operator.or_, alike, first & ~first), kwargs, layout)


def _all_equal(kwargs: Mapping[str, Any], layout: Layout) -> Answer:
    first, *others = kwargs["column_list"]
    missing = layout.missing(first)
    alike = [_alike(first, other, layout) for other in others]
    return _of_columns(reduce(operator.and_, alike, missing | ~missing), kwargs, layout)


def _alike(one: str, other: str, layout: Layout) -> nw.Expr:
    """Return where two columns have the same value or both none."""
    kinds = {layout.type(one), layout.type(other)}
    missing = [layout.missing(one), layout.missing(other)]
    neither = missing[0] & missing[1]
    if comparable(*(layout.type(column) for column in (one, other))):
        return neither | (~missing[0] & ~missing[1] & (layout.value(one) == layout.value(other)))
    if None in kinds or (Type.BOOLEAN in kinds and kinds & {*NUMERIC}):
        msg = f"columns {one!r} and {other!r} have types that cannot be compared"
        raise NotPushedDown(msg)
    return neither  # a text is never a number, nor a date


def _of_columns(holds: nw.Expr, kwargs: Mapping[str, Any], layout: Layout) -> Answer:
    ignored = ignored_rows(kwargs, kwargs["column_list"], layout)
    return Answer(holds if ignored is None else ignored | holds, ignored)


def ignored_rows(
    kwargs: Mapping[str, Any], columns: Sequence[str], layout: Layout
) -> nw.Expr | None:
    """Return which rows a rule about a list of columns leaves out, None for none."""
    rows = kwargs.get("ignore_row_if", "all_values_are_missing")
    return _ignored(rows, [layout.missing(column) for column in columns])


def _ignored(rows: str, missing: Sequence[nw.Expr]) -> nw.Expr | None:
    if rows in {"both_values_are_missing", "all_values_are_missing"}:
        return reduce(operator.and_, missing)
    if rows in {"either_value_is_missing", "any_value_is_missing"}:
        return reduce(operator.or_, missing)
    if rows in {"neither", "never"}:
        return None
    msg = f"ignore_row_if {rows!r}"
    raise NotPushedDown(msg)


PAIR = ("column_A", "column_B", "ignore_row_if")
COLUMNS = ("column_list", "ignore_row_if")

ACROSS_COLUMNS: tuple[tuple[str, Sequence[str], Build], ...] = (
    ("column_pair_values_to_be_equal", PAIR, _about_pair(lambda a, b, _: a == b)),
    (
        "column_pair_values_a_to_be_greater_than_b",
        [*PAIR, "or_equal"],
        _about_pair(lambda a, b, kwargs: a >= b if kwargs.get("or_equal") else a > b),
    ),
    ("column_pair_values_to_be_in_set", [*PAIR, "value_pairs_set"], _pair_in_set),
    ("multicolumn_sum_to_equal", [*COLUMNS, "sum_total"], _sum_equals),
    ("multicolumn_values_to_be_equal", COLUMNS, _all_equal),
    ("select_column_values_to_be_unique_within_record", COLUMNS, _all_different),
)
"""Name of the expectation without `expect_`, its arguments, how to judge it."""
