"""The ledger: what a run may record, what survives, who may write at once."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date
from typing import TYPE_CHECKING

import pytest

from agm_platform.landing import ledger as ledger_module
from agm_platform.landing.decisions import identify
from agm_platform.landing.delivery import Correction, Outcome
from agm_platform.landing.difference import Difference
from agm_platform.landing.fetch import fetch
from agm_platform.landing.ledger import Ledger
from agm_platform.landing.ledger_schema import MIGRATIONS
from agm_platform.landing.ledger_writes import LedgerError
from agm_platform.landing.plan import plan_runs
from agm_platform_tests.landing.conftest import SALES, STORES

if TYPE_CHECKING:
    from pathlib import Path

    from agm_platform_tests.landing.conftest import Dock

OCT_3 = date(2020, 10, 3)
NAME = "sales_2020_10_03.json"


def test_an_accepted_delivery_is_the_current_one_of_its_day(dock: Dock) -> None:
    dock.drop(NAME, "one")
    dock.look()
    assert dock.ledger.current("peak", "sales", OCT_3) is None
    assert dock.ledger.accept(1, rows=97, lines=352, run_id="run") is None
    current = dock.ledger.current("peak", "sales", OCT_3)
    assert current is not None
    assert (current.rows_received, current.lines_received, current.run_id) == (97, 352, "run")
    assert dock.ledger.pending() == []


def test_a_feed_without_dates_has_one_current_delivery(dock: Dock) -> None:
    dock.drop("stores.csv", "one")
    dock.look()
    dock.run()
    dock.drop("stores.csv", "two")
    dock.look()
    assert dock.ledger.accept(2, rows=1, run_id="run") == 1
    current = dock.ledger.current("peak", "stores", None)
    assert current is not None
    assert (current.delivery_id, current.business_date) == (2, None)


def test_accepting_a_correction_returns_what_it_replaced(dock: Dock) -> None:
    dock.drop(NAME, "one")
    dock.look()
    dock.run()
    dock.drop(NAME, "two")
    dock.look()
    assert dock.ledger.accept(2, rows=1, run_id="run") == 1
    counts = {"raw_orders": Difference(1, 2, 3), "raw_order_lines": Difference(0, 0, 4)}
    for _ in range(2):
        dock.ledger.record_correction(2, 1, counts)
    assert dock.ledger.corrections() == [
        Correction(2, 1, "raw_order_lines", Difference(0, 0, 4)),
        Correction(2, 1, "raw_orders", Difference(1, 2, 3)),
    ]


def test_a_quarantined_correction_leaves_the_accepted_file_in_force(dock: Dock) -> None:
    dock.drop(NAME, "one")
    dock.look()
    dock.run()
    dock.drop(NAME, "{")
    dock.look()
    dock.ledger.quarantine(2, "truncated", "run", line=1)
    current = dock.ledger.current("peak", "sales", OCT_3)
    bad = dock.ledger.history()[1]
    assert current is not None
    assert current.delivery_id == 1
    assert (bad.state, bad.reason, bad.line, bad.run_id) == ("quarantined", "truncated", 1, "run")


def test_what_a_run_concludes_is_recorded_wholly_or_not_at_all(dock: Dock) -> None:
    dock.drop(NAME, "one")
    dock.drop("sales_2020_10_03 (1).json", "one")
    dock.look()
    with pytest.raises(LedgerError, match="delivery 2 is nothing that a run reads"):
        dock.ledger.conclude([Outcome(1, rows=1), Outcome(2, rows=1)], "run")
    assert [d.state for d in dock.ledger.history()] == ["received", "duplicate"]
    with pytest.raises(LedgerError, match="delivery 99 is nothing"):
        dock.ledger.accept(99, rows=1, run_id="run")


def test_an_old_run_cannot_put_its_rows_over_newer_ones(dock: Dock) -> None:
    dock.drop(NAME, "one")
    dock.drop("sales_2020_10_03_v2.json", "two", age=30)
    dock.look()
    dock.run()
    with pytest.raises(LedgerError, match="delivery 1: the newer delivery 2 is in force"):
        dock.ledger.accept(1, rows=1, run_id="again")
    assert [d.state for d in dock.ledger.history()] == ["superseded", "accepted"]


def test_a_run_that_read_a_file_just_before_it_was_replaced_still_counts(dock: Dock) -> None:
    dock.drop(NAME, "one")
    dock.look()
    dock.drop(NAME, "two")
    dock.look()  # closes the first, whose bytes are gone; its run has read them already
    dock.ledger.accept(1, rows=1, run_id="run")
    assert dock.ledger.accept(2, rows=1, run_id="run") == 1
    assert [d.superseded_by for d in dock.ledger.history()] == [2, None]


def test_a_run_repeated_by_hand_reads_the_same_deliveries_again(dock: Dock) -> None:
    dock.drop(NAME, "one")
    dock.drop("sales_2020_10_04.json", "four")
    dock.look()
    dock.run()
    due = dock.ledger.due("peak", "sales", [OCT_3])
    assert [d.delivery_id for d in due] == [1]
    assert dock.ledger.accept(1, rows=1, run_id="again") is None
    assert dock.ledger.history()[0].run_id == "again"


def test_what_waits_is_due_before_what_is_accepted_and_the_oldest_first(dock: Dock) -> None:
    dock.drop(NAME, "one")
    dock.drop("sales_2020_10_04.json", "four")
    dock.look()
    dock.run()
    dock.drop("sales_2020_10_03_a.json", "a", age=50)
    dock.drop("sales_2020_10_03_b.json", "b", age=40)
    dock.look()
    assert [d.file_name[:20] for d in dock.ledger.due("peak", "sales")] == [
        "sales_2020_10_03_a.j",
        "sales_2020_10_04.jso",
    ]


def test_a_replay_reads_quarantined_files_again(dock: Dock) -> None:
    dock.drop(NAME, "{")
    dock.drop("sales_2020_10_04.json", "")
    dock.drop("sales_2020_10_05.json", "{")
    dock.look()
    for delivery in dock.ledger.pending():
        dock.ledger.quarantine(delivery.delivery_id, "truncated", "run", line=1)
    dock.drop("sales_2020_10_05.json", "{}")
    dock.look()
    assert len(dock.ledger.reopen(d.delivery_id for d in dock.ledger.history())) == 2
    reopened = {str(d.business_date): (d.state, d.reason) for d in dock.ledger.history()[:3]}
    assert reopened["2020-10-03"] == ("received", None)
    assert reopened["2020-10-04"][0] == "quarantined"  # empty: nothing a run could do about it
    assert reopened["2020-10-05"][0] == "quarantined"  # there is a newer file


def test_a_delivery_whose_bytes_are_gone_is_told_by_a_fetch(dock: Dock, tmp_path: Path) -> None:
    path = dock.drop(NAME, "one")
    dock.drop("sales_2020_10_04.json", "four")
    dock.look()
    path.unlink()
    fetched = fetch(dock.zone, dock.ledger, dock.ledger.pending(), tmp_path)
    assert [d.file_name for d in fetched.gone] == [NAME]
    assert [path.name for path in fetched.paths.values()] == ["sales_2020_10_04.json"]


def test_a_ledger_is_found_again_as_it_was(dock: Dock) -> None:
    dock.drop(NAME, "one")
    dock.look()
    again = Ledger(dock.ledger.path)
    assert again.ledger_id == dock.ledger.ledger_id
    assert again.history() == dock.ledger.history()
    assert again.observed("peak").keys() == {NAME}


def test_two_ledgers_have_two_identities(tmp_path: Path) -> None:
    assert Ledger(tmp_path / "a").ledger_id != Ledger(tmp_path / "b").ledger_id


def test_a_ledger_of_an_older_schema_is_brought_up_to_date(
    dock: Dock, monkeypatch: pytest.MonkeyPatch
) -> None:
    dock.drop(NAME, "one")
    dock.look()
    newer = (*MIGRATIONS, ("alter table observed add column note text default 'added'",))
    monkeypatch.setattr(ledger_module, "MIGRATIONS", newer)
    again = Ledger(dock.ledger.path)
    assert again.ledger_id == dock.ledger.ledger_id
    with closing(sqlite3.connect(dock.ledger.path)) as db:
        assert db.execute("select note from observed").fetchall() == [("added",)]
        assert db.execute("pragma user_version").fetchone() == (len(newer),)


def test_a_ledger_of_a_newer_schema_is_not_touched(dock: Dock) -> None:
    with closing(sqlite3.connect(dock.ledger.path)) as db:
        db.execute("pragma user_version = 99")
    with pytest.raises(LedgerError, match="was written by a newer version"):
        Ledger(dock.ledger.path)


def test_the_ledger_can_be_read_while_somebody_writes(dock: Dock) -> None:
    dock.drop(NAME, "one")
    dock.look()
    with closing(sqlite3.connect(dock.ledger.path, isolation_level=None)) as writer:
        writer.execute("begin immediate")
        writer.execute("update deliveries set state = 'accepted'")
        assert [d.state for d in dock.ledger.history()] == ["received"]


def test_a_run_claimed_before_a_crash_is_asked_for_again_as_it_was(dock: Dock) -> None:
    dock.drop(NAME, "one")
    dock.look()
    (request,) = plan_runs(dock.ledger.pending(), {}, dock.ledger.ledger_id).requests
    dock.ledger.claim(request.deliveries, request.run_key, request.attempt)
    after = Ledger(dock.ledger.path)
    dock.drop("sales_2020_10_04.json", "four")
    dock.look()
    again, new = plan_runs(after.pending(), {}, after.ledger_id).requests
    assert (again.run_key, again.attempt) == (request.run_key, 1)
    assert [d.file_name for d in new.deliveries] == ["sales_2020_10_04.json"]


def test_an_erasure_is_the_same_delivery_with_other_bytes(dock: Dock) -> None:
    dock.drop(NAME, "with the person")
    dock.look()
    dock.run()
    [file] = dock.zone.list("peak").files
    before = dock.zone.sha256(file)
    now = dock.zone.replace(file, b"without")
    candidate = identify(now, dock.zone.sha256(now), (SALES,))
    dock.ledger.record_erasure(before, candidate, 3, 0, moment=dock.now)
    report = dock.look()
    assert (report.arrivals, report.unchanged) == ([], 1)
    [delivery] = dock.ledger.history()
    assert (delivery.state, delivery.generation) == ("accepted", 1)
    assert (delivery.sha256, delivery.size_bytes) == (candidate.sha256, 7)
    assert dock.ledger.locate([delivery])[1].name == NAME
    assert dock.ledger.erasures() == [("peak", NAME, 3)]


def test_lines_that_an_erasure_removed_are_no_longer_received(dock: Dock) -> None:
    dock.drop("stores.csv", "a\nb\nc")
    dock.look()
    dock.ledger.accept(1, rows=3, run_id="run")
    [file] = dock.zone.list("peak").files
    before = dock.zone.sha256(file)
    now = dock.zone.replace(file, b"a\nc")
    candidate = identify(now, dock.zone.sha256(now), (STORES,))
    dock.ledger.record_erasure(before, candidate, 1, 1, moment=dock.now)
    assert dock.ledger.history()[0].rows_received == 2
