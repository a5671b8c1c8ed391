"""The landing state machine on real files: what each kind of arrival does to the ledger."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agm_platform.landing.ledger import Ledger
from agm_platform_tests.landing.conftest import Dock

if TYPE_CHECKING:
    from pathlib import Path

    from agm_platform.landing.scan import ScanReport

OCT_3 = "sales_2020_10_03.json"
OCT_4 = "sales_2020_10_04.json"


def kinds(report: ScanReport) -> list[str]:
    return [str(arrival.kind) for arrival in report.arrivals]


def test_a_new_file_waits_for_a_run(dock: Dock) -> None:
    dock.drop(OCT_3, "one")
    report = dock.look()
    delivery = report.arrivals[0].delivery
    assert kinds(report) == ["new"]
    assert (delivery.source, delivery.feed, str(delivery.business_date)) == (
        "peak",
        "sales",
        "2020-10-03",
    )
    assert (delivery.generation, delivery.state, delivery.size_bytes) == (1, "received", 3)
    assert delivery.received_at == dock.now
    assert report.summary() == "peak: 1 new"


def test_an_unchanged_file_is_not_read_again(dock: Dock, monkeypatch: pytest.MonkeyPatch) -> None:
    dock.drop(OCT_3)
    dock.look()
    monkeypatch.setattr("agm_platform.landing.zone.LandingZone.open", None)  # reading would raise
    report = dock.look()
    assert (report.arrivals, report.unchanged) == ([], 1)
    assert len(dock.story()) == 1


def test_the_same_bytes_written_again_change_nothing_and_the_ledger_says_so(dock: Dock) -> None:
    dock.drop(OCT_3, "one")
    dock.look()
    dock.run()
    dock.drop(OCT_3, "one")
    report = dock.look()
    assert kinds(report) == ["touched"]
    assert dock.story() == [(OCT_3, "accepted"), (OCT_3, "duplicate")]
    assert report.arrivals[0].delivery.reason == f"the same bytes as delivery 1 ({OCT_3})"
    assert dock.ledger.pending() == []


def test_changed_rights_alone_are_nobodys_business(dock: Dock) -> None:
    path = dock.drop(OCT_3, "one")
    dock.look()
    path.chmod(0o600)
    report = dock.look()
    assert (report.arrivals, len(dock.story())) == ([], 1)


def test_the_same_bytes_under_another_name_are_a_duplicate(dock: Dock) -> None:
    dock.drop(OCT_3, "one")
    dock.drop("sales_2020_10_03 (1).json", "one", age=30)
    assert kinds(dock.look()) == ["new", "duplicate"]
    assert [d.file_name for d in dock.ledger.pending()] == [OCT_3]


def test_a_corrected_file_replaces_its_day(dock: Dock) -> None:
    dock.drop(OCT_3, "one")
    dock.look()
    dock.run()
    dock.drop(OCT_3, "two")
    assert kinds(dock.look()) == ["corrected"]
    dock.run()
    old, new = dock.ledger.history()
    assert (old.state, old.superseded_by) == ("superseded", new.delivery_id)
    assert (new.state, new.generation) == ("accepted", 2)


def test_a_then_b_then_a_again_ends_with_a(dock: Dock) -> None:
    for content, kind in (("A", "new"), ("B", "corrected"), ("A", "restored")):
        dock.drop(OCT_3, content)
        assert kinds(dock.look()) == [kind]
        dock.run()
    states = [(d.generation, d.state) for d in dock.ledger.history()]
    assert states == [(1, "superseded"), (2, "superseded"), (3, "accepted")]
    assert dock.ledger.history()[0].sha256 == dock.ledger.history()[2].sha256


def test_a_correction_of_the_same_size_and_time_is_seen(dock: Dock) -> None:
    path = dock.drop(OCT_3, "one")
    before = path.stat()
    dock.look()
    path.write_text("two")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert kinds(dock.look()) == ["corrected"]


def test_two_files_for_one_day_are_taken_in_the_order_they_were_written(dock: Dock) -> None:
    dock.drop("sales_2020_10_03_v2.json", "two", age=30)
    dock.drop(OCT_3, "one", age=60)
    dock.look()
    assert [d.file_name for d in dock.ledger.pending()] == [OCT_3, "sales_2020_10_03_v2.json"]
    dock.run()
    assert dock.story() == [(OCT_3, "superseded"), ("sales_2020_10_03_v2.json", "accepted")]


def test_files_written_at_the_same_time_are_taken_by_name(dock: Dock) -> None:
    dock.drop("sales_2020_10_03_b.json", "b")
    dock.drop("sales_2020_10_03_a.json", "a")
    dock.look()
    assert [d.file_name[-6] for d in dock.ledger.pending()] == ["a", "b"]


def test_a_late_file_goes_to_its_own_day(dock: Dock) -> None:
    dock.drop(OCT_4, "four")
    dock.look()
    dock.run()
    dock.drop(OCT_3, "three")
    assert kinds(dock.look()) == ["new"]
    dock.run()
    assert set(dock.in_force()) == {"2020-10-03", "2020-10-04"}


def test_a_growing_file_waits_until_it_has_settled(dock: Dock) -> None:
    dock.drop(OCT_3, '{"sa', age=0)
    report = dock.look(after=1)
    assert report.waiting == [(OCT_3, "written to a moment ago; it is read when it has settled")]
    dock.drop(OCT_3, '{"sales": []}', age=0)
    assert dock.look(after=4).arrivals == []
    assert kinds(dock.look(after=1)) == ["new"]


def test_a_marker_makes_a_file_whole_at_once(dock: Dock) -> None:
    dock.drop(OCT_3, "one", age=0)
    dock.drop(f"{OCT_3}.done", "", age=0)
    report = dock.look(after=0)
    assert (kinds(report), report.ignored) == (["new"], [])


def test_a_marker_older_than_its_file_says_nothing(dock: Dock) -> None:
    dock.drop(OCT_3, "one", age=0)
    dock.drop(f"{OCT_3}.done", "", age=10)
    assert dock.look(after=0).arrivals == []


def test_a_time_in_the_future_does_not_block_a_file(dock: Dock) -> None:
    dock.drop(OCT_3, "one", age=-86400)
    assert kinds(dock.look(after=0)) == ["new"]


@pytest.mark.parametrize("name", [f".{OCT_3}", f"{OCT_3}.part", f"{OCT_3}.tmp", f"~{OCT_3}"])
def test_a_file_under_a_temporary_name_is_not_there_yet(dock: Dock, name: str) -> None:
    path = dock.drop(name, "one")
    report = dock.look()
    assert (report.arrivals, report.ignored) == ([], [])
    path.rename(path.with_name(OCT_3))
    assert kinds(dock.look()) == ["new"]


def test_an_unknown_name_is_ignored_and_said(dock: Dock) -> None:
    dock.drop("sale_2020_10_03.json")
    report = dock.look()
    ((name, reason),) = report.ignored
    assert (report.arrivals, name) == ([], "sale_2020_10_03.json")
    assert "no feed has such a name; the nearest is sales: sales_" in reason


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("sales_2020_13_45.json", "{}", "the date in the file's name does not exist"),
        (OCT_3, "", "the file is empty"),
    ],
)
def test_what_cannot_be_read_at_all_is_quarantined_at_once(
    dock: Dock, name: str, content: str, reason: str
) -> None:
    dock.drop(name, content)
    report = dock.look()
    delivery = report.arrivals[0].delivery
    assert (kinds(report), delivery.state) == (["unreadable"], "quarantined")
    assert delivery.reason is not None
    assert delivery.reason.startswith(reason)
    assert dock.ledger.pending() == []


def test_an_empty_file_leaves_the_accepted_one_in_force(dock: Dock) -> None:
    dock.drop(OCT_3, "one")
    dock.look()
    dock.run()
    dock.drop(OCT_3, "")
    dock.look()
    assert dock.story() == [(OCT_3, "accepted"), (OCT_3, "quarantined")]
    dock.drop(OCT_3, "one")
    assert kinds(dock.look()) == ["touched"]


def test_quarantined_bytes_that_come_again_are_tried_again(dock: Dock) -> None:
    dock.drop(OCT_3, "{")
    dock.look()
    dock.ledger.quarantine(1, "truncated", "run", line=1)
    dock.drop(OCT_3, "{")
    assert kinds(dock.look()) == ["new"]
    assert len(dock.ledger.pending()) == 1


def test_a_removed_file_leaves_its_data(dock: Dock) -> None:
    path = dock.drop(OCT_3, "one")
    dock.look()
    dock.run()
    path.unlink()
    assert dock.look().removed == [OCT_3]
    assert dock.look().removed == []
    assert dock.story() == [(OCT_3, "accepted")]


def test_a_file_that_comes_back_as_it_was_is_no_news(dock: Dock) -> None:
    path = dock.drop(OCT_3, "one")
    dock.look()
    dock.run()
    away = path.rename(path.with_name(".away"))
    dock.look()
    away.rename(path)
    assert dock.look().arrivals == []
    assert dock.look().unchanged == 1
    assert dock.story() == [(OCT_3, "accepted")]


def test_a_file_removed_before_it_was_read_is_told_and_taken_when_it_returns(dock: Dock) -> None:
    path = dock.drop(OCT_3, "one")
    dock.look()
    away = path.rename(path.with_name(".away"))
    dock.look()
    assert dock.ledger.history()[0].reason == "the file was removed or replaced before it was read"
    assert dock.story() == [(OCT_3, "quarantined")]
    away.rename(path)
    assert kinds(dock.look()) == ["new"]
    dock.run()
    assert dock.story()[-1] == (OCT_3, "accepted")


def test_a_file_replaced_before_it_was_read_gives_way(dock: Dock) -> None:
    dock.drop(OCT_3, "one")
    dock.look()
    dock.drop(OCT_3, "two")
    dock.look()
    old, new = dock.ledger.history()
    assert (old.state, old.superseded_by, new.state) == ("superseded", new.delivery_id, "received")


def test_a_file_renamed_before_it_was_read_is_read_under_its_new_name(dock: Dock) -> None:
    path = dock.drop(OCT_3, "one")
    dock.look()
    path.rename(path.with_name("sales_2020_10_03_final.json"))
    dock.look()
    (waiting,) = dock.ledger.pending()
    found = dock.ledger.locate([waiting])[waiting.delivery_id]
    assert dock.zone.read_bytes(found) == b"one"


def test_one_tick_takes_at_most_so_many_new_files_oldest_first(dock: Dock) -> None:
    for number in range(1, 6):
        dock.drop(f"sales_2020_10_0{number}.json", str(number), age=100 - number)
    report = dock.look(max_new=2)
    assert [a.delivery.file_name[9:16] for a in report.arrivals] == ["0_10_01", "0_10_02"]
    assert report.left_over == 3
    assert [len(dock.look(max_new=2).arrivals) for _ in range(3)] == [2, 1, 0]


def test_ten_thousand_unchanged_files_are_listed_and_none_is_opened(
    dock: Dock, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = dock.folder / "peak"
    folder.mkdir()
    for number in range(10_000):
        (folder / f"sales_2020_10_03_{number}.json").touch()
    assert len(dock.look(after=10**9).arrivals) == 10_000
    monkeypatch.setattr("agm_platform.landing.zone.LandingZone.open", None)
    report = dock.look()
    assert (report.unchanged, report.arrivals) == (10_000, [])


def test_a_file_written_to_while_it_is_hashed_waits(
    dock: Dock, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = dock.drop(OCT_3, "one")
    open_it = dock.zone.open

    def open_and_append(self: object, file: object) -> object:
        path.write_text("one and more")
        return open_it(file)  # type: ignore[arg-type]

    monkeypatch.setattr("agm_platform.landing.zone.LandingZone.open", open_and_append)
    report = dock.look()
    assert report.waiting == [(OCT_3, "changed while it was read; the next look takes it")]
    monkeypatch.undo()
    assert kinds(dock.look()) == ["new"]


def test_a_zone_that_is_not_there_is_an_empty_one(dock: Dock) -> None:
    dock.folder.rmdir()
    assert dock.look().summary() == "peak: no files"


def test_a_process_killed_between_hashing_and_registering_loses_nothing(
    dock: Dock, tmp_path: Path
) -> None:
    dock.drop(OCT_3, "one")
    script = f"""
