"""The asset checks of a table: one load, one evaluation, one named check for each rule.

Every selected check reports on every run, with what it counted and how to see the rows, and never
with a value of the data but of columns that are harmless. A check that could not be judged is not
passed: it crashed, in words.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Protocol

import dagster as dg
import narwhals as nw

from agm_platform.contracts.model import OnFailure, Rule, Table
from agm_platform.quality.evaluate import evaluate_table
from agm_platform.quality.examples import failing_values
from agm_platform.quality.history import History
from agm_platform.quality.journal import Journal, Step
from agm_platform.quality.profile import Profile
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
from agm_platform.quality.usual import usual_rule

POOL = "duckdb"
"""One writer at a time: every asset and check that touches the warehouse runs in this pool."""
SHAPE = "table_shape"
MOST_LISTED_PARTITIONS = 20
PARTITION = "dagster/partition"
RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"

Metadata = dict[str, Any]


class CheckHistory(Protocol):
    """The Dagster resource that knows the journal and what file a table was read from."""

    review_url: str

    def journal(self) -> Journal:
        """Return the journal of check results."""

    def delivery(self, table: Table) -> str | None:
        """Return what tells the file behind a whole table from others; None if none is."""


def checks_for(
    table: Table,
    partitions_def: dg.PartitionsDefinition[str] | None = None,
    *,
    history: str | None = None,
    watched: bool = False,
) -> dg.AssetChecksDefinition:
    """Return the checks of `table`: its shape, which always blocks, and each of its rules.

    `history` names the resource (a `CheckHistory`) by which results are kept; with `watched` one
    more check tells whether the table is as full as usual.

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
        for rule in (shape_rule(table), *table.rules, *([usual_rule(table)] if watched else ()))
    ]

    @dg.multi_asset_check(
        name=f"{table.source}__{table.name}__checks",
        specs=specs,
        can_subset=True,
        ins={"frame": dg.AssetIn(asset)},
        pool=POOL,
        required_resource_keys={history} if history else None,
    )
    def check(
        context: dg.AssetCheckExecutionContext, frame: nw.LazyFrame
    ) -> Iterator[dg.AssetCheckResult]:
        selected = {key.name for key in context.selected_asset_check_keys}
        kept = None
        try:
            run, instance = context.run, context.instance
            partitions = partitions_of(run, instance, partitions_def) if partitions_def else []
            of_run = in_partitions(table, partitions)
            rows = frame if of_run is None else frame.filter(of_run)
            off = patterns_of(run.tags)
            kept = _history(context, history, table, partitions) if history else None
            found = check_results(table, rows, selected, partitions, off, kept)
        except Exception as error:  # noqa: BLE001  without a result a check would let pass
            found = _all_crashed(table, selected, type(error).__name__)
        yield from found
        if kept and kept.trouble:
            context.log.warning("%s: %s", table.full_name, kept.trouble)

    return check


def check_results(
    table: Table,
    frame: nw.LazyFrame,
    selected: set[str],
    partitions: Sequence[str] = (),
    off: Sequence[str] = (),
    history: History | None = None,
) -> list[dg.AssetCheckResult]:
    """Return one check result for each selected name, in the order of the contract.

    A table of the wrong shape is not judged any further: its rules are reported as crashed. What
    the patterns `off` name is not judged at all; if that is everything, the table is not looked at.
    With `history` the results are in the journal before they are returned.
    """
    asked = [rule for rule in _all_rules(table) if rule.name in selected]
    judged_now = [rule for rule in asked if not is_off(table, rule.name, off)]
    found, profiles = _judged(table, frame, judged_now, history)
    by_name = {result.name: result for result in found}
    reason = f"switched off by the run's tag {CHECKS_OFF}"
    results = [by_name.get(rule.name) or not_judged(rule, reason) for rule in asked]
    queries = _queries(table, results, partitions)
    examples = _examples(table, frame, results)
    if history:
        history.record(results, profiles, queries)
    return [_reported(table, result, queries, partitions, examples, history) for result in results]


def _judged(
    table: Table, frame: nw.LazyFrame, rules: Sequence[Rule], history: History | None
) -> tuple[list[Result], list[Profile]]:
    """Return the results of the rules; of all others than the shape only if the shape is right."""
    if not rules:
        return [], []
    shape, usual = _shape(table, frame), usual_rule(table).name
    results = [shape for rule in rules if rule.name == shape.name]
    others = [rule for rule in rules if rule.name != shape.name]
    if shape.state is not State.PASSED:
        return [
            *results,
            *(crashed(rule, "the shape of the table is wrong") for rule in others),
        ], []
    results += _evaluated(table, frame, [rule for rule in others if rule.name != usual])
    if history is None:
        return results, []
    profiles = history.profiles(frame, results)
    return [*results, *(history.usual(profiles) for rule in others if rule.name == usual)], profiles


def _all_rules(table: Table) -> tuple[Rule, ...]:
    """Return what a check can stand for: the shape, the contract's rules, and what is usual."""
    return (shape_rule(table), *table.rules, usual_rule(table))


def _all_crashed(table: Table, selected: set[str], reason: str) -> list[dg.AssetCheckResult]:
    rules = [rule for rule in _all_rules(table) if rule.name in selected]
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
    history: History | None = None,
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
        "review": dg.MetadataValue.url(history.address(result.name)) if history else None,
        "journal": history.trouble if history else None,
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


def _history(
    context: dg.AssetCheckExecutionContext, resource: str, table: Table, partitions: Sequence[str]
) -> History:
    """Return the journal as this step uses it; what is not known of the file is left open."""
    known: CheckHistory = getattr(context.resources, resource)
    trouble = None
    try:
        delivery = known.delivery(table)
    except Exception as error:  # noqa: BLE001  the verdicts matter more than their history
        delivery, trouble = None, f"the file behind the table is not known: {type(error).__name__}"
    step = Step(context.run.run_id, datetime.now(UTC), table, tuple(partitions), delivery)
    return History(known.journal(), step, known.review_url, trouble)


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
