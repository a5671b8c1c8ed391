"""Habits, prices, departments and kinds of customers against figures worked out by hand."""

import narwhals as nw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agm_platform.contracts import instacart, instacart_rules
from agm_platform.contracts import instacart_insights as made
from agm_platform.defs.answers import (
    instacart_customers,
    instacart_flags,
    instacart_hours,
    instacart_products,
)
from agm_platform.defs.answers.instacart_figures import NO_ORDERS, InstacartFigures
from agm_platform.defs.insights.assortment import by_department, pairs, price_bands, with_positions
from agm_platform.defs.insights.instacart_insights import baskets as baskets_asset
from agm_platform.defs.insights.instacart_insights import line_cube, line_join
from agm_platform.defs.insights.shopper_flags import customer_habits, flag_counts
from agm_platform.defs.insights.shopper_groups import customer_groups, group_habits
from agm_platform.defs.insights.shopping_hours import hours_and_days, labelled
from agm_platform.defs.sources.instacart.lines import (
    prior_lines,
    prior_lines_set_aside,
    prior_order_sums,
)
from agm_platform.statistics.groups import ratio_of_sums
from agm_platform.warehouse.baskets import summed_baskets, united_sets
from agm_platform_tests.defs.conftest import Make, Row, rows_of

FAMILIES = (instacart_hours, instacart_products, instacart_flags, instacart_customers)


def order(number: int, customer: str, **facts: object) -> Row:
    """One prior order."""
    return {"order_id": number, "customer_id": customer, "order_set": "prior", **facts}


def habits_of(make: Make, orders: list[Row], baskets: list[Row] | None = None) -> nw.LazyFrame:
    """Customers' habits by the rules of Instacart."""
    return customer_habits(
        make(instacart.ORDERS, *orders),
        make(made.BASKETS, *(baskets or [])),
        loyalty=instacart_rules.LOYALTY,
        frequency=instacart_rules.FREQUENCY,
        low_spending_below=instacart_rules.LOW_SPENDING_BELOW_USD_CENTS,
        low_activity_below=instacart_rules.LOW_ACTIVITY_BELOW_ORDERS,
    )


@pytest.mark.parametrize(
    ("last", "loyalty"),
    [(10, "new"), (11, "regular"), (40, "regular"), (41, "loyal")],
)
def test_loyalty_is_the_number_of_the_last_order_not_the_count_of_rows(
    make: Make, last: int, loyalty: str
) -> None:
    (row,) = rows_of(habits_of(make, [order(1, "7", order_number=last)]), made.CUSTOMER_HABITS)
    assert (row["loyalty"], row["orders"]) == (loyalty, 1)


def test_the_median_gap_leaves_out_the_first_order(make: Make) -> None:
    gaps = [None, 12, 14]
    orders = [
        order(n, "7", order_number=n + 1, days_since_prior_order=gap) for n, gap in enumerate(gaps)
    ]
    (row,) = rows_of(habits_of(make, orders), made.CUSTOMER_HABITS)
    assert (row["median_gap_days"], row["frequency"]) == (13, "regular")
    assert (row["zero_filled_median_days"], row["zero_filled_frequency"]) == (12, "regular")
    (only,) = rows_of(habits_of(make, [orders[0]]), made.CUSTOMER_HABITS)
    assert (only["frequency"], only["zero_filled_frequency"]) == (None, "frequent")


@pytest.mark.parametrize(
    ("cents", "lines", "spending"), [(1999, 2, "low"), (2000, 2, "high"), (0, 0, None)]
)
def test_a_mean_item_price_of_exactly_the_limit_is_high(
    make: Make, cents: int, lines: int, spending: str | None
) -> None:
    basket = {
        "order_id": 1,
        "order_lines": 2,
        "priced_lines": lines,
        "usd_cents": cents,
        "received_priced_lines": 2,
        "received_usd_cents": cents + 1_490_000,
    }
    (row,) = rows_of(
        habits_of(make, [order(1, "7", order_number=1)], [basket]), made.CUSTOMER_HABITS
    )
    assert (row["spending"], row["unrepaired_spending"]) == (spending, "high")


