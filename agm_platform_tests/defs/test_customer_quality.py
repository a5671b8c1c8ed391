"""Customers of both sources scored, and the faults ranked by what they touch."""

from datetime import date
from typing import Any

from agm_platform.contracts import agm, peak, reference
from agm_platform.defs.customers.clean_customers import own_clean_customers
from agm_platform.defs.customers.customer_improvements import DETAILS_CHANGE, customer_improvements
from agm_platform.defs.privacy import Privacy
from agm_platform_tests.defs.conftest import Make, Row, rows_of

PRIVACY = Privacy(keys_path="not used")

PLACE = {"zip": "94609", "state": "CA", "cities": "|oakland|", "is_shared_point": False}
BELL = {"customer_id": "1", "first_name": "Robert", "last_name": "Bell", "street": "5 Elm Street"}


def own(make: Make, *rows: Row) -> list[Row]:
    frame = own_clean_customers(make(agm.CUSTOMERS, *rows), make(reference.ZIP_PLACES, PLACE))
    return rows_of(frame, agm.CLEAN_CUSTOMERS)


def test_agms_customers_stand_as_received_and_normalised_side_by_side(make: Make) -> None:
    (row,) = own(
        make, {**BELL, "street": "5 Elm St.", "city": "Oakland", "state": "CA", "zip": "94609"}
    )
    assert (row["street"], row["street_normalised"]) == ("5 Elm St.", "5 elm st")
    assert row["quality_reasons"] == "abbreviated_suffix"
    assert 0 < row["quality_score"] < 1


def test_a_file_of_agm_without_places_is_not_blamed_for_them(make: Make) -> None:
    (row,) = own(make, BELL)
    assert (row["quality_score"], row["quality_reasons"]) == (1.0, None)
    assert (row["city"], row["city_normalised"], row["zip_normalised"]) == (None, None, None)


def test_a_place_that_others_of_the_file_have_is_missing(make: Make) -> None:
    rows = own(make, {**BELL, "zip": "94609"}, {**BELL, "customer_id": "2"})
    assert {row["customer_id"]: row["quality_reasons"] for row in rows} == {
        "1": None,
        "2": "missing_zip",
    }


def test_no_customers_of_agm_give_an_empty_table(make: Make) -> None:
    assert own(make) == []


def improvements(make: Make, *customers: tuple[str | None, int, list[int]]) -> list[Row]:
    """Faults of customers given as (reasons, variants of their details, cents of their orders)."""
    orders: list[dict[str, Any]] = [
        {
            "business_date": date(2020, 10, 3),
            "order_date": date(2020, 10, 3),
            "store_id": "1",
            "order_id": f"{number}-{place}",
            "customer_id": str(number),
            "subtotal_usd_cents": cents,
        }
        for number, (_, _, spent) in enumerate(customers)
        for place, cents in enumerate(spent)
    ]
    rows = [
        {
            "customer_id": str(number),
            "quality_score": 0.5,
            "quality_reasons": reasons,
            "detail_variants": variants,
        }
        for number, (reasons, variants, _) in enumerate(customers)
    ]
    frame = customer_improvements(
        make(peak.CLEAN_CUSTOMERS, *rows), make(peak.ORDERS, *orders), PRIVACY
    )
    return rows_of(frame, peak.CUSTOMER_IMPROVEMENTS)


def test_the_fault_that_touches_most_customers_goes_first_then_most_money(make: Make) -> None:
    rows = improvements(
        make,
        ("initial_only,abbreviated_suffix", 1, [1200, 2400]),
        ("abbreviated_suffix", 1, [1200]),
        (None, 3, [9600]),
        (None, 1, [1200]),
    )
    assert [
        (row["place"], row["fault"], row["customers"], row["orders"], row["subtotal_usd_cents"])
        for row in rows
    ] == [
        (1, "abbreviated_suffix", 2, 3, 4800),
        (2, DETAILS_CHANGE, 1, 1, 9600),
        (3, "initial_only", 1, 2, 3600),
    ]
    first = rows[0]
    assert (first["all_customers"], first["share"]) == (4, 0.5)
    assert first["share_low"] < 0.5 < first["share_high"]
    assert "usaddress-scourgify" in first["repair"]


def test_a_reason_is_not_found_inside_another_word(make: Make) -> None:
    rows = improvements(make, ("malformed_zip", 1, [1200]))
    assert [row["fault"] for row in rows] == ["malformed_zip"]


def test_without_customers_or_faults_there_is_nothing_to_improve(make: Make) -> None:
    assert improvements(make) == []
    assert improvements(make, (None, 1, [1200])) == []
