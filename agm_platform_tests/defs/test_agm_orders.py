"""AGM's own files: what is accepted, what is set aside, and that nothing gets lost."""

from datetime import date

import pytest

from agm_platform.contracts import agm, landing
from agm_platform.defs.sources.agm.conformed import (
    customers,
    holidays,
    order_lines,
    orders,
    products,
    quarantine,
    reconciliation,
    stores,
)
from agm_platform.defs.sources.agm.staging import (
    staged_customers,
    staged_line_items,
    staged_sales,
)
from agm_platform_tests.defs.conftest import Make, Row, rows_of

SALE = {
    "row_number": 1,
    "store_id": "1",
    "sale_id": "7",
    "customer_id": "42",
    "sale_date": "2020-10-03",
    "total_amount": "24",
}
LINE = {
    "row_number": 1,
    "store_id": "1",
    "sale_id": "7",
    "line_item_id": "1",
    "product_id": "3",
    "quantity": "2",
}


def staged(make: Make, sales: list[Row], lines: list[Row]) -> tuple[list[Row], list[Row]]:
    """Sales and lines after staging."""
    sale_frame = staged_sales(make(agm.RAW_SALES, *sales))
    sale_rows = sorted(rows_of(sale_frame, agm.STAGED_SALES), key=lambda row: row["row_number"])
    line_frame = staged_line_items(
        make(agm.RAW_LINE_ITEMS, *lines), make(agm.STAGED_SALES, *sale_rows)
    )
    rows = rows_of(line_frame, agm.STAGED_LINE_ITEMS)
    return sale_rows, sorted(rows, key=lambda row: row["row_number"])


def test_a_sale_number_is_unique_only_in_its_store(make: Make) -> None:
    rows, _ = staged(make, [SALE, {**SALE, "row_number": 2, "store_id": "2"}], [])
    assert [row["order_id"] for row in rows] == ["1-7", "2-7"]
    assert [row["failed_rule"] for row in rows] == [None, None]


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"sale_id": "x"}, "order_id__not_null"),
        ({"store_id": None}, "order_id__not_null"),
        ({"customer_id": ""}, "customer_id__not_null"),
        ({"sale_date": "2020-13-01"}, "order_date__not_null"),
        ({"total_amount": "lots"}, "total_usd_cents__not_null"),
    ],
)
def test_a_sale_that_breaks_a_rule_is_set_aside_with_its_lines(
    make: Make, change: Row, rule: str
) -> None:
    sale_rows, line_rows = staged(make, [{**SALE, **change}], [LINE])
    assert [row["failed_rule"] for row in sale_rows] == [rule]
    assert [row["failed_rule"] for row in line_rows] == ["sale_is_accepted__true"]


def test_the_second_row_of_a_sale_is_set_aside(make: Make) -> None:
    rows, _ = staged(make, [SALE, {**SALE, "row_number": 2, "total_amount": "99"}], [])
    assert [row["failed_rule"] for row in rows] == [None, "copy_number__first"]


def test_lines_counted_from_zero_are_counted_from_one(make: Make) -> None:
    lines = [
        {**LINE, "row_number": number, "line_item_id": text}
        for number, text in ((1, "0"), (2, "1"))
    ]
    _, rows = staged(make, [SALE], lines)
    assert [(row["line_number"], row["failed_rule"]) for row in rows] == [(1, None), (2, None)]


def test_lines_without_numbers_are_numbered_in_file_order(make: Make) -> None:
    lines = [{**LINE, "row_number": number, "line_item_id": None} for number in (1, 2)]
    _, rows = staged(make, [SALE], lines)
    assert [(row["line_number"], row["failed_rule"]) for row in rows] == [(1, None), (2, None)]


def test_one_number_missing_among_others_is_not_made_up(make: Make) -> None:
    lines = [LINE, {**LINE, "row_number": 2, "line_item_id": None}]
    _, rows = staged(make, [SALE], lines)
    assert [row["failed_rule"] for row in rows] == [None, "line_number__not_null"]


def test_the_second_line_with_a_number_is_set_aside(make: Make) -> None:
    _, rows = staged(make, [SALE], [LINE, {**LINE, "row_number": 2}])
    assert [row["failed_rule"] for row in rows] == [None, "copy_number__first"]


