"""The same files give the same tables, however often and in whatever order they are read."""

from __future__ import annotations

from agm_platform.defs.publish.manifest import read_manifest
from agm_platform_tests.end_to_end.conftest import Clean
from agm_platform_tests.end_to_end.fault_story import FaultStory
from agm_platform_tests.end_to_end.one_platform import Platform

# What tells how files came in is another story when they came in otherwise.
HISTORY = {
    "landing.ledger",
    "landing.corrections",
    "quality.quarantine_log",
    "quality.quarantine_summary",
    "peak.reconciliation",  # counts what was superseded
    "agm.reconciliation",
    "quality.check_results",  # a row a run
    "quality.scores",  # tells when files came
    "customers.person_frequencies",  # counted when there were few records, and pinned
    "customers.person_pairs",  # weighed by them; the persons are the same
}


def test_a_second_run_gives_the_same_answers_and_the_same_tables(
    clean: Clean, copied: Platform
) -> None:
    assert copied.run() == 0, copied.output
    assert (copied.published / "answers.json").read_bytes() == clean.answers
    assert "9 unchanged" in copied.output[0]  # of Peak
    again = copied.tables()
    assert again.keys() == clean.warehouse.keys()
    # The ledger too: a run that reads no new file leaves its rows, with the runs that read them.
    different = [name for name, rows in again.items() if rows != clean.warehouse[name]]
    assert set(different) - {"quality.scores"} == {"quality.check_results"}  # scores: at midnight
    seen, before = (each.tables(published=True) for each in (copied, clean.platform))
    assert seen.keys() == before.keys()
    assert {name for name in seen if seen[name] != before[name]} <= {"quality.scores"}
    for page in ("index.html", "agm.html", "peak.html"):
        pages = {(each.published / "site" / page).read_bytes() for each in (copied, clean.platform)}
        assert len(pages) == 1, page
    once, twice = (read_manifest(each.published) for each in (clean.platform, copied))
    told = once["differs_between_runs_on_the_same_input"].keys()
    of_runs = {f"parquet/{name}/{name}.parquet" for name in different}
    files = once["files"].keys() | twice["files"].keys()
    assert {f for f in files if once["files"].get(f) != twice["files"].get(f)} <= told | of_runs
    assert once["tables"].keys() == twice["tables"].keys()


def test_the_order_of_arrival_does_not_matter(fault_story: FaultStory, at_once: Platform) -> None:
    one_by_one, together = fault_story.platform.tables(), at_once.tables()
    assert one_by_one.keys() == together.keys()
    different = [name for name, rows in one_by_one.items() if rows != together[name]]
    assert set(different) == HISTORY


def test_the_order_of_arrival_changes_no_answer(fault_story: FaultStory, at_once: Platform) -> None:
    one_by_one, together = (
        (platform.published / "answers.json").read_bytes()
        for platform in (fault_story.platform, at_once)
    )
    assert one_by_one == together


def test_reconciliation_differs_by_what_was_superseded_only(
    fault_story: FaultStory, at_once: Platform
) -> None:
    net = (
        "select business_date, table_name, received - superseded, accepted, quarantined"
        " from peak.reconciliation order by all"
    )
    assert fault_story.platform.query(net) == at_once.query(net)
