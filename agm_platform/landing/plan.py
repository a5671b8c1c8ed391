"""Which runs to ask for, given what waits in the ledger and how earlier runs ended. No I/O."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date

    from agm_platform.landing.delivery import Delivery

MAX_ATTEMPTS = 3


class RunStatus(StrEnum):
    """How a run that was asked for stands."""

    IN_FLIGHT = "in_flight"  # queued, starting, started, being cancelled
    SUCCEEDED = "succeeded"
    FAILED = "failed"  # failed or cancelled


class RunRequest(NamedTuple):
    """One run to ask for. The key is the same whenever the same state is looked at again."""

    run_key: str
    attempt: int
    deliveries: tuple[Delivery, ...]

    @property
    def business_dates(self) -> list[date]:
        """The dates of its deliveries, in order."""
        return sorted(d.business_date for d in self.deliveries if d.business_date)


class RunPlan(NamedTuple):
    """The runs to ask for; what waits (for a run in flight, or for an earlier delivery of the same
    day); what has failed too often and waits for a person, see `Ledger.reopen`.
    """

    requests: list[RunRequest]
    waiting: list[Delivery]
    given_up: list[Delivery]


def plan_runs(
    pending: Iterable[Delivery],
    runs: Mapping[str, RunStatus],
    ledger_id: str,
    *,
    batches: Callable[[list[Delivery]], Iterable[Sequence[Delivery]]] | None = None,
    max_attempts: int = MAX_ATTEMPTS,
) -> RunPlan:
    """Ask for one run for all that waits of a feed, and again for what failed.

    `runs` has the status of every known run by its key. `batches` may split the deliveries of one
    feed into several runs. Claim each request in the ledger before launching it: a claimed key
    without a run was never launched and is asked for again as it was. A run that ended although its
    deliveries still wait is repeated under a new key, at most `max_attempts` times in all.
    Deliveries of one feed and date go one after the other, so that each correction is compared with
    what it corrects.
    """
    plan = RunPlan([], [], [])
    by_key: dict[str, list[Delivery]] = defaultdict(list)
    by_feed: dict[tuple[str, str], list[Delivery]] = defaultdict(list)
    subjects = set()
    for delivery in sorted(pending, key=_order):
        status = runs.get(delivery.run_key) if delivery.run_key else None
        if status in (RunStatus.FAILED, RunStatus.SUCCEEDED) and delivery.attempts >= max_attempts:
            plan.given_up.append(delivery)
        elif delivery.subject in subjects or status is RunStatus.IN_FLIGHT:
            subjects.add(delivery.subject)
            plan.waiting.append(delivery)
        else:
            subjects.add(delivery.subject)
            if delivery.run_key:
                by_key[delivery.run_key].append(delivery)
            else:
                by_feed[delivery.source, delivery.feed].append(delivery)
    for run_key, deliveries in by_key.items():
        attempt = deliveries[0].attempts
        if run_key in runs:
            plan.requests.append(_request(deliveries, ledger_id, attempt + 1))
        else:
            plan.requests.append(RunRequest(run_key, attempt, tuple(deliveries)))
    for deliveries in by_feed.values():
        for batch in batches(deliveries) if batches else [deliveries]:
            plan.requests.append(_request(batch, ledger_id, 1))
    return plan


def in_ranges(known: Sequence[date]) -> Callable[[list[Delivery]], list[list[Delivery]]]:
    """Split deliveries so that the dates of each run are neighbours in `known`.

    For partition ranges: `known` are the dates in the order of the partition keys; new dates will
    be appended in order of the calendar. Deliveries without a date stay together.
    """

    def split(deliveries: list[Delivery]) -> list[list[Delivery]]:
        place = {day: number for number, day in enumerate(known)}
        for day in sorted({d.business_date for d in deliveries if d.business_date} - set(place)):
            place[day] = len(place)
        placed = [(place[d.business_date] if d.business_date else -1, d) for d in deliveries]
        runs: dict[int, list[Delivery]] = defaultdict(list)
        for rank, (position, delivery) in enumerate(sorted(placed, key=lambda pair: pair[0])):
            # Among neighbours, position and rank grow together.
            runs[position - rank if position >= 0 else -1].append(delivery)
        return list(runs.values())

    return split


def _request(deliveries: Sequence[Delivery], ledger_id: str, attempt: int) -> RunRequest:
    """Name a run so that a person recognises it and no other run has its name."""
    first, last = deliveries[0], deliveries[-1]
    identity = [ledger_id, *(f"{d.delivery_id}:{d.generation}:{d.sha256}" for d in deliveries)]
    digest = hashlib.sha256("\n".join(identity).encode()).hexdigest()[:12]
    days = dict.fromkeys(str(d.business_date or "all") for d in (first, last))
    generation = max(d.generation for d in deliveries)
    key = f"{first.source}/{first.feed}:{'..'.join(days)}:g{generation}:{digest}:a{attempt}"
    return RunRequest(key, attempt, tuple(deliveries))


def _order(delivery: Delivery) -> tuple[str, str, str, int]:
    day = delivery.business_date.isoformat() if delivery.business_date else ""
    return delivery.source, delivery.feed, day, delivery.generation
