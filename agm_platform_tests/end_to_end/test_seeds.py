"""The real first day, when the owners' files lie beside the repository."""

from __future__ import annotations

import json
from typing import Any

import pytest

from agm_platform.settings import REPOSITORY
from agm_platform_tests.end_to_end.one_platform import Platform
from agm_platform_tests.end_to_end.questions import IDS

SEEDS = REPOSITORY.parent / "shared" / "seeds"
FEED = SEEDS / "peak" / "peak_sales_2020_10_03.json"

pytestmark = pytest.mark.skipif(not FEED.exists(), reason="the owners' files are not here")

Answers = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Platform:
    made = Platform(SEEDS, tmp_path_factory.mktemp("seeds"))
    assert made.run() == 0, made.output
    return made


@pytest.fixture(scope="module")
def answers(platform: Platform) -> Answers:
    rows = json.loads((platform.published / "answers.json").read_bytes())
    return {row["answer_id"]: row for row in rows}


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        ("peak.sales", 97),
        ("peak.line_items", 352),
        ("peak.meals", 540),
        ("peak.gross_dollars", 6480),
        ("peak.peak_cut_dollars", 1166.40),
        ("peak.net_dollars", 5313.60),
    ],
)
def test_the_first_day_has_the_figures_that_its_owners_know(
    answers: Answers, answer: str, value: float
) -> None:
    assert answers[answer]["value"] == value


def test_the_three_meals_sold_most_are_those_its_owners_know(answers: Answers) -> None:
    best = [list(row.values()) for row in answers["peak.top_meals"]["details"][:3]]
    for row, (name, meals) in zip(
        best,
        [("Pistachio Salmon", 113), ("Eggplant Lasagna", 107), ("Curry Chicken", 101)],
        strict=True,
    ):
        assert name in row
        assert meals in row


@pytest.mark.parametrize(
    "answer",
    ["sales_dollars", "sales", "meals", "sales_by_store", "sales_by_weekday", "holiday_effect"],
)
def test_a_question_without_data_says_what_is_missing(answers: Answers, answer: str) -> None:
    row = answers[f"agm.{answer}"]
    assert row["value"] is None
    assert "sales.csv" in row["answer"]


def test_a_customer_file_with_four_of_nine_columns_is_told(answers: Answers) -> None:
    assert "ZIP" in answers["peak.penetration"]["answer"]
    assert answers["peak.customers_not_exact"]["value"] == 75
    assert answers["peak.customers_not_exact"]["caveat"]


@pytest.mark.skipif(not (SEEDS / "sales").exists(), reason="the files of sales are not here")
def test_the_orders_of_sales_give_the_figures_that_are_known(answers: Answers) -> None:
    assert answers["sales.orders"]["value"] == 2996
    assert answers["sales.quantity_revenue_correlation"]["value"] == pytest.approx(0.7218, abs=5e-5)
    caveat = answers["sales.quantity_revenue_correlation"]["caveat"]
    assert "0.7196" in caveat
    assert "2,480" in answers["sales.orders"]["caveat"]
    assert "2,482" in answers["sales.orders"]["caveat"]
    assert "310, right is 496" in answers["sales.revenue_by_signup_month"]["caveat"]
    assert answers["sales.tier_ranking"]["details"][0]["tier"] == "Gold"
    assert answers["sales.revenue_per_buyer_bronze"]["value"] is not None


@pytest.mark.skipif(not (SEEDS / "sales").exists(), reason="the files of sales are not here")
@pytest.mark.parametrize("table", ["orders", "clean_customers", "deliveries"])
def test_customers_of_sales_are_published_under_pseudonyms(platform: Platform, table: str) -> None:
    query = f"select customer_id from sales.{table}"
    own, told = (
        {value for (value,) in platform.query(query, published=published) if value}
        for published in (False, True)
    )
    assert len(own) == len(told) > 400
    assert not own & told


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        ("order_lines", 8538),
        ("lines_low_price", 2525),
        ("lines_mid_price", 5911),
        ("lines_high_price", 100),
        ("customers_loyal", 3),
        ("customers_regular", 25),
        ("customers_new", 36),
        ("customers_frequent", 27),
        ("customers_regular_frequency", 19),
        ("customers_non_frequent", 18),
        ("busiest_day", 1),
        ("busiest_hours", 11),
    ],
)
def test_the_grocery_shop_has_the_figures_that_a_count_by_hand_gives(
    answers: Answers, answer: str, value: float
) -> None:
    assert answers[f"instacart.{answer}"]["value"] == value


def test_lines_that_others_lose_and_double_are_told_beside_the_right_count(
    answers: Answers,
) -> None:
    (counts,) = answers["instacart.order_lines"]["details"]
    assert (
        counts["lines_joined_naively"]
        == counts["lines_accepted"] - counts["lines_dropped"] + (counts["lines_doubled"])
    )
    assert counts["lines_dropped"] > 0
    assert "customers.csv" in answers["instacart.profiles"]["answer"]


@pytest.mark.parametrize("answer", IDS)
def test_every_question_of_the_owners_is_answered_or_says_what_is_missing(
    answers: Answers, answer: str
) -> None:
    row = answers[answer]
    assert row["answer"].strip()
    if row["answer"].startswith("Cannot be answered"):
        assert any(word in row["answer"] for word in ("landing/", "span", "separated"))
    else:
        assert row["method"] or "Not computable here" in row["answer"]
