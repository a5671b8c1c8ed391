"""What readers get: answers and publishable tables, replaced in one step once they have passed."""

import json
import math
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import narwhals as nw
from pydantic import Field

from agm_platform.contracts import answers
from agm_platform.contracts.model import OnFailure, Owner
from agm_platform.contracts.registry import TABLES, find_table
from agm_platform.defs.privacy import Privacy
from agm_platform.defs.publish.safe import Safe
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
from agm_platform.warehouse.tables import read_table

REVIEW = "../quality/review.html"
"""The review page as seen from the published folder."""
PUBLISHED = [table for table in TABLES if table.published_columns]
CHECKED = with_suites(TABLES, get_settings().expectations_path)


class Shelf(dg.ConfigurableResource):
    """Where snapshots are kept and which one readers see."""

    published_path: str = Field(description="The link that readers open.")
    snapshots_path: str = Field(description="Folder with one folder a snapshot.")


@dg.asset(
    key=["publish", "snapshot"],
    deps=[asset_key(table) for table in PUBLISHED],
    group_name="publish",
    owners=[Owner.ANALYTICS.value],
    kinds={"duckdb", "json"},
    pool=POOL,
    description=(
        "insights.duckdb and answers.json for readers. Replaced together in one step, and only "
        "when every blocking rule holds on every row that would be published. Numbers of customers "
        "and orders become pseudonyms, small groups and rare places are left empty."
    ),
)
def snapshot(
    context: dg.AssetExecutionContext, engine: Engine, shelf: Shelf, privacy: Privacy
) -> dg.MaterializeResult:
    """Audit what is about to be published, write it aside, then move the readers' link."""
    broken = _broken_rules(engine, patterns_of(context.run.tags))
    if broken:
        raise dg.Failure(
            description="Not published, the earlier snapshot stays: " + "; ".join(broken),
            metadata={"broken_rules": broken},
            allow_retries=False,
        )
    target = Path(shelf.snapshots_path) / context.run.run_id
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    with Safe(engine.connection, PUBLISHED, privacy) as safe:
        counts = copy_tables(engine.connection, target / "insights.duckdb", PUBLISHED, safe.rows_of)
    rows = records(nw.from_native(read_table(engine.connection, answers.ANSWERS)))
    (target / "answers.json").write_text(as_json(rows), encoding="utf-8")
    point_to(Path(shelf.published_path), target)
    _forget_others(target)
    return dg.MaterializeResult(
        metadata={
            "published": dg.MetadataValue.path(shelf.published_path),
            "answers": len(rows),
            "tables": len(counts),
            "rows": sum(counts.values()),
        }
    )


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


def point_to(link: Path, target: Path) -> None:
    """Make `link` lead to `target` in one step: a reader sees the old folder or the new one."""
    link.parent.mkdir(parents=True, exist_ok=True)
    aside = link.with_name(f".{link.name}.new")
    aside.unlink(missing_ok=True)
    aside.symlink_to(os.path.relpath(target, link.parent), target_is_directory=True)
    aside.replace(link)


def _broken_rules(engine: Engine, off: Sequence[str]) -> list[str]:
    """Judge every blocking rule on all that would be published; return what does not hold.

    Those whose checks this run switched off (patterns `off`) are judged too, of any table and
    whoever wrote them: nothing is published that no one has judged.
    """
    broken = []
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
        if not rules and not is_published:
            continue
        frame = nw.from_native(read_table(engine.connection, table))
        broken += [
            f"{table.full_name} {result.name}: {result.description}"
            for result in evaluate_table(table, frame, rules)
            if result.state is not State.PASSED
        ]
    return broken


def _forget_others(current: Path) -> None:
    """Delete earlier snapshots but the newest one, which a reader may still have open."""
    others = [path for path in current.parent.iterdir() if path != current and path.is_dir()]
    others.sort(key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for old in others[1:]:
        shutil.rmtree(old, ignore_errors=True)


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value.isoformat() if hasattr(value, "isoformat") else value
