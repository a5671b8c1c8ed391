"""The points programme's files: what is accepted, what is set aside, and the ledger of points."""

from datetime import date

import pytest

from agm_platform.contracts import landing, loyalty, loyalty_points
from agm_platform.defs.sources.loyalty.conformed import (
    clean_customers,
    customers,
    loyalty_events,
    orders,
    quarantine,
    reconciliation,
)
from agm_platform.defs.sources.loyalty.staging import staged_customers, staged_transactions
from agm_platform_tests.defs.conftest import Make, Row, rows_of

MEMBER = {"row_number": 1, "id": "17", "signup_date": "2012-01-01", "loyalty": "enrolled"}
CONTROL = {"row_number": 2, "id": "27", "signup_date": "2012-01-01", "loyalty": "control"}
PURCHASE = {
    "row_number": 1,
    "date": "2012-01-03",
    "user_id": "17",
    "value": "1572",
    "point_differential": "150",
}


def staged(make: Make, people: list[Row], bought: list[Row]) -> tuple[list[Row], list[Row]]:
    """Customers and purchases after staging, in file order."""
    known = rows_of(
        staged_customers(make(loyalty.RAW_CUSTOMERS, *people)), loyalty.STAGED_CUSTOMERS
    )
    frame = staged_transactions(
        make(loyalty.RAW_TRANSACTIONS, *bought), make(loyalty.STAGED_CUSTOMERS, *known)
    )
    rows = rows_of(frame, loyalty.STAGED_TRANSACTIONS)
    return tuple(sorted(each, key=lambda row: row["row_number"]) for each in (known, rows))


def booked(make: Make, people: list[Row], bought: list[Row]) -> dict[str, list[Row]]:
    """Every table from purchases on, as stored."""
    known, typed = staged(make, people, bought)
    people_rows = rows_of(customers(make(loyalty.STAGED_CUSTOMERS, *known)), loyalty.CUSTOMERS)
    accepted = make(loyalty.CUSTOMERS, *people_rows)
    order_rows = rows_of(
        orders(make(loyalty.STAGED_TRANSACTIONS, *typed), accepted), loyalty.ORDERS
    )
    made = make(loyalty.ORDERS, *order_rows)
    events = rows_of(loyalty_events(made, accepted), loyalty_points.LOYALTY_EVENTS)
    filled = clean_customers(accepted, made, make(loyalty_points.LOYALTY_EVENTS, *events))
    return {
        "staged": typed,
        "orders": sorted(order_rows, key=lambda row: row["order_date"]),
        "events": events,
        "customers": rows_of(filled, loyalty_points.CLEAN_CUSTOMERS),
    }


def bought(*rows: tuple[str, str, int, int]) -> list[Row]:
    """Return purchases as received from (day, customer, value, points)."""
    names = ("date", "user_id", "value", "point_differential")
    return [
        {"row_number": number, **dict(zip(names, map(str, row), strict=True))}
        for number, row in enumerate(rows, start=1)
    ]


def test_blank_attributes_are_null_and_film_lines_have_single_blanks(make: Make) -> None:
    line = 'Say  "hello" to my little friend! '
    rows, _ = staged(make, [{**MEMBER, "gender": " ", "favorite_movie_line": line}], [])
    assert rows[0]["gender"] is None
    assert rows[0]["location"] is None
    assert rows[0]["favorite_movie_line"] == 'Say "hello" to my little friend!'
    assert (rows[0]["is_enrolled"], rows[0]["signup_date"]) == (True, date(2012, 1, 1))


@pytest.mark.parametrize("text", ["17", " 017 ", "17.0"])
def test_a_customer_number_is_the_same_however_a_spreadsheet_writes_it(
    make: Make, text: str
) -> None:
    known, rows = staged(make, [{**MEMBER, "id": text}], [PURCHASE])
    assert known[0]["customer_id"] == "17"
    assert (rows[0]["order_id"], rows[0]["failed_rule"]) == ("17-2012-01-03", None)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"id": "x"}, "customer_id__not_null"),
        ({"signup_date": "2012-02-30"}, "signup_date__not_null"),
        ({"loyalty": "maybe"}, "is_enrolled__not_null"),
    ],
)
def test_a_customer_that_breaks_a_rule_is_set_aside_with_its_purchases(
    make: Make, change: Row, rule: str
) -> None:
    known, rows = staged(make, [{**MEMBER, **change}], [PURCHASE])
    assert known[0]["failed_rule"] == rule
    assert rows[0]["failed_rule"] == "customer_is_known__true"


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"user_id": ""}, "customer_id__not_null"),
        ({"date": "yesterday"}, "order_date__not_null"),
        ({"value": "-5"}, "subtotal_usd_cents__not_null"),
        ({"value": "15.72"}, "subtotal_usd_cents__not_null"),
        ({"point_differential": "1.5"}, "point_differential__not_null"),
        ({"user_id": "99"}, "customer_is_known__true"),
    ],
)
def test_a_purchase_that_breaks_a_rule_is_set_aside(make: Make, change: Row, rule: str) -> None:
    _, rows = staged(make, [MEMBER], [{**PURCHASE, **change}])
    assert rows[0]["failed_rule"] == rule


def test_the_second_row_of_a_customer_or_of_its_day_is_set_aside(make: Make) -> None:
    known, rows = staged(
        make,
        [MEMBER, {**MEMBER, "row_number": 2, "loyalty": "control"}],
        [PURCHASE, {**PURCHASE, "row_number": 2, "value": "9"}],
    )
    assert [row["failed_rule"] for row in known] == [None, "copy_number__first"]
    assert [row["failed_rule"] for row in rows] == [None, "copy_number__first"]


