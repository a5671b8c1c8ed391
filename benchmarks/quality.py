"""`make bench-quality`: the checks beside SQL by hand and Great Expectations; Dagster's part."""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from agm_platform.quality.suites import write_suites
from agm_platform.warehouse.connection import DEFAULT_MEMORY_LIMIT
from benchmarks.form import REPOSITORY, Goal, Report, Side, measure
from benchmarks.order_lines import ORDER_LINES, differences

BY_HAND = ("one", "separate")  # as people write them
BARE = (*BY_HAND, "blocks")  # and one with the platform's way to find repeated keys
BARE_GOAL = Goal(1.3)
GX_SECONDS_GOAL = Goal(15, at_least=True)
GX_MEMORY_GOAL = Goal(2.5, at_least=True)
TABLES, CHECKS_OF_A_TABLE = 20, 10


def bench(folder: Path, few: int, many: int, runs: int, console: Console) -> Report:
    """Measure everything in the empty `folder`, with `few` and with `many` order lines.

    Every side's verdicts and counts are compared with the platform's; RuntimeError where they
    differ.
    """
    with console.status("generating order lines") as status:
        for rows in (few, many):
            _generate(_database(folder, rows), rows)
        (suite,) = write_suites([ORDER_LINES], folder / "suites")
        sides = [
            *_dagster(folder),
            _gx(folder, few, suite),
            *(_checks(folder, rows) for rows in (few, many)),
            *(_bare(folder, rows, way) for rows in (few, many) for way in BARE),
        ]
        cases = measure(sides, runs, status.update)
    compare(folder)
    report = Report(
        "quality",
        [case._replace(name=case.name.replace(".each", "_each")) for case in cases],
        settings={"few_lines": few, "many_lines": many, "runs": runs, "tables": TABLES},
    )
    add_ratios(report, _short(few), _short(many))
    return report


def add_ratios(report: Report, few: str, many: str) -> None:
    """Add the ratios of cases on `few` and `many` lines, as in the names of the cases.

    Beside SQL those with a goal are of whole processes, start-up included: to the faster of one
    statement and separate queries, and to a statement that seeks repeated keys as the platform
    does. Beside Great Expectations it is of what either costs in a process where Dagster runs: its
    import, read, batch and validation, to a run of the checks with Dagster's events.
    """

    def fastest(part: str) -> str:
        names = [f"bare_{way}_{many}{part}" for way in BY_HAND]
        return min(names, key=lambda name: report.case(name).seconds)

    ours, bare = f"checks_{many}", f"checks_vs_bare_{many}"
    report.ratio(bare, ours, fastest(""), BARE_GOAL)
    report.ratio(f"{bare}_without_start", f"{ours}.job", fastest(".work"))
    report.ratio(f"{bare}_same_method", ours, f"bare_blocks_{many}", BARE_GOAL)
    same = f"bare_blocks_{many}.work"
    report.ratio(f"{bare}_same_method_without_start", f"{ours}.job", same)
    gx, checks = f"gx_pandas_{few}", f"checks_{few}"
    versus = f"gx_pandas_vs_checks_{few}"
    report.ratio(f"{versus}_seconds", f"{gx}.first", f"{checks}.job", GX_SECONDS_GOAL)
    report.ratio(f"{versus}_seconds_without_import", f"{gx}.work", f"{checks}.job")
    report.ratio(f"{versus}_seconds_whole_process", gx, checks)
    report.ratio(f"{versus}_memory", gx, checks, GX_MEMORY_GOAL, "peak_mb")


def compare(folder: Path) -> None:
    """Raise RuntimeError unless all sides on the same lines found the same."""
    for ours in folder.glob("checks_*.json"):
        rows = ours.stem.removeprefix("checks_")
        for theirs in folder.glob(f"*_{rows}.json"):
            pair = [json.loads(path.read_text(encoding="utf-8")) for path in (ours, theirs)]
            if different := differences(*pair):
                msg = f"{ours.stem} and {theirs.stem} differ: {'; '.join(different)}"
                raise RuntimeError(msg)


def _generate(database: Path, rows: int) -> None:
    options = ("--database", str(database), "--rows", str(rows))
    command = [sys.executable, "-m", "benchmarks.order_lines", *options]
    subprocess.run(command, cwd=REPOSITORY, check=True)


def _database(folder: Path, rows: int) -> Path:
    return folder / f"lines_{_short(rows)}.duckdb"


def _short(rows: int) -> str:
    """Return a number of rows as in the names of cases: 1m, 32m."""
    return f"{rows // 1_000_000}m" if rows >= 1_000_000 else str(rows)


def _side(folder: Path, name: str, module: str, rows: int, *arguments: str) -> Side:
    """Return a side that reads a table of order lines and tells its verdicts in a file."""
    options = ("--database", str(_database(folder, rows)), "--verdicts", f"{folder / name}.json")
    return Side(name, f"benchmarks.{module}", (*arguments, *options))


def _checks(folder: Path, rows: int) -> Side:
    name = f"checks_{_short(rows)}"
    return _side(folder, name, "checks_job", rows, "--home", str(folder / "dagster"))


def _bare(folder: Path, rows: int, way: str) -> Side:
    limit = ("--memory-limit", DEFAULT_MEMORY_LIMIT)
    return _side(folder, f"bare_{way}_{_short(rows)}", "bare_checks", rows, way, *limit)


def _gx(folder: Path, rows: int, suite: Path) -> Side:
    return _side(folder, f"gx_pandas_{_short(rows)}", "gx_pandas", rows, "--suite", str(suite))


def _dagster(folder: Path) -> list[Side]:
    """Return the checks of twenty small tables: Dagster alone, and with the platform's judging."""
    home = folder / "many"
    alone = ("check_of_tables", "--number", str(TABLES * CHECKS_OF_A_TABLE), "--home", str(home))
    return [
        Side(name, f"benchmarks.{module}", arguments, lambda: shutil.rmtree(home, True))
        for name, module, arguments in (
            ("dagster_check", "dagster_cost", alone),
            ("platform_check", "checks_job", ("--tables", str(TABLES), "--home", str(home))),
        )
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and write `<DATA>/benchmarks/quality.json`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("data"), help="where the report goes")
    parser.add_argument("--few", type=int, default=1_000_000, help="order lines of the small table")
    parser.add_argument("--many", type=int, default=32_000_000, help="and of the large one")
    parser.add_argument("--runs", type=int, default=3, help="runs of each side")
    options = parser.parse_args(arguments)
    console = Console()
    reports = options.data.resolve() / "benchmarks"
    reports.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="quality_", dir=reports) as folder:
        report = bench(Path(folder), options.few, options.many, options.runs, console)
    report.write(reports / f"{report.name}.json")
    report.show(console)


if __name__ == "__main__":
    main()
