"""Every fault of a real feed: what becomes of it, and that no other row is touched."""

from __future__ import annotations

from collections import Counter

import pytest

from agm_platform.world.faults import FAULTS
from agm_platform_tests.end_to_end.conftest import Clean
from agm_platform_tests.end_to_end.fault_story import (
    EXPECTED,
    OF_TABLES,
    FaultStory,
    accepted_of,
    set_aside_of,
)
from agm_platform_tests.end_to_end.one_platform import Platform, Rows

OF_DAYS = [name for name in FAULTS if name not in OF_TABLES]
WITH_ROWS = [name for name in OF_DAYS if EXPECTED[name].file == "accepted"]


def accepted(platform: Platform, day: object) -> Rows:
    return platform.query(
        "select order_id, line_number, product_id, quantity, total_usd_cents, line_usd_cents"
        " from peak.orders left join peak.order_lines using (order_id)"
        f" where orders.business_date = '{day}' order by order_id, line_number"
    )


def set_aside(platform: Platform, day: object) -> Counter[object]:
    return Counter(
        platform.query(
            f"select position, line_number, rule from peak.quarantine where business_date = '{day}'"
        )
    )


def deliveries(story: FaultStory, name: str) -> list[tuple[str, str | None, int | None]]:
    """Return state, reason and line of each delivery of the fault's own file, by arrival."""
    day = str(story.day[name])
    return [
        (row["state"], row["reason"], row["line"])
        for row in story.platform.ledger()
        if row["business_date"] == day
    ]


def test_every_fault_has_an_expectation() -> None:
    assert set(EXPECTED) == set(FAULTS)


@pytest.mark.parametrize("name", WITH_ROWS)
def test_a_fault_leaves_every_other_row_of_its_day_accepted(
    fault_story: FaultStory, name: str
) -> None:
    expected = accepted_of(fault_story.document(name), fault_story.injected[name], EXPECTED[name])
    assert expected
    assert accepted(fault_story.platform, fault_story.day[name]) == expected


@pytest.mark.parametrize("name", WITH_ROWS)
def test_a_fault_sets_aside_exactly_its_rows_each_with_its_rule(
    fault_story: FaultStory, name: str
) -> None:
    expected = set_aside_of(fault_story.document(name), fault_story.injected[name], EXPECTED[name])
    assert bool(expected) == bool(EXPECTED[name].sale or EXPECTED[name].line)
    assert set_aside(fault_story.platform, fault_story.day[name]) == expected


@pytest.mark.parametrize("name", [name for name in OF_DAYS if name not in WITH_ROWS])
def test_a_file_that_cannot_be_read_is_quarantined_whole_with_reason_and_line(
    fault_story: FaultStory, name: str
) -> None:
    ((state, reason, line),) = deliveries(fault_story, name)
    assert state == "quarantined"
    assert EXPECTED[name].reason in (reason or "")
    assert (line is None) == (name == "empty_file")
    assert accepted(fault_story.platform, fault_story.day[name]) == []
    assert set_aside(fault_story.platform, fault_story.day[name]) == Counter()


@pytest.mark.parametrize("name", [name for name in WITH_ROWS if EXPECTED[name].note])
def test_an_odd_field_is_accepted_and_noted(fault_story: FaultStory, name: str) -> None:
    ((notes,),) = fault_story.platform.query(
        f"select notes from peak.raw_files where business_date = '{fault_story.day[name]}'"
    )
    assert EXPECTED[name].note in notes


@pytest.fixture(scope="module")
def failed(fault_story: FaultStory) -> set[str]:
    """The checks that failed, read from Dagster's event log once."""
    return fault_story.platform.failed_checks()


@pytest.mark.parametrize("name", FAULTS)
def test_the_checks_that_should_find_a_fault_find_it(failed: set[str], name: str) -> None:
    assert EXPECTED[name].checks <= failed


def test_no_check_fails_that_no_fault_explains(failed: set[str], clean: Clean) -> None:
    explained = frozenset[str]().union(*(expected.checks for expected in EXPECTED.values()))
    assert failed - clean.platform.failed_checks() == explained


@pytest.fixture(scope="module")
def counts(at_once: Platform) -> dict[str, list[int]]:
    """How many rows each check counted, each time that it was evaluated."""
    found: dict[str, list[int]] = {}
    for each in at_once.evaluations():
        found.setdefault(each.check, []).append(each.rows_failed)
    return found


@pytest.mark.parametrize(
    ("check", "rows"),
    [
        ("peak.staged_orders tip_usd_cents__none", 1),
        ("peak.staged_orders copy_number__first", 2),
        ("peak.staged_orders unreadable_lines__none", 3),
        ("peak.staged_order_lines quantity__not_null", 3),
        ("peak.staged_order_lines product_id__mapped", 1),
    ],
)
def test_a_check_counts_exactly_the_rows_of_its_faults(
    counts: dict[str, list[int]], check: str, rows: int
) -> None:
    assert counts[check] == [rows]


