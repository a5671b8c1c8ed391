"""The benchmark of the checks at a small size: every side finds the same, and says what it cost."""

import json
from pathlib import Path

import duckdb
import pytest

from agm_platform.quality.suites import write_suites
from benchmarks import bare_checks, checks_job, gx_pandas
from benchmarks.form import Case, Report, Side, measure
from benchmarks.order_lines import ORDER_LINES, differences, generate, write_verdicts
from benchmarks.quality import BARE, add_ratios, compare

BROKEN = {
    "product_id__filled",
    "quantity__usual",
    "product_id__length",
    "order_id__pattern",
    "line_number__unique_in_order",
    "amount_usd_cents__at_least_the_price",
    "unit_price_usd_cents__most",
}


def test_order_lines_are_the_same_every_time_and_an_order_number_stands_for_one_order(
    tmp_path: Path,
) -> None:
    for name in ("one", "other"):
        generate(tmp_path / name, 2_000)
    with duckdb.connect(str(tmp_path / "one"), read_only=True) as connection:
        connection.execute(f"attach '{tmp_path / 'other'}' as other (read_only)")
        both = "select * from bench.order_lines {} select * from other.bench.order_lines"
        assert connection.execute(both.format("except all")).fetchall() == []
        lines = "select max(lines) from (select count(*) as lines from bench.order_lines group by "
        assert connection.execute(lines + "order_id)").fetchall() == [(9,)]


def test_a_difference_of_verdict_count_or_figure_is_told_by_the_rule() -> None:
    ours = {rule.name: (True, 0, 6.5) for rule in ORDER_LINES.rules}
    assert differences(ours, ours) == []
    first, second, third, *_ = ours
    theirs = ours | {first: (False, 0, 6.5), second: (True, 1, 6.5), third: (True, 0, None)}
    assert [told.split(":")[0] for told in differences(ours, theirs)] == [first, second, third]
    assert differences(ours, ours | {first: (True, 0, 6.5 * (1 + 1e-14))}) == []
    assert differences(ours, {}) != []


def test_all_sides_find_the_same_and_the_checks_import_no_great_expectations(
    tmp_path: Path,
) -> None:
    database = tmp_path / "lines.duckdb"
    generate(database, 3_000)
    (suite,) = write_suites([ORDER_LINES], tmp_path / "suites")
    files = {name: tmp_path / f"{name}.json" for name in ("checks", "gx", *BARE)}
    options = {"--database": database, "--home": tmp_path / "home", "--verdicts": files["checks"]}
    arguments = [str(word) for option in options.items() for word in option]
    cases = measure([Side("checks", "benchmarks.checks_job", arguments)], 1)  # fails if it does
    assert [(case.name, case.rows) for case in cases] == [("checks", 3000), ("checks.job", 3000)]
    told = json.loads(gx_pandas.run(database, suite, files["gx"]))
    assert sorted(told["parts"]) == ["batch", "first", "import", "read", "validate", "work"]
    for way in BARE:
        bare_checks.run(database, way, "1GB", files[way])
    found = {name: json.loads(path.read_text()) for name, path in files.items()}
    assert {rule for rule, (passed, *_) in found["checks"].items() if not passed} == BROKEN
    for name in ("gx", *BARE):
        assert differences(found["checks"], found[name]) == [], name


def test_many_small_tables_are_measured_by_the_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))  # restored afterwards
    told = json.loads(checks_job.many(tmp_path / "home", 2))
    assert told["rows"] == 2 * 11
    assert list(told["parts"]) == ["each"]


def test_the_ratio_to_sql_is_to_the_faster_way_to_write_it() -> None:
    seconds = {"checks_32m": 10.0, "bare_one_32m": 12.5, "bare_separate_32m": 14.0}
    seconds |= {"bare_blocks_32m": 8.0, "gx_pandas_1m": 20.0, "checks_1m": 2.0}
    seconds |= {f"{name}.{part}": 1.0 for name in seconds for part in ("job", "work", "first")}
    report = Report("quality", [Case(name, took, took, 100, 1) for name, took in seconds.items()])
    add_ratios(report, "1m", "32m")
    assert report.ratios["checks_vs_bare_32m"] == 0.8
    assert report.ratios["checks_vs_bare_32m_same_method"] == 1.25
    assert report.ratios["gx_pandas_vs_checks_1m_seconds_whole_process"] == 10
    assert {name: str(goal) for name, goal in report.goals.items()} == {
        "checks_vs_bare_32m": "at most 1.3",
        "checks_vs_bare_32m_same_method": "at most 1.3",
        "gx_pandas_vs_checks_1m_seconds": "at least 15",
        "gx_pandas_vs_checks_1m_memory": "at least 2.5",
    }


def test_sides_that_found_something_else_are_named(tmp_path: Path) -> None:
    ours = {rule.name: (True, 0, None) for rule in ORDER_LINES.rules}
    write_verdicts(tmp_path / "checks_1m.json", ours)
    write_verdicts(tmp_path / "bare_one_1m.json", ours)
    compare(tmp_path)
    write_verdicts(tmp_path / "bare_one_1m.json", ours | {"quantity__usual": (False, 1, None)})
    with pytest.raises(RuntimeError, match="checks_1m and bare_one_1m differ: quantity__usual"):
        compare(tmp_path)
