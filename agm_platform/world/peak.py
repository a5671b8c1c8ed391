"""Peak's sales: who orders what on which day of the trial, as columns. No file is written here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from agm_platform.world.accounts import Accounts
from agm_platform.world.baskets import DELIVERY, Baskets, fill_baskets
from agm_platform.world.days import day_weights
from agm_platform.world.draws import weighted, weighted_without_repeats
from agm_platform.world.size import WorldSize

FEE_PERCENT = 18  # Peak keeps 18 % of the price instead of a delivery fee
# The lowest sale id of the real first day, when ids lay some ten apart.
FIRST_SALE_ID = 5_763_728_371
MAX_ID_GAP = 20
# AGM's product id -> Peak's, as in the real mapping file.
PEAK_PRODUCTS = {
    1: 42314677,
    2: 42314678,
    3: 42314679,
    4: 42314780,
    5: 42314781,
    6: 42314782,
    7: 42314783,
    8: 42314784,
}
# The other known revision of that file continues the run of the first three.
OTHER_PEAK_PRODUCTS = {product: 42314676 + product for product in PEAK_PRODUCTS}

# Invented: (share of the accounts, how often they order against the mean).
ACTIVITY = ((0.5, 0.5), (0.4, 1.0), (0.1, 3.0))
DAY_NOISE = 0.1  # sales of a day lie at most this far from what the calendar expects


@dataclass(frozen=True)
class Trial:
    """All sales of a trial in the order of the files: one entry a sale, baskets by sale."""

    first_day: date
    starts: npt.NDArray[Any]  # first sale of each day, and the number of sales at the end
    sale_id: npt.NDArray[Any]
    account: npt.NDArray[Any]  # position in accounts
    version: npt.NDArray[Any]  # position in accounts.details
    baskets: Baskets
    accounts: Accounts

    @property
    def days(self) -> list[date]:
        """The business dates, one file each."""
        return [self.first_day + timedelta(days=i) for i in range(len(self.starts) - 1)]

    @property
    def day(self) -> npt.NDArray[Any]:
        """Day of the trial of each sale, from 0."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))


def deliveries(rng: np.random.Generator, size: WorldSize, accounts: Accounts) -> Trial:
    """Return the sales of the trial: an account orders on several days, once a day, and never
    on a day on which the store is closed."""
    shares, paces = zip(*ACTIVITY, strict=True)
    pace = np.array(paces)[weighted(rng, shares, len(accounts.customer_id))]
    busy = day_weights(size.trial_first_day, size.trial_days)
    busy = busy * (1 - DAY_NOISE + 2 * DAY_NOISE * rng.random(size.trial_days))
    wanted = np.rint(size.peak_sales_per_day * busy).astype(np.int64)

    chosen = []
    for day in range(size.trial_days):
        active = int(np.searchsorted(accounts.sign_up, day, side="right"))
        orders = weighted_without_repeats(rng, pace[:active], min(int(wanted[day]), active))
        chosen.append(rng.permutation(orders))
    starts = np.concatenate([[0], np.cumsum([len(orders) for orders in chosen])])
    account = np.concatenate(chosen).astype(np.int64) if chosen else np.empty(0, dtype=np.int64)

    # Ids rise from day to day, but not inside a file.
    ids = FIRST_SALE_ID + np.cumsum(rng.integers(1, MAX_ID_GAP, size=len(account)))
    for a, b in pairwise(starts):
        rng.shuffle(ids[a:b])
    day_of_sale = np.repeat(np.arange(size.trial_days), np.diff(starts))
    changed = day_of_sale >= accounts.changed_on[account]
    return Trial(
        first_day=size.trial_first_day,
        starts=starts,
        sale_id=ids,
        account=account,
        version=np.where(changed, accounts.changed_to[account], account),
        baskets=fill_baskets(rng, len(account), DELIVERY),
        accounts=accounts,
    )
