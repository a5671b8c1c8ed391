"""Rows set aside over several runs: they wait, are counted, released with a trace, superseded."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from agm_platform.contracts.quarantine_log import QUARANTINE_LOG
from agm_platform.world import WorldSize, generate, write
from agm_platform.world.faults import MAPPING
from agm_platform.world.peak import OTHER_PEAK_PRODUCTS
from agm_platform_tests.end_to_end.one_platform import Platform

TINY = WorldSize(
    customers=200, first_day=date(2020, 11, 20), days=4, peak_days=2, peak_sales_per_day=10
)
UNMAPPED = "product_id__mapped"
MONEY = "tip_usd_cents__none"
Log = list[dict[str, Any]]


def log_of(platform: Platform) -> Log:
    names = QUARANTINE_LOG.column_names
    rows = platform.query(f"select {', '.join(names)} from {QUARANTINE_LOG.full_name}")
    return [dict(zip(names, row, strict=True)) for row in rows]


def of_rule(log: Log, rule: str) -> Counter[tuple[str, int, int]]:
    """Count rows by state, how often they were seen and how often released."""
    return Counter(
        (row["state"], row["times_seen"], row["releases"]) for row in log if row["rule"] == rule
    )


def told(platform: Platform) -> set[tuple[str, str, str]]:
    """Return run, table and name of every check in the table of results."""
    rows = platform.query(
        "select run_id, source || '.' || table_name, check_name from quality.check_results"
    )
    return {(run, table, name) for run, table, name in rows}


class Story:
    """Two days under the wrong map, one of them with a fault; all put right; the fault again.

    The replay judges the old file of the corrected day first, then reads the new one. Before the
    last run the warehouse is lost.
    """

    def __init__(self, folder: Path) -> None:
        world = folder / "landing"
        write(generate(TINY, seed=5), world)
        self.platform = Platform(world, folder / "data")
        self.good_map = (world / MAPPING).read_text()
        self.day = min((world / "peak").glob("*.json"))
        self.fixed = self.day.read_text()
        self.faulty = self.fixed.replace('"tax": 0', '"tax": 1', 1)
        rows = "".join(f"{product},{other}\n" for product, other in OTHER_PEAK_PRODUCTS.items())
        wrong_map = f"product_id,peak_product_id\n{rows}"

        self.day.write_text(self.faulty)
        (world / MAPPING).write_text(wrong_map)
        self.first = self._after("run")
        self.day.write_text(self.fixed)
        (world / MAPPING).write_text(self.good_map)
        self.second = self._after("replay")
        self.told_before = told(self.platform)
        self.day.write_text(self.faulty)
        for path in (self.platform.data / "warehouse").iterdir():
            path.unlink()
        self.third = self._after("run")

    def _after(self, command: str) -> Log:
        assert self.platform.run(command) == 0, self.platform.output
        return log_of(self.platform)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return Story(tmp_path_factory.mktemp("quarantine"))


def test_rows_wait_from_the_first_run_that_sets_them_aside(story: Story) -> None:
    assert of_rule(story.first, UNMAPPED).keys() == {("waiting", 1, 0)}
    assert of_rule(story.first, MONEY) == {("waiting", 1, 0): 1}
    assert all(row["first_seen"] == row["last_seen"] for row in story.first)


def test_the_right_map_releases_every_line_with_a_trace(story: Story) -> None:
    lines = [row for row in story.second if row["rule"] == UNMAPPED]
    assert len(lines) == sum(row["rule"] == UNMAPPED for row in story.first) > 0
    assert of_rule(story.second, UNMAPPED).keys() == {("released", 1, 1)}
    assert len({row["released_in_run"] for row in lines}) == 1
    assert all(row["released_at"] > row["last_seen"] == row["first_seen"] for row in lines)


def test_a_row_judged_again_is_counted_and_goes_with_the_file_that_was_replaced(
    story: Story,
) -> None:
    assert of_rule(story.second, MONEY) == {("superseded", 2, 0): 1}


def test_a_replay_says_what_it_released_and_what_still_waits(story: Story) -> None:
    assert "Quarantine:" not in story.platform.output[0]
    said = story.platform.output[1]
    released = sum(row["state"] == "released" for row in story.second)
    assert f"Quarantine: {released} rows released, 0 still wait" in said
    assert f"{UNMAPPED:<32} {released:>8} released" in said


def test_the_first_file_again_brings_its_row_back_though_the_warehouse_was_lost(
    story: Story,
) -> None:
    (first,) = [row for row in story.first if row["rule"] == MONEY]
    (row,) = [row for row in story.third if row["rule"] == MONEY]
    assert (row["state"], row["times_seen"], row["releases"]) == ("waiting", 3, 0)
    assert row["first_seen"] == first["first_seen"] < row["state_since"]
    released = [
        sorted(repr(row) for row in log if row["state"] == "released")
        for log in (story.second, story.third)
    ]
    assert released[0] == released[1] != []


def test_the_journal_outlives_the_warehouse(story: Story) -> None:
    after = told(story.platform)
    assert story.told_before < after
    runs, earlier = ({run for run, *_ in found} for found in (after, story.told_before))
    assert len(runs) > len(earlier) >= 2


def test_a_command_publishes_once_however_many_jobs_it_takes(story: Story) -> None:
    assert story.platform.output[1].count("\nJob ") >= 2
    assert len(list((story.platform.data / "snapshots").iterdir())) == len(story.platform.output)


def test_the_summary_adds_up_to_the_log(story: Story) -> None:
    names = ("waiting", "released", "superseded", "reclassified")
    sums = story.platform.query(
        f"select {', '.join(f'sum({name})' for name in names)} from quality.quarantine_summary",
        published=True,
    )
    states = Counter(row["state"] for row in story.third)
    assert sums == [tuple(states[name] for name in names)]