def test_flags_count_customers_and_lines_are_the_second_figure(make: Make) -> None:
    habits = make(
        made.CUSTOMER_HABITS,
        {"customer_id": "1", "loyalty": "loyal", "order_lines": 90},
        {"customer_id": "2", "loyalty": "new", "order_lines": 2},
        {"customer_id": "3", "loyalty": "new", "order_lines": 3},
    )
    counts = rows_of(flag_counts(habits, ("loyalty", "frequency")), made.FLAG_COUNTS)
    found = {(row["flag"], row["label"]): (row["customers"], row["order_lines"]) for row in counts}
    assert found == {
        ("loyalty", "loyal"): (1, 90),
        ("loyalty", "new"): (2, 5),
        ("frequency", "cannot_tell"): (3, 95),
    }


def test_days_and_hours_have_orders_money_and_the_ratio_estimators_interval(make: Make) -> None:
    orders = [
        order(1, "a", order_day=0, order_hour=9),
        order(2, "a", order_day=0, order_hour=9),
        order(3, "b", order_day=1, order_hour=9),
        order(4, "c", order_day=1, order_hour=23),
    ]
    basket = {"order_id": 1, "order_lines": 2, "priced_lines": 1, "usd_cents": 500}
    frame = labelled(
        hours_and_days(make(instacart.ORDERS, *orders), make(made.BASKETS, basket)),
        "Saturday",
        instacart_rules.PERIODS_OF_DAY,
    )
    rows = rows_of(frame.with_columns(suppressed=nw.lit(value=False)), made.SHOPPING_HABITS)
    found = {(r["dimension"], r["order_day"], r["order_hour"]): r for r in rows}
    day = found["day", 0, None]
    assert (day["orders"], day["customers"], day["usd_cents"], day["label"]) == (
        2,
        1,
        500,
        "Saturday",
    )
    assert found["hour", None, 23]["label"] == "evening"
    assert found["day_hour", 1, 23]["orders"] == 1
    # Customers a, b, c with y = 2, 0, 0 of x = 2, 1, 1 orders.
    expected = ratio_of_sums(3, 2, 4, 4, 6, 4)
    assert expected is not None
    half = (day["share_high"] - day["share"]) / 1.959964
    assert day["share"] == expected.value
    assert half == pytest.approx((expected.high - expected.value) / 4.302653, rel=1e-5)


def test_price_bands_are_told_by_the_rule_and_by_thirds(make: Make) -> None:
    prices = [500, 501, 1500, 1501, None]
    products = make(
        instacart.PRODUCTS,
        *(
            {
                "product_id": n,
                "price_usd_cents": price,
                "received_usd_cents": price or 1_490_000,
            }
            for n, price in enumerate(prices)
        ),
    )
    sold = make(made.PRODUCT_POPULARITY, *({"product_id": n, "order_lines": n} for n in range(5)))
    rows = rows_of(price_bands(products, sold, instacart_rules.PRICE_BANDS), made.PRICE_BANDS)
    rule = {row["price_band"]: row for row in rows if row["basis"] == "rule"}
    assert {band: row["order_lines"] for band, row in rule.items()} == {
        "low": 0,
        "mid": 3,
        "high": 3,
        "unpriced": 4,
    }
    assert rule["high"]["received_lines"] == 7
    assert sum(row["products"] for row in rows if row["basis"] == "thirds") == 5


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 5)), min_size=1, max_size=30))
def test_the_bits_of_a_basket_are_its_departments(lines: list[tuple[int, int]]) -> None:
    import duckdb

    with duckdb.connect() as connection:
        connection.execute("create table lines (order_id bigint, position bigint, cents bigint)")
        connection.executemany("insert into lines values (?, ?, 5)", lines)
        frame = nw.from_native(connection.table("lines"))
        found = {
            row[0]: row[1:]
            for row in summed_baskets(frame, {"cents": "cents"}, {}, number="position")
            .to_native()
            .project("order_id, order_lines, cents, departments")
            .fetchall()
        }
    for number in {number for number, _ in lines}:
        held = [position for each, position in lines if each == number]
        bits = sum(1 << position for position in set(held))
        assert found[number] == (len(held), 5 * len(held), bits)


