"""`make bench-daily`: one more day of Peak files, a backfill beside bare DuckDB, Dagster alone."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from rich.console import Console

from benchmarks.bare_daily import TABLES
from benchmarks.form import REPOSITORY, Case, Goal, Report, Side, measure

STORED = (1, 100)
DAY_GOAL = Goal(1.2)
BACKFILL_GOAL = Goal(1.3)
TRUE_CUSTOMERS, FEW_CUSTOMERS = 31_082, 600
DAGSTER_KINDS = ("asset", "check", "check_of_one_step")
STORES = REPOSITORY / "data" / "reference" / "agm" / "stores.csv"
CHECKED_BY = "count(*), sum(hash({columns})::hugeint)"


def bench(folder: Path, days: int, sales: int, runs: int, steps: int, console: Console) -> Report:
    """Measure everything with files generated in the empty `folder`.

    `days` is the longest history; of 1 and 100 those that are shorter are measured too. The ratios
    of a day are of the runs alone, the one of the backfill is of whole processes with start-up and
    the look into the landing folder: the stricter choice each time.
    """
    with console.status("generating the files") as status:
        stored = [*(count for count in STORED if count < days), days]
        _generate(folder, days, sales)
        _histories(folder, stored, status.update)
        sides = [*_backfill(folder), *_days(folder, stored), *_dagster(folder, steps)]
        cases = measure(sides, runs, status.update)
        status.update("comparing the tables")
        compare(folder / "backfill" / "warehouse" / "warehouse.duckdb", folder / "bare.duckdb")
    settings = {"days": days, "sales_a_day": sales, "runs": runs, "steps": steps}
    report = Report("daily", [_named(case) for case in cases], settings=settings)
    report.ratio("backfill_vs_bare", "backfill", "bare", BACKFILL_GOAL)
    report.ratio("backfill_vs_bare_without_start", "backfill.job", "bare.work")
    for count in stored[1:]:
        report.ratio(f"day_{count}_vs_day_1", f"day_{count}.job", "day_1.job", DAY_GOAL)
        report.ratio(f"refresh_{count}_vs_refresh_1", f"refresh_{count}.job", "refresh_1.job")
    return report


def _named(case: Case) -> Case:
    """Call Dagster's cost of one asset or check what it is."""
    match = re.fullmatch(r"dagster_(\w+)\.each", case.name)
    return case._replace(name=f"dagster_per_{match[1]}") if match else case


def compare(platform: Path, bare: Path, tables: Iterable[str] = TABLES) -> None:
    """Raise RuntimeError unless each of the tables has the same rows in both databases."""
    import duckdb

    with duckdb.connect() as connection:
        for name, path in (("platform", platform), ("bare", bare)):
            connection.execute(f"attach '{path}' as {name} (read_only)")
        for table in tables:
            columns = ", ".join(
                f'"{row[0]}"'
                for row in connection.execute(f"describe platform.peak.{table}").fetchall()
            )
            sums = CHECKED_BY.format(columns=columns)
            ours, theirs = (
                connection.execute(f"select {sums} from {name}.peak.{table}").fetchall()[0]
                for name in ("platform", "bare")
            )
            if ours != theirs:
                msg = f"peak.{table} differs: {ours} by the platform, {theirs} by the bare script"
                raise RuntimeError(msg)


def _generate(folder: Path, days: int, sales: int) -> None:
    """Write a world with one day more than `days` into `folder`/world, in a process of its own."""
    arguments = {
        "out": folder / "world",
        "customers": TRUE_CUSTOMERS if sales >= 1000 else FEW_CUSTOMERS,
        "pickup-sales": 0,
        "peak-days": days + 1,
        "peak-sales-per-day": sales,
    }
    options = [text for name, value in arguments.items() for text in (f"--{name}", str(value))]
    command = [sys.executable, "-m", "agm_platform.world", *options]
    subprocess.run(command, cwd=REPOSITORY, check=True, stdout=subprocess.DEVNULL)


