"""Peak's customers: the details that count, how far they are, and whether AGM knows them."""

from datetime import date
from typing import Any

import narwhals as nw
import pytest

from agm_platform.contracts import agm, peak, reference
from agm_platform.defs.customers.clean_customers import clean_customers
from agm_platform.defs.customers.customer_accuracy import customer_accuracy
from agm_platform_tests.defs.conftest import Make, Row, rows_of

STORE = {
    "store_id": "1",
    "zip": "94705",
    "state": "CA",
    "latitude": 37.8571,
    "longitude": -122.25,
}
PLACES = (
    {
        "zip": "94705",
        "state": "CA",
        "cities": "|berkeley|",
        "latitude": 37.8571,
        "longitude": -122.25,
    },
    {
        "zip": "94609",
        "state": "CA",
        "cities": "|oakland|",
        "latitude": 37.8361,
        "longitude": -122.2637,
    },
    {
        "zip": "94530",
        "state": "CA",
        "cities": "|el cerrito|",
        "latitude": 37.9156,
        "longitude": -122.2985,
    },
    {
        "zip": "94102",
        "state": "CA",
        "cities": "|san francisco|",
        "latitude": 37.7813,
        "longitude": -122.4167,
    },
)


def typed(day: int, position: int, customer: str, **changes: Any) -> Row:
    """What a customer typed for one sale."""
    return {
        "business_date": date(2020, 10, day),
        "file_name": "day.json",
        "sale_position": position,
        "customer_id": customer,
        "first_name": "Ann",
        "last_name": "O'Neil",
        "street": "5 Ramsey Pl.",
        "city": "Oakland",
        "state": "CA",
        "zip": "94609",
        **changes,
    }


def cleaned(make: Make, *rows: Row, broken: tuple[int, ...] = ()) -> nw.LazyFrame:
    """The clean customers of these sales; the sales at positions in `broken` are set aside."""
    sales = [
        {
            "business_date": row["business_date"],
            "sale_position": row["sale_position"],
            "store_id": "1",
            "failed_rule": "some_rule" if row["sale_position"] in broken else None,
        }
        for row in rows
    ]
    frame = clean_customers(
        make(peak.RAW_CUSTOMERS, *rows),
        make(peak.STAGED_ORDERS, *sales),
        make(agm.STORES, STORE),
        make(reference.ZIP_PLACES, *({"is_shared_point": False, **place} for place in PLACES)),
    )
    return make(peak.CLEAN_CUSTOMERS, *rows_of(frame, peak.CLEAN_CUSTOMERS))


def test_the_details_of_the_last_order_count_and_every_variant_is_counted(make: Make) -> None:
    frame = cleaned(
        make,
        typed(3, 9, "42", street="1 Old Road"),
        typed(4, 1, "42", street="2 Mid Road"),
        typed(4, 2, "42", street="3 New Road"),
        typed(4, 3, "43"),
    )
    ann, other = sorted(rows_of(frame, peak.CLEAN_CUSTOMERS), key=lambda row: row["customer_id"])
    assert (ann["street"], ann["detail_variants"]) == ("3 New Road", 3)
    assert (ann["order_count"], ann["day_count"]) == (3, 2)
    assert (ann["first_order_date"], ann["last_order_date"]) == (
        date(2020, 10, 3),
        date(2020, 10, 4),
    )
    assert other["detail_variants"] == 1


def test_blanks_at_the_ends_are_no_other_variant(make: Make) -> None:
    frame = cleaned(make, typed(3, 1, "42"), typed(4, 1, "42", first_name=" Ann "))
    (row,) = rows_of(frame, peak.CLEAN_CUSTOMERS)
    assert (row["first_name"], row["detail_variants"]) == ("Ann", 1)


def test_normalised_details_stand_beside_those_received(make: Make) -> None:
    (row,) = rows_of(cleaned(make, typed(3, 1, "42")), peak.CLEAN_CUSTOMERS)
    assert (row["last_name"], row["last_name_normalised"]) == ("O'Neil", "oneil")
    assert (row["street"], row["street_normalised"]) == ("5 Ramsey Pl.", "5 ramsey pl")


