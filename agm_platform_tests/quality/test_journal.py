"""The journal of check results: what it keeps, what it never keeps, and what breaks it."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agm_platform.contracts.model import Column, OnFailure, Rule, Table, Type
from agm_platform.quality.journal import Journal, JournalError, Step
from agm_platform.quality.journal_schema import MIGRATIONS
from agm_platform.quality.profile import Counts, Profile
from agm_platform.quality.results import Judgement, Result, crashed, judged

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
SALES = Table(
    "shop",
    "sales",
    "Sales.",
    (
        Column("sale_id", Type.TEXT, "Number."),
        Column("day", Type.DATE, "Day."),
        Column("street", Type.TEXT, "Street.", personal=True),
    ),
    partition_column="day",
)
UNIQUE = Rule(
    "sale_id__unique", "expect_column_values_to_be_unique", {"column": "sale_id"}, "stands once"
)
STREETS = Rule(
    "street__most", "expect_column_max_to_be_between", {"column": "street"}, "s", OnFailure.WARN
)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "quality" / "journal.sqlite")


def step(run: str, *partitions: str, delivery: str | None = None) -> Step:
    return Step(run, NOON, SALES, partitions, delivery)


def failed(rule: Rule = UNIQUE) -> Result:
    return judged(rule, Judgement(passed=False, element_count=10, unexpected_count=2), 1.5)


def all_results(journal: Journal) -> list[tuple[object, ...]]:
    rows = journal.query(
        "select run_id, check_name, state, element_count, unexpected_count, first_partition,"
        " last_partition, partitions from results join steps using (step_id)"
        " join rules using (rule_id) order by step_id, check_name"
    )
    return [tuple(row.values()) for row in rows]


def test_a_result_is_kept_with_its_run_its_partitions_and_its_counts(journal: Journal) -> None:
    journal.record(step("r1", "2020-10-03", "2020-10-04"), [failed()], queries={UNIQUE.name: "q"})
    days = ("2020-10-03", "2020-10-04", "2020-10-03, 2020-10-04")
    assert all_results(journal) == [("r1", UNIQUE.name, "failed", 10, 2, *days)]
    (told,) = journal.query(
        "select judged_at, source, table_name, expectation, column_name, severity, on_failure,"
        " query, duration_ms from results join steps using (step_id) join rules using (rule_id, "
        " source, table_name)"
    )
    assert list(told.values()) == [
        "2026-11-25T12:00:00.000+00:00",
        "shop",
        "sales",
        "expect_column_values_to_be_unique",
        "sale_id",
        "critical",
        "block",
        "q",
        1.5,
    ]


def test_the_words_of_a_rule_are_kept_once_and_anew_when_they_change(journal: Journal) -> None:
    for run in ("r1", "r2"):
        journal.record(step(run), [failed()])
    assert len(journal.query("select * from rules")) == 1
    other = Rule(UNIQUE.name, UNIQUE.expectation, UNIQUE.kwargs, "in other words")
    journal.record(step("r3"), [failed(other)])
    assert [row["words"] for row in journal.query("select words from rules order by 1")] == [
        "in other words",
        "stands once",
    ]
    assert len(all_results(journal)) == 3


def test_a_step_tried_again_in_its_run_replaces_itself(journal: Journal) -> None:
    journal.record(step("r1"), [crashed(UNIQUE, "no memory")], [Profile("", 5)])
    journal.record(step("r1"), [failed()], [Profile("", 6)])
    assert [row[2] for row in all_results(journal)] == ["failed"]
    assert journal.query("select rows from profiles") == [{"rows": 6}]


def test_what_was_observed_of_a_personal_column_is_not_kept(journal: Journal) -> None:
    seen = Result(STREETS, failed().state, "does not hold", observed="1 Elm Street")
    journal.record(step("r1"), [seen, Result(UNIQUE, failed().state, "x", observed=7)])
    told = {
        row["check_name"]: row["observed"]
        for row in journal.query(
            "select check_name, observed from results join rules using (rule_id)"
        )
    }
    assert told == {STREETS.name: None, UNIQUE.name: "7"}
    assert b"Elm" not in b"".join(path.read_bytes() for path in journal.path.parent.iterdir())


def test_earlier_days_are_those_before_as_they_were_last_judged(journal: Journal) -> None:
    journal.record(step("r1"), [], [Profile("2020-10-01", 1), Profile("2020-10-02", 2)])
    journal.record(
        step("r2"), [], [Profile("2020-10-02", 9, {"day": 3}, {"rule": Counts(9, 0, 1)})]
    )
    journal.record(step("r3"), [], [Profile("2020-10-03", 3), Profile("", 99)])
    before = journal.earlier(SALES, before="2020-10-03", limit=10)
    assert [(one.partition, one.rows) for one in before] == [("2020-10-01", 1), ("2020-10-02", 9)]
    assert before[1].missing == {"day": 3}
    assert before[1].counts == {"rule": Counts(9, 0, 1)}
    newest = journal.earlier(SALES, before="2020-10-03", limit=1)
    assert [one.partition for one in newest] == ["2020-10-02"]


def test_earlier_deliveries_count_once_however_often_they_were_read(journal: Journal) -> None:
    for run, delivery, rows in (("r1", "a", 1), ("r2", "a", 2), ("r3", "b", 3), ("r4", None, 4)):
        journal.record(step(run, delivery=delivery), [], [Profile("", rows)])
    assert [one.rows for one in journal.earlier(SALES, delivery="c", limit=9)] == [2, 3]
    assert [one.rows for one in journal.earlier(SALES, delivery="b", limit=9)] == [2]


def test_a_failed_write_leaves_nothing_behind(journal: Journal) -> None:
    twice = [Profile("2020-10-01", 1), Profile("2020-10-01", 1)]
    with pytest.raises(sqlite3.IntegrityError):
        journal.record(step("r1"), [failed()], twice)
    assert all_results(journal) == []


def test_a_journal_of_a_newer_version_is_refused(journal: Journal) -> None:
    journal.record(step("r1"), [failed()])
    with sqlite3.connect(journal.path) as db:
        db.execute(f"pragma user_version = {len(MIGRATIONS) + 1}")
    with pytest.raises(JournalError, match="update the platform"):
        journal.query("select 1")


@pytest.mark.parametrize("content", [b"no database, but long enough to be looked at" * 50])
def test_a_file_that_is_no_journal_is_an_error_and_stays(journal: Journal, content: bytes) -> None:
    journal.path.parent.mkdir()
    journal.path.write_bytes(content)
    with pytest.raises(sqlite3.DatabaseError):
        journal.record(step("r1"), [failed()])
    assert journal.path.read_bytes() == content
