"""Instacart's files: what is accepted, repaired and set aside, and that no line gets lost."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agm_platform.contracts import instacart, landing
from agm_platform.contracts.model import Table
from agm_platform.contracts.regions import REGIONS, STATES
from agm_platform.defs.sources.instacart.conformed import (
    clean_customers,
    orders,
)
from agm_platform.defs.sources.instacart.lines import (
    order_lines,
    prior_lines,
    prior_lines_set_aside,
    prior_order_sums,
)
from agm_platform.defs.sources.instacart.products import departments, line_products, products
from agm_platform.defs.sources.instacart.raw_tables import quarantine, reconciliation
from agm_platform.defs.sources.instacart.staging import (
    staged_customers,
    staged_orders,
    staged_products,
)
from agm_platform_tests.defs.conftest import Make, Row, rows_of

ORDER = {
    "row_number": 1,
    "order_id": 10,
    "user_id": "7",
    "eval_set": "prior",
    "order_number": 1,
    "order_dow": 0,
    "order_hour_of_day": 8,
}
PRODUCT = {
    "row_number": 1,
    "product_id": "1",
    "product_name": "Salt",
    "aisle_id": "4",
    "department_id": "13",
    "prices": "9.3",
}
LINE = {"row_number": 1, "order_id": 10, "product_id": 1, "add_to_cart_order": 1, "reordered": 0}


def listed(make: Make, rows: list[Row], lines: list[Row] | None = None) -> list[Row]:
    """Products after staging, in the order of the file."""
    staged = staged_products(
        make(instacart.RAW_PRODUCTS, *rows),
        make(instacart.RAW_PRIOR_LINES, *(lines or [])),
        make(instacart.RAW_TRAIN_LINES),
    )
    found = rows_of(staged, instacart.STAGED_PRODUCTS)
    return sorted(found, key=lambda row: row["row_number"])


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"order_id": None}, "order_id__not_null"),
        ({"user_id": "x"}, "customer_id__not_null"),
        ({"order_dow": 7}, "order_day__within"),
        ({"order_hour_of_day": 24}, "order_hour__within"),
        ({"days_since_prior_order": None, "record": "{}"}, "is_readable__true"),
        ({"days_since_prior_order": None}, None),
        ({"eval_set": None}, None),
    ],
)
def test_an_order_that_breaks_a_rule_is_set_aside_by_it(
    make: Make, change: Row, rule: str | None
) -> None:
    (row,) = rows_of(
        staged_orders(make(instacart.RAW_ORDERS, {**ORDER, **change})), instacart.STAGED_ORDERS
    )
    assert row["failed_rule"] == rule


def test_of_an_order_that_comes_twice_the_first_counts(make: Make) -> None:
    staged = staged_orders(
        make(instacart.RAW_ORDERS, ORDER, {**ORDER, "row_number": 2, "order_dow": 3})
    )
    found = rows_of(orders(staged), instacart.ORDERS)
    assert [row["order_day"] for row in found] == [0]


def test_two_products_under_one_number_are_told_apart_by_the_orphan_in_the_lines(
    make: Make,
) -> None:
    rows = [
        PRODUCT,
        {**PRODUCT, "row_number": 2, "product_id": "30", "product_name": "Water"},
        {**PRODUCT, "row_number": 3, "product_id": "30", "product_name": "Flakes"},
    ]
    repaired = listed(make, rows, [{**LINE, "product_id": 29}])
    assert [(row["product_id"], row["repair"]) for row in repaired] == [
        (1, None),
        (29, "ordered"),
        (30, None),
    ]
    assert [row["failed_rule"] for row in repaired] == [None, None, None]


def test_in_a_list_without_other_gaps_the_gap_is_enough(make: Make) -> None:
    rows = [{**PRODUCT, "row_number": n, "product_id": str(n)} for n in range(1, 200)]
    rows += [
        {**PRODUCT, "row_number": 200, "product_id": "201", "product_name": "Water"},
        {**PRODUCT, "row_number": 201, "product_id": "201", "product_name": "Flakes"},
    ]
    assert [row["product_id"] for row in listed(make, rows)[-2:]] == [200, 201]


def test_without_an_orphan_in_a_list_with_gaps_the_second_product_is_set_aside(
    make: Make,
) -> None:
    rows = [
        PRODUCT,
        {**PRODUCT, "row_number": 2, "product_id": "30", "product_name": "Water"},
        {**PRODUCT, "row_number": 3, "product_id": "30", "product_name": "Flakes"},
    ]
    assert [row["failed_rule"] for row in listed(make, rows, [LINE])] == [
        None,
        None,
        "sharer_number__first",
    ]


def test_full_repeats_are_set_aside_and_no_reason_for_a_repair(make: Make) -> None:
    rows = [{**PRODUCT, "product_id": "2"}, {**PRODUCT, "product_id": "2", "row_number": 2}]
    found = listed(make, rows, [LINE])
    assert [row["failed_rule"] for row in found] == [None, "copy_number__first"]
    assert [row["product_id"] for row in found] == [2, 2]


@pytest.mark.parametrize(
    ("change", "name", "cents"),
    [
        ({"product_name": None}, None, 930),
        ({"product_name": "#NAME?"}, None, 930),
        ({"prices": "100"}, "Salt", 10_000),
        ({"prices": "14900"}, "Salt", None),
        ({"prices": "99999.0"}, "Salt", None),
        ({"prices": None}, "Salt", None),
    ],
)
def test_names_and_prices_that_are_errors_are_missing_and_the_product_stays(
    make: Make, change: Row, name: str | None, cents: int | None
) -> None:
    (row,) = listed(make, [{**PRODUCT, **change}])
    assert (row["product_name"], row["price_usd_cents"], row["failed_rule"]) == (name, cents, None)


def test_a_department_is_named_by_its_number_not_by_its_place(make: Make) -> None:
    raw = make(
        instacart.RAW_DEPARTMENTS,
        {"row_number": 1, "department_id": "20", "department": "deli"},
        {"row_number": 2, "department_id": "21", "department": "missing"},
    )
    staged = make(
        instacart.STAGED_PRODUCTS,
        {"row_number": 1, "product_id": 5, "department_id": 21, "price_usd_cents": 500},
        {"row_number": 2, "product_id": 6, "department_id": 3, "price_usd_cents": 501},
    )
    of_lines = make(instacart.LINE_PRODUCTS)
    found = rows_of(departments(raw, staged, of_lines), instacart.DEPARTMENTS)
    assert [(row["department_id"], row["department_name"], row["name_from"]) for row in found] == [
        (20, "deli", "list"),
        (21, "missing", "list"),
        (3, "department 3", "number"),
    ]
    named = make(instacart.DEPARTMENTS, *found)
    frame = products(staged, of_lines, named, make(instacart.RAW_AISLES))
    by_id = {row["product_id"]: row for row in rows_of(frame, instacart.PRODUCTS)}
    assert by_id[5]["department_name"] == "missing"
    assert by_id[6]["department_name"] == "department 3"
    assert (by_id[5]["price_band"], by_id[6]["price_band"]) == ("low", "mid")


def test_products_that_the_list_lacks_are_taken_from_joined_lines(make: Make) -> None:
    joined = {
        "product_name": " Salt ",
        "aisle_id": "4",
        "aisle": "spices",
        "department_id": "13",
        "department": "pantry",
        "prices": "9.3",
    }
    prior = make(
        instacart.RAW_PRIOR_LINES,
        {**LINE, "row_number": 1, "product_id": 8},  # nothing describes it
        {**LINE, "row_number": 2, **joined},
        {**LINE, "row_number": 3, **joined, "prices": "2"},  # the first description counts
        {**LINE, "row_number": 4, "product_id": 2, **joined},  # the list has it
        {**LINE, "row_number": 5, "product_id": None, **joined},
    )
    train = make(
        instacart.RAW_TRAIN_LINES,
        {**LINE, **joined, "product_name": "Train"},
        {**LINE, "row_number": 2, "product_id": 3, "product_name": "#NAME?", "prices": "14900"},
    )
    listed = make(instacart.LISTED_PRODUCTS, {"product_id": 2, "department_id": 14})
    found = rows_of(line_products(prior, train, listed), instacart.LINE_PRODUCTS)
    by_id = {row["product_id"]: row for row in found}
    assert sorted(by_id) == [1, 3]
    assert (by_id[1]["product_name"], by_id[1]["price_usd_cents"]) == ("Salt", 930)
    assert (by_id[3]["product_name"], by_id[3]["price_usd_cents"]) == (None, None)
    told = make(instacart.LINE_PRODUCTS, *found)
    named = rows_of(
        departments(make(instacart.RAW_DEPARTMENTS), listed, told), instacart.DEPARTMENTS
    )
    assert sorted((row["department_name"], row["name_from"]) for row in named) == [
        ("department 14", "number"),
        ("pantry", "lines"),
    ]
    staged = make(instacart.STAGED_PRODUCTS, {"row_number": 1, "product_id": 2})
    frame = products(staged, told, make(instacart.DEPARTMENTS, *named), make(instacart.RAW_AISLES))
    rows = {row["product_id"]: row for row in rows_of(frame, instacart.PRODUCTS)}
    assert sorted(rows) == [1, 2, 3]
    assert (rows[1]["aisle_name"], rows[1]["department_name"]) == ("spices", "pantry")
    assert (rows[1]["is_from_lines"], rows[2]["is_from_lines"]) == (True, False)


def lines_of(make: Make, *rows: Row) -> tuple[list[Row], list[Row]]:
    """Lines accepted and set aside, where order 10 and products 1 and 2 are known."""
    raw = make(instacart.RAW_PRIOR_LINES, *rows)
    known_orders = make(instacart.ORDERS, {"order_id": 10, "customer_id": "7"})
    known = make(instacart.PRODUCTS, {"product_id": 1}, {"product_id": 2})
    sums = prior_order_sums(raw, known, make(instacart.DEPARTMENTS))
    bad = rows_of(prior_lines_set_aside(raw, known_orders, known, sums), instacart.PRIOR_SET_ASIDE)
    good = prior_lines(raw, make(instacart.PRIOR_SET_ASIDE, *bad))
    return rows_of(good, instacart.PRIOR_LINES), bad


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"order_id": 11}, "order_is_accepted__true"),
        ({"order_id": None}, "order_id__not_null"),
        ({"product_id": 3}, "product_is_accepted__true"),
        ({"record": '{"order_id":"x"}'}, "is_readable__true"),
        ({}, "copy_number__first"),
    ],
)
def test_a_bad_line_is_set_aside_and_the_others_are_accepted(
    make: Make, change: Row, rule: str
) -> None:
    accepted, bad = lines_of(make, LINE, {**LINE, "row_number": 2, **change})
    assert [row["product_id"] for row in accepted] == [1]
    assert [(row["row_number"], row["failed_rule"]) for row in bad] == [(2, rule)]


def test_the_same_product_at_another_place_is_no_copy(make: Make) -> None:
    accepted, bad = lines_of(make, LINE, {**LINE, "row_number": 2, "add_to_cart_order": 2})
    assert (len(accepted), bad) == (2, [])


def test_lines_without_places_in_the_cart_get_their_place_in_the_file(make: Make) -> None:
    rows = [{**LINE, "row_number": n, "product_id": n, "add_to_cart_order": None} for n in (1, 2)]
    accepted, bad = lines_of(make, *rows)
    assert sorted(row["line_number"] for row in accepted) == [1, 2]
    assert bad == []


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from([None, 10, 11]),
            st.sampled_from([None, 1, 3]),
            st.sampled_from([None, -1, 1, 65]),
            st.booleans(),
        ),
        max_size=8,
    )
)
def test_a_line_is_set_aside_exactly_if_it_breaks_a_rule_by_itself_or_repeats_one(
    make: Make, given_lines: list[tuple[int | None, int | None, int | None, bool]]
) -> None:
    expected, seen = [], set()
    for number, (order, product, place, is_readable) in enumerate(given_lines, start=1):
        key = (order, product, place)
        repeats = order is not None and key in seen
        seen.add(key)
        if order != 10 or product != 1 or not is_readable or repeats:
            expected.append(number)
    rows = [
        {
            "row_number": number,
            "order_id": order,
            "product_id": product,
            "add_to_cart_order": place,
            "reordered": 0,
            "record": None if is_readable else "{}",
        }
        for number, (order, product, place, is_readable) in enumerate(given_lines, start=1)
    ]
    accepted, bad = lines_of(make, *rows)
    assert sorted(row["row_number"] for row in bad) == expected
    assert len(accepted) == len(rows) - len(expected)


def test_lines_in_are_lines_matched_and_lines_set_aside(make: Make) -> None:
    raw_rows = [LINE, {**LINE, "row_number": 2, "order_id": 99}]
    _, bad = lines_of(make, *raw_rows)
    frames = {
        snapshot.raw.name: make(snapshot.raw) for snapshot in instacart.SNAPSHOTS if snapshot.staged
    }
    frames |= {s.staged.name: make(s.staged) for s in instacart.SNAPSHOTS if s.staged is not None}
    frames[instacart.RAW_PRIOR_LINES.name] = make(instacart.RAW_PRIOR_LINES, *raw_rows)
    frames[instacart.PRIOR_SET_ASIDE.name] = make(instacart.PRIOR_SET_ASIDE, *bad)
    files = make(
        instacart.RAW_FILES,
        {"feed": "order_products__prior", "file_name": "a.csv", "state": "accepted"},
    )
    rows = rows_of(quarantine(raw_files=files, **frames), instacart.QUARANTINE)
    (record,) = (json.loads(row["record"]) for row in rows)
    assert {name: value for name, value in record.items() if value is not None} == {
        "order_id": "99",
        "product_id": "1",
        "add_to_cart_order": "1",
        "reordered": "0",
    }
    accepted_frames = {
        s.accepted.name: make(s.accepted) for s in instacart.SNAPSHOTS if s.accepted is not None
    }
    accepted_frames[instacart.PRIOR_LINES.name] = prior_lines(
        frames[instacart.RAW_PRIOR_LINES.name], frames[instacart.PRIOR_SET_ASIDE.name]
    )
    raws = {s.raw.name: frames[s.raw.name] for s in instacart.SNAPSHOTS if s.staged}
    balance = rows_of(
        reconciliation(
            ledger=make(landing.LEDGER),
            quarantine=make(instacart.QUARANTINE, *rows),
            **raws,
            **accepted_frames,
        ),
        instacart.RECONCILIATION,
    )
    by_table = {row["table_name"]: row for row in balance}
    line = by_table["raw_order_products__prior"]
    assert (line["received"], line["accepted"], line["quarantined"]) == (2, 1, 1)
    assert {row["unaccounted"] for row in balance} == {0}


def test_the_lines_of_both_sets_are_told_apart(make: Make) -> None:
    line = {"order_id": 1, "product_id": 2}
    found = rows_of(
        order_lines(make(instacart.PRIOR_LINES, line), make(instacart.TRAIN_LINES, line)),
        instacart.ORDER_LINES,
    )
    assert sorted(row["order_set"] for row in found) == ["prior", "train"]


def test_names_of_customers_are_dropped_and_states_have_a_region(make: Make) -> None:
    raw = make(
        instacart.RAW_CUSTOMERS,
        {
            "row_number": 1,
            "user_id": "7",
            "first_name": "Deborah",
            "surnam": "Esquivel",
            "state": "Missouri",
            "age": "48",
            "date_joined": "1/17/2017",
            "n_dependants": "3",
            "fam_status": "Married",
            "income": "165665",
        },
        {"row_number": 2, "user_id": "8", "state": "Atlantis"},
    )
    staged = make(
        instacart.STAGED_CUSTOMERS, *rows_of(staged_customers(raw), instacart.STAGED_CUSTOMERS)
    )
    found = rows_of(clean_customers(staged), instacart.CLEAN_CUSTOMERS)
    assert [row["region"] for row in found] == ["Midwest", None]
    assert found[0]["income_usd_cents"] == 16_566_500
    assert "Deborah" not in str(found)


def test_the_census_regions_hold_fifty_states_and_the_district() -> None:
    assert len(STATES) == 51
    assert sum(map(len, REGIONS.values())) == 51


def test_tables_that_are_views_are_not_published() -> None:
    with pytest.raises(ValueError, match="a view is neither published"):
        Table("x", "y", "A view.", instacart.LINE_COLUMNS, stored=False)
