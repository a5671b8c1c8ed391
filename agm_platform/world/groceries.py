"""An invented grocery shop with as many users, orders and lines as asked: clean columns, no dirt.

What a user buys is drawn so that a line marked as a repeat is one: user u's i-th new product is a
fixed function of (u, i) that never gives the same product twice, and repeats are taken from those
that came before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from agm_platform.world.draws import weighted
from agm_platform.world.size import Columns

Array = npt.NDArray[Any]

# Orders by day number (0..6) and hour, in thousands, as the public release of 2017 has them.
DAY_WEIGHTS = (601, 587, 467, 437, 427, 453, 449)
HOUR_WEIGHTS = (23, 12, 8, 5, 6, 10, 31, 92, 178, 258, 288, 285, 273, 278, 283, 284, 273, 229,
                182, 141, 104, 78, 62, 40)  # fmt: skip
DEPARTMENTS = (
    "frozen", "other", "bakery", "produce", "alcohol", "international", "beverages", "pets",
    "dry goods pasta", "bulk", "personal care", "meat seafood", "pantry", "breakfast",
    "canned goods", "dairy eggs", "household", "babies", "snacks", "deli", "missing",
)  # fmt: skip
# Products by department, and lines by department, as shares of the release, in thousandths.
PRODUCT_WEIGHTS = (81, 11, 31, 34, 22, 22, 88, 20, 37, 1, 132, 18, 108, 22, 42, 69, 62, 22, 126,
                   26, 25)  # fmt: skip
LINE_WEIGHTS = (69, 1, 36, 292, 5, 8, 83, 3, 27, 1, 14, 22, 58, 22, 33, 167, 23, 13, 89, 32, 2)
DEAR_DEPARTMENT = 12
MOST_ORDERS, FEWEST_ORDERS = 100, 4
USUAL_MONTH = 30  # longest gap that the sender tells, in days


@dataclass(frozen=True)
class GrocerySize:
    """Scale, dirt and planted effects of the shop. The defaults are those of the sample.

    `family_effect` is how much more often users with children order (0.5: half as often again);
    `hour_effect` and `day_effect` scale how unequal hours and days are, 0 for not at all.
    ValueError for fewer than 60 products or 10 users.
    """

    users: int = 160
    mean_orders: float = 11.0
    mean_lines: float = 3.5
    products: int = 420
    nameless_products: int = 4
    repeated_products: int = 2
    family_effect: float = 0.5
    day_effect: float = 1.0
    hour_effect: float = 1.0
    customers_file: int = 1

    def __post_init__(self) -> None:
        """Check that there is room for the dirt."""
        if self.products < 60 or self.users < 10:
            msg = f"at least 60 products and 10 users, not {self.products} and {self.users}"
            raise ValueError(msg)


TRUE_SIZE = GrocerySize(
    users=206_209,
    mean_orders=16.80,
    mean_lines=9.90,
    products=49_688,
    nameless_products=16,
    repeated_products=5,
)


@dataclass(frozen=True)
class Shop:
    """Columns: products, users, orders in the order of users, lines in the order of orders."""

    size: GrocerySize
    products: Columns
    users: Columns
    orders: Columns
    lines: Columns


def invent(size: GrocerySize, seed: int) -> Shop:
    """Draw a shop; the same size and seed give the same shop."""
    rng = np.random.default_rng(seed)
    products = _products(rng, size)
    users = _users(rng, size)
    orders = _orders(rng, size, users)
    return Shop(size, products, users, orders, _lines(rng, size, products, orders))


def _products(rng: np.random.Generator, size: GrocerySize) -> Columns:
    """Draw department, aisle and price in cents (100 to 2500) of products 1, 2, 3..."""
    department = weighted(rng, PRODUCT_WEIGHTS, size.products) + 1
    department[: len(DEPARTMENTS)] = np.arange(1, len(DEPARTMENTS) + 1)  # none is empty
    cents = rng.integers(10, 150, size.products) * 10
    dear = rng.integers(80, 251, size.products) * 10
    return {
        "product_id": np.arange(1, size.products + 1),
        "department_id": department,
        "aisle_id": (department - 1) * 6 + rng.integers(1, 7, size.products),
        "price_cents": np.where(department == DEAR_DEPARTMENT, dear, cents),
    }


def _users(rng: np.random.Generator, size: GrocerySize) -> Columns:
    """Draw age, dependants, income and how many orders each user makes."""
    count = size.users
    age = rng.integers(18, 82, count)
    dependants = rng.integers(0, 4, count)
    income = 26_000 + (rng.random(count) * 60_000).astype(np.int64) + 900 * np.minimum(age - 18, 40)
    income += np.where(rng.random(count) < 0.02, rng.integers(100_000, 420_000, count), 0)
    factor = np.where(dependants > 0, 1 + size.family_effect, 1.0)
    # Two thirds order seldom: a geometric tail by inversion, without logarithms of its own.
    spread = np.maximum(1.0, size.mean_orders / factor.mean() - FEWEST_ORDERS)
    tail = np.minimum(1 / np.maximum(1 - rng.random(count), 0.02) - 1, 40) / 2.93
    orders = FEWEST_ORDERS + (tail * spread * factor + rng.random(count)).astype(np.int64)
    return {
        "user_id": np.arange(1, count + 1),
        "age": age,
        "dependants": dependants,
        "income": income,
        "orders": np.minimum(orders, MOST_ORDERS),
        "usual_gap": 2 + (rng.random(count) * 26).astype(np.int64),
    }


def _orders(rng: np.random.Generator, size: GrocerySize, users: Columns) -> Columns:
    """Draw day, hour and gap of every order; the last of each user is not in the set prior."""
    per_user = users["orders"]
    total = int(per_user.sum())
    user = np.repeat(users["user_id"], per_user)
    number = np.arange(total) - np.repeat(np.cumsum(per_user) - per_user, per_user) + 1
    gap = np.repeat(users["usual_gap"], per_user) + rng.integers(-6, 10, total)
    is_last = number == np.repeat(per_user, per_user)
    is_train = np.repeat(rng.random(size.users) < 0.636, per_user)
    return {
        "order_id": rng.permutation(total) + 1,
        "user_id": user,
        "order_number": number,
        "eval_set": np.where(is_last, np.where(is_train, 1, 2), 0).astype(np.int8),
        "day": weighted(rng, _evened(DAY_WEIGHTS, size.day_effect), total),
        "hour": weighted(rng, _evened(HOUR_WEIGHTS, size.hour_effect), total),
        "gap": np.where(number == 1, -1, np.clip(gap, 0, USUAL_MONTH)),
    }


def _evened(weights: tuple[int, ...], effect: float) -> Array:
    found = np.asarray(weights, dtype=float)
    return np.maximum(found.mean() + effect * (found - found.mean()), 0)


def _lines(
    rng: np.random.Generator, size: GrocerySize, products: Columns, orders: Columns
) -> Columns:
    """Draw the baskets of the sets prior and train; those of the test set are not told."""
    bought = orders["eval_set"] < 2
    user, number = orders["user_id"][bought], orders["order_number"][bought]
    wanted = 1 + (
        np.minimum(1 / np.maximum(1 - rng.random(len(user)), 0.025) - 1, 39)
        * (size.mean_lines - 1.0)
        / 2.71
        + rng.random(len(user))
    ).astype(np.int32)
    wanted = np.minimum(wanted, 70)
    new = (wanted * (0.2 + 0.35 * rng.random(len(user)))).astype(np.int32)
    new = np.where(number == 1, wanted, new)
    # What a user has seen before an order: a running sum within each user's orders.
    running = np.cumsum(new) - new
    starts = np.flatnonzero(number == 1)
    before = running - np.repeat(running[starts], np.diff([*starts, len(user)]))
    room = np.maximum(0, _most_of_a_user(size) - before)
    new = np.minimum(new, room).astype(np.int32)
    before = np.minimum(before, _most_of_a_user(size)).astype(np.int32)
    old = np.minimum(wanted - new, before).astype(np.int32)
    first_old = (rng.random(len(user)) * np.maximum(before, 1)).astype(np.int32)
    per_order = old + new
    total = int(per_order.sum())
    offset = np.arange(total, dtype=np.int64) - np.repeat(
        np.cumsum(per_order) - per_order, per_order
    )
    offset = offset.astype(np.int32)
    line_old = np.repeat(old, per_order)
    line_before = np.repeat(before, per_order)
    is_old = offset < line_old
    place = np.where(
        is_old,
        (np.repeat(first_old, per_order) + offset) % np.maximum(line_before, 1),
        line_before + offset - line_old,
    )
    return {
        "order_id": np.repeat(orders["order_id"][bought].astype(np.int32), per_order),
        "eval_set": np.repeat(orders["eval_set"][bought], per_order),
        "product_id": _product(products, np.repeat(user.astype(np.int64), per_order), place),
        "add_to_cart_order": offset + 1,
        "reordered": is_old,
    }


def _shelves(size: GrocerySize) -> tuple[int, int]:
    """Return how many products are bought much, and how many at times."""
    return max(20, min(400, size.products // 10)), max(20, min(2400, size.products // 4))


def _most_of_a_user(size: GrocerySize) -> int:
    """Return how many different products a user can have without one coming twice."""
    return 2 * min(_shelves(size))


def _product(products: Columns, user: Array, place: Array) -> Array:
    """Return the product that is a user's `place`-th: two of five much bought, two at times."""
    much, at_times = _shelves_of(products)
    rest = np.setdiff1d(products["product_id"], np.concatenate([much, at_times]))
    found = np.empty(len(user), dtype=np.int32)
    kind, turn = place % 5, place // 5
    for shelf, kinds in ((much, (0, 1)), (at_times, (2, 3)), (rest, (4,))):
        chosen = np.isin(kind, kinds)
        # Within a user the turns are different numbers below the shelf's length: no repeats.
        within = turn[chosen] * len(kinds) + kind[chosen] - kinds[0]
        found[chosen] = shelf[(user[chosen] * 7919 + within) % len(shelf)]
    return found


def at_times_bought(products: Columns) -> Array:
    """Return the products that are bought at times: neither much nor hardly ever."""
    return _shelves_of(products)[1]


def _shelves_of(products: Columns) -> tuple[Array, Array]:
    """Return the products bought much and at times: as many of each department as its lines say."""
    size = len(products["product_id"])
    much, at_times = max(20, min(400, size // 10)), max(20, min(2400, size // 4))
    department = products["department_id"]
    share = np.asarray(LINE_WEIGHTS)[department - 1] / np.bincount(department)[department]
    # Low-discrepancy keys in place of draws: the order depends on nothing but the products.
    key = (products["product_id"] * 0.6180339887498949) % 1.0
    order = np.argsort(key / share, kind="stable")
    chosen = products["product_id"][order]
    return chosen[:much], chosen[much : much + at_times]
