"""Sales' files: types, repairs, what is set aside, and that no join loses or repeats an order."""

from datetime import date
from pathlib import Path

import duckdb
import narwhals as nw
import pytest

from agm_platform.contracts import sales
from agm_platform.contracts.categories import SYNONYMS
from agm_platform.defs.insights.sales_orders import described_orders
from agm_platform.defs.sources.sales.conformed import (
    clean_customers,
    deliveries,
    orders,
    products,
)
from agm_platform.defs.sources.sales.staging import (
    staged_customer_info,
    staged_product_info,
    staged_sales_data,
)
from agm_platform.landing.csv_reader import read_csv_file
from agm_platform_tests.defs.conftest import Make, Row, rows_of

ORDER = {
    "row_number": 1,
    "order_id": "O696648",
    "customer_id": "C00236",
    "product_id": "P0023",
    "quantity": "5",
    "unit_price": "18.92",
    "order_date": "06-07-2025",
    "delivery_status": " DELAYED",
    "payment_method": "credit card",
    "region": "North",
    "discount_applied": "0.15",
}
CUSTOMER = {
    "row_number": 1,
    "customer_id": "C00236",
    "email": "a.b@Gmail.com",
    "signup_date": "07-07-25",
    "gender": "femle",
    "region": "South",
    "loyalty_tier": " gold ",
}
PRODUCT = {
    "row_number": 1,
    "product_id": "P0023",
    "product_name": "Storage Product 39",
    "category": "Storage",
    "launch_date": "07-07-25",
    "base_price": "15.88",
}
FEMLE = {"source": "sales", "field": "gender", "spelling": "femle", "value": "Female"}


def staged(make: Make, *rows: Row) -> list[Row]:
    frame = staged_sales_data(make(sales.RAW_SALES_DATA, *rows), make(SYNONYMS, FEMLE))
    found = rows_of(frame, sales.STAGED_SALES_DATA)
    return sorted(found, key=lambda row: row["row_number"])


def people(make: Make, *rows: Row) -> list[Row]:
    frame = staged_customer_info(make(sales.RAW_CUSTOMER_INFO, *rows), make(SYNONYMS, FEMLE))
    found = rows_of(frame, sales.STAGED_CUSTOMER_INFO)
    return sorted(found, key=lambda row: row["row_number"])


def accepted_orders(make: Make, *rows: Row, customers: tuple[Row, ...] = (CUSTOMER,)) -> list[Row]:
    """Orders with deliveries beside them, joined by hand."""
    typed = make(sales.STAGED_SALES_DATA, *staged(make, *rows))
    who = make(
        sales.CLEAN_CUSTOMERS,
        *rows_of(
            clean_customers(make(sales.STAGED_CUSTOMER_INFO, *people(make, *customers))),
            sales.CLEAN_CUSTOMERS,
        ),
    )
    goods_typed = rows_of(
        staged_product_info(make(sales.RAW_PRODUCT_INFO, PRODUCT)), sales.STAGED_PRODUCT_INFO
    )
    goods = make(
        sales.PRODUCTS,
        *rows_of(products(make(sales.STAGED_PRODUCT_INFO, *goods_typed)), sales.PRODUCTS),
    )
    order_rows = rows_of(orders(typed, who, goods), sales.ORDERS)
    made = make(sales.ORDERS, *order_rows)
    delivered = rows_of(deliveries(made, typed, who), sales.DELIVERIES)
    wide = rows_of(
        described_orders(made, make(sales.DELIVERIES, *delivered), goods, who),
        sales.DESCRIBED_ORDERS,
    )
    assert len(order_rows) == len(delivered) == len(wide)
    by_id = {row["order_id"]: row for row in delivered}
    return [
        {**row, **by_id[row["order_id"]], "kept": row["kept_usd_micros"], "tier": row["tier"]}
        for row in sorted(wide, key=lambda row: row["order_id"])
    ]


def test_an_order_is_read_day_first_with_its_money_exact(make: Make) -> None:
    (row,) = accepted_orders(make, ORDER)
    assert row["order_date"] == date(2025, 7, 6)
    assert row["revenue_usd_micros"] == 5 * 1892 * 8500  # 80.41 dollars
    assert row["revenue_usd_cents"] == 8041
    assert (row["price_band"], row["revenue_band"]) == ("Medium", "Low")
    assert (row["iso_week"], row["payment_method"]) == ("2025-W27", "Credit Card")
    assert (row["is_before_launch"], row["is_before_signup"]) == (True, True)
    assert row["days_to_order"] == -1


