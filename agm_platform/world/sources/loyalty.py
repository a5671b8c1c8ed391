"""A points programme with its control group, by lot: customers, purchases, and the true effects."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import numpy.typing as npt

from agm_platform.contracts.loyalty_rules import (
    POINTS_A_DOLLAR,
    REDEMPTION_POINTS,
    REDEMPTION_POINTS_TAKEN,
)
from agm_platform.world.draws import weighted
from agm_platform.world.sources import Generator

if TYPE_CHECKING:
    from pathlib import Path

Array = npt.NDArray[Any]

LOCATIONS = ("LA", "NYC", "SF")
GENDERS = ("A", "B", "C", "D")
AGES = ("young", "youthful", "oldish", "wise")
LINES = (
    'Say "cheese" to my little friend!',
    "You are going to need a bigger boat, dear.",
    "Nobody puts soup  in a corner.",
    "I'll be back for dessert ",
    "There is no place like lunch.",
)
GAP_DAYS = (4, 8, 16, 32, 64, 128)
"""Longest gaps of equally likely bands between two purchases, in days; mean 21.5."""
ENOUGH = REDEMPTION_POINTS + POINTS_A_DOLLAR


@dataclass(frozen=True)
class LoyaltySize:
    """How large the trial is, and what is planted in it; all rates are fractions."""

    customers: int
    first_day: date = date(2012, 1, 1)
    days: int = 730
    buys: float = 0.73  # of the control group
    buys_gain: float = 0.08  # of members beyond that
    stops: float = 0.22  # after the first purchase, in the control group
    stops_less: float = 0.06  # of members, of any purchase
    stops_fade: float = 0.9  # the rate after a purchase over the rate after the one before
    price_cents: int = 9000  # a price lies between 0 and this, small ones oftener
    price_gain: float = 0.10  # of members' prices
    oldish_gain: float = 0.30  # of the prices of the one age that spends more
    missing: float = 0.5  # of each attribute
    redeems: float = 0.7  # of purchases of members with enough points
    most_purchases: int = 60


def without_effects(size: LoyaltySize) -> LoyaltySize:
    """Return the same size with nothing planted: members and ages are like the others."""
    return replace(size, buys_gain=0.0, stops_less=0.0, price_gain=0.0, oldish_gain=0.0)


SAMPLE = LoyaltySize(customers=600)
TRUE_SCALE = LoyaltySize(customers=20_000)


@dataclass(frozen=True)
class LoyaltyWorld:
    """One entry a customer, and one a purchase by customer and day; days count from the first."""

    signup: Array
    enrolled: Array
    attributes: dict[str, Array]  # codes from 0; -1 where not told
    true_ages: Array
    customer: Array
    day: Array
    value: Array
    points: Array
    redeemed: Array


def generate(size: LoyaltySize, seed: int) -> LoyaltyWorld:
    """Return a world of the size. ValueError unless it has a customer, a day and rates within 1."""
    rates = (size.buys, size.buys + size.buys_gain, size.stops, size.missing, size.redeems)
    if size.customers < 1 or size.days < 1 or not all(0 <= rate <= 1 for rate in rates):
        msg = f"a customer, a day and rates from 0 to 1 are needed: {size}"
        raise ValueError(msg)
    rng = np.random.default_rng(seed)
    n = size.customers
    signup = np.sort(rng.integers(0, size.days, n))
    enrolled = rng.random(n) < 0.5
    levels = {"location": LOCATIONS, "gender": GENDERS, "age": AGES, "favorite_movie_line": LINES}
    true = {name: rng.integers(0, len(values), n) for name, values in levels.items()}
    told = {name: np.where(rng.random(n) < size.missing, -1, true[name]) for name in levels}
    price = size.price_cents * (1 + size.price_gain * enrolled)
    price = price * (1 + size.oldish_gain * (true["age"] == AGES.index("oldish")))
    bought = _purchases(rng, size, signup, enrolled, price)
    return LoyaltyWorld(signup, enrolled, told, true["age"], *bought)


def _purchases(
    rng: np.random.Generator, size: LoyaltySize, signup: Array, enrolled: Array, price: Array
) -> tuple[Array, Array, Array, Array, Array]:
    """Return customer, day, value, points and redemption of each purchase, one n at a time."""
    n = len(signup)
    going = rng.random(n) < size.buys + size.buys_gain * enrolled
    day = signup + _gaps(rng, n) - 1
    stops = np.maximum(size.stops - size.stops_less * enrolled, 0.0)
    balance = np.zeros(n, dtype=np.int64)
    found = []
    for _ in range(size.most_purchases):
        going = going & (day < size.days)
        drawn = rng.random((3, n))
        value = (price * drawn[0] * drawn[0]).astype(np.int64)
        earned = np.where(enrolled, value // 100 * POINTS_A_DOLLAR, 0)
        # A redemption may take 10 points more than there are, as in the owner's files.
        enough = (balance >= ENOUGH) & (balance + earned >= REDEMPTION_POINTS_TAKEN - 10)
        redeemed = enrolled & enough & (drawn[1] < size.redeems)
        points = earned - np.where(redeemed, REDEMPTION_POINTS_TAKEN, 0)
        who = np.flatnonzero(going)
        found.append((who, day[who], value[who], points[who], redeemed[who]))
        balance = balance + np.where(going, points, 0)
        going = going & (drawn[2] >= stops)
        stops = stops * size.stops_fade
        day = day + _gaps(rng, n)
    columns = [np.concatenate(column) for column in zip(*found, strict=True)]
    order = np.lexsort((columns[0], columns[1]))
    customer, days, values, points, redeemed = (column[order] for column in columns)
    return customer, days, values, points, redeemed


def _gaps(rng: np.random.Generator, n: int) -> Array:
    """Return n gaps of at least a day, long ones seldom."""
    band = np.array(GAP_DAYS)[weighted(rng, [1] * len(GAP_DAYS), n)]
    return 1 + np.floor(rng.random(n) * band).astype(np.int64)


def stop_rate(size: LoyaltySize, number: int, *, enrolled: bool) -> float:
    """Return the true share that stops for good after a purchase."""
    first = max(size.stops - (size.stops_less if enrolled else 0.0), 0.0)
    return first * float(size.stops_fade ** (number - 1))


def write_files(size: LoyaltySize, seed: int, folder: Path) -> list[Path]:
    """Write loyalty/customers.csv and loyalty/transactions.csv; ValueError as `generate`."""
    world, target = generate(size, seed), folder / "loyalty"
    target.mkdir(parents=True, exist_ok=True)
    levels = {"location": LOCATIONS, "gender": GENDERS, "age": AGES, "favorite_movie_line": LINES}
    customers = {
        "n": np.arange(1, size.customers + 1),
        "signup": world.signup,
        "enrolled": world.enrolled,
        **{name: _words(world.attributes[name], values) for name, values in levels.items()},
    }
    purchases = {
        "customer": world.customer + 1,
        "day": world.day,
        "value": world.value,
        "points": world.points,
    }
    first = f"date '{size.first_day.isoformat()}'"
    return [
        _write(
            target / "customers.csv",
            customers,
            f"n as id, {first} + signup::int as signup_date,"
            " case when enrolled then 'enrolled' else 'control' end as loyalty, location, gender,"
            " age, favorite_movie_line, null::int as number_of_purchases,"
            " null::int as value_of_purchases, null::int as total_standard_points,"
            " null::int as total_points_redeemed",
        ),
        _write(
            target / "transactions.csv",
            purchases,
            f"{first} + day::int as date, customer as user_id, value, points as point_differential",
        ),
    ]


def write_truth(size: LoyaltySize, seed: int, folder: Path) -> list[Path]:
    """Write as Parquet: the true stop rates by group and purchase, the ages that were not told."""
    world = generate(size, seed)
    folder.mkdir(parents=True, exist_ok=True)
    numbers = np.arange(1, size.most_purchases + 1)
    rates = [
        [stop_rate(size, int(number), enrolled=enrolled) for number in numbers]
        for enrolled in (False, True)
    ]
    tables = {
        "loyalty_stops": {
            "is_enrolled": np.repeat([False, True], len(numbers)),
            "purchase_number": np.tile(numbers, 2),
            "stops": np.concatenate(rates),
        },
        "loyalty_ages": {
            "id": np.arange(1, size.customers + 1),
            "age": _words(world.true_ages, AGES),
        },
    }
    paths = []
    with duckdb.connect() as connection:
        for name, columns in tables.items():
            connection.register("generated", columns)
            paths.append(folder / f"{name}.parquet")
            connection.sql("from generated").write_parquet(str(paths[-1]))
    return paths


def _words(codes: Array, values: tuple[str, ...]) -> Array:
    """Return the words of codes, None for -1."""
    return np.array([*values, None], dtype=object)[codes]


def _write(path: Path, columns: dict[str, Array], select: str) -> Path:
    """Write columns in their order, with the owner's line ends."""
    with duckdb.connect() as connection:
        connection.register("generated", columns)
        connection.sql(f"select {select} from generated").write_csv(str(path), header=True)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    return path


GENERATOR = Generator(SAMPLE, TRUE_SCALE, 3, write_files, write_truth)
