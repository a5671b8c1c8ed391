"""Which job reads what has arrived: decided from the ledger, for the sensor and `make run`."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from hashlib import sha256
from typing import NamedTuple

from agm_platform.contracts import peak
from agm_platform.defs.automation.jobs import refresh_name
from agm_platform.landing.delivery import Delivery
from agm_platform.landing.plan import RunRequest, RunStatus, in_ranges, plan_runs
from agm_platform.quality.checks import PARTITION, RANGE_END, RANGE_START

# A new product map or another store can change what was accepted on any day.
REJUDGES_DAYS = {(peak.PRODUCT_MAPPING.source, peak.PRODUCT_MAPPING.name), ("agm", "stores")}


class JobRun(NamedTuple):
    """One run to launch: its job, its key, its deliveries, and its days from first to last."""

    job: str
    request: RunRequest | None
    days: tuple[date, date] | None

    @property
    def tags(self) -> dict[str, str]:
        """The tags that make one run of many partitions."""
        if self.days is None:
            return {}
        first, last = self.days
        if first == last:
            return {PARTITION: first.isoformat()}
        return {RANGE_START: first.isoformat(), RANGE_END: last.isoformat()}


def plan_jobs(
    pending: Iterable[Delivery],
    known_days: Sequence[date],
    runs: Mapping[str, RunStatus],
    ledger_id: str,
) -> list[JobRun]:
    """Return the runs that read what waits: first what is not kept by day, then the days.

    What came from one sender is read by that sender's job, what came from several at once by the
    one that reads all. `known_days` are the days in the order of their partitions, `runs` the
    status of earlier runs by key. A run takes days that are neighbours in that order.
    """
    waiting = list(pending)
    of_days = [delivery for delivery in waiting if _is_day(delivery)]
    others = [delivery for delivery in waiting if not _is_day(delivery)]
    jobs = []
    for request in _together(plan_runs(others, runs, ledger_id).requests):
        rejudge = known_days and any(
            (delivery.source, delivery.feed) in REJUDGES_DAYS for delivery in request.deliveries
        )
        if rejudge:
            jobs.append(JobRun("replay_days", request, (known_days[0], known_days[-1])))
        else:
            senders = {delivery.source for delivery in request.deliveries}
            job = refresh_name(senders.pop()) if len(senders) == 1 else "refresh_tables"
            jobs.append(JobRun(job, request, None))
    split = in_ranges(known_days)
    for request in plan_runs(of_days, runs, ledger_id, batches=split).requests:
        days = _in_partition_order(request.business_dates, known_days)
        jobs.append(JobRun("refresh_days", request, (days[0], days[-1])))
    return jobs


def _together(requests: list[RunRequest]) -> list[RunRequest]:
    """Make one run of those that were never asked for: their tables are computed together."""
    fresh = [request for request in requests if not request.deliveries[0].run_key]
    if len(fresh) < 2:
        return requests
    keys = "\n".join(request.run_key for request in fresh)
    deliveries = tuple(delivery for request in fresh for delivery in request.deliveries)
    run_key = f"tables:{len(deliveries)} files:{sha256(keys.encode()).hexdigest()[:12]}:a1"
    others = [request for request in requests if request.deliveries[0].run_key]
    return [RunRequest(run_key, 1, deliveries), *others]


def _is_day(delivery: Delivery) -> bool:
    return (delivery.source, delivery.feed) == (peak.DAILY_SALES.source, peak.DAILY_SALES.name)


def _in_partition_order(days: list[date], known_days: Sequence[date]) -> list[date]:
    place = {day: number for number, day in enumerate(known_days)}
    return sorted(days, key=lambda day: (place.get(day, len(place)), day))