def test_where_it_goes_and_where_the_customer_lives_are_two_things(make: Make) -> None:
    (row,) = accepted_orders(make, ORDER)
    assert (row["delivery_region"], row["home_region"]) == ("North", "South")
    assert (row["status"], row["is_late"], row["is_cancelled"]) == ("Delayed", True, False)


BROKEN: tuple[tuple[Row, str], ...] = (
    ({"quantity": ""}, "quantity__not_null"),
    ({"quantity": "many"}, "quantity__not_null"),
    ({"quantity": "0"}, "quantity__positive"),
    ({"unit_price": ""}, "unit_price_usd_cents__not_null"),
    ({"unit_price": "-3"}, "unit_price_usd_cents__not_null"),
    ({"discount_applied": "lots"}, "discount_share__not_null"),
    ({"discount_applied": "-0.1"}, "discount_share__share"),
    ({"discount_applied": "15"}, "discount_share__share"),
    ({"order_date": "31-02-2025"}, "order_date_is_readable__true"),
)
READABLE: tuple[tuple[Row, str, object], ...] = (
    ({"quantity": "three"}, "quantity", 3),
    ({"quantity": " FIVE "}, "quantity", 5),
    ({"order_date": "2025-07-06"}, "order_date", date(2025, 7, 6)),
    ({"order_date": ""}, "order_date", None),
    ({"discount_applied": ""}, "discount_share", 0.0),
    ({"discount_applied": "0"}, "discount_was_empty", False),
    ({"discount_applied": None}, "discount_was_empty", True),
    ({"delivery_status": "delrd"}, "delivery_status", "unknown"),
    ({"delivery_status": ""}, "delivery_status", None),
)


def each(*changes: Row) -> list[Row]:
    """One order for each change, with numbers of their own."""
    return [
        {**ORDER, "row_number": place, "order_id": f"O{place}", **change}
        for place, change in enumerate(changes, start=1)
    ]


def test_an_order_that_breaks_a_rule_is_set_aside(make: Make) -> None:
    rows = staged(make, *each(*(change for change, _ in BROKEN)))
    assert [row["failed_rule"] for row in rows] == [rule for _, rule in BROKEN]


def test_what_can_be_read_is_kept(make: Make) -> None:
    rows = staged(make, *each(*(change for change, _, _ in READABLE)))
    assert [row["failed_rule"] for row in rows] == [None] * len(READABLE)
    for row, (_, name, value) in zip(rows, READABLE, strict=True):
        assert row[name] == value, name


def test_two_orders_under_one_number_are_both_kept_and_a_copy_is_set_aside(make: Make) -> None:
    rows = staged(
        make,
        ORDER,
        {**ORDER, "row_number": 2},
        {**ORDER, "row_number": 3, "customer_id": "C00001"},
        {**ORDER, "row_number": 4, "order_date": ""},
        {**ORDER, "row_number": 5, "order_id": ""},
        {**ORDER, "row_number": 6, "order_id": " "},
    )
    assert [(row["order_id"], row["order_id_is_made"], row["failed_rule"]) for row in rows] == [
        ("O696648", False, None),
        ("O696648", False, "copy_number__first"),
        ("O696648-2", True, None),
        ("O696648-3", True, None),
        ("row-5", True, None),
        ("row-6", True, None),
    ]


def test_orders_of_unknown_or_no_customers_and_products_count(make: Make) -> None:
    rows = accepted_orders(
        make,
        {**ORDER, "customer_id": ""},
        {**ORDER, "row_number": 2, "order_id": "O2", "customer_id": "C99999", "product_id": ""},
        # A customer without a number, told by no neighbours, must not meet orders without one.
        customers=(CUSTOMER, {**CUSTOMER, "row_number": 2, "customer_id": ""}),
    )
    assert [(row["customer_id"], row["home_region"], row["tier"]) for row in rows] == [
        ("C99999", None, "unknown"),
        (None, None, "unknown"),
    ]
    assert [row["is_before_signup"] for row in rows] == [None, None]


def test_a_cancelled_order_is_ordered_but_not_kept(make: Make) -> None:
    (row,) = accepted_orders(make, {**ORDER, "delivery_status": "cancelled "})
    assert (row["revenue_usd_cents"], row["kept"], row["is_late"]) == (8041, 0, False)


