"""The platform at AGM's true size: how long, how much memory, and whether every figure is true.

python -m benchmarks.true_scale --data DIR
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from agm_platform.settings import get_settings
from agm_platform.world.comparison import Comparison, compare
from benchmarks.form import REPOSITORY, TO_MB, Case, Report

NAME = "true_scale"
MOST_GB = 4


def main() -> int:
    """Generate the world, run the platform on it from nothing, compare; 1 if a figure differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=get_settings().data)
    parser.add_argument("--sales-per-day", type=int, default=300, help="of Peak, on 92 days")
    parser.add_argument("--keep", action="store_true", help="keep the generated world and the run")
    options = parser.parse_args()
    data = options.data.resolve()
    work = data / "cache" / NAME
    shutil.rmtree(work, ignore_errors=True)
    landing, truth, platform = (work / name for name in ("landing", "truth", "platform"))
    report = Report(NAME, settings={"peak_sales_per_day": options.sales_per_day})
    world = ["trial", "--true-scale", "--out", str(landing), "--truth", str(truth)]
    world += ["--peak-sales-per-day", str(options.sales_per_day)]
    report.cases.append(_timed("generate", ["agm_platform.world", *world], landing))
    run = ["agm_platform", "run", "--landing", str(landing), "--data", str(platform)]
    report.cases.append(_timed("run", run, landing))
    compared = compare(platform / "warehouse" / "warehouse.duckdb", truth)
    report.settings["figures_compared"] = sum(each.rows for each in compared)
    report.settings["figures_differing"] = sum(each.differing for each in compared)
    console = Console()
    report.show(console)
    _show(console, compared)
    report.write(data / "benchmarks" / f"{NAME}.json")
    console.print(f"Written: {data / 'benchmarks' / f'{NAME}.json'}", highlight=False)
    if not options.keep:
        shutil.rmtree(work)
    if report.case("run").peak_mb > MOST_GB * 1024:
        console.print(f"[red]The run took more than {MOST_GB} GB.[/red]")
        return 1
    return 1 if report.settings["figures_differing"] else 0


def _timed(name: str, arguments: Sequence[str], landing: Path) -> Case:
    """Run a module in a process of its own, its output shown; rows are those of the CSV files."""
    started = time.perf_counter()
    with subprocess.Popen([sys.executable, "-m", *arguments], cwd=REPOSITORY) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - started
    if process.returncode:
        msg = f"{name} failed with exit code {process.returncode}; see above"
        raise SystemExit(msg)
    rows = sum(_lines(path) for path in landing.glob("agm/*.csv"))
    cpu, peak = usage.ru_utime + usage.ru_stime, usage.ru_maxrss * TO_MB
    return Case(name, seconds, cpu, peak, rows)


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for _ in file) - 1


def _show(console: Console, compared: Sequence[Comparison]) -> None:
    table = Table("figures", "rows", "differing", title="truth against what is published")
    for each in compared:
        table.add_row(each.name, f"{each.rows:,}", f"{each.differing:,}")
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
