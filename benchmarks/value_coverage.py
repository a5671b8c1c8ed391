"""`python -m benchmarks.value_coverage`: do 90 % intervals hold the truth in 90 of 100 worlds?

Customers of known parameters, a world a seed: intervals of the parameters, of all purchases to
come and of all money to come.
"""

from __future__ import annotations

import argparse
from typing import NamedTuple

import numpy as np

from agm_platform.statistics.intervals import Estimate, share
from agm_platform.value import bg_nbd, gamma_gamma, prediction
from agm_platform.value.histories import DAYS_A_UNIT, Histories, Values
from agm_platform.world.purchases import BuyerSize, buyers

CONFIDENCE = 0.9
FIRST_SEED = 50_000


class Coverage(NamedTuple):
    """How often each interval held what it was for, of how many seeds."""

    hits: dict[str, int]
    seeds: int

    def of(self, *names: str) -> Estimate:
        """Return the share over some intervals together, with its own interval."""
        return share(sum(self.hits[name] for name in names), len(names) * self.seeds)


def covered(seeds: int, customers: int) -> Coverage:
    """Fit a world for each seed and count."""
    size = BuyerSize(customers)
    hits: dict[str, int] = dict.fromkeys(
        (*bg_nbd.NAMES, *gamma_gamma.NAMES, "purchases", "money"), 0
    )
    for seed in range(FIRST_SEED, FIRST_SEED + seeds):
        for name, hit in _one(size, seed).items():
            hits[name] += hit
    return Coverage(hits, seeds)


def _one(size: BuyerSize, seed: int) -> dict[str, bool]:
    world = buyers(size, seed)
    ones = np.ones(size.customers)
    histories = Histories(world.frequency, world.recency, world.age, ones)
    fit = bg_nbd.fit(histories)
    back = world.frequency > 0
    money = gamma_gamma.fit(Values(world.frequency[back], world.mean_value[back], ones[back]))
    found = {}
    for fits, names in ((fit, bg_nbd.NAMES), (money, gamma_gamma.NAMES)):
        for name in names:
            low, high = fits.interval(name, CONFIDENCE)
            found[name] = low <= getattr(size, name) <= high
    days = size.later_weeks * DAYS_A_UNIT
    ahead = prediction.purchases(fit, histories, days)
    moments = bg_nbd.purchase_moments(fit.logs, histories, size.later_weeks)
    whole = prediction.total(ahead, ones, fit.covariance_array, moments[1], CONFIDENCE)
    found["purchases"] = whole.low <= world.later.sum() <= whole.high
    each = prediction.value_of_purchase(money, world.frequency, world.mean_value)
    variances = prediction.value_variances(money, world.frequency, world.mean_value, *moments)
    spent = prediction.product(ahead, each)
    whole = prediction.total(spent, ones, prediction.both(fit, money), variances, CONFIDENCE)
    found["money"] = whole.low <= world.later_value.sum() <= whole.high
    return found


def main() -> None:
    """Print the coverage of each interval."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.value_coverage", description=__doc__
    )
    parser.add_argument("--seeds", type=int, default=500)
    parser.add_argument("--customers", type=int, default=8_000)
    options = parser.parse_args()
    found = covered(options.seeds, options.customers)
    for name in found.hits:
        one = found.of(name)
        print(f"{name:<10} {one.value:.3f} ({one.low:.3f} to {one.high:.3f}) of {found.seeds}")
    every = found.of(*bg_nbd.NAMES, *gamma_gamma.NAMES)
    print(f"parameters {every.value:.3f} together")


if __name__ == "__main__":
    main()
