"""What a table holds, to be remembered: rows and missing values of each column, by partition.

The figures of a whole table come from rules that nobody can fail, so they are part of the one
select that judges the table anyway; those of many partitions from one grouped query.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import narwhals as nw

from agm_platform.contracts.model import OnFailure, Rule
from agm_platform.quality.layout import Layout, NotPushedDown
from agm_platform.quality.measures import considered_rows, unique_columns
from agm_platform.quality.predicates import row_test
from agm_platform.quality.results import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from agm_platform.contracts.model import Table
    from agm_platform.quality.results import Result

WHOLE = ""
"""The partition of a table that is not kept by partition."""
ROWS = "profile__rows"
MISSING = "profile__missing__"
DAY, COPIES = "__partition", "__copies"


class Counts(NamedTuple):
    """Of one rule in one partition: rows that are its business, of these missing and failing."""

    elements: int
    missing: int
    unexpected: int


@dataclass(frozen=True, slots=True)
class Profile:
    """One partition of a table: its rows, missing values by column, counts by rule.

    Columns and rules that have none are left out.
    """

    partition: str
    rows: int
    missing: Mapping[str, int] = field(default_factory=dict)
    counts: Mapping[str, Counts] = field(default_factory=dict)


def profile_rules(table: Table) -> list[Rule]:
    """Return the rules that measure rows and missing values; they are told to nobody."""
    return [
        Rule(ROWS, "expect_table_row_count_to_be_between", {"min_value": 0}, "rows"),
        *(
            Rule(
                MISSING + column.name,
                "expect_column_values_to_not_be_null",
                {"column": column.name},
                "missing values",
                OnFailure.WARN,
            )
            for column in table.columns
        ),
    ]


def is_profile(result: Result) -> bool:
    """Whether a result belongs to `profile_rules`."""
    return result.name == ROWS or result.name.startswith(MISSING)


def profile_of(results: Iterable[Result], partition: str) -> Profile | None:
    """Return the profile that judged `profile_rules` give; None if the rows were not counted."""
    rows, missing = None, {}
    for result in results:
        if result.name == ROWS and result.state is State.PASSED:
            rows = int(result.observed)
        elif result.name.startswith(MISSING) and result.unexpected_count:
            missing[result.name.removeprefix(MISSING)] = result.unexpected_count
    return None if rows is None else Profile(partition, rows, missing)


def profiles_by_partition(
    table: Table, frame: nw.LazyFrame, results: Iterable[Result], partitions: Sequence[str]
) -> list[Profile]:
    """Return a profile of each partition that has rows, or is named in `partitions`.

    Counts of rules are measured for those only that failed somewhere, or that look at part of the
    rows or at several columns: for all others they follow from rows and missing values.
    """
    if table.partition_column is None:
        msg = f"{table.full_name} is not kept by partition"
        raise ValueError(msg)
    layout = Layout.of(frame)
    keyed = frame.with_columns(nw.col(table.partition_column).cast(nw.String).alias(DAY))
    rules = [result.rule for result in results if _is_asked(result)]
    flags = {MISSING + column.name: layout.missing(column.name) for column in table.columns}
    tests = {rule.name: rule for rule in rules if not unique_columns(rule)}
    for name, rule in list(tests.items()):
        try:
            flags |= _counted(name, rule, layout)
        except (NotPushedDown, ValueError):
            del tests[name]  # the whole run's counts have to do
    # Counted in two steps, because pandas sums up columns by group, but no expressions.
    flagged = keyed.select(DAY, **{name: flag.cast(nw.Int64) for name, flag in flags.items()})
    sums = [nw.len().alias(ROWS), *(nw.col(name).sum() for name in flags)]
    found = {row[DAY]: row for row in _rows(flagged.group_by(DAY).agg(*sums))}
    copies = {
        rule.name: _copies(keyed, unique_columns(rule), considered_rows(rule, layout))
        for rule in rules
        if unique_columns(rule)
    }
    return [
        _profile(table, day, found.get(day), tests, copies)
        for day in sorted({*found, *partitions} - {None})
    ]


def _is_asked(result: Result) -> bool:
    rule = result.rule
    partial = bool(rule.kwargs.get("row_condition"))
    several = "column" not in rule.kwargs and result.element_count is not None
    return bool(result.unexpected_count) or partial or several


def _counted(name: str, rule: Rule, layout: Layout) -> dict[str, nw.Expr]:
    """Return where a row counts for a row rule: as element, if not all do, missing, failing."""
    test = row_test(rule, layout)

    def inside(where: nw.Expr) -> nw.Expr:
        return where if test.inside is None else test.inside & where

    return {
        f"{name}__failed": inside(~test.ok),
        **({} if test.inside is None else {f"{name}__elements": test.inside}),
        **({} if test.ignored is None else {f"{name}__missing": inside(test.ignored)}),
    }


def _copies(keyed: nw.LazyFrame, columns: list[str], considered: nw.Expr | None) -> dict[str, int]:
    """Return by partition the rows that share their values with another row of the run."""
    rows = keyed if considered is None else keyed.filter(considered)
    groups = rows.group_by(*columns).agg(nw.len().alias(COPIES)).filter(nw.col(COPIES) > 1)
    repeated = rows.join(groups.select(*columns), on=columns, how="semi")
    return {
        row[DAY]: row[COPIES] for row in _rows(repeated.group_by(DAY).agg(nw.len().alias(COPIES)))
    }


def _profile(
    table: Table,
    day: str,
    row: Mapping[str, Any] | None,
    tests: Iterable[str],
    copies: Mapping[str, Mapping[str, int]],
) -> Profile:
    if row is None:
        return Profile(day, 0)
    missing = {column.name: int(row[MISSING + column.name] or 0) for column in table.columns}
    rows = int(row[ROWS])
    counts = {
        name: Counts(
            int(row.get(f"{name}__elements", rows) or 0),
            int(row.get(f"{name}__missing") or 0),
            int(row[f"{name}__failed"] or 0),
        )
        for name in tests
    }
    columns = {rule.name: unique_columns(rule) for rule in table.rules}
    for name, by_day in copies.items():
        empty = missing.get(columns[name][0], 0) if len(columns.get(name, ())) == 1 else 0
        counts[name] = Counts(rows, empty, by_day.get(day, 0))
    return Profile(day, rows, {name: n for name, n in missing.items() if n}, counts)


def _rows(frame: nw.LazyFrame) -> list[dict[str, Any]]:
    native: Any = frame.to_native()
    if frame.implementation.is_duckdb():
        return [dict(zip(native.columns, row, strict=True)) for row in native.fetchall()]
    if frame.implementation.is_spark_like():
        return [row.asDict() for row in native.collect()]
    return list(frame.collect().rows(named=True))
