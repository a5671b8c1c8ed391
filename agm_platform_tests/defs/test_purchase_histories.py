"""Histories as of a day: what counts, and that nothing of the days after can be in a feature."""

from __future__ import annotations

from datetime import date, timedelta

import duckdb
import narwhals as nw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agm_platform.contracts import loyalty, sales
from agm_platform.contracts.customer_value import money_of
from agm_platform.contracts.privacy import ERASED_NUMBER
from agm_platform.defs.insights.purchase_histories import (
    FEATURES,
    EngineHistories,
    as_of,
    gaps,
    grouped_histories,
    purchase_days,
    with_later,
)
from agm_platform.warehouse.rows import records
from agm_platform_tests.defs.conftest import Make, Row

START = date(2021, 1, 1)
DAY = START.toordinal()
MONEY = "subtotal_usd_cents"


def order(customer: str, day: int, cents: int, number: int = 0) -> Row:
    return {
        "order_id": f"{customer}-{day}-{number}",
        "customer_id": customer,
        "order_date": START + timedelta(days=day),
        "subtotal_usd_cents": cents,
    }


def test_a_history_counts_days_and_leaves_the_first_purchase_out_of_the_value(make: Make) -> None:
    orders = make(
        loyalty.ORDERS,
        order("a", 0, 500),
        order("a", 10, 100),
        order("a", 10, 200, 1),
        order("a", 40, 600),
        order("b", 100, 900),
        order(ERASED_NUMBER, 3, 1),
    )
    days = purchase_days(orders, MONEY)
    found = {row["customer_id"]: row for row in records(as_of(days, DAY + 50))}
    assert set(found) == {"a"}
    assert {name: found["a"][name] for name in FEATURES} == {
        "purchase_days": 3,
        "first_to_last_days": 40,
        "age_days": 50,
        "since_last_days": 10,
        "days_in_30": 1,
        "days_in_90": 3,
        "value_in_90": 1400,
        "repeat_value": 900,
        "last_value": 600,
    }
    histories = EngineHistories(days)
    assert (histories.first_day, histories.last_day) == (DAY, DAY + 100)
    known = histories.customers(DAY + 20, 30)
    assert known.frequency.tolist() == [1]
    assert known.mean_value.tolist() == [300]
    assert (known.later.tolist(), known.later_value.tolist()) == ([1], [600])
    assert {row["gap"]: row["times"] for row in records(gaps(days, DAY + 100))} == {10: 1, 30: 1}


def test_customers_with_one_history_are_one_group(make: Make) -> None:
    rows = [order(name, day, 100) for name in "abc" for day in (0, 7)]
    days = purchase_days(make(loyalty.ORDERS, *rows, order("d", 3, 100)), MONEY)
    found = records(grouped_histories(days, DAY + 10).sort("frequency"))
    assert [row["customers"] for row in found] == [1, 3]
    assert found[1] == {"frequency": 1, "recency_days": 7, "age_days": 10, "customers": 3}


purchases = st.lists(
    st.tuples(st.sampled_from("abcd"), st.integers(0, 60), st.integers(0, 900)),
    min_size=1,
    max_size=25,
)


@settings(max_examples=12)  # each makes two tables
@given(purchases, purchases, st.integers(0, 40))
def test_what_comes_later_changes_no_feature(
    before: list[tuple[str, int, int]], later: list[tuple[str, int, int]], day: int
) -> None:
    past = [row for row in before if row[1] <= day]
    futures = ([row for row in before if row[1] > day], [(c, day + 1 + d, v) for c, d, v in later])
    with duckdb.connect() as connection:
        found = []
        for number, future in enumerate(futures):
            connection.execute(
                f"create table t{number} (customer_id varchar, order_date date, v bigint)"
            )
            for customer, of_day, value in (*past, *future):
                connection.execute(
                    f"insert into t{number} values (?, ?, ?)",
                    [customer, START + timedelta(days=of_day), value],
                )
            days = purchase_days(nw.from_native(connection.table(f"t{number}")), "v")
            known = with_later(days, DAY + day, 30).select("customer_id", *FEATURES)
            found.append(records(known.sort("customer_id")))
    assert found[0] == found[1]


def test_money_is_found_by_its_name_and_orders_without_it_are_refused() -> None:
    assert money_of(loyalty.ORDERS) == "subtotal_usd_cents"
    assert money_of(sales.ORDERS) == "revenue_usd_cents"
    with pytest.raises(ValueError, match="needs customer_id, order_date"):
        money_of(sales.DELIVERIES)


def test_orders_without_customer_or_date_are_left_out(make: Make) -> None:
    orders = make(
        sales.ORDERS,
        {"order_id": "1", "order_date": START, "revenue_usd_cents": 5},
        {"order_id": "2", "customer_id": "C1", "revenue_usd_cents": 5},
        {"order_id": "3", "customer_id": "C1", "order_date": START},
    )
    (row,) = records(purchase_days(orders, "revenue_usd_cents"))
    assert row == {"customer_id": "C1", "day": DAY, "value": 0.0}
