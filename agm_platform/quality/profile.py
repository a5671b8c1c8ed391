"""What a table holds, to be remembered: rows and missing values of each column, by partition.

Measured by a query of its own: DuckDB counts the values of a column without reading them, which it
cannot do for conditions, so this is much cheaper than part of the select that judges the rules.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

import narwhals as nw

from agm_platform.contracts.model import Type
from agm_platform.quality.layout import Layout, NotPushedDown
from agm_platform.quality.measures import considered_rows, unique_columns
from agm_platform.quality.predicates import row_test

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from agm_platform.contracts.model import Rule, Table
    from agm_platform.quality.results import Result

WHOLE = ""
"""The partition of a table that is not kept by partition."""
ROWS, PRESENT = "__rows", "__present__"
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


def profile_of(table: Table, frame: nw.LazyFrame, partition: str = WHOLE) -> Profile:
    """Return the profile of `frame`, which holds one partition or the whole of `table`."""
    flagged, sums = _measured(table, frame, Layout.of(frame))
    (row,) = _rows(flagged.select(*sums))
    return _profile(table, partition, row, (), {})


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
    keyed = frame.with_columns(nw.col(table.partition_column).alias(DAY))
    rules = [result.rule for result in results if _is_asked(result)]
    tests = {rule.name: rule for rule in rules if not unique_columns(rule)}
    flags: dict[str, nw.Expr] = {}
    for name, rule in list(tests.items()):
        try:
            flags |= _counted(name, rule, layout)
        except (NotPushedDown, ValueError):
            del tests[name]  # the whole run's counts have to do
    flagged, sums = _measured(table, keyed, layout, flags)
    found = {_partition(row[DAY]): row for row in _rows(flagged.group_by(DAY).agg(*sums))}
    copies = {
        rule.name: _copies(keyed, unique_columns(rule), considered_rows(rule, layout))
        for rule in rules
        if unique_columns(rule)
    }
    return [
        _profile(table, day, found.get(day), tests, copies)
        for day in sorted({*found, *partitions} - {""})
    ]


def _measured(
    table: Table, frame: nw.LazyFrame, layout: Layout, flags: Mapping[str, nw.Expr] | None = None
) -> tuple[nw.LazyFrame, list[nw.Expr]]:
    """Return a frame and its aggregates: rows, values present by column, rows where a flag holds.

    In two steps, because pandas sums up columns by group, but no expressions.
    """
    numbers = [column.name for column in table.columns if layout.type(column.name) is Type.NUMBER]
    extra = {PRESENT + name: ~layout.missing(name) for name in numbers} | dict(flags or {})
    flagged = frame
    if extra:
        flagged = frame.with_columns(**{name: flag.cast(nw.Int64) for name, flag in extra.items()})
    counted = [
        nw.col(column.name).count().alias(PRESENT + column.name)
        for column in table.columns
        if column.name not in numbers
    ]
    return flagged, [nw.len().alias(ROWS), *counted, *(nw.col(name).sum() for name in extra)]


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
        _partition(row[DAY]): row[COPIES]
        for row in _rows(repeated.group_by(DAY).agg(nw.len().alias(COPIES)))
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
    rows = int(row[ROWS])
    missing = {column.name: rows - int(row[PRESENT + column.name] or 0) for column in table.columns}
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


def _partition(value: Any) -> str:
    """Return the name of a partition; text only now, because engines group dates much faster."""
    if isinstance(value, date):  # a datetime is a date too; pandas has no other
        return value.isoformat()[:10]
    return "" if value is None else str(value)


def _rows(frame: nw.LazyFrame) -> list[dict[str, Any]]:
    native: Any = frame.to_native()
    if frame.implementation.is_duckdb():
        return [dict(zip(native.columns, row, strict=True)) for row in native.fetchall()]
    if frame.implementation.is_spark_like():
        return [row.asDict() for row in native.collect()]
    return list(frame.collect().rows(named=True))
