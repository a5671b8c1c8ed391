"""`make run` and `make replay`: everything that waits is read, and the answers are printed."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections import Counter
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import dagster as dg
from rich.console import Console

from agm_platform.cli.execution import Progress, execute
from agm_platform.cli.idle import idle_senders, without
from agm_platform.cli.places import settle_in
from agm_platform.cli.released import tell_released
from agm_platform.contracts import peak
from agm_platform.contracts.registry import FEEDS, SENDERS, TABLES
from agm_platform.definitions import defs
from agm_platform.defs.automation.plan import JobRun, plan_jobs
from agm_platform.defs.publish.reports import SITE, WORKBOOK
from agm_platform.defs.sources.peak.partitions import PEAK_DAYS
from agm_platform.instance import prepare_dagster_home
from agm_platform.landing.delivery import State
from agm_platform.landing.ledger import Ledger
from agm_platform.landing.scan import scan
from agm_platform.landing.zone import LandingZone
from agm_platform.quality.journal import JournalError
from agm_platform.quality.review import write_review
from agm_platform.quality.shape import shape_name
from agm_platform.quality.suites import with_suites
from agm_platform.quality.switched_off import CHECKS_OFF, patterns_of, without_a_check
from agm_platform.settings import REPOSITORY, Settings, get_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from rich.status import Status

    from agm_platform.landing.delivery import Delivery

SAMPLES = REPOSITORY / "data" / "samples"
OWN_LANDING = REPOSITORY / "data" / "landing"
PARTITIONS = str(PEAK_DAYS.name)


def run(landing_is_given: bool, checks_off: str = "", only: str = "") -> int:
    """Read what has arrived, materialize everything, print the answers; 1 if anything failed.

    `checks_off` holds patterns of checks that are not judged this time; 2 if one names no check.
    `only` names senders, comma between: tables of others stay as they are; 2 if one is unknown.
    """
    console = Console()
    settings = get_settings()
    if _misspelt(console, settings, checks_off):
        return 2
    wanted = _wanted(console, only)
    if wanted is None:
        return 2
    if not landing_is_given and settings.landing == str(OWN_LANDING):
        _bring_in_samples(console)
    _look(console, settings)
    return _finish(console, settings, work(console, settings, checks_off, wanted))


def replay(checks_off: str = "", only: str = "") -> int:
    """Judge anew all that was received, try again what could not be read, say what was released.

    `checks_off` and `only` are as in `run`.
    """
    console = Console()
    settings = get_settings()
    wanted = _wanted(console, only)
    if wanted is None or _misspelt(console, settings, checks_off):
        return 2
    _look(console, settings)
    ledger = Ledger(settings.ledger_path)
    refused = [
        delivery.delivery_id
        for delivery in ledger.history()
        if delivery.state is State.QUARANTINED or delivery.attempts
    ]
    reopened = ledger.reopen(refused)
    console.print(f"{len(reopened)} files that could not be read are tried again.")
    done = work(console, settings, checks_off, wanted)
    status = _finish(console, settings, done)
    tell_released(console, settings, reopened, [progress.run_id for progress in done])
    return status


def _wanted(console: Console, only: str) -> list[str] | None:
    """Return the senders that are named; None, once it is said, if one of them is unknown."""
    names = [name.strip() for name in only.split(",") if name.strip()]
    unknown = sorted(set(names) - set(SENDERS))
    if unknown:
        console.print(f"--only: no sender is called {unknown[0]}; there are {', '.join(SENDERS)}")
    return None if unknown else names


def _misspelt(console: Console, settings: Settings, checks_off: str) -> list[str]:
    """Say which patterns name no check at all."""
    names = [
        f"{table.full_name}.{name}"
        for table in with_suites(TABLES, settings.expectations_path)
        for name in (shape_name(table), *(rule.name for rule in table.rules))
    ]
    misspelt = without_a_check(names, patterns_of({CHECKS_OFF: checks_off}))
    for pattern in misspelt:
        console.print(f"--checks-off: no check is called {pattern}", markup=False)
    return misspelt


def _bring_in_samples(console: Console) -> None:
    """Copy the sample files into the repository's landing folder, unless files are there."""
    zone = LandingZone(OWN_LANDING)
    if any(zone.list(source).files for source in zone.sources()):
        return
    for source in sorted(path for path in SAMPLES.iterdir() if path.is_dir()):
        target = OWN_LANDING / source.name
        target.mkdir(parents=True, exist_ok=True)
        for file in sorted(source.iterdir()):
            shutil.copy2(file, target / file.name)
    console.print(f"The landing folder was empty: the samples are now in {OWN_LANDING}.")


def _look(console: Console, settings: Settings) -> None:
    """Enter in the ledger what lies in the landing zone, and say what was passed over."""
    moved = settle_in(settings)
    if moved:
        console.print(moved)
    console.print(f"Looking in {settings.landing}")
    zone = LandingZone(settings.landing)
    ledger = Ledger(settings.ledger_path)
    for source in SENDERS:
        with console.status(f"{source}: reading new files") as status:
            report = scan(
                zone,
                ledger,
                source,
                [feed for feed in FEEDS if feed.source == source],
                now=datetime.now(UTC),
                settle_seconds=0,
                on_progress=_shown(status, source),
            )
        console.print(f"  {report.summary()}", highlight=False)
        for name, reason in (*report.waiting, *report.ignored):
            console.print(f"    {name}: {reason}", highlight=False)
    for source in sorted(set(zone.sources()) - set(SENDERS)):
        console.print(f"  {source}: skipped, no such sender is known")