def _histories(folder: Path, stored: Sequence[int], say: Callable[[str], None]) -> None:
    """Fill `base` (all but days) and `stored_<n>` with `landing_<n>`, where one more day waits."""
    _land(folder, "landing", [])
    say("all that is not kept by day")
    measure([_platform("base", "refresh_tables", folder / "landing", folder / "base")], 1)
    files = sorted((folder / "world" / "peak").glob("*.json"))
    _land(folder, "landing", files[:-1])
    for count in stored:
        say(f"a history of {count} days")
        landing, data = f"landing_{count}", f"stored_{count}"
        _land(folder, landing, files[:count])
        shutil.copytree(folder / "base", folder / data, symlinks=True)
        measure([_platform(data, "refresh_days", folder / landing, folder / data)], 1)
        _land(folder, landing, files[count : count + 1])


def _land(folder: Path, landing: str, files: Iterable[Path]) -> None:
    """Put files into a landing folder, the first time with those that come before any day."""
    first = not (folder / landing).exists()
    for file in [*((folder / "world").glob("*/*.csv") if first else ()), *files]:
        target = folder / landing / file.parent.name / file.name
        target.parent.mkdir(parents=True, exist_ok=True)
        os.link(file, target)


def _platform(name: str, job: str, landing: Path, data: Path, start: Path | None = None) -> Side:
    """Return the platform's side: `job` on a data folder, made anew from `start` if given."""
    arguments = (job, "--landing", str(landing), "--data", str(data))

    def prepare() -> None:
        shutil.rmtree(data, ignore_errors=True)
        shutil.copytree(str(start), data, symlinks=True)

    return Side(name, "benchmarks.platform_job", arguments, prepare if start else None)


def _days(folder: Path, stored: Sequence[int]) -> list[Side]:
    """Return the sides that take in one more day: what is kept by day, and everything."""
    return [
        _platform(
            f"{name}_{count}",
            job,
            folder / f"landing_{count}",
            folder / f"{name}_{count}",
            folder / f"stored_{count}",
        )
        for name, job in (("day", "days"), ("refresh", "refresh_days"))
        for count in stored
    ]


def _backfill(folder: Path) -> list[Side]:
    """Return the sides that take in all days at once: the platform and bare DuckDB."""
    landing, database = folder / "landing", folder / "bare.duckdb"
    arguments = ("--landing", landing, "--stores", STORES, "--database", database)
    return [
        _platform("backfill", "days", landing, folder / "backfill", folder / "base"),
        Side(
            "bare",
            "benchmarks.bare_daily",
            tuple(map(str, arguments)),
            lambda: database.unlink(missing_ok=True),
        ),
    ]


def _dagster(folder: Path, steps: int) -> list[Side]:
    """Return the sides that tell what Dagster costs for nothing."""
    home = folder / "dagster"
    return [
        Side(
            f"dagster_{kind}",
            "benchmarks.dagster_cost",
            (kind, "--number", str(steps), "--home", str(home)),
            lambda: shutil.rmtree(home, ignore_errors=True),
        )
        for kind in DAGSTER_KINDS
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and write `<DATA>/benchmarks/daily.json`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.daily", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("data"), help="where the report goes")
    parser.add_argument("--days", type=int, default=1000, help="days of the longest history")
    parser.add_argument("--sales", type=int, default=1000, help="sales a day")
    parser.add_argument("--runs", type=int, default=3, help="runs of each side")
    parser.add_argument("--steps", type=int, default=50, help="trivial assets and checks")
    options = parser.parse_args(arguments)
    console = Console()
    reports = options.data.resolve() / "benchmarks"
    reports.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="daily_", dir=reports) as folder:
        report = bench(
            Path(folder), options.days, options.sales, options.runs, options.steps, console
        )
    report.write(reports / f"{report.name}.json")
    report.show(console)


if __name__ == "__main__":
    main()