def test_a_customer_whose_only_sale_was_set_aside_is_not_a_customer_yet(make: Make) -> None:
    frame = cleaned(make, typed(3, 1, "42"), typed(3, 2, "43"), broken=(1,))
    assert [row["customer_id"] for row in rows_of(frame, peak.CLEAN_CUSTOMERS)] == ["43"]


@pytest.mark.parametrize(
    ("place", "miles", "band", "is_known"),
    [
        ({"city": "Berkeley", "zip": "94705"}, 0.0, "inside", True),
        ({}, 1.632, "inside", True),
        ({"city": "El Cerrito", "zip": "94530"}, 4.83, "uncertain", True),
        ({"city": "San Francisco", "zip": "94102"}, 10.498, "outside", True),
        ({"city": "Berkeley"}, 1.632, "inside", False),
        ({"state": "NY"}, 1.632, "inside", False),
        ({"zip": "00000"}, None, "uncertain", False),
        ({"zip": None}, None, "uncertain", False),
    ],
)
def test_the_zip_tells_the_distance_and_on_which_side_of_the_radius(
    make: Make, place: Row, miles: float | None, band: str, is_known: bool
) -> None:
    (row,) = rows_of(cleaned(make, typed(3, 1, "42", **place)), peak.CLEAN_CUSTOMERS)
    assert row["radius_band"] == band
    assert row["zip_is_known"] is is_known
    if miles is None:
        assert row["distance_miles"] is None
    else:
        assert row["distance_miles"] == pytest.approx(miles, abs=0.01)


def test_blank_fields_are_counted(make: Make) -> None:
    frame = cleaned(make, typed(3, 1, "42", first_name=" ", street=None))
    (row,) = rows_of(frame, peak.CLEAN_CUSTOMERS)
    assert row["blank_fields"] == 2


OURS = {"first_name": "Ann", "last_name": "Bell", "street": "1 Elm St", "zip": "94609"}


def agreement(make: Make, *theirs: Row) -> Row:
    """How our one Peak customer agrees with these customers of AGM's file."""
    frame = customer_accuracy(
        make(peak.CLEAN_CUSTOMERS, {"customer_id": "42", **OURS}),
        make(
            agm.CUSTOMERS,
            *({"customer_id": str(number), **row} for number, row in enumerate(theirs, start=1)),
        ),
    )
    (row,) = rows_of(frame, peak.CUSTOMER_ACCURACY)
    return row


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, "exact"),
        ({"first_name": "A"}, "first_name_differs"),
        ({"last_name": "Ball"}, "last_name_differs"),
        ({"street": "1 Elm Street"}, "street_differs"),
        ({"first_name": "Al", "street": "1 Elm Street"}, "no_partner"),
    ],
)
def test_the_field_that_differs_is_named(make: Make, change: Row, expected: str) -> None:
    row = agreement(make, {**OURS, **change})
    assert row["agreement"] == expected
    assert row["is_exact"] is (expected == "exact")


def test_an_exact_partner_goes_before_a_closer_number(make: Make) -> None:
    row = agreement(make, {**OURS, "first_name": "A"}, OURS)
    assert (row["agreement"], row["agm_customer_id"]) == ("exact", "2")


def test_among_exact_partners_the_one_in_the_same_zip_goes_first(make: Make) -> None:
    row = agreement(make, {**OURS, "zip": "10001"}, OURS, OURS)
    assert (row["agm_customer_id"], row["same_zip"]) == ("2", True)


def test_without_zips_in_agms_file_agreement_is_told_all_the_same(make: Make) -> None:
    row = agreement(make, {**OURS, "zip": None})
    assert (row["agreement"], row["same_zip"]) == ("exact", None)


def test_blank_fields_agree_with_nothing(make: Make) -> None:
    frame = customer_accuracy(
        make(peak.CLEAN_CUSTOMERS, {"customer_id": "42", "last_name": "Bell"}),
        make(agm.CUSTOMERS, {"customer_id": "1", "last_name": "Bell"}),
    )
    (row,) = rows_of(frame, peak.CUSTOMER_ACCURACY)
    assert row["agreement"] == "no_partner"