def test_a_duplicate_file_changes_nothing_and_the_ledger_says_so(fault_story: FaultStory) -> None:
    first, again = deliveries(fault_story, "duplicate_file")
    assert first[0] == "accepted"
    assert again[0] == "duplicate"
    assert "the same bytes" in (again[1] or "")


def test_a_corrected_file_supersedes_the_first_and_the_difference_is_recorded(
    fault_story: FaultStory,
) -> None:
    assert [state for state, *_ in deliveries(fault_story, "corrected_file")] == [
        "superseded",
        "accepted",
    ]
    changed, withdrawn, added = fault_story.injected["corrected_file"].records
    lines = len(
        next(
            sale
            for sale in fault_story.document("corrected_file")["sales"]
            if sale["sale_id"] == added.sale_id
        )["line_items"]
    )
    assert fault_story.platform.query(
        "select table_name, rows_added, rows_removed, rows_changed from landing.corrections"
        " where replaced_id in (select delivery_id from landing.ledger"
        " where feed = 'daily_sales') order by 1"
    ) == [("raw_order_lines", lines, lines, 1), ("raw_orders", 1, 1, 1)]
    numbers = {row[0] for row in accepted(fault_story.platform, fault_story.day["corrected_file"])}
    assert {str(changed.sale_id), str(added.sale_id)} <= numbers
    assert str(withdrawn.sale_id) not in numbers


def test_a_late_file_is_read_like_any_other(fault_story: FaultStory) -> None:
    ((state, _, _),) = deliveries(fault_story, "late_file")
    assert state == "accepted"
    kept = fault_story.platform.query("select max(business_date) from peak.raw_orders")
    assert kept[0][0] > fault_story.day["late_file"]


def test_lines_without_a_number_are_numbered_in_file_order_and_that_is_noted(
    fault_story: FaultStory,
) -> None:
    assert fault_story.after_first["agm.order_lines"] == known_lines(fault_story)
    (notes,) = (
        row[-1] for row in fault_story.after_first["agm.raw_files"] if row[0] == "line_items"
    )
    assert EXPECTED["missing_line_order"].note in notes


def test_lines_numbered_from_zero_are_numbered_from_one(fault_story: FaultStory) -> None:
    assert fault_story.platform.tables()["agm.order_lines"] == known_lines(fault_story)


def known_lines(story: FaultStory) -> Rows:
    lines = "concat_ws('-', store_id, sale_id), line_item_id, product_id::text, quantity"
    return sorted(
        story.world.connection.sql(f"select {lines} from agm.line_items").fetchall(), key=repr
    )


def test_days_without_a_fault_equal_the_truth(fault_story: FaultStory) -> None:
    days = ", ".join(f"'{day}'" for day in fault_story.untouched_days)
    assert len(fault_story.untouched_days) > 5
    known = fault_story.world.connection.sql(
        "select sale_date, sales, line_count, meals, gross_cents, fee_cents, net_cents"
        f" from truth.peak_days where sale_date in ({days}) order by sale_date"
    ).fetchall()
    assert (
        fault_story.platform.query(
            "select member::date, orders, order_lines, meals, gross_usd_cents,"
            " commission_usd_cents, net_usd_cents from peak.delivery_insights"
            f" where dimension = 'day' and member in ({days}) order by member"
        )
        == known
    )
    assert fault_story.platform.query(
        f"select count(*) from peak.quarantine where business_date in ({days})"
    ) == [(0,)]


def test_faults_of_peak_leave_agm_as_it_is(fault_story: FaultStory) -> None:
    known = fault_story.world.connection.sql(
        "select store_id::text, sale_date, sales, gross_cents from truth.agm_days order by all"
    ).fetchall()
    assert (
        fault_story.platform.query(
            "select store_id, order_date, count(*), sum(subtotal_usd_cents)::bigint"
            " from agm.orders group by all order by all"
        )
        == known
    )
    assert fault_story.platform.query("select count(*) from agm.quarantine") == [(0,)]


def test_what_came_in_is_accepted_or_set_aside_or_superseded(fault_story: FaultStory) -> None:
    for source in ("peak", "agm"):
        assert fault_story.platform.query(
            f"select count(*) from {source}.reconciliation where unaccounted <> 0"
            " or received <> accepted + quarantined + superseded"
        ) == [(0,)]
    superseded = fault_story.platform.query(
        "select business_date, sum(superseded) from peak.reconciliation group by all"
        " having sum(superseded) > 0"
    )
    assert [day for day, _ in superseded] == [fault_story.day["corrected_file"]]


def test_in_a_month_of_faults_only_what_is_in_quarantine_waits(fault_story: FaultStory) -> None:
    waiting = fault_story.platform.query(
        "select business_date, table_name, position, line_number, rule from quality.quarantine_log"
        " where state = 'waiting' order by all"
    )
    assert waiting == fault_story.platform.query(
        "select business_date, table_name, position, line_number, rule from peak.quarantine"
        " order by all"
    )
    released = fault_story.platform.query(
        "select rule, count(*) from quality.quarantine_log where state = 'released' group by all"
    )
    unmapped_before = len(fault_story.after_first["peak.quarantine"])
    assert released[0][0] == "product_id__mapped"
    assert 100 < released[0][1] <= unmapped_before
