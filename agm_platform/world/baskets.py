"""What one sale holds: which meals and how many of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from agm_platform.world.draws import weighted

# Sales with 1, 2, ... 6 lines on the real day, 2020-10-03: 352 lines in 97 sales.
LINES_PER_SALE = (11, 16, 15, 25, 16, 14)


@dataclass(frozen=True)
class Habits:
    """How a channel's customers fill a basket."""

    quantities: tuple[int, ...]  # weight of 1, 2, ... meals on a line
    popularity: tuple[int, ...]  # weight of product 1, 2, ... 8


# Counted on the real day: 352 lines, 540 meals.
DELIVERY = Habits(quantities=(219, 96, 24, 9, 3, 1), popularity=(113, 80, 27, 107, 8, 101, 44, 60))
# Quantities chosen so that AGM's 1,537,617 sales hold its 8.2 million meals; tastes invented.
PICKUP = Habits(quantities=(671, 237, 57, 23, 9, 3), popularity=(90, 85, 40, 95, 30, 100, 55, 60))


@dataclass(frozen=True)
class Baskets:
    """Lines of many sales, by sale and within it by product: one entry a line."""

    sale: npt.NDArray[Any]  # position of the sale, from 0
    line: npt.NDArray[Any]  # number of the line in its sale, from 1
    product: npt.NDArray[Any]  # AGM's product id
    quantity: npt.NDArray[Any]
    meals: npt.NDArray[Any]  # meals per sale: one entry a sale
    starts: npt.NDArray[Any]  # first line of each sale, and the number of lines at the end


def fill_baskets(
    rng: np.random.Generator, sales: int, habits: Habits, unsold: tuple[int, ...] = ()
) -> Baskets:
    """Return the lines of `sales` sales; no product stands twice in one sale."""
    popularity = [0 if i + 1 in unsold else w for i, w in enumerate(habits.popularity)]
    members, weights = _choices(popularity)
    contents = members[weighted(rng, weights, sales)]
    sale, product = np.nonzero(contents)
    starts = np.concatenate([[0], np.cumsum(contents.sum(axis=1))])
    quantity = weighted(rng, habits.quantities, len(sale)) + 1
    return Baskets(
        sale=sale,
        line=np.arange(len(sale)) - starts[sale] + 1,
        product=product + 1,
        quantity=quantity,
        meals=np.bincount(sale, weights=quantity, minlength=sales).astype(np.int64),
        starts=starts,
    )


def _choices(popularity: list[int]) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Return every possible choice of products (one row each) and its weight.

    One draw among some 250 choices costs far less than ranking eight products a sale.
    """
    n = len(popularity)
    members = (np.arange(2**n)[:, None] >> np.arange(n)) & 1 == 1
    members = members[(members.sum(axis=1) >= 1) & (members.sum(axis=1) <= len(LINES_PER_SALE))]
    weights = np.where(members, np.array(popularity, dtype=float), 1.0).prod(axis=1)
    sizes = members.sum(axis=1)
    for size, share in enumerate(LINES_PER_SALE, start=1):
        total = weights[sizes == size].sum()
        if total > 0:
            weights[sizes == size] *= share / total
    return members, weights
