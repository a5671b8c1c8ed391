"""Segments of any source: made from its orders, told in one sentence, small ones left out."""

from datetime import date

import pytest

from agm_platform.contracts import sales, sales_insights
from agm_platform.contracts.model import Column, Table, Type
from agm_platform.contracts.registry import TABLES
from agm_platform.defs.answers.segments import segments_answer
from agm_platform.defs.insights.segments import SEGMENTS, segments_asset
from agm_platform.defs.table import asset_key, declared
from agm_platform_tests.defs.conftest import Make, Row, rows_of

DAY = date(2025, 8, 25)


def customers(segment: str, count: int, usd_cents: int, days: int = 90) -> list[Row]:
    """Customers of one segment, each of whom spent so much in two orders; data of so many days."""
    return [
        {
            "customer_id": f"{segment}{number}",
            "segment": segment,
            "order_count": 2,
            "orders_per_30_days": 60 / days,
            "monetary_usd_cents": usd_cents,
        }
        for number in range(count)
    ]


def test_segments_are_told_by_size_with_their_part_of_the_money(make: Make) -> None:
    rows = customers("loyal", 10, 3000) + customers("at_risk", 30, 1000)
    answer = segments_answer(
        "sales", make(sales_insights.SEGMENTS, *rows), 10, "nothing", DAY, "A note."
    )
    assert answer.answer_id == "sales.segments"
    assert answer.answer == (
        "Of 40 customers with orders: at risk (30, 75.0 % of customers and 50.0 % of the money, "
        "$10.00 each) and loyal (10, 25.0 % of customers and 50.0 % of the money, $30.00 each)."
    )
    assert [row["orders_per_customer"] for row in answer.details] == [2, 2]
    assert answer.details[0]["share_low"] < 0.75 < answer.details[0]["share_high"]
    assert "A note." in str(answer.caveat)
    assert (answer.sample_size, answer.as_of) == (40, DAY)


def test_a_small_segment_is_left_out(make: Make) -> None:
    rows = customers("loyal", 3, 3000) + customers("lapsed", 30, 1) + customers("regular", 40, 1)
    answer = segments_answer("sales", make(sales_insights.SEGMENTS, *rows), 10, "nothing", DAY)
    assert [row["segment"] for row in answer.details] == ["regular", "lapsed"]
    assert "left out" in str(answer.caveat)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([], "nothing has come"),
        (customers("loyal", 3, 1), "too few"),
        (customers("loyal", 90, 1, days=1), "need data of 30 days or more; so far they span 1."),
        (customers("loyal", 90, 1, days=29), "so far they span 29."),
    ],
)
def test_what_cannot_be_told_says_why(make: Make, rows: list[Row], words: str) -> None:
    frame = make(sales_insights.SEGMENTS, *rows)
    answer = segments_answer("sales", frame, 10, "nothing has come", DAY)
    assert answer.value is None
    assert answer.details == []
    assert words in answer.answer


def test_orders_of_sales_count_by_their_revenue_and_only_with_customer_and_date(
    make: Make,
) -> None:
    function = next(
        told.function
        for asset in SEGMENTS
        if (told := declared(asset)) and told.contract.source == "sales"
    )
    day = {"customer_id": "C1", "order_date": DAY, "revenue_usd_cents": 700}
    orders = make(
        sales.ORDERS,
        {"order_id": "1", **day},
        {"order_id": "2", **day, "order_date": date(2025, 8, 1)},
        {"order_id": "3", **day, "order_date": None},
        {"order_id": "4", **day, "customer_id": None},
        {"order_id": "5", **day, "customer_id": "C2", "order_date": None},
    )
    (row,) = rows_of(function(orders), sales_insights.SEGMENTS)
    assert (row["customer_id"], row["order_count"], row["monetary_usd_cents"]) == ("C1", 2, 1400)
    assert row["recency_days"] == 0


def test_every_source_with_segments_has_their_asset_and_reads_them_in_its_answers() -> None:
    contracts = {table.full_name for table in TABLES if table.name == "segments"}
    assert contracts == {"agm.segments", "loyalty.segments", "peak.segments", "sales.segments"}
    assert {asset.key for asset in SEGMENTS} == {
        asset_key(table) for table in TABLES if table.name == "segments"
    }


def test_a_source_without_money_in_its_orders_cannot_offer_segments() -> None:
    contract = Table("instacart", "segments", "X.", (Column("customer_id", Type.TEXT, "X."),))
    with pytest.raises(ValueError, match="have none of subtotal_usd_cents"):
        segments_asset(contract)
