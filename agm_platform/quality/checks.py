"""The asset checks of a table: one load, one evaluation, one named check for each rule.

Every selected check reports on every run, with what it counted and how to see the rows, and never
with a value of the data. A check that could not be judged is not passed: it crashed, in words.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

import dagster as dg
import narwhals as nw

from agm_platform.contracts.model import OnFailure, Rule, Table
from agm_platform.quality.evaluate import evaluate
from agm_platform.quality.history import History
from agm_platform.quality.journal import Journal, Step
from agm_platform.quality.results import (
    Judgement,
    Result,
    State,
    crashed,
    expected,
    judged,
    shown,
    words,
)
from agm_platform.quality.rows_sql import in_partitions, rows_sql
from agm_platform.quality.shape import shape_differences, shape_name
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
        partitions = _partitions(context, partitions_def) if partitions_def else []
        of_run = in_partitions(table, partitions)
        rows = frame if of_run is None else frame.filter(of_run)
        kept = _history(context, history, table, partitions) if history else None
        yield from check_results(table, rows, selected, partitions, kept)
        if kept and kept.trouble:
            context.log.warning("%s: %s", table.full_name, kept.trouble)

    return check


def check_results(
    table: Table,
    frame: nw.LazyFrame,
    selected: set[str],
    partitions: Sequence[str] = (),
    history: History | None = None,
) -> list[dg.AssetCheckResult]:
    """Return one check result for each selected name, in the order of the contract.

    A table of the wrong shape is not judged any further: its rules are reported as crashed. With
    `history` the results are in the journal before they are returned.
    """
    shape = _shape(table, frame)
    rules = [rule for rule in table.rules if rule.name in selected]
    by_history = [usual_rule(table)] if usual_rule(table).name in selected else []
    profiles = []
    if shape.state is State.PASSED:
        results = _evaluated(table, frame, rules)
        if history:
            profiles = history.profiles(frame, results)
            results += [history.usual(profiles) for _ in by_history]
    else:
        reason = "the shape of the table is wrong"
        results = [crashed(rule, reason) for rule in (*rules, *by_history)]
    queries = _queries(table, results, partitions)
    if shape.name in selected:
        results.insert(0, shape)
    if history:
        history.record(results, profiles, queries)
    return [_reported(table, result, queries, partitions, history) for result in results]


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
    personal = {column.name for column in table.columns if column.personal}
    try:
        return evaluate(frame, rules, personal)
    except Exception as error:  # noqa: BLE001  without a result a blocking check would let pass
        return [crashed(rule, type(error).__name__) for rule in rules]


def _queries(
    table: Table, results: Sequence[Result], partitions: Sequence[str]
) -> Mapping[str, str]:
    failing = [result.rule for result in results if result.unexpected_count]
    try:
        return rows_sql(table, failing, partitions) if failing else {}
    except Exception as error:  # noqa: BLE001  the verdict matters more than the query
        return {rule.name: f"no query: {type(error).__name__}" for rule in failing}


def _reported(
    table: Table,
    result: Result,
    queries: Mapping[str, str],
    partitions: Sequence[str],
    history: History | None,
) -> dg.AssetCheckResult:
    share = result.unexpected_percent
    stops = result.rule.on_failure is OnFailure.BLOCK or result.state is State.CRASHED
    told: Metadata = {
        "state": result.state.value,
        "rows_checked": result.element_count,
        "rows_failed": result.unexpected_count,
        "percent_failed": None if share is None else round(share, 4),
        "observed": None if result.observed is None else shown(result.observed),
        "expected": expected(result.rule),
        "query": queries.get(result.name),
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


def _partitions(
    context: dg.AssetCheckExecutionContext, partitions_def: dg.PartitionsDefinition[str]
) -> list[str]:
    """Return the partitions of the run; none for a run of the check alone, which looks at all."""
    tags = context.run.tags
    if PARTITION in tags:
        return [tags[PARTITION]]
    if RANGE_START not in tags:
        return []
    keys = list(partitions_def.get_partition_keys(dynamic_partitions_store=context.instance))
    return keys[keys.index(tags[RANGE_START]) : keys.index(tags[RANGE_END]) + 1]


def _listed(partitions: Sequence[str]) -> str | None:
    if len(partitions) > MOST_LISTED_PARTITIONS:
        return f"{len(partitions)} partitions, {min(partitions)} to {max(partitions)}"
    return ", ".join(partitions) or None
