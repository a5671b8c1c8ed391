"""`make conformance`: each table's function on DuckDB and on Spark, and what differs."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from agm_platform.conformance.run import (
    CANNOT_RUN,
    DIFFERENT,
    SAME,
    Outcome,
    compared,
    functions_of_frames,
)
from agm_platform.conformance.sides import exported, missing, start_duckdb, start_spark
from agm_platform.settings import REPOSITORY

SAMPLES = REPOSITORY / "data" / "samples"
WAREHOUSE = Path("warehouse") / "warehouse.duckdb"


def conformance(data: str | None, pattern: str, seconds: float | None = None) -> int:
    """Compare the tables whose names fit; 1 if any differs or cannot run, 0 without Spark.

    The inputs are those of the warehouse in the data folder, or of one made from the samples.
    After `seconds`, counted from here, no further table is begun; which are left out is said.
    """
    until = math.inf if seconds is None else time.monotonic() + seconds
    console = Console(highlight=False, markup=False, soft_wrap=True)
    lacking = missing()
    if lacking:
        console.print(f"Spark cannot be compared here: {lacking}. Nothing was checked.")
        return 0
    with TemporaryDirectory() as scratch:
        folder = Path(data) if data else Path(scratch) / "data"
        try:
            if data is None and not _made_from_samples(console, folder, seconds):
                return 1
        except subprocess.TimeoutExpired:
            console.print("The time is up before there is a warehouse: no table was compared.")
            return 0
        return _told(console, _compare(console, folder / WAREHOUSE, Path(scratch), pattern, until))


def _made_from_samples(console: Console, folder: Path, seconds: float | None) -> bool:
    """Fill a data folder from the samples in a process of its own, which leaves nothing behind.

    Raises TimeoutExpired after `seconds`.
    """
    console.print("Making a warehouse from the samples ...")
    command = [sys.executable, "-m", "agm_platform", "run"]
    places = ["--landing", str(SAMPLES), "--data", str(folder)]
    made = subprocess.run(
        [*command, *places],
        cwd=REPOSITORY,
        env={**os.environ, "AGM_REPORTS": "false"},
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds,
    )
    if made.returncode:
        console.print(made.stdout[-2000:], made.stderr[-2000:])
    return not made.returncode


def _compare(
    console: Console, database: Path, scratch: Path, pattern: str, until: float
) -> list[Outcome]:
    from agm_platform.definitions import defs

    functions = functions_of_frames(defs(), pattern)
    paths = exported(
        database, [table for told in functions for table in told.frames.values()], scratch
    )
    outcomes = []
    session = start_spark()
    try:
        with start_duckdb() as connection:
            started = time.monotonic()
            for outcome in compared(functions, paths, connection, session):
                seconds = time.monotonic() - started
                started += seconds
                console.print(
                    f"  {outcome.state:<19} {outcome.table:<36} {outcome.rows:>7,} rows"
                    f" {seconds:5.1f} s"
                )
                for words in outcome.words:
                    console.print(f"      {words}")
                outcomes.append(outcome)
                left_out = [told.contract.full_name for told in functions[len(outcomes) :]]
                if started > until and left_out:
                    console.print(
                        f"  The time is up; {len(left_out)} tables are not compared: "
                        + ", ".join(left_out)
                    )
                    break
    finally:
        session.stop()
    return outcomes


def _told(console: Console, outcomes: list[Outcome]) -> int:
    counts = Counter(outcome.state for outcome in outcomes)
    empty = sum(1 for outcome in outcomes if outcome.state == SAME and not outcome.rows)
    console.print(
        "DuckDB and Spark: "
        + ", ".join(f"{count} {state}" for state, count in sorted(counts.items()))
        + (f"; {empty} of the same are empty" if empty else "")
    )
    return int(bool(counts[DIFFERENT] or counts[CANNOT_RUN]))
