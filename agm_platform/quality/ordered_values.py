"""Rules that need the values in order: quantiles, and values that only rise or fall.

Each is a query of its own. Quantiles pick real values by their place among the sorted ones, as
pandas does. Rising and falling need an order of the rows, which a table of an engine does not have:
they are judged along the columns that the layout names, else left to Great Expectations.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import narwhals as nw

from agm_platform.quality.layout import IN_TIME, NUMERIC, NotPushedDown
from agm_platform.quality.one_row import one_row, rows_of
from agm_platform.quality.plan import Plan, Scope, count, share
from agm_platform.quality.results import Judgement

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from agm_platform.contracts.model import Rule
    from agm_platform.quality.layout import Layout

PLACE, VALUE = "__place", "__value"
RELATIVE_TOLERANCE, ABSOLUTE_TOLERANCE = 1e-4, 1e-8
"""How near a quantile may come to its limit from outside, as Great Expectations allows."""


def quantiles(rule: Rule, layout: Layout) -> Plan:
    """Plan the rule that quantiles of a column of numbers lie in ranges."""
    column, scope = rule.kwargs["column"], Scope.of(rule, layout)
    if layout.type(column) not in NUMERIC:
        msg = f"quantiles of the column {column!r}, which does not hold numbers"
        raise NotPushedDown(msg)
    wanted = [float(one) for one in rule.kwargs["quantile_ranges"]["quantiles"]]
    ranges = rule.kwargs["quantile_ranges"]["value_ranges"]
    between = rule.kwargs.get("allow_relative_error") or "nearest"
    if between not in BETWEEN:
        msg = f"allow_relative_error is one of {', '.join(BETWEEN)}, not {between!r}"
        raise ValueError(msg)
    if len(wanted) != len(ranges) or not all(0 <= one <= 1 for one in wanted):
        msg = "quantile_ranges wants as many value_ranges as quantiles, which lie from 0 to 1"
        raise ValueError(msg)
    key = scope.key("quantiles", rule.name)
    kept = scope.where(~layout.missing(column))

    def ask(frame: nw.LazyFrame) -> list[float | None]:
        return _quantiles(frame.filter(kept).select(nw.col(column).alias(VALUE)), wanted, between)

    def judge(figures: Mapping[Any, Any]) -> Judgement:
        values = figures[key]
        passed = all(_in_range(*pair) for pair in zip(values, ranges, strict=True))
        return Judgement(passed, observed={"quantiles": wanted, "values": values})

    return Plan(rule, {}, judge, asked={key: ask})


def _quantiles(values: nw.LazyFrame, wanted: Sequence[float], between: str) -> list[float | None]:
    """Return the quantiles of the one column of `values`; none of no rows."""
    number = int(one_row(values.select(rows=nw.len()))["rows"])
    if not number:
        return [None] * len(wanted)
    # By way of percent, as pandas does: where a place is whole, its rounding decides.
    places = [one * 100 / 100 * (number - 1) for one in wanted]
    picked = sorted({end for place in places for end in (math.floor(place), math.ceil(place))})
    ranked = values.with_row_index(PLACE, order_by=VALUE).filter(nw.col(PLACE).is_in(picked))
    at = {int(row[PLACE]): row[VALUE] for row in rows_of(ranked.select(PLACE, VALUE))}
    choose = BETWEEN[between]
    return [choose(at[math.floor(place)], at[math.ceil(place)], place) for place in places]


def _nearest(low: Any, high: Any, place: float) -> Any:
    return low if round(place) == math.floor(place) else high  # half to even, as numpy does


def _linear(low: Any, high: Any, place: float) -> Any:
    return low + (high - low) * (place % 1)


BETWEEN: dict[str, Callable[[Any, Any, float], Any]] = {
    "nearest": _nearest,
    "linear": _linear,
    "lower": lambda low, _high, _place: low,
    "higher": lambda _low, high, _place: high,
    "midpoint": lambda low, high, _place: (low + high) / 2,
}
"""The quantile between two neighbouring values, by pandas' names."""


def _in_range(value: Any, limits: Sequence[Any]) -> bool:
    if value is None:
        return False
    low, high = limits
    return (
        (low is not None and _close(value, low))
        or (high is not None and _close(value, high))
        or ((low is None or low <= value) and (high is None or value <= high))
    )


def _close(value: float, limit: float) -> bool:
    return abs(value - limit) <= ABSOLUTE_TOLERANCE + RELATIVE_TOLERANCE * abs(limit)


def rising(rule: Rule, layout: Layout) -> Plan:
    """Plan the rule that a value is not below (strictly: above) the last one before it."""
    return _monotonic(rule, layout, falls=False)


def falling(rule: Rule, layout: Layout) -> Plan:
    """Plan the rule that a value is not above (strictly: below) the last one before it."""
    return _monotonic(rule, layout, falls=True)


def _monotonic(rule: Rule, layout: Layout, *, falls: bool) -> Plan:
    column, scope = rule.kwargs["column"], Scope.of(rule, layout)
    if layout.type(column) not in {*NUMERIC, *IN_TIME}:
        msg = f"{column!r} holds neither numbers nor moments"
        raise NotPushedDown(msg)
    if not layout.order:
        msg = "the rows of this table have no order that the engine knows"
        raise NotPushedDown(msg)
    missing = layout.missing(column)
    ignored, failed = scope.key("missing", column), scope.key("failed", rule.name)
    wanted = scope.rows() | {ignored: count(scope.where(missing))}

    def ask(frame: nw.LazyFrame) -> int:
        before = nw.col(VALUE).shift(1).over(order_by=list(layout.order))
        kept = frame.filter(scope.where(~missing)).with_columns(nw.col(column).alias(VALUE))
        pair = kept.with_columns(before.alias(PLACE)).filter(~nw.col(PLACE).is_null())
        value, last = nw.col(VALUE), nw.col(PLACE)
        strictly = rule.kwargs.get("strictly")
        if falls:
            ordered = value < last if strictly else value <= last
        else:
            ordered = value > last if strictly else value >= last
        return int(one_row(pair.select(failed=count(~ordered)))["failed"] or 0)

    return Plan(
        rule,
        wanted,
        lambda figures: share(rule, scope, figures, failed, ignored),
        asked={failed: ask},
    )