def test_departments_and_pairs_count_orders_once(make: Make) -> None:
    departments = with_positions(
        make(
            instacart.DEPARTMENTS,
            *({"department_id": n, "department_name": name} for n, name in ((4, "a"), (9, "b"))),
        ),
        60,
    )
    baskets = make(
        made.BASKETS,
        *({"order_id": n, "departments": bits} for n, bits in enumerate((3, 3, 1, 2))),
    )
    sets = baskets.group_by("departments").agg(count=nw.len())
    (pair,) = rows_of(pairs(departments, sets), made.DEPARTMENT_PAIRS)
    assert (pair["orders"], pair["support"]) == (2, 0.5)
    assert pair["lift"] == pytest.approx(0.5 / (0.75 * 0.75))
    owned = baskets.with_columns(customer=nw.lit("x")).select("customer", "departments")
    own = united_sets(owned, "customer").group_by("departments").agg(count=nw.len())
    cube = make(made.LINE_CUBE, {"department_id": 4, "order_lines": 7, "order_numbers": 14})
    found = by_department(departments, make(instacart.PRODUCTS), cube, sets, own).with_columns(
        suppressed=nw.lit(value=False)
    )
    row = next(r for r in rows_of(found, made.DEPARTMENT_INSIGHTS) if r["department_id"] == 4)
    assert (row["orders"], row["customers"], row["order_lines"]) == (3, 1, 7)
    assert row["mean_order_number"] == 2


def test_customers_that_are_not_listed_are_in_no_known_group(make: Make) -> None:
    habits = make(
        made.CUSTOMER_HABITS,
        *(
            {"customer_id": n, "loyalty": "new", "orders": 2, "usd_cents": c, "priced_lines": 1}
            for n, c in (("1", 100), ("2", 300))
        ),
    )
    known = {"customer_id": "1", "region": "West", "age": 36, "dependants": 1}
    customers = make(
        instacart.CLEAN_CUSTOMERS,
        {**known, "income_usd_cents": 4_999_999, "family_status": "married"},
    )
    groups = make(
        made.CUSTOMER_GROUPS,
        *rows_of(
            customer_groups(
                habits, customers, instacart_rules.AGE_BANDS, instacart_rules.INCOME_BANDS
            ),
            made.CUSTOMER_GROUPS,
        ),
    )
    numbers = {
        row["customer_id"]: (row["region"], row["profile"], row["group_number"])
        for row in rows_of(groups, made.CUSTOMER_GROUPS)
    }
    assert numbers["1"][:2] == ("West", "36_to_64, parent, low income")
    assert numbers["2"][:2] == ("unknown", "unknown")
    orders = make(
        made.ORDER_CUBE,
        *(
            {"group_number": numbers["1"][2], "order_day": d, "order_hour": 9, "orders": n}
            for d, n in ((0, 1), (5, 3))
        ),
    )
    lines = make(
        made.LINE_CUBE, {"group_number": numbers["1"][2], "department_id": 4, "order_lines": 5}
    )
    names = make(instacart.DEPARTMENTS, {"department_id": 4, "department_name": "produce"})
    found = group_habits(habits, groups, orders, lines, names, ("region",)).with_columns(
        suppressed=nw.lit(value=False)
    )
    west = next(r for r in rows_of(found, made.GROUP_HABITS) if r["member"] == "West")
    assert (west["customers"], west["busiest_day"], west["busiest_hour"]) == (1, 5, 9)
    assert (west["top_department"], west["usd_cents_per_order"]) == ("produce", 50)


