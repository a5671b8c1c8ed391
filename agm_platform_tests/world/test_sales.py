"""Invented files of sales: their faults, what is planted, and that the same seed gives the same."""

import json
from pathlib import Path

import pytest

from agm_platform.world.sources.sales import (
    GENERATOR,
    SAMPLE,
    SalesSize,
    frames,
    write_files,
    write_truth,
)


def test_the_same_size_and_seed_give_the_same_bytes(tmp_path: Path) -> None:
    one = write_files(SAMPLE, 5, tmp_path / "a")
    two = write_files(SAMPLE, 5, tmp_path / "b")
    other = write_files(SAMPLE, 6, tmp_path / "c")
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]
    assert one[2].read_bytes() != other[2].read_bytes()


def test_the_sample_has_the_faults_of_such_files() -> None:
    made = frames(SAMPLE, GENERATOR.seed)
    orders, customers = made["sales_data.csv"], made["customer_info.csv"]
    assert orders["order_id"].duplicated(keep=False).sum() == 2
    for name in ("order_id", "customer_id", "product_id", "quantity", "unit_price", "order_date"):
        assert (orders[name] == "").sum() == 1, name
    share = (orders["discount_applied"] == "").mean()
    assert 0.05 < share < 0.25
    assert {"delrd", "delyd", " DELAYED"} <= set(orders["delivery_status"])
    assert {"gld", "brnze", "sllver"} <= set(customers["loyalty_tier"])
    assert (customers["customer_id"] == "").sum() == 1


def test_without_dirt_nothing_is_missing_and_every_order_has_its_own_number() -> None:
    orders = frames(SalesSize(orders=900, dirt=False), 1)["sales_data.csv"]
    assert orders["order_id"].is_unique
    assert (orders.drop(columns="discount_applied") != "").all().all()


def test_the_effect_planted_is_in_the_orders_and_none_is_where_none_is_planted() -> None:
    def lift(effect: float) -> float:
        size = SalesSize(orders=40_000, discount_effect=effect, dirt=False)
        orders = frames(size, 2)["sales_data.csv"]
        pieces = orders["quantity"].astype(int)
        with_one = ~orders["discount_applied"].isin(["", "0"])
        return float(pieces[with_one].mean() - pieces[~with_one].mean())

    assert lift(0.3) == pytest.approx(0.3, abs=0.06)
    assert lift(0.0) == pytest.approx(0.0, abs=0.06)


def test_the_truth_says_what_is_planted(tmp_path: Path) -> None:
    (path,) = write_truth(SAMPLE, 5, tmp_path)
    truth = json.loads(path.read_text())
    assert (truth["discount_effect"], truth["late_in_west"], truth["seed"]) == (0.3, 0.15, 5)


@pytest.mark.parametrize(
    "wrong",
    [
        {"orders": 0},
        {"customers": -1},
        {"discount_effect": 1.5},
        {"delay_rate": 0.9, "cancel_rate": 0.2},
        {"late_in_west": 0.5},
        {"gold_activity": 0},
    ],
)
def test_what_cannot_be_made_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"must be at least 1|rates lie"):
        frames(SalesSize(**wrong), 1)


def test_the_smallest_world_can_be_made() -> None:
    made = frames(SalesSize(customers=1, products=1, orders=1), 1)
    assert [len(frame) for frame in made.values()] == [1, 1, 1]
