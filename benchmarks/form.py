"""The one form of every benchmark: sides measured as fresh processes, cases, ratios, one report."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from rich.console import Console

REPOSITORY = Path(__file__).resolve().parents[1]
Measure = Literal["seconds", "cpu_seconds", "peak_mb"]
TO_MB = 1 / (1 << 20) if sys.platform == "darwin" else 1 / 1024  # of ru_maxrss


class Case(NamedTuple):
    """One measured figure: medians of its runs. `rows` is what was produced, 0 if nothing is."""

    name: str
    seconds: float
    cpu_seconds: float
    peak_mb: float
    rows: int


class Goal(NamedTuple):
    """What a ratio should be: at most, or with `at_least` at least, `times`."""

    times: float
    at_least: bool = False

    def __str__(self) -> str:
        """Return the goal in words."""
        return f"at {'least' if self.at_least else 'most'} {self.times:g}"


class Side(NamedTuple):
    """One of the things compared: a Python module run with arguments, in a process of its own.

    The last line it prints is a JSON object: `rows`, and under `parts` the seconds and CPU seconds
    of what it wants to be seen apart (the work without start-up), each a case `<name>.<part>`.
    `prepare` puts the ground into the same state before every run and is not measured.
    """

    name: str
    module: str
    arguments: Sequence[str] = ()
    prepare: Callable[[], None] | None = None


@dataclass
class Report:
    """The result of a benchmark: cases, and ratios between them with the goal for each, if any."""

    name: str
    cases: list[Case] = field(default_factory=list)
    ratios: dict[str, float] = field(default_factory=dict)
    goals: dict[str, Goal] = field(default_factory=dict)
    settings: dict[str, int] = field(default_factory=dict)

    def case(self, name: str) -> Case:
        """Return the case of that name; KeyError if it was not measured."""
        found = {case.name: case for case in self.cases}
        return found[name]

    def ratio(
        self, name: str, of: str, to: str, goal: Goal | None = None, measure: Measure = "seconds"
    ) -> None:
        """Add how many times more the case `of` takes than the case `to`, in time or memory."""
        self.ratios[name] = round(
            getattr(self.case(of), measure) / getattr(self.case(to), measure), 3
        )
        if goal is not None:
            self.goals[name] = goal

    def write(self, path: Path) -> None:
        """Write the report as JSON; nothing in it tells which machine it was beyond its size."""
        path.parent.mkdir(parents=True, exist_ok=True)
        content = {
            "name": self.name,
            "machine": machine(),
            "settings": self.settings,
            "cases": [
                {key: _rounded(value) for key, value in case._asdict().items()}
                for case in self.cases
            ],
            "ratios": self.ratios,
            "goals": {name: str(goal) for name, goal in self.goals.items()},
        }
        path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")

    def show(self, console: Console) -> None:
        """Print cases and ratios as tables."""
        from rich.table import Table  # a side that is measured does not need it

        cases = Table("case", "seconds", "CPU seconds", "peak MB", "rows", title=self.name)
        for column in cases.columns[1:]:
            column.justify = "right"
        for case in self.cases:
            cases.add_row(
                case.name,
                f"{case.seconds:,.3f}",
                f"{case.cpu_seconds:,.3f}",
                f"{case.peak_mb:,.0f}" if case.peak_mb else "",
                f"{case.rows:,}" if case.rows else "",
            )
        ratios = Table("ratio", "times", "goal")
        for name, value in self.ratios.items():
            goal = self.goals.get(name)
            ratios.add_row(name, f"{value:.2f}", "" if goal is None else str(goal))
        console.print(cases, ratios)


def measure(
    sides: Sequence[Side], runs: int, on_progress: Callable[[str], None] = lambda _: None
) -> list[Case]:
    """Run every side `runs` times in turn, so that a slow minute hits all; return the medians.

    Peak memory counts this process too, up to its size when the side starts: keep it small. Raises
    RuntimeError with the end of what a side wrote when it fails.
    """
    found: dict[str, list[Case]] = {}
    for run in range(1, runs + 1):
        for side in sides:
            on_progress(f"{side.name}, run {run} of {runs}")
            if side.prepare:
                side.prepare()
            for case in _run(side):
                found.setdefault(case.name, []).append(case)
    return [_median(cases) for cases in found.values()]


def machine() -> dict[str, str | int | float]:
    """Return what figures depend on: processors, memory, versions."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": os.cpu_count() or 0,
        "memory_gb": round(memory / (1 << 30), 1),
        "python": platform.python_version(),
        "duckdb": version("duckdb"),
        "dagster": version("dagster"),
    }


def told(rows: int, parts: Mapping[str, tuple[float, float]] | None = None) -> str:
    """Return the last line that a side prints, see `Side`."""
    return json.dumps({"rows": rows, "parts": parts or {}})


def _run(side: Side) -> list[Case]:
    """Measure one process from its start to its end."""
    started = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", side.module, *side.arguments],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        written = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - started
    if process.returncode:
        msg = f"{side.name} failed with exit code {process.returncode}:\n{written[-2000:]}"
        raise RuntimeError(msg)
    result = json.loads(written.strip().rsplit("\n", 1)[-1])
    peak = usage.ru_maxrss * TO_MB
    whole = Case(side.name, seconds, usage.ru_utime + usage.ru_stime, peak, result["rows"])
    return [
        whole,
        *(
            Case(f"{side.name}.{part}", took, cpu, peak, result["rows"])
            for part, (took, cpu) in result["parts"].items()
        ),
    ]


def _median(cases: Sequence[Case]) -> Case:
    """Return the medians of one case's runs."""
    return cases[0]._replace(
        seconds=median(case.seconds for case in cases),
        cpu_seconds=median(case.cpu_seconds for case in cases),
        peak_mb=median(case.peak_mb for case in cases),
    )


def _rounded(value: str | float) -> str | float:
    return round(value, 4) if isinstance(value, float) else value