def test_us_dates_are_read_month_first(make: Make) -> None:
    _, rows = staged(make, [MEMBER], [{**PURCHASE, "date": "1/31/2012"}])
    assert rows[0]["order_date"] == date(2012, 1, 31)


def test_the_ledger_is_rebuilt_and_a_redemption_may_overdraw_by_ten_points(make: Make) -> None:
    tables = booked(
        make,
        [MEMBER, CONTROL],
        bought(
            ("2012-01-01", "17", 50199, 5010),
            ("2012-01-02", "17", 319, 30 - 5050),
            ("2012-01-01", "27", 50550, 0),
        ),
    )
    names = ("points_earned", "points_taken", "points_before", "points_after", "unexplained_points")
    assert [tuple(row[name] for name in names) for row in tables["events"]] == [
        (5010, 0, 0, 5010, 0),
        (30, 5050, 5010, -10, 0),
        (0, 0, 0, 0, 0),
    ]
    member, control = tables["customers"]
    assert member["number_of_purchases"] == 2
    assert member["value_of_purchases_usd_cents"] == 50518
    assert member["total_standard_points"] == member["points_by_rule"] == -10
    assert (member["total_points_redeemed"], member["points_taken"]) == (5000, 5050)
    assert (member["net_usd_cents"], member["points_state"]) == (50018, "redeemed")
    assert (member["highest_points"], member["first_points"]) == (5010, 5010)
    assert (control["redemptions"], control["points_state"]) == (0, "control")
    assert [row["net_usd_cents"] for row in tables["orders"] if row["redemptions"]] == [-181]


def test_the_current_balance_is_the_last_and_not_the_first(make: Make) -> None:
    tables = booked(
        make, [MEMBER], bought(("2012-02-01", "17", 200, 20), ("2012-01-01", "17", 100, 10))
    )
    (member,) = tables["customers"]
    assert (member["total_standard_points"], member["first_points"]) == (30, 10)


@pytest.mark.parametrize(("customer", "points"), [("17", 140), ("27", 10), ("27", 150 - 5050)])
def test_points_that_the_rule_does_not_explain_are_shown_and_redeem_nothing(
    make: Make, customer: str, points: int
) -> None:
    tables = booked(make, [MEMBER, CONTROL], bought(("2012-01-03", customer, 1572, points)))
    (event,) = tables["events"]
    assert event["unexplained_points"] == points - (150 if customer == "17" else 0)
    assert (event["redemptions"], event["points_after"]) == (0, points)


def test_who_never_bought_has_zeros_and_no_dates(make: Make) -> None:
    (member,) = booked(make, [MEMBER], [])["customers"]
    assert (member["number_of_purchases"], member["value_of_purchases_usd_cents"]) == (0, 0)
    assert (member["first_order_date"], member["points_state"]) == (None, "never_enough")


def test_an_erased_persons_purchases_stay_one_by_one_without_a_balance(make: Make) -> None:
    tables = booked(
        make, [MEMBER], bought(("2012-01-03", "0", 1572, 150), ("2012-01-03", "0", 300, 30 - 5050))
    )
    assert [row["failed_rule"] for row in tables["staged"]] == [None, None]
    assert sorted(row["redemptions"] for row in tables["events"]) == [0, 1]
    assert {row["points_after"] for row in tables["events"]} == {None}
    assert [row["customer_id"] for row in tables["customers"]] == ["17"]


def test_a_purchase_before_signing_up_is_flagged_and_kept(make: Make) -> None:
    (order,) = booked(make, [MEMBER], bought(("2011-12-31", "17", 100, 10)))["orders"]
    assert order["is_before_signup"] is True


def test_every_row_is_accepted_or_set_aside(make: Make) -> None:
    known, typed = staged(make, [MEMBER], [PURCHASE, {**PURCHASE, "row_number": 2}])
    raw_customers = make(loyalty.RAW_CUSTOMERS, MEMBER)
    raw = make(loyalty.RAW_TRANSACTIONS, PURCHASE, {**PURCHASE, "row_number": 2})
    people = make(loyalty.STAGED_CUSTOMERS, *known)
    rows = make(loyalty.STAGED_TRANSACTIONS, *typed)
    files = make(loyalty.RAW_FILES, {"feed": "transactions", "file_name": "transactions.csv"})
    aside = rows_of(
        quarantine(
            raw_customers=raw_customers,
            staged_customers=people,
            raw_transactions=raw,
            staged_transactions=rows,
            raw_files=files,
        ),
        loyalty.QUARANTINE,
    )
    assert [(row["file_name"], row["position"], row["rule"]) for row in aside] == [
        ("transactions.csv", 2, "copy_number__first")
    ]
    accepted = make(loyalty.CUSTOMERS, *rows_of(customers(people), loyalty.CUSTOMERS))
    made = make(loyalty.ORDERS, *rows_of(orders(rows, accepted), loyalty.ORDERS))
    account = rows_of(
        reconciliation(
            raw_customers=raw_customers,
            customers=accepted,
            raw_transactions=raw,
            orders=made,
            quarantine=make(loyalty.QUARANTINE, *aside),
            ledger=make(landing.LEDGER),
        ),
        loyalty.RECONCILIATION,
    )
    names = ("table_name", "received", "accepted", "quarantined", "unaccounted")
    assert [tuple(row[name] for name in names) for row in account] == [
        ("raw_customers", 1, 1, 0, 0),
        ("raw_transactions", 2, 1, 1, 0),
    ]
