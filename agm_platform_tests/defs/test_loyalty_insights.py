"""Insights about a programme: by hand on small frames, and on invented worlds of known truth."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import pytest

from agm_platform.contracts import loyalty, loyalty_insights, loyalty_points, peak
from agm_platform.contracts.bands import Bands
from agm_platform.contracts.registry import TABLES
from agm_platform.defs.insights.attributes import (
    assignment_balance,
    attribute_levels,
    attribute_prediction,
    attribute_tests,
)
from agm_platform.defs.insights.customer_flags import customer_flags
from agm_platform.defs.insights.experiments import experiments
from agm_platform.defs.insights.programme import (
    PRODUCTS,
    Group,
    compared,
    programme_comparison,
)
from agm_platform.defs.insights.retention import retention
from agm_platform.defs.insights.segments import SEGMENTS, segments
from agm_platform.world.sources.loyalty import (
    AGES,
    SAMPLE,
    LoyaltySize,
    generate,
    stop_rate,
    without_effects,
)
from agm_platform_tests.defs.conftest import Make, Row, rows_of

DAY = date(2012, 1, 1)
K = 1  # no group is too small


def order(customer: str, day: int, cents: int, net: int | None = None) -> Row:
    return {
        "order_id": f"{customer}-{day}",
        "customer_id": customer,
        "order_date": DAY + timedelta(days=day),
        "subtotal_usd_cents": cents,
        "net_usd_cents": cents if net is None else net,
    }


def people(make: Make, **groups: str) -> nw.LazyFrame:
    """Return customers a letter each: people(make, enrolled="abc", control="de")."""
    return make(
        loyalty.CUSTOMERS,
        *(
            {"customer_id": letter, "is_enrolled": group == "enrolled"}
            for group, letters in groups.items()
            for letter in letters
        ),
    )


def by(frame: pd.DataFrame, *key: str) -> dict[Any, dict[str, Any]]:
    rows = frame.to_dict("records")
    return {row[key[0]] if len(key) == 1 else tuple(row[k] for k in key): row for row in rows}


def test_every_measure_names_what_it_is_divided_by(make: Make) -> None:
    customers = people(make, enrolled="abc", control="de")
    orders = make(
        loyalty.ORDERS,
        *(order("a", day, 1000, 500) for day in (0, 1)),
        order("b", 0, 4000),
        order("d", 0, 1000),
        order("e", 0, 2000),
        order("x", 0, 9999),  # of nobody known: counts in no group
    )
    found = by(programme_comparison(customers, orders, K), "measure")
    values = {
        name: (row["enrolled_value"], row["control_value"], row["enrolled_count"])
        for name, row in found.items()
    }
    assert values["share_that_buys"] == (pytest.approx(2 / 3), 1.0, 3)
    assert values["second_purchase_rate"] == (0.5, 0.0, 2)
    assert values["purchases_per_customer"] == (1.0, 1.0, 3)
    assert values["purchases_per_buyer"] == (1.5, 1.0, 2)
    assert values["gross_per_customer"] == (2000, 1500, 3)
    assert values["gross_per_buyer"] == (3000, 1500, 2)
    assert values["net_per_buyer"] == (2500, 1500, 2)
    assert values["gross_basket"] == (2000, 1500, 2)
    assert values["net_basket"] == (pytest.approx(5000 / 3), 1500, 2)
    assert found["gross_per_buyer"]["ratio"] == pytest.approx(2)
    assert not found["gross_per_buyer"]["is_significant"]


def test_groups_of_too_few_are_marked_and_no_group_gives_no_comparison(make: Make) -> None:
    orders = make(loyalty.ORDERS, *(order(who, 0, 1000) for who in "abcd"))
    customers = people(make, enrolled="ab", control="cd")
    assert programme_comparison(customers, orders, 10)["suppressed"].all()
    assert programme_comparison(people(make, enrolled="ab"), orders, K).empty


def test_drop_off_is_over_those_who_reached_the_purchase(make: Make) -> None:
    customers = people(make, enrolled="abcd", control="e")
    orders = make(
        loyalty.ORDERS,
        *(order("a", day, 100) for day in (0, 10, 100)),
        *(order("b", day, 100) for day in (0, 20)),
        order("c", 0, 100),
        order("d", 95, 100),  # five days before the end: may come back
        order("e", 0, 100),
    )
    found = by(retention(customers, orders, 3, 30, K), "member_group", "purchase_number")
    first, second = found["all", 1], found["all", 2]
    assert (first["reached"], first["stopped"], first["drop_off"]) == (5, 3, 0.6)
    assert np.isnan(first["shifted_drop_off"])
    # 1 of 2 who reached the second stopped there; the shifted table would say 1 of 5.
    assert (second["drop_off"], second["shifted_drop_off"]) == (0.5, 0.2)
    assert (first["watched"], first["gone"], first["gone_share"]) == (4, 2, 0.5)
    assert (first["mean_days"], first["median_days"]) == (15, 15)
    # d is censored on day 5; of the four still at risk one comes back on day 10, one on day 20.
    assert first["survival_gone"] == pytest.approx(3 / 4 * 2 / 3)
    assert first["survival_median_days"] == 20
    # a comes back on day 90, after the wait of 30 days.
    assert (second["watched"], second["gone"]) == (2, 2)
    assert found["control", 1]["stopped"] == 1
    assert ("control", 2) not in found


def test_rows_of_few_customers_are_hidden_with_those_that_would_give_them_away(
    make: Make,
) -> None:
    customers = people(make, enrolled="abcdefgh", control="ijklmnop")
    orders = make(
        loyalty.ORDERS,
        *(order(who, 0, 100) for who in "abcdefghijklmnop"),
        *(order(who, 1, 100) for who in "abcdijk"),  # one fewer of the control group
        *(order(who, 2, 100) for who in "abcd"),
    )
    found = retention(customers, orders, 3, 30, 4)
    hidden = {
        (row["member_group"], row["purchase_number"])
        for row in found.to_dict("records")
        if row["suppressed"]
    }
    # Three of the control group came back: hidden, and the members' row, all less which it is.
    assert {("control", 1), ("enrolled", 1), ("enrolled", 2), ("control", 2)} <= hidden
    assert ("all", 1) not in hidden
    assert ("all", 2) in hidden


def test_nobody_makes_no_rows(make: Make) -> None:
    nobody, nothing = people(make), make(loyalty.ORDERS)
    assert retention(nobody, nothing, 3, 30, K).empty
    assert programme_comparison(nobody, nothing, K).empty
    assert rows_of(segments(nothing), loyalty_insights.SEGMENTS) == []
    assert attribute_levels(nobody, ["age"], "is_enrolled", K).empty
    assert assignment_balance(nobody, ["age"]).empty


def test_flags_follow_the_bands_and_a_single_purchase_has_no_gap(make: Make) -> None:
    orders = make(
        loyalty.ORDERS,
        *(order("a", day, 1000) for day in (0, 10, 40)),
        order("b", 0, 5000),
        order("0", 0, 1),  # an erased person
    )
    bands = (Bands(("new", "old"), (1,)), Bands(("low", "high"), (1000,)), Bands(("x", "y"), (14,)))
    found = by(
        pd.DataFrame(rows_of(customer_flags(orders, *bands), loyalty_insights.CUSTOMER_FLAGS)),
        "customer_id",
    )
    assert set(found) == {"a", "b"}
    a, b = found["a"], found["b"]
    assert (a["loyalty_flag"], a["spending_flag"], a["frequency_flag"]) == ("old", "low", "y")
    assert a["mean_gap_days"] == 20
    assert (b["loyalty_flag"], b["spending_flag"], b["frequency_flag"]) == ("new", "high", None)


def test_a_missing_attribute_is_a_level_of_its_own(make: Make) -> None:
    rows = [
        {"customer_id": str(number), "age": age, "net_usd_cents": cents}
        for number, (age, cents) in enumerate([("wise", 100), ("wise", 300), (None, 50)])
    ]
    customers = make(loyalty_points.CLEAN_CUSTOMERS, *rows)
    found = by(attribute_levels(customers, ["age"], "net_usd_cents", K), "level")
    assert (found["wise"]["customers"], found["wise"]["mean"]) == (2, 200)
    assert found["unknown"]["customers"] == 1
    (tested,) = attribute_tests(customers, ["age"], "net_usd_cents").to_dict("records")
    assert (tested["levels"], tested["customers"]) == (2, 3)


def test_what_few_wrote_is_one_level_whose_figures_are_hidden(make: Make) -> None:
    rows = [
        {"customer_id": str(number), "age": age, "net_usd_cents": 100}
        for number, age in enumerate(["wise"] * 4 + ["my own words", "others"])
    ]
    customers = make(loyalty_points.CLEAN_CUSTOMERS, *rows)
    found = by(attribute_levels(customers, ["age"], "net_usd_cents", 3), "level")
    assert {level: row["suppressed"] for level, row in found.items()} == {
        "rare": True,
        "wise": True,  # it would be all customers less the rare
    }


def test_every_source_with_a_segments_contract_has_the_asset() -> None:
    contracts = {table.full_name for table in TABLES if table.name == "segments"}
    assert {"agm.segments", "peak.segments", "loyalty.segments"} <= contracts
    assert {".".join(asset.key.path) for asset in SEGMENTS} == contracts


def test_segments_are_made_from_any_orders(make: Make) -> None:
    orders = make(peak.ORDERS, {"customer_id": "1", "order_date": DAY, "subtotal_usd_cents": 1200})
    (row,) = rows_of(segments(orders), loyalty_insights.SEGMENTS)
    assert (row["segment"], row["monetary_usd_cents"]) == ("loyal", 1200)


def world(size: LoyaltySize, seed: int) -> tuple[nw.LazyFrame, nw.LazyFrame]:
    """Return an invented world's customers and orders, as the source has them."""
    made = generate(size, seed)
    ages = np.array([*AGES, None], dtype=object)[made.attributes["age"]]
    customers = pd.DataFrame({"enrolled": made.enrolled, "signup": made.signup, "age": ages})
    bought = pd.DataFrame({"customer": made.customer, "day": made.day, "value": made.value})
    bought["net"] = made.value - 500 * made.redeemed
    connection = duckdb.connect()
    people_rows = connection.from_df(customers.reset_index(names="customer")).project(
        "customer::varchar as customer_id, enrolled as is_enrolled, age"
    )
    order_rows = connection.from_df(bought).project(
        "customer || '-' || day as order_id, customer::varchar as customer_id,"
        " date '2012-01-01' + day::int as order_date,"
        " value as subtotal_usd_cents, net as net_usd_cents"
    )
    return nw.from_native(people_rows), nw.from_native(order_rows)