def test_half_a_cent_is_rounded_up_and_kept_exact(make: Make) -> None:
    (row,) = accepted_orders(
        make, {**ORDER, "quantity": "1", "unit_price": "8.10", "discount_applied": "0.05"}
    )
    assert (row["revenue_usd_micros"], row["revenue_usd_cents"]) == (7_695_000, 770)


def test_an_edge_is_in_the_lower_band(make: Make) -> None:
    prices = ("15", "15.01", "30", "30.01")
    rows = accepted_orders(make, *each(*({"unit_price": price} for price in prices)))
    assert [row["price_band"] for row in rows] == ["Low", "Medium", "Medium", "High"]


def test_of_a_customer_only_the_domain_of_the_address_is_kept(make: Make) -> None:
    (row,) = people(make, CUSTOMER)
    assert row["email_domain"] == "gmail.com"
    assert (row["gender"], row["loyalty_tier"]) == ("Female", "Gold")
    assert row["signup_date"] == date(2025, 7, 7)
    assert "email" not in sales.STAGED_CUSTOMER_INFO.column_names
    assert sales.CLEAN_CUSTOMERS.column("email_domain").personal
    (odd,) = people(make, {**CUSTOMER, "email": "no address"})
    assert odd["email_domain"] is None


def list_of(*ids: str) -> tuple[Row, ...]:
    return tuple(
        {**CUSTOMER, "row_number": place, "customer_id": each}
        for place, each in enumerate(ids, start=1)
    )


@pytest.mark.parametrize(
    ("ids", "wanted"),
    [
        (("C00001", "", "C00003"), "C00002"),
        (("C00007", "", "", "C00010"), "C00008"),
        (("C00001", "", "C00004"), None),  # two numbers are missing for one place
        (("C00003", "", "C00001"), None),
        (("C00001", "C00002", ""), None),  # nothing follows
        (("", "C00002", "C00003"), None),
        (("X", "", "Y"), None),
    ],
)
def test_a_number_is_inferred_only_where_the_list_goes_on_evenly(
    make: Make, ids: tuple[str, ...], wanted: str | None
) -> None:
    rows = people(make, *list_of(*ids))
    row = rows[ids.index("")]
    assert row["customer_id"] == wanted
    assert row["is_inferred"] is (wanted is not None)
    assert row["failed_rule"] == (None if wanted else "customer_id__not_null")


def test_a_number_received_goes_before_one_inferred(make: Make) -> None:
    rows = people(make, *list_of("C00001", "", "C00003", "C00002"))
    assert [row["failed_rule"] for row in rows] == [None, "copy_number__first", None, None]


def test_a_product_stands_once(make: Make) -> None:
    raw = make(sales.RAW_PRODUCT_INFO, PRODUCT, {**PRODUCT, "row_number": 2, "launch_date": "soon"})
    rows = rows_of(staged_product_info(raw), sales.STAGED_PRODUCT_INFO)
    second = next(row for row in rows if row["row_number"] == 2)
    assert second["failed_rules"] == "launch_date_is_readable__true, copy_number__first"
    assert rows[0]["price_usd_cents"] == 1588


def test_a_file_with_iso_dates_and_cleaned_columns_between_the_raw_ones_is_read(
    make: Make, connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = tmp_path / "sales_data.csv"
    path.write_text(
        "order_id,customer_id,product_id,quantity,qty_clean,unit_price,order_date,"
        "delivery_status,delivery_clean,payment_method,payment_clean,region,discount_applied\n"
        "O1,C00236,P0023,three,3,18.92,2025-07-06, DELAYED,delayed,paypal,paypal,nrth,0\n"
    )
    columns = [column for column in sales.RAW_SALES_DATA.columns if column.name != "row_number"]
    read = read_csv_file(connection, path, columns, tmp_path)
    assert read.relation is not None
    assert any("qty_clean" in note for note in read.notes)
    nrth = {"source": "sales", "field": "region", "spelling": "nrth", "value": "North"}
    frame = staged_sales_data(nw.from_native(read.relation), make(SYNONYMS, nrth))
    (row,) = rows_of(frame, sales.STAGED_SALES_DATA)
    assert (row["quantity"], row["order_date"], row["region"]) == (3, date(2025, 7, 6), "North")
    assert (row["delivery_status"], row["failed_rule"]) == ("Delayed", None)
