"""Scores by day and dimension, made from what the journal holds."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from agm_platform.contracts.model import Column, Rule, Table, Type
from agm_platform.contracts.registry import TABLES
from agm_platform.quality.dimensions import DIMENSIONS, TABLE, Dimension, Score, scores
from agm_platform.quality.journal import Journal, Step
from agm_platform.quality.profile import Counts, Profile
from agm_platform.quality.results import Judgement, Result, crashed, judged

COLUMNS = (Column("day", Type.DATE, "Day."), Column("id", Type.TEXT, "Number."))
DAYS = Table("shop", "sales", "Sales.", COLUMNS, partition_column="day")
WHOLE = Table("shop", "stores", "Stores.", COLUMNS)
NOT_NULL = Rule("id__not_null", "expect_column_values_to_not_be_null", {"column": "id"}, "there")
LENGTH = Rule(
    "id__length", "expect_column_value_lengths_to_equal", {"column": "id", "value": 3}, "three"
)
UNIQUE = Rule("id__unique", "expect_column_values_to_be_unique", {"column": "id"}, "once")
COUNT = Rule("rows__none", "expect_table_row_count_to_equal", {"value": 0}, "none")
SHAPE = Rule("sales__shape", "table_shape", {}, "columns")


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal.sqlite")


def found(rule: Rule, elements: int, missing: int, unexpected: int) -> Result:
    return judged(rule, Judgement(not unexpected, elements, missing, unexpected))


def record(
    journal: Journal, table: Table, day: int, results: list[Result], *profiles: Profile
) -> None:
    moment = datetime(2026, 11, day, 12, tzinfo=UTC)
    partitions = tuple(one.partition for one in profiles if one.partition)
    journal.record(Step(f"run {day}", moment, table, partitions), results, profiles)


def told(journal: Journal, **required: list[str]) -> dict[tuple[str, str, str], tuple[int, int]]:
    return {
        (score.day, score.column, score.dimension.value): (score.passed, score.judged)
        for score in scores(journal, required={("shop", name): of for name, of in required.items()})
    }


def test_a_whole_table_is_scored_by_the_day_of_its_last_run(journal: Journal) -> None:
    for day, failing in ((1, 4), (2, 3), (2, 1)):
        results = [found(LENGTH, 10, 2, failing), found(UNIQUE, 10, 2, 0)]
        record(journal, WHOLE, day, results, Profile("", 10, {"id": 2}))
    assert told(journal) == {
        ("2026-11-01", "id", "validity"): (4, 8),
        ("2026-11-01", "id", "uniqueness"): (8, 8),
        ("2026-11-02", "id", "validity"): (7, 8),
        ("2026-11-02", "id", "uniqueness"): (8, 8),
    }


def test_days_of_one_run_are_told_apart_by_their_profiles(journal: Journal) -> None:
    profiles = (
        Profile("2020-10-03", 6, {"id": 1}, {"id__length": Counts(6, 1, 2)}),
        Profile("2020-10-04", 4, {}, {"id__length": Counts(4, 0, 0)}),
    )
    results = [found(NOT_NULL, 10, 0, 1), found(LENGTH, 10, 1, 2), found(UNIQUE, 10, 1, 0)]
    record(journal, DAYS, 1, results, *profiles)
    assert told(journal) == {
        ("2020-10-03", "id", "completeness"): (5, 6),
        ("2020-10-03", "id", "validity"): (3, 5),
        ("2020-10-03", "id", "uniqueness"): (5, 5),  # nothing failed: it follows from the rows
        ("2020-10-04", "id", "completeness"): (4, 4),
        ("2020-10-04", "id", "validity"): (4, 4),
        ("2020-10-04", "id", "uniqueness"): (4, 4),
    }


def test_a_day_that_is_judged_again_has_its_newest_score(journal: Journal) -> None:
    record(journal, DAYS, 1, [found(LENGTH, 5, 0, 5)], Profile("2020-10-03", 5))
    record(journal, DAYS, 2, [found(LENGTH, 6, 0, 0)], Profile("2020-10-03", 6))
    assert told(journal) == {("2020-10-03", "id", "validity"): (6, 6)}


def test_completeness_is_told_of_required_columns_only(journal: Journal) -> None:
    record(journal, WHOLE, 1, [], Profile("", 10, {"id": 4, "day": 1}))
    assert told(journal) == {}
    assert told(journal, stores=["day"]) == {("2026-11-01", "day", "completeness"): (9, 10)}


def test_a_verdict_on_a_whole_table_counts_once_and_a_crash_or_an_unmapped_rule_not_at_all(
    journal: Journal,
) -> None:
    results = [judged(SHAPE, Judgement(passed=True)), crashed(LENGTH, "x"), found(COUNT, 3, 0, 3)]
    record(journal, WHOLE, 1, results, Profile("", 3))
    assert told(journal) == {("2026-11-01", TABLE, "validity"): (1, 1)}


def test_a_source_can_be_left_out(journal: Journal) -> None:
    record(journal, WHOLE, 1, [found(LENGTH, 1, 0, 0)], Profile("", 1))
    assert scores(journal, leave_out="shop", required={}) == []


def test_a_score_of_nothing_is_no_fraction() -> None:
    assert Score("s", "t", "c", "2020-10-03", Dimension.VALIDITY, 0, 0).fraction is None
    assert Score("s", "t", "c", "2020-10-03", Dimension.VALIDITY, 1, 4).fraction == 0.25


def test_every_rule_about_single_rows_has_a_dimension() -> None:
    used = {rule.expectation for table in TABLES for rule in table.rules}
    rows = {
        name
        for name in used
        if any(part in name for part in ("column_values", "column_pair", "rows_expectation"))
    }
    assert rows <= DIMENSIONS.keys(), rows - DIMENSIONS.keys()