def group_of(size: LoyaltySize, seed: int, *, enrolled: bool) -> Group:
    """Return a group's sums and values straight from the arrays: worlds by the dozen."""
    made = generate(size, seed)
    counts, gross, net = (
        np.bincount(made.customer, weights=weights, minlength=size.customers)[
            made.enrolled == enrolled
        ]
        for weights in (None, made.value, made.value - 500 * made.redeemed)
    )
    columns = {"orders": counts, "gross": gross, "net": net}
    sums = {"customers": float(len(counts)), "buyers": float((counts > 0).sum())}
    sums["returned"] = float((counts > 1).sum())
    sums |= {name: float(column.sum()) for name, column in columns.items()}
    sums |= {f"{one}_{two}": float((columns[one] * columns[two]).sum()) for one, two in PRODUCTS}
    buys = counts > 0
    of_buyers = {name: column[buys] for name, column in columns.items()}
    of_buyers |= {f"{name}_basket": columns[name][buys] / counts[buys] for name in ("gross", "net")}
    return Group(sums, {name: dict(Counter(each.tolist())) for name, each in of_buyers.items()})


def compared_world(size: LoyaltySize, seed: int) -> pd.DataFrame:
    groups = [group_of(size, seed, enrolled=enrolled) for enrolled in (True, False)]
    return compared(*groups, K)


