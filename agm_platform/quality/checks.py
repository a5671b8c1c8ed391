"""The asset checks of a table: one load, one evaluation, one named check for each rule.

Every selected check reports on every run, with what it counted and how to see the rows, and never
with a value of the data but of columns that are harmless. A check that could not be judged is not
passed: it crashed, in words.
"""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import dagster as dg
import narwhals as nw

from agm_platform.contracts.model import OnFailure, Rule, Table
from agm_platform.quality.evaluate import evaluate_table
from agm_platform.quality.examples import failing_values
from agm_platform.quality.results import (
    Judgement,
    Result,
    State,
    crashed,
    expected,
    judged,
    not_judged,
    shown,
    words,
)
from agm_platform.quality.rows_sql import in_partitions, rows_sql
from agm_platform.quality.shape import shape_differences, shape_name
from agm_platform.quality.switched_off import CHECKS_OFF, is_off, patterns_of

POOL = "duckdb"
"""One writer at a time: every asset and check that touches the warehouse runs in this pool."""
SHAPE = "table_shape"
MOST_LISTED_PARTITIONS = 20
PARTITION = "dagster/partition"
RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"

Metadata = dict[str, Any]


def checks_for(
    table: Table, partitions_def: dg.PartitionsDefinition[str] | None = None
) -> dg.AssetChecksDefinition:
    """Return the checks of `table`: its shape, which always blocks, and each of its rules.

    With `partitions_def` (the asset's own) a check looks at the partitions of its run only; of a
    range, at all from its first to its last. The checks themselves are not partitioned: Dagster
    records one result a run, and a partitioned check would show none for a run of many partitions.
    The table comes through the I/O manager as a lazy frame.
    """
    asset = dg.AssetKey([table.source, table.name])
    specs = [
        dg.AssetCheckSpec(
            rule.name,
            asset=asset,
            description=_described(rule),
            blocking=rule.on_failure is OnFailure.BLOCK,
            additional_deps=[dg.AssetKey(name.split(".")) for name in _others(table, rule)],
        )
        for rule in (shape_rule(table), *table.rules)
    ]

    @dg.multi_asset_check(
        name=f"{table.source}__{table.name}__checks",
        specs=specs,
        can_subset=True,
        ins={"frame": dg.AssetIn(asset)},
        pool=POOL,
    )
    def check(
        context: dg.AssetCheckExecutionContext, frame: nw.LazyFrame
    ) -> Iterator[dg.AssetCheckResult]:
        selected = {key.name for key in context.selected_asset_check_keys}
        try:
            run, instance = context.run, context.instance
            partitions = partitions_of(run, instance, partitions_def) if partitions_def else []
            of_run = in_partitions(table, partitions)
            rows = frame if of_run is None else frame.filter(of_run)
            off = patterns_of(run.tags)
            found = check_results(table, rows, selected, partitions, off)
        except Exception as error:  # noqa: BLE001  without a result a check would let pass
            found = _all_crashed(table, selected, type(error).__name__)
        yield from found

    return check


def check_results(
    table: Table,
    frame: nw.LazyFrame,
    selected: set[str],
    partitions: Sequence[str] = (),
    off: Sequence[str] = (),
) -> list[dg.AssetCheckResult]:
    """Return one check result for each selected name, in the order of the contract.

    A table of the wrong shape is not judged any further: its rules are reported as crashed. What
    the patterns `off` name is not judged at all; if that is everything, the table is not looked at.
    """
    asked = [rule for rule in (shape_rule(table), *table.rules) if rule.name in selected]
    judged_now = [rule for rule in asked if not is_off(table, rule.name, off)]
    found = {result.name: result for result in _judged(table, frame, judged_now)}
    told = list(found.values())
    queries = _queries(table, told, partitions)
    examples = _examples(table, frame, told)
    reason = f"switched off by the run's tag {CHECKS_OFF}"
    return [
        _reported(
            table, found.get(rule.name) or not_judged(rule, reason), queries, partitions, examples
        )
        for rule in asked
    ]


def _judged(table: Table, frame: nw.LazyFrame, rules: Sequence[Rule]) -> list[Result]:
    """Return the results of the rules; of all others than the shape only if the shape is right."""
    if not rules:
        return []
    shape = _shape(table, frame)
    others = [rule for rule in rules if rule.name != shape.name]
    if shape.state is State.PASSED:
        results = _evaluated(table, frame, others)
    else:
        results = [crashed(rule, "the shape of the table is wrong") for rule in others]
    return results if len(others) == len(rules) else [shape, *results]