def test_every_row_is_accepted_or_set_aside_as_received(make: Make) -> None:
    raw_customers = make(
        agm.RAW_CUSTOMERS,
        {"row_number": 1, "customer_id": "42", "first_name": " Ann "},
        {"row_number": 2, "customer_id": "42", "first_name": "Bob"},
    )
    customer_rows = rows_of(staged_customers(raw_customers), agm.STAGED_CUSTOMERS)
    sale_rows, line_rows = staged(make, [SALE, {**SALE, "row_number": 2}], [LINE])
    typed = (
        make(agm.STAGED_CUSTOMERS, *customer_rows),
        make(agm.STAGED_SALES, *sale_rows),
        make(agm.STAGED_LINE_ITEMS, *line_rows),
    )
    raw = (
        raw_customers,
        make(agm.RAW_SALES, SALE, {**SALE, "row_number": 2}),
        make(agm.RAW_LINE_ITEMS, LINE),
    )
    files = make(
        agm.RAW_FILES,
        {"feed": "customers", "file_name": "customers.csv", "rows_from": "customers.csv"},
        # A file that cannot be read leaves the rows of the one before.
        {"feed": "sales", "file_name": "sales (1).csv", "rows_from": "sales.csv"},
    )
    aside = rows_of(
        quarantine(
            raw_customers=raw[0],
            staged_customers=typed[0],
            raw_sales=raw[1],
            staged_sales=typed[1],
            raw_line_items=raw[2],
            staged_line_items=typed[2],
            raw_files=files,
        ),
        agm.QUARANTINE,
    )
    names = ("table_name", "file_name", "position", "rule")
    assert [tuple(row[name] for name in names) for row in aside] == [
        ("raw_customers", "customers.csv", 2, "copy_number__first"),
        ("raw_sales", "sales.csv", 2, "copy_number__first"),
    ]
    assert '"sale_id": "7"' in aside[1]["record"]
    accepted = [
        make(agm.CUSTOMERS, *rows_of(customers(typed[0]), agm.CUSTOMERS)),
        make(agm.ORDERS, *rows_of(orders(typed[1]), agm.ORDERS)),
        make(agm.ORDER_LINES, *rows_of(order_lines(typed[2]), agm.ORDER_LINES)),
    ]
    account = rows_of(
        reconciliation(
            raw_customers=raw[0],
            customers=accepted[0],
            raw_sales=raw[1],
            orders=accepted[1],
            raw_line_items=raw[2],
            order_lines=accepted[2],
            quarantine=make(agm.QUARANTINE, *aside),
            ledger=make(
                landing.LEDGER,
                {
                    "delivery_id": 1,
                    "source": "agm",
                    "feed": "sales",
                    "state": "superseded",
                    "rows_received": 9,
                },
            ),
        ),
        agm.RECONCILIATION,
    )
    names = ("table_name", "received", "accepted", "quarantined", "superseded", "unaccounted")
    assert [tuple(row[name] for name in names) for row in account] == [
        ("raw_customers", 2, 1, 1, 0, 0),
        ("raw_line_items", 1, 1, 0, 0, 0),
        ("raw_sales", 11, 1, 1, 9, 0),
    ]


def test_a_customer_keeps_its_details_trimmed_and_lacks_what_the_file_lacks(make: Make) -> None:
    raw = make(agm.RAW_CUSTOMERS, {"row_number": 1, "customer_id": " 42 ", "first_name": " Ann "})
    (row,) = rows_of(staged_customers(raw), agm.STAGED_CUSTOMERS)
    assert (row["customer_id"], row["first_name"], row["zip"]) == ("42", "Ann", None)


def test_small_tables_get_their_types(make: Make) -> None:
    store = make(
        agm.RAW_STORES,
        {"row_number": 1, "store_id": "1", "zip": "94705", "latitude": "37.8", "longitude": "x"},
    )
    (row,) = rows_of(stores(store), agm.STORES)
    assert (row["zip"], row["latitude"], row["longitude"]) == ("94705", 37.8, None)
    product = make(
        agm.RAW_PRODUCTS, {"row_number": 1, "product_id": "8", "description": "Brocolli Stir Fry"}
    )
    assert rows_of(products(product), agm.PRODUCTS) == [
        {"product_id": "8", "product_name": "Brocolli Stir Fry"}
    ]
    holiday = make(
        agm.RAW_HOLIDAYS,
        {"row_number": 1, "holiday_date": "2020-12-25", "closed_flag": "True"},
        {"row_number": 2, "holiday_date": "2020-12-24", "closed_flag": ""},
    )
    assert [
        (row["holiday_date"], row["is_closed"]) for row in rows_of(holidays(holiday), agm.HOLIDAYS)
    ] == [(date(2020, 12, 25), True), (date(2020, 12, 24), False)]
