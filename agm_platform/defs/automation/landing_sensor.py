"""The sensor that finds files in the landing zone and asks for the runs that read them."""

from datetime import UTC, date, datetime
from pathlib import Path

import dagster as dg
from dagster import DagsterRunStatus as Status

from agm_platform.contracts.registry import FEEDS, SENDERS
from agm_platform.defs.automation.jobs import (
    REFRESH_SENDERS,
    refresh_days,
    refresh_tables,
    replay_days,
)
from agm_platform.defs.automation.plan import plan_jobs
from agm_platform.defs.landing_resource import Landing
from agm_platform.defs.sources.peak.partitions import PEAK_DAYS
from agm_platform.landing.belonging import claim_for
from agm_platform.landing.plan import RunStatus
from agm_platform.landing.scan import ScanReport, scan
from agm_platform.landing.zone import LandingZone
from agm_platform.settings import get_settings

RUN_KEY = "dagster/run_key"
SECONDS_BETWEEN_TICKS = 15
ENDED_BADLY = (Status.FAILURE, Status.CANCELED)


@dg.sensor(
    name="landing_files",
    jobs=[refresh_days, refresh_tables, replay_days, *REFRESH_SENDERS],
    minimum_interval_seconds=SECONDS_BETWEEN_TICKS,
    default_status=(
        dg.DefaultSensorStatus.RUNNING
        if get_settings().sensors_default_running
        else dg.DefaultSensorStatus.STOPPED
    ),
    description=(
        "Finds new and corrected files in the landing zone, enters them in the ledger and asks for "
        "one run for all days that have come; asks again, up to three times, when a run failed."
    ),
)
def landing_files(context: dg.SensorEvaluationContext, landing: Landing) -> dg.SensorResult:
    """Look once; everything that must survive until the next tick is in the ledger."""
    settings = get_settings()
    claim_for(Path(landing.ledger_path), landing.zone_url)
    ledger = landing.ledger()
    zone = LandingZone(landing.zone_url)
    reports = [
        scan(
            zone,
            ledger,
            source,
            [feed for feed in FEEDS if feed.source == source],
            now=datetime.now(UTC),
            settle_seconds=settings.settle_seconds,
            max_new=settings.max_new_files_per_tick,
        )
        for source in SENDERS
    ]
    _log(context, reports)
    known = [
        date.fromisoformat(key)
        for key in context.instance.get_dynamic_partitions(str(PEAK_DAYS.name))
    ]
    pending = ledger.pending()
    keys = {delivery.run_key for delivery in pending if delivery.run_key}
    jobs = plan_jobs(pending, known, _statuses(context.instance, keys), ledger.ledger_id)
    for job in jobs:
        if job.request:
            ledger.claim(job.request.deliveries, job.request.run_key, job.request.attempt)
    new_days = sorted(
        {day for job in jobs if job.request for day in job.request.business_dates} - set(known)
    )
    return dg.SensorResult(
        run_requests=[
            dg.RunRequest(run_key=job.request.run_key, job_name=job.job, tags=job.tags)
            for job in jobs
            if job.request
        ],
        skip_reason=None if jobs else "; ".join(report.summary() for report in reports),
        dynamic_partitions_requests=(
            [PEAK_DAYS.build_add_request([day.isoformat() for day in new_days])] if new_days else []
        ),
    )


def _statuses(instance: dg.DagsterInstance, keys: set[str]) -> dict[str, RunStatus]:
    """Return how the newest run of each key stands; a key without a run is absent."""
    found: dict[str, RunStatus] = {}
    for key in keys:
        for run in instance.get_runs(dg.RunsFilter(tags={RUN_KEY: key}), limit=1):
            if run.status is Status.SUCCESS:
                found[key] = RunStatus.SUCCEEDED
            else:
                ended = run.status in ENDED_BADLY
                found[key] = RunStatus.FAILED if ended else RunStatus.IN_FLIGHT
    return found


def _log(context: dg.SensorEvaluationContext, reports: list[ScanReport]) -> None:
    """Say what was found, and what was passed over and why."""
    for report in reports:
        context.log.info(report.summary())
        for name, reason in (*report.ignored, *report.waiting):
            context.log.info("%s/%s: %s", report.source, name, reason)
