"""Time to the next purchase with censoring, held against another implementation; and segments."""

from __future__ import annotations

from datetime import date

import duckdb
import narwhals as nw
import numpy as np
import pytest
from lifelines import KaplanMeierFitter

from agm_platform.defs.insights.next_purchase import (
    MOST_PURCHASES,
    WAIT_DAYS,
    marked,
    next_purchase,
)
from agm_platform.defs.insights.purchase_histories import (
    FEATURES,
    EngineHistories,
    as_of,
    gaps,
    purchase_days,
)
from agm_platform.defs.insights.segment_changes import DAYS_BEFORE, compared, moved, segments_on
from agm_platform.value.segmentation import Edges, edges_from, train_segments, with_segment
from agm_platform.warehouse.rows import arrays, records
from agm_platform.world import WorldSize, generate
from agm_platform.world.purchases import BuyerSize, orders

EDGES = Edges(quiet_after_days=40, lapsed_after_days=90, frequent_from=3, high_spend_from=9000.0)


@pytest.fixture(scope="module")
def days() -> nw.LazyFrame:
    connection = duckdb.connect()
    orders(connection, BuyerSize(400, later_weeks=10), 6, "bought")
    found = purchase_days(nw.from_native(connection.table("bought")), "subtotal_usd_cents")
    connection.execute("create table days as " + found.to_native().sql_query())
    return nw.from_native(connection.table("days"))


def test_the_curve_by_number_is_that_of_lifelines(days: nw.LazyFrame) -> None:
    rows = sorted(records(days), key=lambda row: (row["customer_id"], row["day"]))
    last = max(row["day"] for row in rows)
    waits: dict[int, list[tuple[int, bool]]] = {}
    for place, row in enumerate(rows):
        number = 1
        while place >= number and rows[place - number]["customer_id"] == row["customer_id"]:
            number += 1
        follows = place + 1 < len(rows) and rows[place + 1]["customer_id"] == row["customer_id"]
        wait = (rows[place + 1]["day"] if follows else last) - row["day"]
        waits.setdefault(number, []).append((wait, follows))
    found = next_purchase(days, EDGES)
    numbers = found[found["dimension"] == "purchase_number"].set_index("place")
    assert list(numbers.index) == list(range(1, MOST_PURCHASES + 1))
    for number in (1, 2, 5, MOST_PURCHASES):
        told = numbers.loc[number]
        durations, seen = zip(*waits[number], strict=True)
        other = KaplanMeierFitter().fit(durations, event_observed=seen, alpha=0.05)
        assert told["customers"] == len(durations)
        assert told["came_back"] == sum(seen)
        assert told["not_back"] == pytest.approx(float(other.predict(WAIT_DAYS)))
        ends = other.confidence_interval_survival_function_.loc[:WAIT_DAYS].iloc[-1]
        assert [told["not_back_low"], told["not_back_high"]] == pytest.approx(list(ends))
        median = other.median_survival_time_
        expected = None if np.isinf(median) else median
        assert (None if np.isnan(told["median_days"]) else told["median_days"]) == expected


def test_segments_are_those_of_the_earlier_day_and_add_up(days: nw.LazyFrame) -> None:
    found = next_purchase(days, EDGES)
    segments = found[found["dimension"] == "segment"].set_index("member")
    parts = segments.drop(index="all")
    assert parts["customers"].sum() == segments.loc["all", "customers"]
    assert segments.loc["lapsed_once", "not_back"] > segments.loc["frequent", "not_back"]
    # By today's segments nobody who is lapsed could have come back.
    assert parts.loc[parts.index.str.startswith(("quiet", "lapsed")), "came_back"].sum() > 0


def test_without_orders_or_edges_there_are_no_rows_of_them(days: nw.LazyFrame) -> None:
    assert set(next_purchase(days, None)["dimension"]) == {"purchase_number"}
    assert not len(next_purchase(days.filter(nw.col("day") < 0), EDGES))


def test_small_numbers_hide_all_later_ones(days: nw.LazyFrame) -> None:
    found = marked(next_purchase(days, EDGES), smallest=30)
    numbers = found[found["dimension"] == "purchase_number"].sort_values("place")
    assert not numbers["suppressed"].iloc[0]
    assert numbers["suppressed"].iloc[-1]
    assert numbers["suppressed"].is_monotonic_increasing
    assert len(marked(found.drop(columns="suppressed"), smallest=1)) == len(found)


@pytest.fixture(scope="module")
def quarter() -> nw.LazyFrame:
    """AGM's purchase days of 92 days, in which nobody's habits change."""
    world = generate(
        WorldSize(customers=250, first_day=date(2020, 10, 1), days=92, peak_days=1), seed=4
    )
    sales = world.connection.sql(
        "select customer_id::varchar as customer_id, sale_date as order_date,"
        " 100 * total_amount as cents from agm.sales"
    )
    found = purchase_days(nw.from_native(sales), "cents")
    world.connection.execute("create table days as " + found.to_native().sql_query())
    return nw.from_native(world.connection.table("days"))


def test_unchanged_customers_keep_their_label_from_day_to_day(quarter: nw.LazyFrame) -> None:
    """Unchanged: no purchase came, and none left the 90 days; only time went by."""
    histories = EngineHistories(quarter)
    assert histories.first_day is not None
    assert histories.last_day is not None
    learnt = histories.first_day + 45
    model = train_segments(
        "agm",
        histories.first_day,
        learnt,
        arrays(gaps(quarter, learnt)),
        arrays(as_of(quarter, learnt).select(*FEATURES)),
        version=1,
    )
    edges = edges_from(model.parameters)
    unchanged = stayed = 0
    before: dict[str, dict[str, object]] = {}
    for day in range(histories.first_day, histories.last_day + 1):
        rows = records(
            with_segment(as_of(quarter, day), edges).select(
                "customer_id", "purchase_days", "days_in_90", "segment"
            )
        )
        now = {row["customer_id"]: row for row in rows}
        for customer, row in before.items():
            same = all(row[name] == now[customer][name] for name in ("purchase_days", "days_in_90"))
            unchanged += same
            stayed += same and row["segment"] == now[customer]["segment"]
        before = now
    assert histories.last_day - histories.first_day == 91
    assert unchanged > 10_000
    assert stayed / unchanged >= 0.99


def moved_by(days: nw.LazyFrame, edges: Edges, day: int) -> nw.LazyFrame:
    then = segments_on(days, edges, day - DAYS_BEFORE)
    return moved(segments_on(days, edges, day), then)


def test_moves_add_up_to_the_customers_and_new_ones_are_told(quarter: nw.LazyFrame) -> None:
    last = EngineHistories(quarter).last_day
    assert last is not None
    edges = Edges(10, 20, 8, 90_000.0)
    found = compared("30_days_before", moved_by(quarter, edges, last))
    assert found["customers"].sum() == len(records(as_of(quarter, last)))
    first = EngineHistories(quarter).first_day
    assert first is not None
    early = compared("30_days_before", moved_by(quarter, edges, first + 20))
    assert set(early["other"]) == {"no purchase yet"}