def test_sums_of_the_engine_are_those_of_the_arrays() -> None:
    pd.testing.assert_frame_equal(
        programme_comparison(*world(SAMPLE, 2), K), compared_world(SAMPLE, 2)
    )


@pytest.fixture(scope="module")
def no_effects() -> list[pd.DataFrame]:
    size = without_effects(LoyaltySize(customers=400))
    return [compared_world(size, seed) for seed in range(40)]


def test_without_effects_intervals_hold_nothing_as_often_as_they_say(
    no_effects: list[pd.DataFrame],
) -> None:
    every = pd.concat(no_effects)
    holds = (every["difference_low"] <= 0) & (every["difference_high"] >= 0)
    # 400 intervals, ten a world that go together: 95 % give or take 5.
    assert 0.90 <= holds.mean() <= 0.995
    assert every.groupby("measure")["is_significant"].mean().max() <= 0.1


def test_without_effects_hardly_a_world_has_a_significant_measure(
    no_effects: list[pd.DataFrame],
) -> None:
    assert sum(found["is_significant"].any() for found in no_effects) <= 4


def test_planted_effects_are_found_and_their_intervals_hold_them() -> None:
    size = LoyaltySize(customers=3000, oldish_gain=0.0)
    held = {"share_that_buys": 0, "gross_basket": 0}
    for seed in range(10):
        found = by(compared_world(size, seed), "measure")
        ratio = found["gross_basket"]
        held["gross_basket"] += ratio["ratio_low"] <= 1 + size.price_gain <= ratio["ratio_high"]
        buys = found["share_that_buys"]
        # Some who would buy sign up too late: the effect on those seen is a little smaller.
        seen = size.buys_gain * buys["control_value"] / size.buys
        held["share_that_buys"] += buys["difference_low"] <= seen <= buys["difference_high"]
        assert found["net_per_customer"]["is_significant"]
    assert min(held.values()) >= 8