def test_the_join_that_drops_and_doubles_lines_is_told_beside_the_right_one(make: Make) -> None:
    staged = [
        {"row_number": 1, "received_product_id": 2, "product_id": 1, "product_name": "Water"},
        {"row_number": 2, "received_product_id": 2, "product_id": 2, "product_name": "Flakes"},
        {"row_number": 3, "received_product_id": 3, "product_id": 3, "product_name": None},
    ]
    sold = [(1, 5), (2, 7), (3, 11)]
    frame = line_join_of(make, staged, sold)
    (row,) = rows_of(frame, made.LINE_JOIN)
    assert (row["lines_dropped"], row["lines_doubled"]) == (16, 7)
    assert (row["lines_accepted"], row["lines_joined_naively"]) == (23, 14)


def line_join_of(make: Make, staged: list[Row], sold: list[tuple[int, int]]) -> nw.LazyFrame:
    """The balance of lines for products with so many lines each."""
    whole = {"copy_number": 1, "name_is_spoilt": False}
    result: nw.LazyFrame = line_join(
        raw_lines=make(instacart.RAW_PRIOR_LINES),
        lines_set_aside=make(instacart.PRIOR_SET_ASIDE),
        product_popularity=make(
            made.PRODUCT_POPULARITY, *({"product_id": n, "order_lines": c} for n, c in sold)
        ),
        staged_products=make(instacart.STAGED_PRODUCTS, *({**row, **whole} for row in staged)),
        line_products=make(instacart.LINE_PRODUCTS),
    )
    return result


def baskets_of(make: Make, *lines: Row) -> list[Row]:
    """Baskets of orders 1 and 2 with products 1 (department 4) and 2 (absurd price, 9)."""
    raw = make(instacart.RAW_PRIOR_LINES, *lines)
    orders = make(instacart.ORDERS, order(1, "7"), order(2, "8"))
    products = make(
        instacart.PRODUCTS,
        {"product_id": 1, "department_id": 4, "price_usd_cents": 5, "received_usd_cents": 5},
        {"product_id": 2, "department_id": 9, "received_usd_cents": 1_490_000},
    )
    departments = make(instacart.DEPARTMENTS, {"department_id": 4}, {"department_id": 9})
    sums = prior_order_sums(raw, products, departments)
    bad = prior_lines_set_aside(raw, orders, products, sums)
    set_aside = make(instacart.PRIOR_SET_ASIDE, *rows_of(bad, instacart.PRIOR_SET_ASIDE))
    frame = baskets_asset(sums, set_aside, prior_lines(raw, set_aside), products, departments)
    return sorted(rows_of(frame, made.BASKETS), key=lambda row: row["order_id"])


def test_a_basket_counts_absurd_prices_apart(make: Make) -> None:
    lines = [
        {"row_number": n, "order_id": 1, "product_id": n, "add_to_cart_order": n, "reordered": 1}
        for n in (1, 2)
    ]
    assert baskets_of(make, *lines) == [
        {
            "order_id": 1,
            "order_lines": 2,
            "priced_lines": 1,
            "usd_cents": 5,
            "received_priced_lines": 2,
            "received_usd_cents": 1_490_005,
            "reordered_lines": 2,
            "departments": 3,
        }
    ]


def test_a_line_that_is_set_aside_is_in_no_basket(make: Make) -> None:
    line = {"order_id": 1, "product_id": 1, "add_to_cart_order": 1, "reordered": 1}
    lines = [
        line,
        line,  # a repeat
        {**line, "product_id": 3, "add_to_cart_order": 2},  # no such product
        {**line, "order_id": 2},
        {**line, "order_id": 3},  # no such order
        {**line, "order_id": None, "record": "{}"},
    ]
    numbered = [{**each, "row_number": n} for n, each in enumerate(lines, start=1)]
    assert [(row["order_id"], row["order_lines"]) for row in baskets_of(make, *numbered)] == [
        (1, 1),
        (2, 1),
    ]


