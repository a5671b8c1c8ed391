"""A few values that break a rule, only of columns that the contract calls harmless."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals as nw

from agm_platform.quality.layout import Layout
from agm_platform.quality.one_row import rows_of
from agm_platform.quality.predicates import ROW_RULES, row_predicate
from agm_platform.quality.results import State, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agm_platform.contracts.model import Rule, Table
    from agm_platform.quality.results import Result

MOST_EXAMPLES = 5
LONGEST_TEXT = 60


def failing_values(
    table: Table, frame: nw.LazyFrame, results: Sequence[Result]
) -> dict[str, list[Any]]:
    """Return, by the rule's name, the least few different values that break a failed row rule.

    Only of rules about one harmless column of `table`; missing values are no example.
    """
    failed = [
        result.rule
        for result in results
        if result.state is State.FAILED and _may_be_shown(table, result.rule)
    ]
    layout = Layout.of(frame) if failed else None
    return {rule.name: _values(frame, rule, layout) for rule in failed if layout}


def _may_be_shown(table: Table, rule: Rule) -> bool:
    column = rule.kwargs.get("column")
    return rule.expectation in ROW_RULES and any(
        one.harmless and not one.personal for one in table.columns if one.name == column
    )


def _values(frame: nw.LazyFrame, rule: Rule, layout: Layout) -> list[Any]:
    column = rule.kwargs["column"]
    breaks = ~row_predicate(rule, layout) & ~layout.missing(column)
    values = frame.filter(breaks).select(column).unique().sort(column).head(MOST_EXAMPLES)
    found = [plain(row[column]) for row in rows_of(values)]
    return [value[:LONGEST_TEXT] if isinstance(value, str) else value for value in found]