def test_the_survival_curve_finds_the_true_drop_off_that_the_naive_one_overstates() -> None:
    size = without_effects(LoyaltySize(customers=4000))
    held, above, trials = 0, 0, 8
    for seed in range(trials):
        found = by(retention(*world(size, seed), 3, 150, K), "member_group", "purchase_number")
        for number in (1, 2, 3):
            row, true = found["all", number], stop_rate(size, number, enrolled=False)
            held += row["survival_gone_low"] <= true <= row["survival_gone_high"]
            held += row["gone_low"] <= true <= row["gone_high"]
            above += row["drop_off_low"] > true
    assert held / (6 * trials) >= 0.88
    assert above >= 0.5 * 3 * trials


def test_an_age_that_spends_more_is_found_and_cannot_be_predicted_from_nothing() -> None:
    customers, orders = world(LoyaltySize(customers=4000, oldish_gain=1.0), 1)
    spent = orders.group_by("customer_id").agg(net_usd_cents=nw.col("net_usd_cents").sum())
    joined = customers.join(spent, on="customer_id", how="inner")
    (tested,) = attribute_tests(joined, ["age"], "net_usd_cents").to_dict("records")
    assert tested["is_significant"]
    known = joined.with_columns(group=nw.col("is_enrolled").cast(nw.String))
    (row,) = attribute_prediction(known, ["age"], ["group"], 5, 12, 9999).to_dict("records")
    assert not (row["is_significant"] and row["gain"] > 0)
    assert (row["levels"], row["missing"] > 1000) == (4, True)
    assert attribute_prediction(known, ["age"], ["group"], 5, 3, 9999).empty


def test_lots_are_balanced_and_a_choice_is_not() -> None:
    customers, _ = world(SAMPLE, 1)
    (fair,) = assignment_balance(customers, ["age"]).to_dict("records")
    assert not fair["is_significant"]
    chosen = customers.with_columns(is_enrolled=(nw.col("age") == "wise").fill_null(value=False))
    (unfair,) = assignment_balance(chosen, ["age"]).to_dict("records")
    assert unfair["is_significant"]


def test_experiments_tell_what_they_need(make: Make) -> None:
    first = make(
        loyalty_insights.RETENTION,
        {"member_group": "all", "purchase_number": 1, "reached": 300, "watched": 200, "gone": 44},
    )
    state = {"is_enrolled": True, "points_state": "enough_not_redeemed"}
    customers = make(
        loyalty_points.CLEAN_CUSTOMERS,
        *(
            {"customer_id": str(number), "net_usd_cents": 100 * number, **state}
            for number in range(1, 41)
        ),
    )
    found = by(experiments(first, customers, 300), "experiment")
    reminder = found["reminder_after_first_purchase"]
    assert (reminder["baseline"], reminder["new_customers_per_30_days"]) == (0.78, 30)
    assert reminder["customers_needed"] == 2 * reminder["per_group"]
    campaign = found["tell_who_can_redeem"]
    assert (campaign["customers_in_data"], campaign["is_enough"]) == (40, False)
    assert found["larger_rewards"]["detectable_effect"] > found["larger_rewards"]["smallest_effect"]
    empty = experiments(make(loyalty_insights.RETENTION), make(loyalty_points.CLEAN_CUSTOMERS), 1)
    assert empty.empty