def test_the_cube_of_lines_tells_missing_hours_departments_and_prices_apart(make: Make) -> None:
    lines = [{"order_id": o, "product_id": p, "reordered": 1} for o in (1, 2) for p in (1, 2, 3)]
    products = [
        {"product_id": 1, "department_id": 4, "price_usd_cents": 5, "price_band": "low"},
        {"product_id": 2, "department_id": 4},
        {"product_id": 3, "price_usd_cents": 700, "price_band": "mid"},
    ]
    frame = line_cube(
        make(instacart.PRIOR_LINES, *lines),
        make(
            instacart.ORDERS,
            order(1, "7", order_number=3, order_hour=0),
            order(2, "8", order_number=4),
        ),
        make(instacart.PRODUCTS, *products),
        make(
            made.CUSTOMER_GROUPS,
            {"customer_id": "7", "group_number": 1},
            {"customer_id": "8", "group_number": 2},
        ),
    )
    names = ("group_number", "order_hour", "department_id", "price_band", "usd_cents")
    assert {tuple(row[name] for name in names) for row in rows_of(frame, made.LINE_CUBE)} == {
        (group, hour, *shelf)
        for group, hour in ((1, 0), (2, None))
        for shelf in ((4, "low", 5), (4, None, 0), (None, "mid", 700))
    }
    counts = ("order_lines", "priced_lines", "reordered_lines", "order_numbers")
    assert {
        tuple(row[name] for name in counts)
        for row in rows_of(frame, made.LINE_CUBE)
        if row["department_id"] == 4
    } == {(1, 1, 1, 3), (1, 0, 1, 3), (1, 1, 1, 4), (1, 0, 1, 4)}


def test_without_files_every_question_says_what_is_missing() -> None:
    answers = [answer for family in FAMILIES for answer in family.answers(InstacartFigures())]
    assert len(answers) == len({answer.answer_id for answer in answers}) == 30
    for answer in answers:
        assert answer.value is None
        assert "drop " in answer.answer


@pytest.mark.parametrize(
    ("known", "lines", "money"),
    [
        ({}, "no orders have arrived", "no orders have arrived"),
        ({"orders": True}, "products.csv has not arrived", "products.csv has not arrived"),
        (
            {"orders": True, "bands": True},
            "every order line is set aside",
            "every order line is set aside",
        ),
        (
            {"orders": True, "bands": True, "accepted": True},
            None,
            "no product has a believable price",
        ),
    ],
)
def test_an_answer_about_lines_says_which_file_it_lacks(
    known: Row, lines: str | None, money: str
) -> None:
    day = {**NO_ORDERS, "dimension": "day", "order_day": 0, "orders": 9}
    unpriced = {"basis": "rule", "price_band": "unpriced", "order_lines": 7, "products": 2}
    balance = {
        **dict.fromkeys(("lines_set_aside", "lines_dropped", "lines_doubled"), 0),
        "lines_received": 7,
        "lines_accepted": 7 if "accepted" in known else 0,
        "lines_joined_naively": 7,
    }
    figures = InstacartFigures(
        habits=[day] if "orders" in known else [],
        bands=[unpriced] if "bands" in known else [],
        lines=[balance],
    )
    answers = {answer.answer_id: answer for answer in instacart_products.answers(figures)}
    counted = answers["instacart.order_lines"]
    if lines is None:
        assert counted.value == 7
    else:
        assert counted.value is None
        assert lines in counted.answer
    for band in ("low", "mid", "high"):
        answer = answers[f"instacart.lines_{band}_price"]
        assert answer.value is None
        assert money in answer.answer
