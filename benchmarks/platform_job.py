"""The platform's side of a benchmark: take in what waits in a landing folder by one job.

Every part is the one that `make run` uses; only the choice of the job is made here.
"""

from __future__ import annotations

import argparse
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from re import fullmatch
from typing import TYPE_CHECKING

from benchmarks.form import told

if TYPE_CHECKING:
    from dagster import EventLogEntry

REFERENCE = "peak.order_lines.product_id__in_products"
DAY_JOBS = ("days", "refresh_days")
INSIGHTS = "instacart_insights"
# What the platform does besides reading files and making tables, by the keys of its steps.
KINDS = {
    "checks": ".*__checks",
    "publish": "publish__.*",
    "read": ".*_raw_tables",
    "rules": ".*__(staged_.*|.*_set_aside|quarantine|quarantine_log|reconciliation)",
}
JOBS = (*DAY_JOBS, "refresh_tables", "refresh_instacart", INSIGHTS)


def run(landing: Path, data: Path, job_name: str) -> str:  # noqa: PLR0915  one run, told in order
    """Scan, add the days, run the job; return what to tell: rows are those of peak.orders.

    `days` is the part of `refresh_days` that is kept by day, with its checks. The part `job` is the
    run alone, `scan` the look into the landing folder; `checks`, `publish`, `read`, `rules` and
    `tables` (all else) are the steps of the run by what they are for. Raises RuntimeError if
    anything failed.
    """
    os.environ |= {"AGM_LANDING": str(landing), "AGM_DATA": str(data)}
    import dagster as dg
    from rich.console import Console

    from agm_platform.cli.execution import execute
    from agm_platform.contracts.registry import FEEDS
    from agm_platform.definitions import defs
    from agm_platform.defs.automation.jobs import DAYS
    from agm_platform.defs.automation.plan import plan_jobs
    from agm_platform.defs.sources.peak.partitions import PEAK_DAYS
    from agm_platform.defs.table import asset_key
    from agm_platform.instance import prepare_dagster_home
    from agm_platform.landing.ledger import Ledger
    from agm_platform.landing.scan import scan
    from agm_platform.landing.zone import LandingZone
    from agm_platform.quality.switched_off import CHECKS_OFF
    from agm_platform.settings import get_settings

    settings = get_settings()
    os.environ["DAGSTER_HOME"] = str(prepare_dagster_home(settings.dagster_home))
    definitions = defs()
    ledger = Ledger(settings.ledger_path)
    scanning = _Clock()
    for source in sorted({feed.source for feed in FEEDS}):
        feeds = [feed for feed in FEEDS if feed.source == source]
        now = datetime.now(UTC)
        scan(LandingZone(settings.landing), ledger, source, feeds, now=now, settle_seconds=0)
    scanned = scanning.read()
    tags: dict[str, str] = {}
    days: list[str] = []
    with dg.DagsterInstance.get() as instance:
        jobs = plan_jobs(ledger.pending(), [], {}, ledger.ledger_id)
        if job_name in DAY_JOBS:
            (planned,) = [job for job in jobs if job.job == "refresh_days" and job.request]
            assert planned.request is not None
            days = [day.isoformat() for day in planned.request.business_dates]
            instance.add_dynamic_partitions(str(PEAK_DAYS.name), days)
            tags = planned.tags
        whole = {"days": "refresh_days", INSIGHTS: "refresh_instacart"}.get(job_name, job_name)
        job = definitions.resolve_job_def(whole)
        if job_name == INSIGHTS:
            from agm_platform.contracts import instacart_insights

            made = {asset_key(table) for table in instacart_insights.TABLES}
            job = job.get_subset(asset_selection=made)
        if job_name == "days":
            # AGM's tables are not made in this job, so a reference to them has nothing to hold to.
            tags = {**tags, CHECKS_OFF: REFERENCE}
            chosen = DAYS.resolve(definitions.resolve_asset_graph())
            job = job.get_subset(asset_selection=chosen)
        running = _Clock()
        steps = _Steps()
        progress = execute(job, instance, Console(quiet=True), tags, steps)
        ran = running.read()
    if progress.failures:
        raise RuntimeError("; ".join(progress.failures))
    return told(
        _accepted(settings.warehouse_path, days), {"scan": scanned, "job": ran, **steps.found}
    )


def _accepted(warehouse: Path, days: list[str]) -> int:
    """Return the number of accepted sales of some days."""
    import duckdb

    if not days:
        return 0
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        query = "select count(*) from peak.orders where business_date between ? and ?"
        return int(connection.execute(query, [days[0], days[-1]]).fetchall()[0][0])


class _Steps:
    """Seconds and CPU seconds of the steps of a run, by what they are for."""

    def __init__(self) -> None:
        self.found: dict[str, tuple[float, float]] = {}
        self._clock = _Clock()

    def __call__(self, record: EventLogEntry) -> None:
        event = record.dagster_event
        if event is None or event.step_key is None:
            return
        if event.event_type_value == "STEP_START":
            self._clock = _Clock()
        elif event.event_type_value == "STEP_SUCCESS":
            kind = next((k for k, p in KINDS.items() if fullmatch(p, event.step_key)), "tables")
            before = self.found.get(kind, (0.0, 0.0))
            seconds, cpu = self._clock.read()
            self.found[kind] = before[0] + seconds, before[1] + cpu


class _Clock:
    """Seconds and CPU seconds of this process since it was made."""

    def __init__(self) -> None:
        self._started = time.perf_counter(), time.process_time()

    def read(self) -> tuple[float, float]:
        return time.perf_counter() - self._started[0], time.process_time() - self._started[1]


def main() -> None:
    """Run one job and tell what was measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.platform_job")
    parser.add_argument("job", choices=JOBS)
    parser.add_argument("--landing", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    options = parser.parse_args()
    print(run(options.landing, options.data, options.job))


if __name__ == "__main__":
    main()
