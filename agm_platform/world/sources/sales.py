"""Invented orders with loyalty tiers and deliveries, dirty as such files are, and their truth.

    GENERATOR.write(SalesSize(discount_effect=0.0), 1, Path("landing"))

Three files: customer_info.csv, product_info.csv, sales_data.csv. No real person is in them.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from agm_platform.world.draws import weighted
from agm_platform.world.sources import Generator

if TYPE_CHECKING:
    from pathlib import Path

REGIONS = np.array(["Central", "East", "North", "South", "West"])
TIERS = (["GOLD", " gold ", "Silver", "bronze"], (0.3, 0.23, 0.24, 0.23))
TIER_OF = {"GOLD": "Gold", " gold ": "Gold", "Silver": "Silver", "bronze": "Bronze"}
GENDERS = (
    ["Male", "male", "Female", "FEMALE", "femle", "Other"],
    (0.16, 0.18, 0.15, 0.17, 0.18, 0.16),
)
CATEGORIES = ["Cleaning", "Storage", "Outdoors", "Kitchen", "Personal Care"]
PAYMENTS = (["Bank Transfer", "PayPal", "Credit Card", "credit card"], (0.26, 0.26, 0.24, 0.24))
DOMAINS = ["example.com", "example.org", "example.net"]
STATUSES = {
    "Delivered": ["Delivered", "delivered"],
    "Delayed": ["Delayed", " DELAYED"],
    "Cancelled": [" Cancelled ", "cancelled"],
}
DISCOUNTS = np.array(["0", "0.05", "0.1", "0.15", "0.2"])
LARGEST = 5  # pieces in an order


@dataclass(frozen=True)
class SalesSize:
    """How much is made, how dirty it is, and what is planted in it.

    `discount_effect` is the share of orders with a discount that have one piece more because of it
    (0: none); `late_in_west` is added to the chance of delay of orders to the West (0: none);
    `gold_activity` is how often a Gold customer orders against another (1: as often).
    """

    customers: int = 300
    products: int = 30
    orders: int = 1500
    days: int = 147
    first_day: date = date(2025, 4, 1)
    discount_effect: float = 0.0
    late_in_west: float = 0.0
    gold_activity: float = 1.0
    delay_rate: float = 0.39
    cancel_rate: float = 0.2
    empty_discounts: float = 0.17
    dirt: bool = True


SAMPLE = SalesSize(discount_effect=0.3, late_in_west=0.15, gold_activity=1.3)
TRUE_SCALE = SalesSize(customers=500, orders=3000)
Columns = dict[str, Any]


def frames(size: SalesSize, seed: int) -> dict[str, pd.DataFrame]:
    """Return the three tables of text by file name.

    Raises ValueError for a size that cannot be made.
    """
    shares = (
        *(size.discount_effect, size.delay_rate, size.cancel_rate, size.empty_discounts),
        size.delay_rate + max(0.0, size.late_in_west) + size.cancel_rate,
    )
    if min(size.customers, size.products, size.orders, size.days) < 1:
        msg = "customers, products, orders and days must be at least 1"
        raise ValueError(msg)
    if not all(0 <= share <= 1 for share in shares) or size.gold_activity <= 0:
        msg = "rates lie between 0 and 1, delay and cancellation together too; activity above 0"
        raise ValueError(msg)
    people, goods, buying = (np.random.default_rng([seed, part]) for part in range(3))
    customers = _customers(people, size)
    products = _products(goods, size)
    orders = _orders(buying, size, customers)
    if size.dirt:
        _soil(np.random.default_rng([seed, 3]), customers, orders)
    return {
        "customer_info.csv": pd.DataFrame(customers),
        "product_info.csv": pd.DataFrame(products),
        "sales_data.csv": pd.DataFrame(orders),
    }


def _customers(rng: np.random.Generator, size: SalesSize) -> Columns:
    n = size.customers
    number = np.arange(1, n + 1)
    domain = np.array(DOMAINS)[rng.integers(len(DOMAINS), size=n)]
    signed = size.first_day - timedelta(days=300)
    return {
        "customer_id": [f"C{each:05d}" for each in number],
        "email": [f"buyer{each}@{name}" for each, name in zip(number, domain, strict=True)],
        "signup_date": _days(signed, rng.integers(360, size=n), "%d-%m-%y"),
        "gender": np.array(GENDERS[0], dtype=object)[weighted(rng, GENDERS[1], n)],
        "region": REGIONS.astype(object)[rng.integers(len(REGIONS), size=n)],
        "loyalty_tier": np.array(TIERS[0], dtype=object)[weighted(rng, TIERS[1], n)],
    }


def _products(rng: np.random.Generator, size: SalesSize) -> Columns:
    n = size.products
    category = np.array(CATEGORIES)[rng.integers(len(CATEGORIES), size=n)]
    launch = size.first_day - timedelta(days=250)
    return {
        "product_id": [f"P{each:04d}" for each in range(1, n + 1)],
        "product_name": [f"{name} Product {each}" for each, name in enumerate(category, 1)],
        "category": category,
        "launch_date": _days(launch, rng.integers(280, size=n), "%d-%m-%y"),
        "base_price": _money(rng.integers(500, 4000, size=n)),
        "supplier_code": [f"S{each}" for each in rng.integers(100, 1000, size=n)],
    }


def _orders(rng: np.random.Generator, size: SalesSize, customers: Columns) -> Columns:
    n = size.orders
    is_gold = np.array([TIER_OF[text] == "Gold" for text in customers["loyalty_tier"]])
    buyer = weighted(rng, np.where(is_gold, size.gold_activity, 1.0), n)
    level = rng.integers(len(DISCOUNTS), size=n)
    quantity = rng.integers(1, LARGEST + 1, size=n)
    raised = (level > 0) & (rng.random(n) < size.discount_effect)
    region = rng.integers(len(REGIONS), size=n)
    late = size.delay_rate + np.where(REGIONS[region] == "West", size.late_in_west, 0.0)
    chance = rng.random(n)
    status = np.where(
        chance < size.cancel_rate,
        "Cancelled",
        np.where(chance < size.cancel_rate + late, "Delayed", "Delivered"),
    )
    spelling = rng.integers(2, size=n)
    says_nothing = (level == 0) & (rng.random(n) < 2.5 * size.empty_discounts)
    # Numbers as if drawn, each once: a step that shares no factor with what it runs through.
    order_number = (np.arange(n, dtype=np.int64) * 387_413 + 12_345) % 900_000 + 100_000
    return {
        "order_id": [f"O{each}" for each in order_number],
        "customer_id": np.array(customers["customer_id"], dtype=object)[buyer],
        "product_id": [f"P{each:04d}" for each in rng.integers(1, size.products + 1, size=n)],
        "quantity": (quantity + raised).astype(str).astype(object),
        "unit_price": _money(rng.integers(800, 5000, size=n)),
        "order_date": _days(size.first_day, rng.integers(size.days, size=n), "%d-%m-%Y"),
        "delivery_status": np.array(
            [STATUSES[each][way] for each, way in zip(status, spelling, strict=True)], dtype=object
        ),
        "payment_method": np.array(PAYMENTS[0], dtype=object)[weighted(rng, PAYMENTS[1], n)],
        "region": REGIONS.astype(object)[region],
        "discount_applied": np.where(says_nothing, "", DISCOUNTS[level]).astype(object),
    }


def _soil(rng: np.random.Generator, customers: Columns, orders: Columns) -> None:
    """Put in the faults of such files, each in rows of its own where there are enough."""
    rows = rng.permutation(len(orders["order_id"]))
    faults = (
        *(("delivery_status", "delrd"), ("delivery_status", "delyd"), ("delivery_status", "")),
        *(("payment_method", "bank transfr"), ("payment_method", ""), ("region", "nrth")),
        *(("quantity", "three"), ("quantity", ""), ("unit_price", ""), ("order_date", "")),
        *(("order_id", ""), ("customer_id", ""), ("product_id", "")),
    )
    for row, (name, text) in zip(rows, faults, strict=False):
        column = np.array(orders[name], dtype=object)
        column[row] = text
        orders[name] = column
    if len(rows) > len(faults) + 2:
        first, second = rows[len(faults)], rows[len(faults) + 1]
        orders["order_id"][second] = orders["order_id"][first]
    people = np.arange(1, len(customers["customer_id"]) - 1)
    of_customers = (
        *(("customer_id", ""), ("email", ""), ("signup_date", ""), ("region", "")),
        *(("gender", ""), ("loyalty_tier", "gld"), ("loyalty_tier", "brnze")),
        *(("loyalty_tier", ""), ("loyalty_tier", "sllver")),
    )
    for row, (name, text) in zip(rng.permutation(people), of_customers, strict=False):
        column = np.array(customers[name], dtype=object)
        column[row] = text
        customers[name] = column


def write_files(size: SalesSize, seed: int, folder: Path) -> list[Path]:
    """Write sales/*.csv; ValueError for a size that cannot be made."""
    made = frames(size, seed)
    target = folder / "sales"
    target.mkdir(parents=True, exist_ok=True)
    for name, frame in made.items():
        frame.to_csv(target / name, index=False, lineterminator="\n")
    return [target / name for name in made]


def write_truth(size: SalesSize, seed: int, folder: Path) -> list[Path]:
    """Write sales_truth.json: what is planted."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "sales_truth.json"
    truth = {**asdict(size), "first_day": size.first_day.isoformat(), "seed": seed}
    path.write_text(json.dumps(truth, indent=2) + "\n", encoding="utf-8")
    return [path]


def _days(first: date, offsets: Any, form: str) -> Any:
    days = np.datetime64(first) + offsets.astype("timedelta64[D]")
    return np.array(pd.Series(days).dt.strftime(form), dtype=object)


def _money(cents: Any) -> Any:
    """Return cents as dollars, without the zeros at the end, as spreadsheets write them."""
    return np.array([f"{each / 100:.2f}".rstrip("0").rstrip(".") for each in cents], dtype=object)


GENERATOR = Generator(SAMPLE, TRUE_SCALE, 11, write_files, write_truth)
