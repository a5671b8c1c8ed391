"""The answers about the points programme: from nothing, from the sample, from the owner's files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import narwhals as nw
import pandas as pd
import pytest

from agm_platform.contracts import loyalty, loyalty_points
from agm_platform.contracts import loyalty_insights as contracts
from agm_platform.contracts.model import Table
from agm_platform.defs.answers.loyalty import answers, answers_of_loyalty
from agm_platform.defs.answers.loyalty_figures import LoyaltyFigures
from agm_platform.defs.answers.value_answers import value_reads
from agm_platform.defs.insights import loyalty_insights as insights
from agm_platform.defs.insights.segments import segments
from agm_platform.defs.privacy import Privacy
from agm_platform.defs.sources.loyalty import conformed
from agm_platform.defs.sources.loyalty.staging import staged_customers, staged_transactions
from agm_platform.settings import REPOSITORY
from agm_platform.warehouse.types import conform, empty_relation

SAMPLE = REPOSITORY / "data" / "samples" / "loyalty"
SEEDS = REPOSITORY.parent / "shared" / "seeds" / "loyalty"
PRIVACY = Privacy(keys_path="not used")

ASKED = {
    *(
        f"{measure}_{group}"
        for measure in (
            "share_that_buys", "purchases_per_customer", "purchases_per_buyer",
            "net_spend_per_customer_cents", "net_spend_per_buyer_cents", "net_basket_cents",
            "second_purchase_rate", "days_to_second_purchase",
        )
        for group in ("enrolled", "control")
    ),
    *(f"drop_off_after_{number}" for number in range(1, 11)),
    "second_purchase_rate", "days_to_second_purchase", "drop_off_flattens", "redemptions",
    "revenue_given_away_cents", "revenue_given_away_share", "revenue_given_away_share_of_members",
    "revenue_given_away_per_member_cents", "ever_enough_points", "never_redeemed_share",
    "now_enough_points", "breakage", "unredeemed_worth", "attributes_and_spending",
    "missing_attributes", "programme_effect", "groups_alike", "customers_filled", "coverage",
    "oddities", "experiment_reminder_after_first_purchase", "experiment_larger_rewards",
    "experiment_tell_who_can_redeem",
}  # fmt: skip
OF_MODELS = {
    "customer_value", "alive_share", "return_prediction", "next_purchase", "segment_changes",
}  # fmt: skip


class Pipeline:
    """The source's tables, made one after another in an engine of their own."""

    def __init__(self, folder: Path) -> None:
        self.connection = duckdb.connect()
        self.connection.execute("create schema loyalty")
        for name in ("customers", "transactions"):
            self.connection.execute(
                f"create table loyalty.raw_{name} as select row_number() over () as row_number, *"
                f" from read_csv('{folder}/{name}.csv', all_varchar = true)"
            )

    def frame(self, table: Table) -> nw.LazyFrame:
        return nw.from_native(self.connection.table(table.full_name))

    def store(self, table: Table, made: Any) -> nw.LazyFrame:
        if isinstance(made, pd.DataFrame):
            made = nw.from_native(self.connection.from_df(conform(made, table)))
        conform(made, table).to_native().create(table.full_name)
        return self.frame(table)

    def answers(self) -> dict[str, dict[str, Any]]:
        people = self.store(
            loyalty.STAGED_CUSTOMERS, staged_customers(self.frame(loyalty.RAW_CUSTOMERS))
        )
        rows = self.store(
            loyalty.STAGED_TRANSACTIONS,
            staged_transactions(self.frame(loyalty.RAW_TRANSACTIONS), people),
        )
        customers = self.store(loyalty.CUSTOMERS, conformed.customers(people))
        orders = self.store(loyalty.ORDERS, conformed.orders(rows, customers))
        events = self.store(
            loyalty_points.LOYALTY_EVENTS, conformed.loyalty_events(orders, customers)
        )
        clean = self.store(
            loyalty_points.CLEAN_CUSTOMERS, conformed.clean_customers(customers, orders, events)
        )
        made = {
            "insights": insights.loyalty_insights(clean, customers, PRIVACY),
            "comparison": insights.programme_comparison(customers, orders, PRIVACY),
            "balance": insights.assignment_balance(customers),
            "retention": insights.retention(customers, orders, PRIVACY),
            "holders": insights.points_holders(clean, PRIVACY),
            "levels": insights.attribute_levels(clean, customers, PRIVACY),
            "tests": insights.attribute_tests(clean, customers),
            "prediction": insights.attribute_prediction(clean, customers),
        }
        tables = {
            "insights": contracts.LOYALTY_INSIGHTS,
            "comparison": contracts.PROGRAMME_COMPARISON,
            "balance": contracts.ASSIGNMENT_BALANCE,
            "retention": contracts.RETENTION,
            "holders": contracts.POINTS_HOLDERS,
            "levels": contracts.ATTRIBUTE_LEVELS,
            "tests": contracts.ATTRIBUTE_TESTS,
            "prediction": contracts.ATTRIBUTE_PREDICTION,
        }
        frames = {name: self.store(tables[name], frame) for name, frame in made.items()}
        frames["experiments"] = self.store(
            contracts.EXPERIMENTS, insights.experiments(frames["retention"], clean, orders)
        )
        aside = self.connection.sql("select 1 as position where false")
        segmented = self.store(contracts.SEGMENTS, segments(orders))
        untrained = {
            name: nw.from_native(empty_relation(self.connection, table))
            for name, table in value_reads("loyalty").items()
        }
        told = answers_of_loyalty(
            orders, events, nw.from_native(aside), segmented, privacy=PRIVACY, **frames, **untrained
        )
        return {row["answer_id"]: row for row in told.value.to_dict("records")}


