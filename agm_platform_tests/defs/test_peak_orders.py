"""Peak's sales: what is accepted, what is set aside with which rule, and that nothing gets lost."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import duckdb
import pytest

from agm_platform.contracts import agm, landing, peak
from agm_platform.defs.sources.peak.orders import (
    order_lines,
    orders,
    quarantine,
    reconciliation,
)
from agm_platform.defs.sources.peak.product_map import product_map
from agm_platform.defs.sources.peak.staging import staged_order_lines, staged_orders
from agm_platform_tests.defs.conftest import Make, Row, maker, rows_of

DAY = date(2020, 10, 3)
FILE = "peak_sales_2020_10_03.json"


def sale(position: int, **changes: Any) -> Row:
    """A sale of one meal, as received."""
    return {
        "business_date": DAY,
        "file_name": FILE,
        "sale_position": position,
        "sale_id": f"900{position}",
        "sale_date": "2020-10-03",
        "sub_total": "12",
        "tax": "0",
        "total_amount": "12",
        **changes,
    }


def line(position: int, number: int = 1, **changes: Any) -> Row:
    """A line of one meal, as received."""
    return {
        "business_date": DAY,
        "file_name": FILE,
        "sale_position": position,
        "sale_id": f"900{position}",
        "line_item_id": number,
        "product_id": "501",
        "price": "12",
        "quantity": "1",
        "taxable": "N",
        **changes,
    }


class Staged:
    """Sales and lines taken through staging with one store and a map of Peak's 501 to AGM's 1."""

    def __init__(self, make: Make, sales: list[Row], lines: list[Row], **stores: Any) -> None:
        place = {"location_id": "77", "city": "Berkeley", "state": "CA", "zip": "94705", **stores}
        provenance = [
            {name: row[name] for name in ("business_date", "file_name", "sale_position")}
            for row in sales
        ]
        self.raw_orders = make(peak.RAW_ORDERS, *sales)
        self.raw_order_lines = make(peak.RAW_ORDER_LINES, *lines)
        mapping = make(
            peak.PRODUCT_MAP,
            *(
                {
                    "valid_from": date(1, 1, 1),
                    "valid_to": date(9999, 12, 31),
                    "peak_product_id": peak_id,
                    "product_id": own_id,
                    "file_name": "map.csv",
                }
                for peak_id, own_id in (("501", "1"), ("502", "2"))
            ),
        )
        lines_frame = staged_order_lines(self.raw_order_lines, mapping)
        self.lines = make(peak.STAGED_ORDER_LINES, *rows_of(lines_frame, peak.STAGED_ORDER_LINES))
        sales_frame = staged_orders(
            self.raw_orders,
            make(peak.RAW_STORES, *({**row, **place} for row in provenance)),
            make(peak.RAW_CUSTOMERS, *({**row, "customer_id": "42"} for row in provenance)),
            self.lines,
            make(agm.STORES, {"store_id": "1", "zip": "94705", "state": "CA"}),
        )
        self.sales = make(peak.STAGED_ORDERS, *rows_of(sales_frame, peak.STAGED_ORDERS))
        self.orders = make(peak.ORDERS, *rows_of(orders(self.sales), peak.ORDERS))
        self.order_lines = make(
            peak.ORDER_LINES, *rows_of(order_lines(self.lines, self.sales), peak.ORDER_LINES)
        )
        self.quarantine = make(
            peak.QUARANTINE,
            *rows_of(
                quarantine(self.sales, self.lines, self.raw_orders, self.raw_order_lines),
                peak.QUARANTINE,
            ),
        )

    def set_aside(self) -> list[tuple[str, int, int | None, str]]:
        """Table, sale, line and first rule of each row in quarantine."""
        return [
            (row["table_name"], row["position"], row["line_number"], row["rule"])
            for row in rows_of(self.quarantine, peak.QUARANTINE)
        ]

    def accepted(self) -> list[str]:
        """Numbers of the accepted sales."""
        return [row["order_id"] for row in rows_of(self.orders, peak.ORDERS)]


def test_a_good_sale_is_accepted_with_peaks_18_percent_and_agms_rest(make: Make) -> None:
    staged = Staged(
        make,
        [sale(1, sub_total="36", total_amount="36")],
        [line(1, 1, quantity="2"), line(1, 2, product_id="502")],
    )
    (order,) = rows_of(staged.orders, peak.ORDERS)
    assert (order["subtotal_usd_cents"], order["commission_usd_cents"], order["net_usd_cents"]) == (
        3600,
        648,
        2952,
    )
    assert (order["store_id"], order["customer_id"], order["order_date"]) == ("1", "42", DAY)
    assert [
        (row["product_id"], row["quantity"], row["line_usd_cents"])
        for row in rows_of(staged.order_lines, peak.ORDER_LINES)
    ] == [("1", 2, 2400), ("2", 1, 1200)]
    assert staged.set_aside() == []


def test_half_a_cent_of_commission_goes_to_peak(make: Make) -> None:
    staged = Staged(make, [sale(1, sub_total="0.25", total_amount="0.25")], [line(1, price="0.25")])
    (order,) = rows_of(staged.orders, peak.ORDERS)
    assert (order["commission_usd_cents"], order["net_usd_cents"]) == (5, 20)


BROKEN_SALES: list[tuple[Row, str]] = [
    ({"sale_id": "A1"}, "sale_id__not_null"),
    ({"sale_id": None}, "sale_id__not_null"),
    ({"sale_date": "2020-02-30"}, "order_date__not_null"),
    ({"sale_date": "2020-10-02"}, "order_date__is_business_date"),
    ({"sub_total": "twelve"}, "subtotal_usd_cents__not_null"),
    ({"tax": None}, "tax_usd_cents__not_null"),
    ({"total_amount": "-12"}, "total_usd_cents__not_null"),
    ({"total_amount": "13"}, "tip_usd_cents__none"),
    ({"sub_total": "24", "total_amount": "24"}, "lines_usd_cents__is_subtotal"),
]
BROKEN_LINES: list[tuple[Row, str]] = [
    ({"quantity": "three"}, "quantity__not_null"),
    ({"quantity": None}, "quantity__not_null"),
    ({"quantity": "0"}, "quantity__positive"),
    ({"price": "12.345"}, "price_usd_cents__not_null"),
    ({"product_id": "meal"}, "peak_product_id__not_null"),
]
OF_LINES = 100
"""Where the sales with an unreadable line begin."""


@pytest.fixture(scope="module")
def judged() -> Iterator[tuple[list[str], list[tuple[str, int, int | None, str]]]]:
    """What is accepted and what is set aside of one day with every fault, a good sale after each.

    The n-th broken sale stands at 2n, good ones at odd places.
    """
    sales, lines = [], []
    for number, (changes, _) in enumerate(BROKEN_SALES, start=1):
        sales += [sale(2 * number, **changes), sale(2 * number + 1)]
        lines += [line(2 * number), line(2 * number + 1)]
    for number, (changes, _) in enumerate(BROKEN_LINES, start=1):
        place = OF_LINES + 2 * number
        sales += [sale(place, sub_total="24", total_amount="24"), sale(place + 1)]
        lines += [line(place, 1), line(place, 2, **changes), line(place + 1)]
    with duckdb.connect() as connection:
        staged = Staged(maker(connection), sales, lines)
        yield staged.accepted(), staged.set_aside()


def test_every_sale_without_a_fault_is_accepted_and_no_other(judged: Any) -> None:
    good = [*range(3, 2 * len(BROKEN_SALES) + 2, 2)]
    good += range(OF_LINES + 3, OF_LINES + 2 * len(BROKEN_LINES) + 2, 2)
    assert sorted(judged[0]) == sorted(f"900{place}" for place in good)
    assert {place for _, place, *_ in judged[1]}.isdisjoint(good)


@pytest.mark.parametrize(
    ("place", "rule"),
    [(2 * number, rule) for number, (_, rule) in enumerate(BROKEN_SALES, start=1)],
    ids=[f"{changes}-{rule}" for changes, rule in BROKEN_SALES],
)
def test_a_sale_that_breaks_a_rule_is_set_aside_whole(judged: Any, place: int, rule: str) -> None:
    assert [row for row in judged[1] if row[1] == place] == [
        ("raw_order_lines", place, 1, "sale__set_aside"),
        ("raw_orders", place, None, rule),
    ]


@pytest.mark.parametrize(
    ("place", "rule"),
    [(OF_LINES + 2 * number, rule) for number, (_, rule) in enumerate(BROKEN_LINES, start=1)],
    ids=[f"{changes}-{rule}" for changes, rule in BROKEN_LINES],
)
def test_an_unreadable_line_sets_its_sale_aside_with_all_lines(
    judged: Any, place: int, rule: str
) -> None:
    assert [row for row in judged[1] if row[1] == place] == [
        ("raw_order_lines", place, 1, "sale__set_aside"),
        ("raw_order_lines", place, 2, rule),
        ("raw_orders", place, None, "unreadable_lines__none"),
    ]


def test_a_line_with_an_unmapped_product_is_set_aside_alone_with_a_candidate(make: Make) -> None:
    staged = Staged(
        make,
        [sale(1, sub_total="24", total_amount="24")],
        [line(1, 1), line(1, 2, product_id="999")],
    )
    assert staged.accepted() == ["9001"]
    assert [row["line_number"] for row in rows_of(staged.order_lines, peak.ORDER_LINES)] == [1]
    (row,) = rows_of(staged.quarantine, peak.QUARANTINE)
    assert (row["rule"], row["candidate"]) == ("product_id__mapped", "2")
    assert row["candidate_basis"].startswith("same place in the order of numbers")
    assert row["record"] == (
        '{"sale_id": "9001", "product_id": "999", "price": "12", "quantity": "1", "taxable": "N"}'
    )


def test_an_unmapped_line_of_a_sale_that_is_set_aside_goes_with_its_sale(make: Make) -> None:
    staged = Staged(make, [sale(1, total_amount="13")], [line(1, product_id="999")])
    assert ("raw_order_lines", 1, 1, "sale__set_aside") in staged.set_aside()


def test_no_candidate_is_proposed_where_the_numbers_left_over_differ(make: Make) -> None:
    lines = [line(1, 1, product_id="998"), line(1, 2, product_id="999"), line(1, 3)]
    staged = Staged(make, [sale(1, sub_total="36", total_amount="36")], lines)
    found = rows_of(staged.quarantine, peak.QUARANTINE)
    assert [(row["line_number"], row["candidate"]) for row in found] == [(1, None), (2, None)]


def test_the_second_copy_of_a_sale_is_set_aside_and_the_first_one_counts(make: Make) -> None:
    staged = Staged(make, [sale(1), sale(2, sale_id="9001"), sale(3)], [line(1), line(2), line(3)])
    assert staged.accepted() == ["9001", "9003"]
    assert ("raw_orders", 2, None, "copy_number__first") in staged.set_aside()


def test_a_sale_picked_up_where_agm_has_no_store_is_set_aside(make: Make) -> None:
    staged = Staged(make, [sale(1)], [line(1)], zip="10001", state="NY")
    assert staged.accepted() == []
    assert ("raw_orders", 1, None, "store_id__not_null") in staged.set_aside()


def test_a_sale_without_lines_is_set_aside(make: Make) -> None:
    staged = Staged(make, [sale(1)], [])
    assert staged.set_aside() == [("raw_orders", 1, None, "line_count__positive")]


def test_all_broken_rules_are_named_and_the_first_is_put_in_words(make: Make) -> None:
    staged = Staged(make, [sale(1, sub_total="x", total_amount="y")], [line(1)])
    row = rows_of(staged.quarantine, peak.QUARANTINE)[1]
    assert row["reason"] == "sub_total is an amount of money"
    assert row["rules"].split(", ")[:2] == [
        "subtotal_usd_cents__not_null",
        "total_usd_cents__not_null",
    ]


def test_a_record_with_quotes_and_line_breaks_is_still_json(make: Make) -> None:
    import json

    text = 'a "quoted"\n\\ value'
    staged = Staged(make, [sale(1, tax=text)], [line(1)])
    record = rows_of(staged.quarantine, peak.QUARANTINE)[1]["record"]
    assert json.loads(record)["tax"] == text


def test_rows_received_are_rows_accepted_set_aside_and_superseded(make: Make) -> None:
    staged = Staged(
        make,
        [sale(1), sale(2, total_amount="13"), sale(3)],
        [line(1), line(2), line(3, product_id="999")],
    )
    ledger = make(
        landing.LEDGER,
        {
            "delivery_id": 1,
            "source": "peak",
            "feed": "daily_sales",
            "state": "superseded",
            "business_date": DAY,
            "rows_received": 5,
            "lines_received": 7,
        },
        {"delivery_id": 2, "feed": "daily_sales", "state": "accepted", "business_date": DAY},
    )
    account = {
        row["table_name"]: row
        for row in rows_of(
            reconciliation(
                staged.raw_orders,
                staged.raw_order_lines,
                staged.orders,
                staged.order_lines,
                staged.quarantine,
                ledger,
            ),
            peak.RECONCILIATION,
        )
    }
    names = ("received", "accepted", "quarantined", "superseded", "unaccounted")
    assert [account["raw_orders"][name] for name in names] == [8, 2, 1, 5, 0]
    assert [account["raw_order_lines"][name] for name in names] == [10, 1, 2, 7, 0]


def test_a_sale_number_on_two_days_is_counted(make: Make) -> None:
    accepted = make(
        peak.ORDERS,
        *({"business_date": date(2020, 10, day), "order_id": "9"} for day in (3, 4)),
        {"business_date": DAY, "order_id": "8"},
    )
    received = make(peak.RAW_ORDERS, *({"business_date": date(2020, 10, day)} for day in (3, 3, 4)))
    account = rows_of(
        reconciliation(
            received,
            make(peak.RAW_ORDER_LINES),
            accepted,
            make(peak.ORDER_LINES),
            make(peak.QUARANTINE),
            make(landing.LEDGER),
        ),
        peak.RECONCILIATION,
    )
    assert [
        (row["business_date"].day, row["on_other_days"])
        for row in account
        if row["table_name"] == "raw_orders"
    ] == [(3, 1), (4, 1)]


def test_a_version_of_the_map_is_valid_until_the_next_one_begins(make: Make) -> None:
    mapping = make(
        peak.RAW_PRODUCT_MAP,
        {"file_name": "a.csv", "row_number": 1, "product_id": "1", "peak_product_id": "501"},
        {
            "file_name": "b.csv",
            "version_date": date(2020, 11, 1),
            "row_number": 1,
            "product_id": "1",
            "peak_product_id": "601",
        },
        {
            "file_name": "c.csv",
            "row_number": 1,
            "product_id": "1",
            "peak_product_id": "701",
            "valid_from": "2020-12-01",
        },
    )
    periods = {
        row["peak_product_id"]: (row["valid_from"], row["valid_to"])
        for row in rows_of(product_map(mapping), peak.PRODUCT_MAP)
    }
    assert periods == {
        "501": (date(1, 1, 1), date(2020, 10, 31)),
        "601": (date(2020, 11, 1), date(2020, 11, 30)),
        "701": (date(2020, 12, 1), date(9999, 12, 31)),
    }


def test_what_another_version_of_the_map_says_is_proposed_but_not_applied(make: Make) -> None:
    lines = make(peak.RAW_ORDER_LINES, line(1, product_id="601"))
    versions = make(
        peak.PRODUCT_MAP,
        {
            "valid_from": date(1, 1, 1),
            "valid_to": date(2020, 10, 31),
            "peak_product_id": "501",
            "product_id": "1",
        },
        {
            "valid_from": date(2020, 11, 1),
            "valid_to": date(9999, 12, 31),
            "peak_product_id": "601",
            "product_id": "1",
        },
    )
    (row,) = rows_of(staged_order_lines(lines, versions), peak.STAGED_ORDER_LINES)
    assert (row["product_id"], row["candidate_product_id"]) == (None, "1")
    assert row["candidate_basis"] == "another version of the map has this Peak product"
    assert row["failed_rule"] == "product_id__mapped"
