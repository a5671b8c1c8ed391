"""The product map of another revision: nothing is guessed, and the right map clears it all."""

from __future__ import annotations

from typing import Any

from agm_platform.world.peak import OTHER_PEAK_PRODUCTS, PEAK_PRODUCTS
from agm_platform_tests.end_to_end.fault_story import PRODUCTS, FaultStory

UNKNOWN = {str(peak) for peak in set(PEAK_PRODUCTS.values()) - set(OTHER_PEAK_PRODUCTS.values())}
REASON = "the Peak product is in the product map valid on that day"


def after_first(story: FaultStory, table: str) -> list[dict[str, Any]]:
    """Return the rows of one of Peak's tables while the wrong map was in force."""
    columns = [
        name
        for (name,) in story.platform.query(
            "select column_name from duckdb_columns() where schema_name = 'peak'"
            f" and table_name = '{table}' order by column_index"
        )
    ]
    rows = story.after_first[f"peak.{table}"]
    return [dict(zip(columns, row, strict=True)) for row in rows]


def test_all_lines_of_unknown_products_and_no_others_are_set_aside(
    fault_story: FaultStory,
) -> None:
    days = [day for day in fault_story.untouched_days if day >= fault_story.days[10]]
    line = ("business_date", "sale_position", "line_item_id")
    received = after_first(fault_story, "raw_order_lines")
    wrong = {
        tuple(row[name] for name in line)
        for row in received
        if row["business_date"] in days and row["product_id"] in UNKNOWN
    }
    set_aside = after_first(fault_story, "quarantine")
    assert {
        (row["business_date"], row["position"], row["line_number"])
        for row in set_aside
        if row["business_date"] in days
    } == wrong
    assert {row["reason"] for row in set_aside if row["business_date"] in days} == {REASON}
    accepted = after_first(fault_story, "order_lines")
    of_days = sum(row["business_date"] in days for row in received)
    assert sum(row["business_date"] in days for row in accepted) == of_days - len(wrong) > 0


def test_the_check_of_the_run_counts_the_lines_without_a_product(fault_story: FaultStory) -> None:
    staged = after_first(fault_story, "staged_order_lines")
    first = next(
        each
        for each in fault_story.platform.evaluations()
        if each.check == "peak.staged_order_lines product_id__mapped"
    )
    assert not first.passed
    assert first.rows_failed == sum(row["product_id"] is None for row in staged) > 100


def test_the_wrong_map_takes_no_sale_and_no_cent_of_it(fault_story: FaultStory) -> None:
    orders = {row["order_id"]: row["total_usd_cents"] for row in after_first(fault_story, "orders")}
    known = fault_story.world.connection.sql(
        "select sale_id::text, sale_date, gross_cents from truth.peak_sales"
    ).fetchall()
    days = [day for day in fault_story.untouched_days if day >= fault_story.days[10]]
    expected = {number: cents for number, day, cents in known if day in days}
    assert expected
    assert {number: orders.get(number) for number in expected} == expected


def test_a_candidate_is_proposed_and_never_applied(fault_story: FaultStory) -> None:
    proposed = [row for row in after_first(fault_story, "quarantine") if row["candidate"]]
    assert proposed
    assert all(row["candidate_basis"] for row in proposed)
    in_map = {row["product_id"] for row in after_first(fault_story, "order_lines")}
    assert in_map == {PRODUCTS[peak] for peak in PRODUCTS if peak not in UNKNOWN}


def test_totals_reconcile_under_the_wrong_map(fault_story: FaultStory) -> None:
    totals = after_first(fault_story, "reconciliation")
    assert totals
    assert all(row["unaccounted"] == 0 for row in totals)
    assert all(
        row["received"] == row["accepted"] + row["quarantined"] + row["superseded"]
        for row in totals
    )


def test_the_right_map_clears_the_quarantine(fault_story: FaultStory) -> None:
    left = fault_story.platform.query(
        "select business_date, line_number from peak.quarantine where rule = 'product_id__mapped'"
    )
    ((record),) = fault_story.injected["unmapped_product"].records
    assert left == [(fault_story.day["unmapped_product"], record.line)]
