"""Answers about sales: verdicts follow the figures, and without data they say what is missing."""

from dataclasses import replace
from datetime import date

import pytest

from agm_platform.defs.answers.answer import Answer, Row
from agm_platform.defs.answers.sales import answers
from agm_platform.defs.answers.sales_figures import SalesFigures
from agm_platform.defs.insights.delivery import delivery_tests, status_comparisons
from agm_platform_tests.defs.test_sales_insights import deliveries

NONE = SalesFigures([], [], [], [], [], [], [], [], [], [])


def revenue(dimension: str, member: str, cents: int, **more: object) -> Row:
    return {
        "dimension": dimension,
        "member": member,
        "orders": 20,
        "customers": 15,
        "quantity": 60,
        "ordered_usd_cents": cents,
        "kept_usd_cents": cents // 2,
        "mean_quantity": 3.0,
        "mean_discount_share": 0.1,
        "suppressed": False,
        **more,
    }


def tier(name: str, cents: float, tied: str | None = None) -> Row:
    return {
        "tier": name,
        "listed_customers": 30,
        "customers": 20,
        "orders": 60,
        "ordered_usd_cents": int(cents * 20),
        "kept_usd_cents": int(cents * 15),
        "share_of_revenue": 0.4,
        "orders_per_buyer": 3.0,
        "ordered_per_buyer": cents,
        "ordered_low": cents - 10,
        "ordered_high": cents + 10,
        "kept_per_buyer": cents * 0.75,
        "kept_low": None,
        "kept_high": None,
        "tied_with": tied,
        "suppressed": False,
    }


def effect(verdict: str, value: float) -> Row:
    return {
        "contrast": "any_discount",
        "method": "adjusted",
        "value": value,
        "low": value - 0.1,
        "high": value + 0.1,
        "low_90": value - 0.08,
        "high_90": value + 0.08,
        "p_value": 0.5,
        "orders": 100,
        "strata": 9,
        "verdict": verdict,
    }


def told(figures: SalesFigures) -> dict[str, Answer]:
    return {answer.answer_id: answer for answer in answers(figures)}


def test_without_files_every_question_says_what_is_missing() -> None:
    found = told(NONE)
    assert len(found) == len(answers(NONE)) > 35
    for answer in found.values():
        assert answer.value is None
        assert "landing/sales" in answer.answer


def test_orders_without_customers_say_which_file_is_missing() -> None:
    found = told(replace(NONE, revenue=[revenue("total", "all", 1000)]))
    assert found["sales.revenue_dollars"].value == 10.0
    assert "customer_info.csv" in found["sales.tier_ranking"].answer


def test_what_was_published_and_what_is_right_stand_in_the_caveat() -> None:
    earlier = {"name": "orders", "earlier": 2480.0, "right_value": 2996.0, "reason": "a filter"}
    total = [revenue("total", "all", 1000)]
    caveat = told(replace(NONE, revenue=total, earlier=[earlier]))["sales.orders"].caveat
    assert caveat == "An earlier analysis has 2,480, right is 2,996: a filter."
    same = {**earlier, "earlier": 2996.0}
    caveat = told(replace(NONE, revenue=total, earlier=[same]))["sales.orders"].caveat
    assert caveat == "An earlier way (a filter) gives the same here: 2,996."


def test_a_hidden_group_is_neither_named_nor_ranked() -> None:
    rows = [
        revenue("total", "all", 900),
        revenue("category", "Kitchen", 100),
        revenue("category", "Storage", 500, suppressed=True),
        revenue("category", "Outdoors", 300),
    ]
    answer = told(replace(NONE, revenue=rows))["sales.revenue_by_category"]
    assert "Storage" not in answer.answer
    assert [row["group"] for row in answer.details] == ["Outdoors", "Kitchen", "Storage"]
    assert answer.details[-1]["ordered_dollars"] is None
    assert answer.details[-1]["orders"] is None


@pytest.mark.parametrize(
    ("verdict", "value", "wanted"),
    [
        ("same", 0.01, "Confirmed"),
        ("differs", 0.5, "Refuted"),
        ("differs", -0.5, "Confirmed"),
        ("cannot tell", 0.2, "Cannot tell"),
    ],
)
def test_the_claim_about_discounts_follows_the_adjusted_effect(
    verdict: str, value: float, wanted: str
) -> None:
    found = told(replace(NONE, effects=[effect(verdict, value)]))
    answer = found["sales.claim_discounts_do_not_raise_volume"]
    assert answer.answer.startswith(f"{wanted}:")
    assert answer.value == value


@pytest.mark.parametrize(
    ("tiers", "wanted", "ranking"),
    [
        (
            [tier("Gold", 900), tier("Silver", 500), tier("Bronze", 300)],
            "Confirmed",
            "Gold, then Silver, then Bronze",
        ),
        (
            [tier("Gold", 900), tier("Silver", 500, "Bronze"), tier("Bronze", 490, "Silver")],
            "Cannot tell",
            "Gold, then Silver and Bronze (a tie)",
        ),
        (
            [tier("Silver", 900), tier("Gold", 500), tier("Bronze", 300)],
            "Refuted",
            "Silver, then Gold, then Bronze",
        ),
        (
            [tier("Silver", 900, "Gold"), tier("Gold", 890, "Silver"), tier("Bronze", 300)],
            "Cannot tell",
            "Silver and Gold (a tie), then Bronze",
        ),
    ],
)
def test_the_claim_about_tiers_knows_ties(tiers: list[Row], wanted: str, ranking: str) -> None:
    found = told(replace(NONE, tiers=tiers))
    assert found["sales.claim_tier_order"].answer.startswith(f"{wanted}:")
    assert ranking in found["sales.tier_ranking"].answer
    assert found["sales.revenue_per_buyer_gold"].value in {9.0, 5.0, 8.9}


@pytest.mark.parametrize(
    ("west", "wanted"),
    [
        ((30, 50, 20), "Cannot tell"),
        ((300, 500, 200), "Refuted"),
        ((40_000, 40_000, 20_000), "Confirmed"),
    ],
)
def test_the_claim_about_regions_follows_the_test(west: tuple[int, int, int], wanted: str) -> None:
    size = sum(west) // 10
    rates = deliveries({"East": (4 * size, 4 * size, 2 * size), "West": west})
    rates = [
        {
            **row,
            "suppressed": False,
            **{f"{name}_rate{end}": 0.5 for name in ("delayed",) for end in ("_low", "_high")},
            **{f"{name}_rate{end}": 0.2 for name in ("cancelled",) for end in ("_low", "_high")},
        }
        for row in rates
    ]
    figures = replace(
        NONE,
        revenue=[revenue("total", "all", 1000)],
        rates=rates,
        tests=delivery_tests(rates, 0.05),
        statuses=status_comparisons(rates, 0.05),
        as_of=date(2025, 8, 25),
    )
    found = told(figures)
    assert found["sales.claim_delays_alike_in_regions"].answer.startswith(f"{wanted}:")
    assert "late as often" in found["sales.claim_late_as_often_as_delivered_and_cancelled"].question
    assert found["sales.cancel_rate"].value == pytest.approx(0.2)
    assert found["sales.delay_by_region"].as_of == date(2025, 8, 25)