import os, pathlib
from datetime import datetime, timezone
from agm_platform.landing.ledger import Ledger
from agm_platform_tests.landing.conftest import Dock
Ledger.register = lambda *args, **kwargs: os.kill(os.getpid(), 9)
Dock(pathlib.Path({str(dock.folder)!r}), Ledger({str(dock.ledger.path)!r})).look()
"""
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == -9
    assert kinds(dock.look()) == ["new"]


def test_two_processes_that_look_at_once_enter_each_file_once(dock: Dock) -> None:
    for number in range(200):
        dock.drop(f"sales_2020_10_03_{number}.json", str(number))
    dock.ledger.path.unlink()  # they create the ledger at once, too
    script = f"""
import pathlib
from agm_platform.landing.ledger import Ledger
from agm_platform_tests.landing.conftest import Dock
Dock(pathlib.Path({str(dock.folder)!r}), Ledger({str(dock.ledger.path)!r})).look()
"""
    lookers = [subprocess.Popen([sys.executable, "-c", script]) for _ in range(2)]
    assert [looker.wait() for looker in lookers] == [0, 0]
    assert [state for _, state in dock.story()] == ["received"] * 200
    assert len({d.generation for d in dock.ledger.history()}) == 200


@settings(max_examples=12)
@given(
    st.permutations(range(4)),
    st.lists(st.booleans(), min_size=4, max_size=4),
    st.sampled_from([1, 2, None]),
)
def test_any_order_of_arrival_of_different_days_gives_the_same_tables(
    tmp_path_factory: pytest.TempPathFactory,
    order: list[int],
    looks: list[bool],
    max_new: int | None,
) -> None:
    folder = tmp_path_factory.mktemp("zone")
    dock = Dock(folder / "zone", Ledger(folder / "ledger.sqlite"))
    for number, look in zip(order, looks, strict=True):
        dock.drop(f"sales_2020_10_0{number + 1}.json", f"content {number}")
        if look:
            dock.look(max_new=max_new)
            dock.run()
    for _ in range(5):
        dock.look(max_new=max_new)
    dock.run()
    accepted = {d.file_name: d.generation for d in dock.ledger.history() if d.state == "accepted"}
    assert accepted == {f"sales_2020_10_0{number}.json": 1 for number in range(1, 5)}


@settings(max_examples=12)
@given(st.lists(st.sampled_from(["A", "B", "C", "removed", "look", "run"]), max_size=10))
def test_whatever_happened_a_settled_day_is_what_lay_there_last(
    tmp_path_factory: pytest.TempPathFactory, events: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("zone")
    dock = Dock(folder / "zone", Ledger(folder / "ledger.sqlite"))
    path = dock.folder / "peak" / OCT_3
    for event in [*events, "A", "look", "run"]:
        if event == "look":
            dock.look()
        elif event == "run":
            dock.run()
        elif event == "removed":
            path.unlink(missing_ok=True)
        else:
            dock.drop(OCT_3, event)
    history = dock.ledger.history()
    accepted = [d for d in history if d.state == "accepted"]
    assert [dock.ledger.locate([d])[d.delivery_id].name for d in accepted] == [OCT_3]
    assert accepted[0].generation == max(d.generation for d in history)
    again = dock.look()
    assert (again.arrivals, again.unchanged, dock.ledger.history()) == ([], 1, history)


def test_the_generations_of_a_day_are_counted_without_gaps(dock: Dock) -> None:
    for content in itertools.islice(itertools.cycle("AB"), 6):
        dock.drop(OCT_3, content)
        dock.look()
        dock.run()
    assert [d.generation for d in dock.ledger.history()] == [1, 2, 3, 4, 5, 6]
