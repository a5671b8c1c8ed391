"""`make bench-grocery`: Instacart's whole job beside DuckDB by hand, polars and pandas."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from benchmarks.form import REPOSITORY, Goal, Report, Side, measure

if TYPE_CHECKING:
    from collections.abc import Sequence

DUCKDB_GOAL = Goal(1.25)
PANDAS_GOAL = Goal(8, at_least=True)
POLARS_GOAL = Goal(1, at_least=True)
PEAK_GOAL_MB = 4096
TRUE_USERS, FEW_USERS = 206_209, 60
MEMORY_OF_PANDAS_GB = 17  # for all users; measured at 16.2

FIGURES = {
    "customers": "select {loyalty}, count(*) from {habits} group by all",
    "lines": "select {loyalty}, sum(order_lines) from {habits} group by all",
    "frequency": "select frequency, count(*) from {habits} where frequency is not null "
    "group by all",
    "low_spenders": "select count(*) from {habits} where spending = 'low'",
    "price_bands": "select {band}, sum(order_lines) from {cube} where {band} is not null "
    "group by all",
    "departments": "select department_id, sum(order_lines) from {cube} group by all",
    "department_orders": "select department_id, orders from {departments} where orders > 0",
    "days": "select {day}, sum(orders) from {hours} group by all",
}
PLATFORM = {
    "loyalty": "loyalty",
    "habits": "instacart.customer_habits",
    "band": "price_band",
    "cube": "instacart.line_cube",
    "departments": "instacart.department_insights",
    "day": "order_day",
    "hours": "(from instacart.shopping_habits where dimension = 'day')",
}
BARE = {
    "loyalty": "loyalty",
    "habits": "customer_habits",
    "band": "(['low', 'mid', 'high'])[band + 1]",
    "cube": "line_cube",
    "departments": "department_insights",
    "day": "day",
    "hours": "(from shopping_habits where hour is null)",
}


def bench(folder: Path, users: int, runs: int, console: Console, *, pandas: bool = True) -> Report:
    """Measure everything in the empty `folder`; every side's figures must be the same.

    Ratios are of the work without imports and loading Dagster's definitions. `fixed` is the same
    job on a shop of few users: what assets, checks and publishing cost whatever the size, which
    `platform_vs_duckdb` leaves out. The insights are computed anew from the tables that are kept.
    """
    with console.status("generating the files") as status:
        generate(folder, users)
        generate(folder / "few", FEW_USERS)
        _base(folder)
        polars = find_spec("polars") is not None
        sides = _sides(folder, polars=polars, pandas=pandas)
        cases = measure(sides, runs, status.update)
    compare(folder)
    report = Report("grocery", cases, settings={"users": users, "runs": runs})
    names = ("platform.job", "fixed.job", "duckdb.work")
    seconds, fixed, bare = (report.case(name).seconds for name in names)
    report.ratios["platform_vs_duckdb"] = round((seconds - fixed) / bare, 3)
    report.goals["platform_vs_duckdb"] = DUCKDB_GOAL
    cpu, fixed, bare = (report.case(name).cpu_seconds for name in names)
    report.ratios["platform_vs_duckdb_cpu"] = round((cpu - fixed) / bare, 3)
    report.ratio("platform_vs_duckdb_with_fixed", "platform.job", "duckdb.work")
    report.ratio("platform_vs_duckdb_whole", "platform", "duckdb")
    report.ratios["platform_peak_mb"] = round(report.case("platform").peak_mb)
    report.goals["platform_peak_mb"] = Goal(PEAK_GOAL_MB)
    if pandas:
        report.ratio("pandas_vs_platform", "pandas.work", "platform.job", PANDAS_GOAL)
    if polars:
        report.ratio("polars_vs_platform", "polars.work", "insights.job", POLARS_GOAL)
        report.ratio("polars_csv_vs_platform", "polars_csv.work", "platform.job")
    else:
        console.print("polars is not installed: its sides are left out (uv pip install polars)")
    return report


def generate(folder: Path, users: int) -> None:
    """Write the shop into `folder`/landing and its Parquet copy, in processes of their own."""
    command = [sys.executable, "-m", "agm_platform.world", "instacart", "--true-scale"]
    options = ["--out", str(folder / "landing"), "--users", str(users)]
    subprocess.run([*command, *options], cwd=REPOSITORY, check=True, stdout=subprocess.DEVNULL)
    code = (
        "from pathlib import Path; from benchmarks.grocery_frames import to_parquet; "
        f"to_parquet(Path({str(folder / 'landing' / 'instacart')!r}), "
        f"Path({str(folder / 'parquet')!r}))"
    )
    subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, check=True)


def _base(folder: Path) -> None:
    """Make the tables of all other senders, empty: what is published refers to them."""
    empty, base = folder / "empty", folder / "base"
    empty.mkdir()
    places = ("refresh_tables", "--landing", str(empty), "--data", str(base))
    measure([Side("base", "benchmarks.platform_job", places)], 1)


def _anew(base: Path, data: Path) -> None:
    shutil.rmtree(data, ignore_errors=True)
    shutil.copytree(base, data, symlinks=True)


def _sides(folder: Path, *, polars: bool, pandas: bool) -> list[Side]:
    landing, data, database = folder / "landing", folder / "data", folder / "bare.duckdb"
    places = ("--landing", str(landing), "--data", str(data))
    few, few_data = folder / "few" / "landing", folder / "few" / "data"
    files = landing / "instacart"

    def frames(name: str, library: str, source: Path, form: str) -> Side:
        figures = str(folder / f"figures_{name}.json")
        options = ("--folder", str(source), "--form", form, "--figures", figures)
        return Side(name, "benchmarks.grocery_frames", (library, *options))

    sides = [
        Side(
            "platform",
            "benchmarks.platform_job",
            ("refresh_instacart", *places),
            lambda: _anew(folder / "base", data),
        ),
        Side(
            "fixed",
            "benchmarks.platform_job",
            ("refresh_instacart", "--landing", str(few), "--data", str(few_data)),
            lambda: _anew(folder / "base", few_data),
        ),
        Side("insights", "benchmarks.platform_job", ("instacart_insights", *places)),
        Side(
            "duckdb",
            "benchmarks.bare_grocery",
            ("--landing", str(landing), "--database", str(database)),
            lambda: database.unlink(missing_ok=True),
        ),
    ]
    if polars:
        sides.append(frames("polars", "polars", folder / "parquet", "parquet"))
        sides.append(frames("polars_csv", "polars", files, "csv"))
    if pandas:
        sides.append(frames("pandas", "pandas", files, "csv"))
    return sides


def compare(folder: Path) -> None:
    """Raise RuntimeError unless all sides have the same figures."""
    found = {
        path.stem.removeprefix("figures_"): json.loads(path.read_text(encoding="utf-8"))
        for path in folder.glob("figures_*.json")
    }
    warehouse = folder / "data" / "warehouse" / "warehouse.duckdb"
    platform = figures(warehouse, PLATFORM)
    found["duckdb"] = figures(folder / "bare.duckdb", BARE)
    different = [
        f"{name} {side}: {theirs.get(name)} and {platform[name]} by the platform"
        for side, theirs in found.items()
        for name in FIGURES
        if theirs.get(name) != platform[name]
    ]
    if different:
        msg = "the sides differ: " + "; ".join(different)
        raise RuntimeError(msg)


def figures(database: Path, names: dict[str, str]) -> dict[str, Any]:
    """Return the figures that a database holds, tables and columns being called as in `names`."""
    import duckdb

    found: dict[str, Any] = {}
    with duckdb.connect(str(database), read_only=True) as connection:
        for name, query in FIGURES.items():
            rows = connection.execute(query.format(**names)).fetchall()
            single = len(rows[0]) == 1
            found[name] = (
                int(rows[0][0]) if single else {str(key): int(count) for key, count in rows}
            )
    return found


def has_room_for_pandas(users: int) -> bool:
    """Whether pandas' side fits into the memory of the machine."""
    pages = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / (1 << 30)
    return pages > MEMORY_OF_PANDAS_GB * users / TRUE_USERS


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and write `<DATA>/benchmarks/grocery.json`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.grocery", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("data"), help="where the report goes")
    parser.add_argument("--users", type=int, default=TRUE_USERS, help="users of the shop")
    parser.add_argument("--runs", type=int, default=3, help="runs of each side")
    parser.add_argument("--no-pandas", action="store_true", help="leave pandas out")
    options = parser.parse_args(arguments)
    console = Console()
    pandas = not options.no_pandas and has_room_for_pandas(options.users)
    if not pandas:
        console.print("pandas' side is left out: asked for, or too little free memory")
    reports = options.data.resolve() / "benchmarks"
    reports.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="grocery_", dir=reports) as folder:
        report = bench(Path(folder), options.users, options.runs, console, pandas=pandas)
    report.write(reports / f"{report.name}.json")
    report.show(console)


if __name__ == "__main__":
    main()