def _all_crashed(table: Table, selected: set[str], reason: str) -> list[dg.AssetCheckResult]:
    rules = [rule for rule in (shape_rule(table), *table.rules) if rule.name in selected]
    return [_reported(table, crashed(rule, reason), {}, ()) for rule in rules]


def shape_rule(table: Table) -> Rule:
    """Return the rule that stands for the shape of `table`; no suite holds it."""
    types = {column.name: column.type.name.lower() for column in table.columns}
    sentence = f"columns and types are the {len(types)} of the contract"
    return Rule(shape_name(table), SHAPE, {"columns": types}, sentence)


def _shape(table: Table, frame: nw.LazyFrame) -> Result:
    rule = shape_rule(table)
    try:
        differences = shape_differences(table, frame.collect_schema())
    except Exception as error:  # noqa: BLE001  a table that cannot be seen must not pass
        return crashed(rule, type(error).__name__)
    return judged(rule, Judgement(not differences, observed=differences or None))


def _evaluated(table: Table, frame: nw.LazyFrame, rules: Sequence[Rule]) -> list[Result]:
    try:
        return evaluate_table(table, frame, rules)
    except Exception as error:  # noqa: BLE001  without a result a blocking check would let pass
        return [crashed(rule, type(error).__name__) for rule in rules]


def _queries(
    table: Table, results: Sequence[Result], partitions: Sequence[str]
) -> Mapping[str, str]:
    failing = [
        result.rule for result in results if result.unexpected_count or result.state is State.FAILED
    ]
    try:
        return rows_sql(table, failing, partitions) if failing else {}
    except Exception as error:  # noqa: BLE001  the verdict matters more than the query
        return {rule.name: f"no query: {type(error).__name__}" for rule in failing}


def _examples(
    table: Table, frame: nw.LazyFrame, results: Sequence[Result]
) -> Mapping[str, list[Any]]:
    try:
        return failing_values(table, frame, results)
    except Exception:  # noqa: BLE001  the verdict matters more than its examples
        return {}


def _reported(
    table: Table,
    result: Result,
    queries: Mapping[str, str],
    partitions: Sequence[str],
    examples: Mapping[str, list[Any]] = MappingProxyType({}),
) -> dg.AssetCheckResult:
    share = result.unexpected_percent
    blocks = result.rule.on_failure is OnFailure.BLOCK and result.state is not State.OFF
    stops = blocks or result.state is State.CRASHED
    told: Metadata = {
        "state": result.state.value,
        "rows_checked": result.element_count,
        "rows_failed": result.unexpected_count,
        "percent_failed": None if share is None else round(share, 4),
        "observed": None if result.observed is None else shown(result.observed),
        "expected": expected(result.rule),
        "query": queries.get(result.name),
        "failing_values": examples.get(result.name) or None,
        "suite": table.full_name,
        "partitions": _listed(partitions),
        "duration_ms": result.duration_ms,
    }
    return dg.AssetCheckResult(
        asset_key=dg.AssetKey([table.source, table.name]),
        check_name=result.name,
        passed=result.state is State.PASSED,
        severity=dg.AssetCheckSeverity.ERROR if stops else dg.AssetCheckSeverity.WARN,
        description=result.description,
        metadata={name: value for name, value in told.items() if value is not None},
    )


def _others(table: Table, rule: Rule) -> list[str]:
    return [name for name in rule.reads if name != table.full_name]


def _described(rule: Rule) -> str:
    consequence = {
        OnFailure.BLOCK: "what is downstream stops",
        OnFailure.WARN: "a warning",
        OnFailure.QUARANTINE: "the row is set aside",
    }[rule.on_failure]
    source = f" Source: {rule.source}." if rule.source else ""
    return f"{words(rule)}; otherwise {consequence}.{source}"


def partitions_of(
    run: dg.DagsterRun, instance: dg.DagsterInstance, partitions_def: dg.PartitionsDefinition[str]
) -> list[str]:
    """Return the partitions of a run; none for a run of the check alone, which looks at all."""
    tags = run.tags
    if PARTITION in tags:
        return [tags[PARTITION]]
    if RANGE_START not in tags:
        return []
    keys = list(partitions_def.get_partition_keys(dynamic_partitions_store=instance))
    return keys[keys.index(tags[RANGE_START]) : keys.index(tags[RANGE_END]) + 1]


def _listed(partitions: Sequence[str]) -> str | None:
    if len(partitions) > MOST_LISTED_PARTITIONS:
        return f"{len(partitions)} partitions, {min(partitions)} to {max(partitions)}"
    return ", ".join(partitions) or None
