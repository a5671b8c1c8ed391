"""The form of a benchmark: what is measured of a process, and what a report holds."""

import json
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.form import REPOSITORY, Case, Goal, Report, Side, measure

STORES = REPOSITORY / "data" / "reference" / "agm" / "stores.csv"
CASES = [Case("ours", 3.0, 5.5, 120.25, 1000), Case("theirs", 2.0, 1.0, 80.0, 1000)]


def test_a_side_that_fails_is_named_with_the_end_of_what_it_wrote() -> None:
    side = Side("ours", "benchmarks.bare_daily", ["--landing", "nowhere"])
    with pytest.raises(RuntimeError, match=r"(?s)^ours failed with exit code 2:.*required"):
        measure([side], 1)


def test_sides_take_turns_and_are_prepared_before_each_run(tmp_path: Path) -> None:
    said: list[str] = []
    database = tmp_path / "bare.duckdb"
    (tmp_path / "peak").mkdir()
    (tmp_path / "peak" / "peak_product_mapping.csv").write_text("product_id,peak_product_id\n1,2\n")
    day = tmp_path / "peak" / "peak_sales_2020_10_03.json"
    day.write_text(json.dumps({"file_name": day.name, "sales": []}))
    options = ["--landing", tmp_path, "--stores", STORES, "--database", database]
    sides = [
        Side(
            name,
            "benchmarks.bare_daily",
            [str(option) for option in options],
            lambda: database.unlink(missing_ok=True),
        )
        for name in ("one", "other")
    ]
    cases = {case.name: case for case in measure(sides, 2, said.append)}
    assert said == [f"{name}, run {run} of 2" for run in (1, 2) for name in ("one", "other")]
    assert list(cases) == ["one", "one.work", "other", "other.work"]
    assert cases["one"].seconds > cases["one.work"].seconds > 0
    assert cases["one"].cpu_seconds > 0
    assert cases["one"].peak_mb > 20, "an interpreter with DuckDB is not smaller"


def test_a_report_holds_machine_cases_ratios_and_goals(tmp_path: Path) -> None:
    report = Report("daily", list(CASES), settings={"days": 50})
    report.ratio("ours_vs_theirs", "ours", "theirs", goal=Goal(1.3))
    report.write(tmp_path / "benchmarks" / "daily.json")
    written = json.loads((tmp_path / "benchmarks" / "daily.json").read_text())
    assert written["name"] == "daily"
    assert sorted(written["machine"]) == ["cores", "dagster", "duckdb", "memory_gb", "python"]
    assert written["cases"][0] == CASES[0]._asdict()
    assert written["ratios"] == {"ours_vs_theirs": 1.5}
    assert written["goals"] == {"ours_vs_theirs": "at most 1.3"}
    assert written["settings"] == {"days": 50}


def test_a_ratio_may_be_of_memory_and_its_goal_a_least() -> None:
    report = Report("quality", list(CASES))
    report.ratio("memory", "ours", "theirs", Goal(2.5, at_least=True), "peak_mb")
    assert report.ratios == {"memory": 1.503}
    assert str(report.goals["memory"]) == "at least 2.5"


def test_a_ratio_to_what_was_not_measured_is_refused() -> None:
    with pytest.raises(KeyError, match="nobody"):
        Report("daily", list(CASES)).ratio("ours_vs_nobody", "ours", "nobody")


def test_a_report_is_shown_with_every_case_and_the_goal() -> None:
    report = Report("daily", list(CASES))
    report.ratio("ours_vs_theirs", "ours", "theirs", goal=Goal(1.3))
    console = Console(record=True, width=100, file=StringIO())
    report.show(console)
    shown = console.export_text()
    assert all(word in shown for word in ("ours", "theirs", "1.50", "at most 1.3", "1,000"))