def test_without_files_every_question_says_what_is_missing() -> None:
    rows = answers(LoyaltyFigures())
    assert {row.answer_id.removeprefix("loyalty.") for row in rows} == ASKED
    assert len(rows) == len(ASKED)
    for row in rows:
        assert row.value is None
        assert "customers.csv" in row.answer


@pytest.fixture(scope="module")
def sample() -> dict[str, dict[str, Any]]:
    return Pipeline(SAMPLE).answers()


def test_every_question_is_answered_from_the_sample_and_holds_its_interval(
    sample: dict[str, dict[str, Any]],
) -> None:
    assert {name.removeprefix("loyalty.") for name in sample} == ASKED | {"segments"} | OF_MODELS
    for row in sample.values():
        assert row["method"] or row["answer"].startswith("Cannot be answered"), row["answer_id"]
        if row["low"] is not None and not pd.isna(row["low"]):
            assert row["low"] <= row["value"] <= row["high"]


def test_what_few_customers_did_is_told_nowhere(sample: dict[str, dict[str, Any]]) -> None:
    assert sample["loyalty.drop_off_after_1"]["value"] > 0
    for number in range(1, 11):
        row = sample[f"loyalty.drop_off_after_{number}"]
        for detail in json.loads(row["details"]):
            assert not 0 < detail["stopped"] < 10


@pytest.fixture(scope="module")
def owners() -> dict[str, dict[str, Any]]:
    if not SEEDS.exists():
        pytest.skip("the owner's files are not here")
    return Pipeline(SEEDS).answers()


@pytest.mark.parametrize(
    ("answer", "value", "tolerance"),
    [
        ("purchases_per_buyer_enrolled", 11.698, 5e-4),
        ("purchases_per_buyer_control", 8.718, 5e-4),
        ("second_purchase_rate_enrolled", 0.817, 5e-4),
        ("second_purchase_rate_control", 0.754, 5e-4),
        ("second_purchase_rate", 0.787, 5e-4),
        ("drop_off_after_1", 0.213, 5e-4),
        ("drop_off_after_2", 0.193, 5e-4),
        ("redemptions", 3357, 0),
        ("revenue_given_away_cents", 1_678_500, 0),
        ("revenue_given_away_share", 0.0036, 5e-5),
        ("revenue_given_away_share_of_members", 0.0058, 5e-5),
        ("revenue_given_away_per_member_cents", 168, 0.5),
        ("coverage", 157_776, 0),
        ("oddities", 0, 0),
    ],
)
def test_the_owners_figures_are_reproduced(
    owners: dict[str, dict[str, Any]], answer: str, value: float, tolerance: float
) -> None:
    assert owners[f"loyalty.{answer}"]["value"] == pytest.approx(value, abs=tolerance)


@pytest.mark.parametrize(
    ("answer", "published", "right"),
    [
        ("drop_off_after_2", "15.2 %", "19.3 %"),
        ("drop_off_after_3", "15.0 %", "18.6 %"),
        ("drop_off_after_4", "13.6 %", "16.7 %"),
        ("drop_off_after_5", "12.5 %", "15.1 %"),
        ("purchases_per_buyer_enrolled", "+34 %", "+49 %"),
        ("programme_effect", "+48 %", "+64 %"),
        ("redemptions", "16,785,000", "16,952,850"),
        ("missing_attributes", "973", "10,202"),
    ],
)
def test_what_went_wrong_elsewhere_is_told_with_both_figures(
    owners: dict[str, dict[str, Any]], answer: str, published: str, right: str
) -> None:
    caveat = owners[f"loyalty.{answer}"]["caveat"]
    assert published in caveat
    assert right in caveat
