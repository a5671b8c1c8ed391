"""What readers get: answers and publishable tables, replaced in one step once they have passed."""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg
import duckdb
import narwhals as nw

from agm_platform.contracts import answers
from agm_platform.contracts.model import OnFailure, Owner, Rule, Table
from agm_platform.contracts.registry import TABLES, find_table
from agm_platform.contracts.rules import UNEXPECTED_ROWS
from agm_platform.defs.automation.when_to_publish import AFTER_REPAIR, PUBLISHED_DAILY
from agm_platform.defs.privacy import Privacy
from agm_platform.defs.publish.manifest import write_manifest
from agm_platform.defs.publish.safe import Safe
from agm_platform.defs.publish.shelf import Shelf
from agm_platform.defs.table import asset_key
from agm_platform.quality.checks import POOL
from agm_platform.quality.evaluate import evaluate_table
from agm_platform.quality.results import State
from agm_platform.quality.suites import with_suites
from agm_platform.quality.switched_off import is_off, patterns_of
from agm_platform.settings import get_settings
from agm_platform.warehouse.engine import Engine
from agm_platform.warehouse.publish_copy import copy_tables
from agm_platform.warehouse.rows import records
from agm_platform.warehouse.tables import is_stored, read_table

REVIEW = "../quality/review.html"
"""The review page as seen from the published folder."""
PUBLISHED = [table for table in TABLES if table.published_columns]
CHECKED = with_suites(TABLES, get_settings().expectations_path)


@dg.asset(
    key=["publish", "snapshot"],
    deps=[asset_key(table) for table in PUBLISHED],
    group_name="publish",
    owners=[Owner.ANALYTICS.value],
    kinds={"duckdb", "json"},
    tags={"published": "true"},
    pool=POOL,
    freshness_policy=PUBLISHED_DAILY,
    automation_condition=AFTER_REPAIR,
    description=(
        "insights.duckdb, Parquet files, answers.json and a manifest for readers. Replaced "
        "together in one step, and only when every blocking rule holds on every row that would be "
        "published. Numbers of customers and orders become pseudonyms, small groups and rare "
        "places are left empty."
    ),
)
def snapshot(
    context: dg.AssetExecutionContext, engine: Engine, shelf: Shelf, privacy: Privacy
) -> dg.MaterializeResult:
    """Audit what is about to be published, write it aside, then move the readers' link."""
    judged = _blocking_rules(patterns_of(context.run.tags))
    broken = _broken_rules(engine, judged)
    if broken:
        raise dg.Failure(
            description="Not published, the earlier snapshot stays: " + "; ".join(broken),
            metadata={"broken_rules": broken},
            allow_retries=False,
        )
    passed = {table.full_name: [rule.name for rule in rules] for table, rules in judged}
    told = publish(engine.connection, shelf, privacy, context.run.run_id, PUBLISHED, passed)
    published = dg.MetadataValue.path(shelf.published_path)
    return dg.MaterializeResult(metadata={"published": published, **told})


def publish(
    connection: duckdb.DuckDBPyConnection,
    shelf: Shelf,
    privacy: Privacy,
    run_id: str,
    tables: Sequence[Table],
    passed: Mapping[str, Sequence[str]],
) -> dict[str, int]:
    """Write what may be seen of `tables` aside and show it; return how much there is of what.

    `passed` are the blocking rules by which each table was judged. Killed at any moment, readers
    have the earlier snapshot or this one, whole.
    """
    aside = shelf.new(run_id)
    with Safe(connection, tables, privacy) as safe:
        counts = copy_tables(
            connection,
            aside / "insights.duckdb",
            tables,
            safe.rows_of,
            parquet=aside / "parquet",
        )
    rows = records(nw.from_native(read_table(connection, answers.ANSWERS)))
    (aside / "answers.json").write_text(as_json(rows), encoding="utf-8")
    dates = [str(row["as_of"]) for row in rows if row["as_of"] is not None]
    write_manifest(
        aside,
        run_id=run_id,
        as_of=max(dates, default=None),
        rows=counts,
        contracts={table.full_name: _digest(table) for table in tables},
        passed=passed,
    )
    shelf.put_up(aside, run_id)
    return {"answers": len(rows), "tables": len(counts), "rows": sum(counts.values())}


def as_json(rows: list[dict[str, Any]]) -> str:
    """Return the answers as a JSON list: details unpacked, dates in ISO form, NaN as null.

    `review` leads, from the folder `published`, to how the checks of the evidence table stand.
    """
    ready = []
    for row in rows:
        plain = {name: _plain(value) for name, value in row.items()}
        plain["details"] = json.loads(row["details"] or "[]")
        plain["review"] = f"{REVIEW}#{row['evidence']}" if row.get("evidence") else None
        ready.append(plain)
    return json.dumps(ready, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _blocking_rules(off: Sequence[str]) -> list[tuple[Table, list[Rule]]]:
    """Return the blocking rules of all that would be published, by table.

    Those whose checks this run switched off (patterns `off`) are among them, of any table and
    whoever wrote them: nothing is published that no one has judged.
    """
    judged = []
    for table in CHECKED:
        contract = find_table(table.source, table.name)
        is_published = bool(table.published_columns)
        names = {rule.name for rule in contract.rules} if contract and is_published else set()
        rules = [
            rule
            for rule in table.rules
            if rule.on_failure is OnFailure.BLOCK
            and (rule.name in names or is_off(table, rule.name, off))
        ]
        if rules or is_published:
            judged.append((table, rules))
    return judged


def _broken_rules(engine: Engine, judged: Sequence[tuple[Table, list[Rule]]]) -> list[str]:
    """Judge blocking rules on all the rows there are; return what does not hold.

    A table that no run has made yet has no rows to refer to others, which may be missing as well.
    """
    broken = []
    for table, blocking in judged:
        made = is_stored(engine.connection, table)
        rules = [rule for rule in blocking if made or rule.expectation != UNEXPECTED_ROWS]
        frame = nw.from_native(read_table(engine.connection, table))
        broken += [
            f"{table.full_name} {result.name}: {result.description}"
            for result in evaluate_table(table, frame, rules)
            if result.state is not State.PASSED
        ]
    return broken


def _digest(table: Table) -> str:
    """Return a hash that is another one when columns or rules of the contract are."""
    return hashlib.sha256(repr((table.columns, table.key, table.rules)).encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value.isoformat() if hasattr(value, "isoformat") else value
