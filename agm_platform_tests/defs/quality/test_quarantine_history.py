"""The log of rows set aside: a row waits, is released, superseded or reclassified."""

from datetime import date, datetime, timedelta
from typing import Any

import duckdb
import narwhals as nw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agm_platform.contracts import agm, landing, peak
from agm_platform.contracts.quarantine_log import (
    QUARANTINE_LOG,
    QUARANTINE_SUMMARY,
    WAITING,
)
from agm_platform.defs.quality.quarantine_history import Moment, set_aside, summed_up, written_on
from agm_platform.warehouse.rows import records
from agm_platform.warehouse.tables import replace_rows
from agm_platform.warehouse.types import conform, create_statement
from agm_platform_tests.defs.conftest import Make, Row

START = datetime(2020, 11, 20, 5)  # noqa: DTZ001  UTC, as the warehouse keeps it
DAY, OTHER_DAY = date(2020, 11, 19), date(2020, 11, 18)
ALL_OF_AGM: dict[str, Any] = {"agm": None}


class Log:
    """The log over several runs, an hour apart unless `days` are said to have passed."""

    def __init__(self, make: Make) -> None:
        self.make = make
        self.log = make(QUARANTINE_LOG)
        self.run = 0
        self.now = START

    def judge(
        self,
        agm_rows: list[Row] | None = None,
        peak_rows: list[Row] | None = None,
        *,
        files: dict[str, str],
        judged: dict[str, Any] | None = None,
        days: int = 0,
        repeated: bool = False,
    ) -> list[Row]:
        """One run: what it set aside, and the SHA-256 in force of each file name."""
        self.run += not repeated
        self.now += timedelta(hours=1, days=days)
        ledger = self.make(
            landing.LEDGER,
            *(
                {
                    "source": "peak" if name.startswith("peak") else "agm",
                    "file_name": name,
                    "file_sha256": sha,
                    "business_date": DAY if name.startswith("peak") else None,
                    "state": "accepted",
                }
                for name, sha in files.items()
            ),
        )
        quarantines = {
            "agm": self.make(agm.QUARANTINE, *(agm_rows or [])),
            "peak": self.make(peak.QUARANTINE, *(peak_rows or [])),
        }
        written = conform(
            written_on(
                self.log,
                set_aside(quarantines, ledger),
                ledger,
                ALL_OF_AGM if judged is None else judged,
                Moment(f"run {self.run}", self.now),
            ),
            QUARANTINE_LOG,
        )
        rows = records(written)
        self.log = self.make(QUARANTINE_LOG, *rows)
        return rows


@pytest.fixture
def log(make: Make) -> Log:
    return Log(make)


def bad(position: int = 1, rule: str = "customer_id__not_null", name: str = "sales.csv") -> Row:
    return {"table_name": "raw_sales", "file_name": name, "position": position, "rule": rule}


def bad_line(day: date = DAY, position: int = 1) -> Row:
    return {
        "business_date": day,
        "table_name": "raw_order_lines",
        "file_name": "peak.json",
        "position": position,
        "line_number": 1,
        "rule": peak.UNMAPPED_PRODUCT,
    }


A, B = {"sales.csv": "a"}, {"sales.csv": "b"}


def test_a_row_waits_from_the_first_run_that_sets_it_aside(log: Log) -> None:
    (row,) = log.judge([bad()], files=A)
    assert row == {
        "source": "agm",
        "table_name": "raw_sales",
        "file_name": "sales.csv",
        "file_sha256": "a",
        "business_date": None,
        "position": 1,
        "line_number": None,
        "rule": "customer_id__not_null",
        "state": WAITING,
        "state_since": START + timedelta(hours=1),
        "first_seen": START + timedelta(hours=1),
        "last_seen": START + timedelta(hours=1),
        "times_seen": 1,
        "waiting_days": 0,
        "releases": 0,
        "released_at": None,
        "released_in_run": None,
        "last_run": "run 1",
    }


def test_each_run_that_judges_a_row_counts_once(log: Log) -> None:
    log.judge([bad()], files=A)
    log.judge([bad()], files=A)
    (row,) = log.judge([bad()], files=A, repeated=True)
    assert (row["times_seen"], row["last_run"]) == (2, "run 2")
    assert row["first_seen"] < row["last_seen"] < log.now


def test_a_row_that_is_accepted_from_the_same_file_is_released_with_a_trace(log: Log) -> None:
    log.judge([bad(1), bad(2)], files=A)
    first, second = log.judge([bad(2)], files=A)
    assert (first["state"], first["releases"]) == ("released", 1)
    assert (first["released_at"], first["released_in_run"]) == (log.now, "run 2")
    assert (first["rule"], first["waiting_days"]) == ("customer_id__not_null", None)
    assert second["state"] == WAITING


def test_a_row_of_a_file_that_was_replaced_is_superseded_not_released(log: Log) -> None:
    log.judge([bad()], files=A)
    (row,) = log.judge([], files=B)
    assert (row["state"], row["releases"], row["released_at"]) == ("superseded", 0, None)


def test_the_same_place_in_another_file_is_another_row(log: Log) -> None:
    log.judge([bad()], files=A)
    rows = log.judge([bad()], files=B)
    assert [(row["file_sha256"], row["state"]) for row in rows] == [
        ("a", "superseded"),
        ("b", WAITING),
    ]