def _shown(status: Status, source: str) -> Callable[[int, int], None]:
    """Return what shows how many files of a source have been looked at."""
    return lambda done, total: status.update(f"{source}: {done} of {total} files")


def work(
    console: Console, settings: Settings, checks_off: str = "", only: Sequence[str] = ()
) -> list[Progress]:
    """Run jobs until nothing waits; at least one, which computes every table.

    With `only`, tables that are made of other senders' files alone stay as they are.
    """
    os.environ["DAGSTER_HOME"] = str(prepare_dagster_home(settings.dagster_home))
    ledger = Ledger(settings.ledger_path)
    with console.status("loading the definitions"):
        definitions = defs()
    done: list[Progress] = []
    idle = sorted(set(SENDERS) - set(only)) if only else idle_senders(settings, ledger)
    if only:
        console.print(f"Only {', '.join(only)}: tables of other senders stay as they are.")
    elif idle:
        console.print(f"Nothing has come from {', '.join(idle)}: their empty tables stay.")
    with dg.DagsterInstance.get() as instance:
        first = True
        waiting: list[Delivery] | None = None
        while waiting != (waiting := ledger.pending()):
            known = _known_days(instance, ledger, lost=not settings.warehouse_path.exists())
            jobs = plan_jobs(waiting, known, {}, ledger.ledger_id)
            runs = _first_runs(jobs, known, settings) if first else jobs
            first = False
            for job in runs:
                _announce(console, job)
                _add_days(instance, job)
                # Readers see what all of them made, once the last one has succeeded.
                definition = without(
                    definitions.resolve_job_def(job.job), idle, published=job is runs[-1]
                )
                tags = {**job.tags, CHECKS_OFF: checks_off} if checks_off else job.tags
                progress = execute(definition, instance, console, tags)
                done.append(progress)
                if progress.failures:
                    return done
    return done


def _first_runs(jobs: list[JobRun], known: Sequence[date], settings: Settings) -> list[JobRun]:
    """Return runs that compute every table once, whatever has arrived."""
    whole = (known[0], known[-1]) if known else None
    lost = not settings.warehouse_path.exists()
    of_days = [job for job in jobs if job.job == "refresh_days"]
    if lost and whole:
        return [JobRun("refresh", None, whole)]
    if len(of_days) == 1 and not known:
        return [JobRun("refresh", of_days[0].request, of_days[0].days)]
    return [JobRun("replay_days" if whole else "refresh_tables", None, whole), *of_days]


def _known_days(instance: dg.DagsterInstance, ledger: Ledger, *, lost: bool) -> list[date]:
    """Return the days in the order of their partitions, with those that only the ledger knows."""
    known = list(instance.get_dynamic_partitions(PARTITIONS))
    accepted = {
        delivery.business_date.isoformat()
        for delivery in ledger.history()
        if delivery.feed == peak.DAILY_SALES.name
        and delivery.business_date
        and (delivery.state is State.ACCEPTED or (lost and delivery.state is State.RECEIVED))
    }
    new = sorted(accepted - set(known))
    if new:
        instance.add_dynamic_partitions(PARTITIONS, new)
    return [date.fromisoformat(key) for key in [*known, *new]]


def _add_days(instance: dg.DagsterInstance, job: JobRun) -> None:
    if job.request:
        days = [day.isoformat() for day in job.request.business_dates]
        known = set(instance.get_dynamic_partitions(PARTITIONS))
        instance.add_dynamic_partitions(PARTITIONS, [day for day in days if day not in known])


def _announce(console: Console, job: JobRun) -> None:
    days = f", days {job.days[0]} to {job.days[1]}" if job.days else ""
    console.print(f"Job {job.job}{days}", highlight=False)


def _finish(console: Console, settings: Settings, done: list[Progress]) -> int:
    """Print what the checks found, the answers, and where to look next."""
    failures = [failure for progress in done for failure in progress.failures]
    checks = {name: check for progress in done for name, check in progress.checks.items()}
    counts = Counter(check.outcome for check in checks.values())
    told = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))
    console.print(f"Checks: {told or 'none'}", highlight=False)
    for name, check in sorted(checks.items()):
        if check.outcome == "warn":
            console.print(f"  warning {name}: {check.words}", highlight=False, soft_wrap=True)
    for failure in failures:
        console.print(f"[red]failed[/red] {failure}", highlight=False, soft_wrap=True)
    path = settings.published_path / "answers.json"
    if path.exists():
        console.print("\nAnswers" + (" (of the last snapshot that passed)" if failures else ""))
        for row in json.loads(path.read_text(encoding="utf-8")):
            console.print(
                f"  {row['answer_id']:<30} {row['answer']}", highlight=False, soft_wrap=True
            )
    _write_review(console, settings)
    console.print(
        f"\nAnswers and tables: {settings.published_path}\n"
        f"{_for_people(settings.published_path)}"
        f"Checks over time: {settings.review_path}\n"
        "Lineage, checks and runs: make ui, then http://127.0.0.1:3000",
        highlight=False,
    )
    return 1 if failures else 0


def _for_people(published: Path) -> str:
    """Return where site and workbook are, a line each; nothing of what could not be written."""
    written = {"Site": published / SITE / "index.html", "Workbook": published / WORKBOOK}
    return "".join(f"{name}: {path}\n" for name, path in written.items() if path.exists())


def _write_review(console: Console, settings: Settings) -> None:
    """Write the review page, of a failed run too; without it a run is worth as much."""
    try:
        write_review(settings.journal_path, settings.review_path)
    except (OSError, sqlite3.Error, JournalError) as error:
        console.print(f"No review page: {error}", highlight=False, soft_wrap=True)
