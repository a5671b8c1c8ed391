"""`make bench-value`: customer value on CDNOW and on known truth, and what a million costs."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from rich.console import Console

from agm_platform.value import bg_nbd, gamma_gamma
from benchmarks import value_cdnow, value_coverage, value_million
from benchmarks.form import Goal, Report, Side, measure

GOALS = {
    "cdnow_log_likelihood": Goal(value_cdnow.PUBLISHED_LOG_LIKELIHOOD - 0.1, at_least=True),
    "holdout_correlation": Goal(0.62, at_least=True),
    "coverage_of_90_percent_parameters": Goal(0.88, at_least=True),
    "coverage_of_90_percent_purchases": Goal(0.88, at_least=True),
    "million_customers_seconds_vs_naive_fit": Goal(0.2),
}
SAME_TOTAL = 0.01


def bench(
    folder: Path, cdnow: Path | None, customers: int, seeds: int, runs: int, console: Console
) -> Report:
    """Measure everything with files written into the empty `folder`; without CDNOW not that."""
    report = Report("value", settings={"customers": customers, "seeds": seeds, "runs": runs})
    if customers:
        arguments = ("--folder", str(folder), "--customers", str(customers))
        sides = [
            Side(name, "benchmarks.value_million", (name, *arguments))
            for name in ("write", *value_million.SIDES)
        ]
        with console.status("a million customers") as status:
            measure(sides[:1], 1)
            report.cases = measure(sides[1:], runs, status.update)
        _same_total(folder)
        report.ratio("million_customers_seconds_vs_naive_fit", "platform.work", "ungrouped.work")
        report.ratio("million_with_start_vs_naive_fit", "platform", "ungrouped")
        with_lifetimes = find_spec("lifetimes") is not None
        console.print(f"The naive fit is {'lifetimes' if with_lifetimes else 'scipy, ungrouped'}.")
    if cdnow is not None and (cdnow / value_cdnow.FILE).exists():
        fit, purchases, money = value_cdnow.judged(cdnow)
        for line in value_cdnow.lines(fit, purchases, money):
            console.print(line, highlight=False, soft_wrap=True)
        report.ratios["cdnow_log_likelihood"] = round(fit.log_likelihood, 2)
        report.ratios["holdout_correlation"] = round(purchases.correlation, 4)
        report.ratios["holdout_correlation_naive"] = round(purchases.naive_correlation, 4)
        report.ratios["holdout_error_vs_naive"] = round(purchases.error / purchases.naive_error, 4)
    if seeds:
        with console.status("coverage"):
            found = value_coverage.covered(seeds, 8_000)
        report.ratios |= {
            f"coverage_of_90_percent_{name}": round(found.of(*names).value, 4)
            for name, names in {
                "parameters": (*bg_nbd.NAMES, *gamma_gamma.NAMES),
                **{name: (name,) for name in found.hits},
            }.items()
        }
    report.goals = {name: goal for name, goal in GOALS.items() if name in report.ratios}
    return report


def _same_total(folder: Path) -> None:
    """Raise RuntimeError unless both sides expect the same of all customers together."""
    one, other = (
        float((folder / f"{side}.txt").read_text(encoding="utf-8")) for side in value_million.SIDES
    )
    if abs(one / other - 1) > SAME_TOTAL:
        msg = f"the sides expect {one:,.0f} and {other:,.0f} USD cents"
        raise RuntimeError(msg)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and write `<DATA>/benchmarks/value.json`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.value", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("data"), help="where the report goes")
    parser.add_argument("--cdnow", type=Path, help=f"folder of {value_cdnow.FILE}")
    parser.add_argument("--customers", type=int, default=1_000_000, help="0: not timed")
    parser.add_argument("--seeds", type=int, default=500, help="worlds for coverage; 0: none")
    parser.add_argument("--runs", type=int, default=1, help="runs of each side")
    options = parser.parse_args(arguments)
    console = Console()
    reports = options.data.resolve() / "benchmarks"
    reports.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="value_", dir=reports) as folder:
        report = bench(
            Path(folder),
            options.cdnow,
            options.customers,
            options.seeds,
            options.runs,
            console,
        )
    report.write(reports / f"{report.name}.json")
    report.show(console)


if __name__ == "__main__":
    main()
