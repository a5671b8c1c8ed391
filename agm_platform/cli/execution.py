"""Executing one job in this process, with a line of progress for every table."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import dagster as dg
from dagster import DagsterEventType as Event
from dagster._core.utils import make_new_run_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rich.console import Console

# Dagster's own log of a run is for its UI; on the console it would bury the progress.
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


class Check(NamedTuple):
    """How a check ended: passed, warn or error, and what it found in words."""

    outcome: str
    words: str


class Progress:
    """Prints what a run does while it does it, and remembers what each check found."""

    def __init__(self, console: Console, steps: int, run_id: str = "") -> None:
        """Remember where to print, how many steps there are and which run it is."""
        self._console = console
        self._steps = steps
        self._done = 0
        self._told: set[dg.AssetKey] = set()
        self.run_id = run_id
        self.checks: dict[str, Check] = {}
        self.failures: list[str] = []

    def __call__(self, record: dg.EventLogEntry) -> None:
        """Take one event of the run."""
        event = record.dagster_event
        if event is None:
            return
        kind = event.event_type
        if kind is Event.ASSET_MATERIALIZATION and event.asset_key:
            # A run of many days has one such event a day, all with the same figure.
            if event.asset_key in self._told:
                return
            self._told.add(event.asset_key)
            metadata = event.step_materialization_data.materialization.metadata
            rows = metadata.get("dagster/partition_row_count") or metadata.get("rows_written")
            rows = rows or metadata.get("dagster/row_count")
            self._say(event.asset_key.to_user_string(), f"{rows.value:,} rows" if rows else "")
        elif kind is Event.ASSET_CHECK_EVALUATION:
            check = event.asset_check_evaluation_data
            outcome = "passed" if check.passed else check.severity.value.lower()
            name = f"{check.asset_key.to_user_string().replace('/', '.')} {check.check_name}"
            self.checks[name] = Check(outcome, check.description or "")
            if not check.passed and check.severity is dg.AssetCheckSeverity.ERROR:
                self.failures.append(f"{name}: {check.description}")
        elif kind is Event.STEP_SUCCESS:
            self._done += 1
        elif kind is Event.STEP_FAILURE:
            self._done += 1
            error = event.step_failure_data.error
            cause = error.cause if error and error.cause else error
            self.failures.append(
                f"{event.step_key}: {cause.message.strip() if cause else 'failed'}"
            )

    def _say(self, name: str, result: str) -> None:
        self._console.print(
            f"  {self._done + 1:>3}/{self._steps}  {name.replace('/', '.'):<32} {result}",
            highlight=False,
        )


def execute(
    job: dg.JobDefinition,
    instance: dg.DagsterInstance,
    console: Console,
    tags: Mapping[str, str] | None = None,
    listener: Callable[[dg.EventLogEntry], None] | None = None,
) -> Progress:
    """Run `job` to its end in this process, printing progress; failures are in the result.

    `listener` is told every event of the run besides.
    """
    run_id = make_new_run_id()
    progress = Progress(console, len(job.all_node_defs), run_id)
    instance.add_event_listener(run_id, progress)
    if listener is not None:
        instance.add_event_listener(run_id, listener)
    result = job.execute_in_process(
        instance=instance, run_id=run_id, tags=tags, run_config=QUIET, raise_on_error=False
    )
    if not result.success and not progress.failures:
        progress.failures.append(f"run {run_id} failed; see it in the UI")
    return progress
