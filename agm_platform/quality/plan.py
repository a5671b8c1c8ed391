"""A plan: what to ask of a table so that one rule can be judged, and the verdict on the answers."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

import narwhals as nw

from agm_platform.contracts.model import Type
from agm_platform.quality.conditions import row_condition
from agm_platform.quality.layout import bound
from agm_platform.quality.predicates import LIMITS, within
from agm_platform.quality.results import Judgement

if TYPE_CHECKING:
    from agm_platform.contracts.model import Rule
    from agm_platform.quality.layout import Layout

Key = tuple[str, ...]
Figures = Mapping[Key, Any]
Query = Callable[[nw.LazyFrame], Any]
DUPLICATES: Key = ("duplicates",)
ROWS = "__rows"


@dataclass(frozen=True, slots=True)
class Plan:
    """The aggregates that a rule wants, by keys that equal wishes share, and the verdict on them.

    With `unique` the figure `DUPLICATES` is wanted too: the rows, among those where `unique[1]`
    holds (None: all), that share their values of the columns `unique[0]` with another row.
    `asked` are figures that no aggregate can say: each is a query of its own on the table.
    With `of_values` the aggregates are not of the rows but of the different values of a column.
    """

    rule: Rule
    wanted: dict[Key, nw.Expr]
    judge: Callable[[Figures], Judgement]
    unique: tuple[list[str], nw.Expr | None] | None = None
    asked: Mapping[Key, Query] = field(default_factory=dict)
    of_values: Values | None = None


@dataclass(frozen=True, slots=True)
class Values:
    """The different values of a column among some rows (None: all), each with its number of rows.

    Equal keys mean equal values.
    """

    column: str
    inside: nw.Expr | None
    key: Key

    def frame(self, rows: nw.LazyFrame) -> nw.LazyFrame:
        """Return the values among `rows`: the column, null once if it occurs, and `ROWS`."""
        chosen = rows if self.inside is None else rows.filter(self.inside)
        return chosen.group_by(self.column).agg(nw.len().alias(ROWS))


@dataclass(frozen=True, slots=True)
class Scope:
    """The rows a rule is about, and a label under which equal scopes share their figures."""

    inside: nw.Expr | None
    label: str

    @classmethod
    def of(cls, rule: Rule, layout: Layout) -> Scope:
        """Return the rows that the rule's row condition names; all without one."""
        label = json.dumps(rule.kwargs.get("row_condition"), sort_keys=True, default=str)
        return cls(row_condition(rule.kwargs, layout), label)

    def rows(self) -> dict[Key, nw.Expr]:
        """Return the wish for the number of rows in the scope."""
        return {self.key("rows"): nw.len() if self.inside is None else count(self.inside)}

    def where(self, condition: nw.Expr) -> nw.Expr:
        """Return where a row is in the scope and satisfies the condition."""
        return condition if self.inside is None else self.inside & condition

    def key(self, *name: str) -> Key:
        """Return the key of a figure of this scope."""
        return (*name, self.label)

    def values(self, column: str) -> Values:
        """Return the different values of a column in the scope."""
        return Values(column, self.inside, self.key(column))


def count(where: nw.Expr) -> nw.Expr:
    """Return the number of rows where a condition holds (cast: Spark does not add up booleans)."""
    return where.cast(nw.Int64).sum()


def share(
    rule: Rule, scope: Scope, figures: Figures, failed: Key, ignored: Key | None
) -> Judgement:
    """Judge by the share of failing rows, as `mostly` wants; without rows a rule holds."""
    elements, unexpected = int(figures[scope.key("rows")]), int(figures[failed] or 0)
    # Like Great Expectations: the rules about null itself do not speak of missing values.
    missing = int(figures[ignored] or 0) if ignored else None if "column" in rule.kwargs else 0
    judged = elements - (missing or 0)
    mostly = rule.kwargs.get("mostly", 1)
    passed = not judged or (judged - unexpected) / judged >= mostly
    return Judgement(passed, elements, missing, unexpected)


def limits_of(rule: Rule, kind: Type) -> list[Any]:
    """Return the rule's two limits, comparable with a figure of type `kind`; None for no limit."""
    ends = [rule.kwargs.get(end) for end in LIMITS[:2]]
    return [None if end is None else bound(end, kind) for end in ends]


def between(value: Any, limits: list[Any], rule: Rule) -> Judgement:
    """Judge a figure by limits; a figure that does not exist (no rows) fails."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return Judgement(passed=False)
    low, high = (_like(limit, value) for limit in limits)
    return Judgement(bool(within(value, low, high, rule.kwargs)), observed=value)


def _like(limit: Any, value: Any) -> Any:
    """Return a date limit as a datetime where the figure, or the limit, is one."""
    is_date = isinstance(limit, date) and not isinstance(limit, datetime)
    return datetime.combine(limit, time()) if is_date and isinstance(value, datetime) else limit
