"""Judging all rules of a table: one select of aggregates, one query for each that needs its own.

What an engine cannot judge with Great Expectations' verdict goes to Great Expectations itself. A
rule that raises is reported as crashed, and only that rule: nothing is ever missing or passed by
accident.
"""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING, Any

import narwhals as nw

from agm_platform.contracts.model import Type
from agm_platform.quality.layout import IN_TIME, Layout, NotPushedDown
from agm_platform.quality.measures import plan
from agm_platform.quality.one_row import one_row
from agm_platform.quality.plan import DUPLICATES, Plan
from agm_platform.quality.repeats import repeated_rows
from agm_platform.quality.results import Judgement, Result, crashed, judged

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from agm_platform.contracts.model import Rule, Table
    from agm_platform.quality.plan import Key, Values

ORDERED = (*IN_TIME, Type.INTEGER)


def evaluate(
    frame: nw.LazyFrame,
    rules: Sequence[Rule],
    personal: Collection[str] = (),
    order: Sequence[str] = (),
) -> list[Result]:
    """Return one result for each of `rules`, in their order, whatever happens.

    `personal` names columns whose values must not be told: figures of such a column stay hidden,
    and so does the text of any error. `order` names the columns by which the rows are in order, if
    any do; rules about rising and falling values are judged along them.
    """
    results: dict[str, Result] = {}
    plans, left = [], []
    try:
        layout = Layout.of(frame, order)
    except Exception as error:  # noqa: BLE001  any reason not to see the table is a crash to report
        return [_crash(rule, error, personal) for rule in rules]
    for rule in rules:
        try:
            plans.append(plan(rule, layout))
        except NotPushedDown:
            left.append(rule)
        except Exception as error:  # noqa: BLE001  the others are judged all the same
            results[rule.name] = _crash(rule, error, personal)
    for result in (*_by_queries(frame, plans, personal), *_by_gx(frame, left, personal)):
        results[result.name] = result
    return [results[rule.name] for rule in rules]


def evaluate_table(table: Table, frame: nw.LazyFrame, rules: Sequence[Rule]) -> list[Result]:
    """Evaluate `rules` on rows of `table`: which columns are personal stands in its contract.

    Its rows are in the order of its key where that is made of dates and whole numbers (of text, 10
    would come before 9).
    """
    personal = {column.name for column in table.columns if column.personal or column.identity}
    in_order = all(table.column(name).type in ORDERED for name in table.key)
    return evaluate(frame, rules, personal, table.key if in_order else ())


def _by_queries(
    frame: nw.LazyFrame, plans: list[Plan], personal: Collection[str]
) -> Iterable[Result]:
    started = perf_counter()
    try:
        figures = _figures(frame, plans)
    except Exception:  # noqa: BLE001  find out which rule it is
        figures = None
    shared_ms = _since(started)
    for one in plans:
        started = perf_counter()
        try:
            found = dict(figures if figures is not None else _figures(frame, [one]))
            if one.unique:
                found[DUPLICATES] = repeated_rows(frame, *one.unique)
            found |= {key: ask(frame) for key, ask in one.asked.items()}
            spent = _since(started) + (shared_ms if figures is not None else 0)
            yield _judged(one.rule, one.judge(found), spent, personal)
        except Exception as error:  # noqa: BLE001  a crash of this rule alone
            yield _crash(one.rule, error, personal)


def _figures(frame: nw.LazyFrame, plans: list[Plan]) -> dict[Key, Any]:
    """Return all figures that the plans want; equal wishes are measured once.

    One select of the rows, and one of each column's different values that are asked for.
    """
    wanted: dict[Key, nw.Expr] = {}
    of_values: dict[Key, tuple[Values, dict[Key, nw.Expr]]] = {}
    for one in plans:
        measures = wanted
        if one.of_values:
            measures = of_values.setdefault(one.of_values.key, (one.of_values, {}))[1]
        measures.update(one.wanted)
    figures = _selected(frame, wanted)
    for values, measures in of_values.values():
        figures |= _selected(values.frame(frame), measures)
    return figures


def _selected(frame: nw.LazyFrame, wanted: dict[Key, nw.Expr]) -> dict[Key, Any]:
    if not wanted:
        return {}
    names = {key: f"figure_{number}" for number, key in enumerate(wanted)}
    row = one_row(frame.select(**{names[key]: measure for key, measure in wanted.items()}))
    return {key: row[name] for key, name in names.items()}


def _by_gx(frame: nw.LazyFrame, rules: list[Rule], personal: Collection[str]) -> Iterable[Result]:
    if not rules:
        return
    started = perf_counter()
    try:
        from agm_platform.quality import fallback

        judgements = fallback.judge(frame, rules)
    except Exception as error:  # noqa: BLE001  no verdict on any of them
        judgements = {rule.name: error for rule in rules}
    spent = _since(started)
    for rule in rules:
        verdict = judgements.get(rule.name, RuntimeError("Great Expectations gave no result"))
        if isinstance(verdict, Exception):
            yield _crash(rule, verdict, personal, spent)
        else:
            yield _judged(rule, verdict, spent, personal)


def _judged(rule: Rule, judgement: Judgement, spent: float, personal: Collection[str]) -> Result:
    if rule.kwargs.get("column") in personal:
        judgement = replace(judgement, observed=None)  # it may be a value of the column
    return judged(rule, judgement, spent)


def _crash(rule: Rule, error: Exception, personal: Collection[str], spent: float = 0.0) -> Result:
    name = type(error).__name__
    return crashed(rule, name if personal else f"{name}: {error}", spent)


def _since(started: float) -> float:
    return round(1000 * (perf_counter() - started), 3)