def test_a_file_that_comes_back_brings_its_rows_back(log: Log) -> None:
    log.judge([bad()], files=A)
    log.judge([], files=B)
    (row,) = log.judge([bad()], files=A)
    assert (row["state"], row["times_seen"], row["releases"]) == (WAITING, 2, 0)
    assert row["state_since"] == log.now


def test_a_row_that_comes_back_after_its_release_waits_and_says_so(log: Log) -> None:
    log.judge([bad()], files=A)
    log.judge([], files=A)
    (row,) = log.judge([bad()], files=A)
    assert (row["state"], row["releases"], row["times_seen"]) == (WAITING, 1, 2)
    assert row["released_in_run"] == "run 2"
    assert (row["state_since"], row["last_seen"]) == (log.now, log.now)
    (row,) = log.judge([], files=A)
    assert (row["state"], row["releases"], row["released_in_run"]) == ("released", 2, "run 4")


def test_a_row_that_another_rule_keeps_out_is_not_released(log: Log) -> None:
    log.judge([bad(rule="a__b")], files=A)
    rows = log.judge([bad(rule="c__d")], files=A)
    assert [(row["rule"], row["state"]) for row in rows] == [
        ("a__b", "reclassified"),
        ("c__d", WAITING),
    ]
    rows = log.judge([], files=A)
    assert [row["state"] for row in rows] == ["reclassified", "released"]


def test_what_a_run_did_not_judge_stays_as_it_is(log: Log) -> None:
    peak_file = {"peak.json": "p"}
    of_day = {"peak": [DAY, OTHER_DAY]}
    before = log.judge(
        [bad()], [bad_line(), bad_line(OTHER_DAY)], files={**A, **peak_file}, judged=of_day
    )
    assert [row["source"] for row in before] == ["peak", "peak"]
    after = log.judge([bad()], [], files={**A, **peak_file}, judged={"peak": [OTHER_DAY]})
    state = {row["business_date"]: row["state"] for row in after}
    assert state == {DAY: WAITING, OTHER_DAY: "superseded"}  # the file is in force for DAY only
    assert log.judge([], [], files={**A, **peak_file}, judged={}) == after
    assert log.judge([], [], files={**A, **peak_file}, judged={"peak": []}) == after


def test_waiting_is_counted_in_whole_days_also_where_nothing_was_judged(log: Log) -> None:
    log.judge([bad()], files=A)
    (row,) = log.judge([], files=A, judged={}, days=8)
    assert row["waiting_days"] == 8
    (row,) = log.judge([bad()], files=A)
    assert (row["waiting_days"], row["times_seen"]) == (8, 2)


def test_a_table_that_no_file_brought_is_followed_too(log: Log) -> None:
    log.judge([bad(name="reference.csv")], files={})
    (row,) = log.judge([], files={})
    assert (row["file_sha256"], row["state"]) == (None, "released")


def test_the_summary_counts_by_rule_and_file(log: Log, make: Make) -> None:
    log.judge([bad(1), bad(2), bad(3, "a__b")], files=A)
    log.judge([bad(2)], files=A, days=3)
    rows = records(conform(summed_up(log.log), QUARANTINE_SUMMARY))
    names = ("rule", "waiting", "released", "superseded", "reclassified", "waiting_days")
    assert [tuple(row[name] for name in names) for row in rows] == [
        ("a__b", 0, 1, 0, 0, None),
        ("customer_id__not_null", 1, 1, 0, 0, 3),
    ]


RUNS = st.lists(
    st.tuples(st.sampled_from("ab"), st.sets(st.integers(1, 3))), min_size=1, max_size=3
)


@settings(max_examples=8)
@given(RUNS)
def test_whatever_happens_exactly_the_rows_in_quarantine_wait(
    runs: list[tuple[str, set[int]]],
) -> None:
    with duckdb.connect() as connection:

        def make(table: Any, *rows: Row) -> nw.LazyFrame:
            connection.execute(f"create schema if not exists {table.source}")
            connection.execute(f"drop table if exists {table.full_name}")
            connection.execute(create_statement(table))
            for row in rows:
                marks = ", ".join("?" for _ in row)
                connection.execute(
                    f"insert into {table.full_name} ({', '.join(row)}) values ({marks})",
                    list(row.values()),
                )
            return nw.from_native(connection.table(table.full_name))

        log, met = Log(make), {}
        for sha, places in runs:
            rows = log.judge([bad(place) for place in places], files={"sales.csv": sha})
            for place in places:
                met[sha, place] = met.get((sha, place), 0) + 1
            waiting = {
                (row["file_sha256"], row["position"]) for row in rows if row["state"] == WAITING
            }
            assert waiting == {(sha, place) for place in places}
            counted = {(row["file_sha256"], row["position"]): row["times_seen"] for row in rows}
            assert counted == met


def test_the_log_may_be_written_over_the_rows_that_it_is_made_from(
    connection: duckdb.DuckDBPyConnection, make: Make
) -> None:
    ledger = make(landing.LEDGER)
    waiting = set_aside({"agm": make(agm.QUARANTINE, bad())}, ledger)
    log = make(QUARANTINE_LOG)
    for _ in range(2):
        written = conform(
            written_on(log, waiting, ledger, ALL_OF_AGM, Moment("run", START)), QUARANTINE_LOG
        )
        assert replace_rows(connection, QUARANTINE_LOG, written.to_native()) == 1
        log = nw.from_native(connection.table(QUARANTINE_LOG.full_name))
