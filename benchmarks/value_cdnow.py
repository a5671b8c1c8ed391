"""`python -m benchmarks.value_cdnow --cdnow <folder>`: published estimates and the holdout.

The sample of 2,357 customers of 1997: fitted on 39 weeks, judged on the 39 weeks after.
"""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import narwhals as nw

from agm_platform.contracts.business import CONFIDENCE
from agm_platform.defs.insights.purchase_histories import EngineHistories, purchase_days
from agm_platform.value import bg_nbd
from agm_platform.value.backtest import Score, fitted, scores

if TYPE_CHECKING:
    from agm_platform.value.fitting import Fit

FILE = "CDNOW_sample.csv"
CALIBRATION_END = date(1997, 9, 30)
HOLDOUT_DAYS = 273
PUBLISHED = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
PUBLISHED_LOG_LIKELIHOOD = -9582.4


def judged(folder: Path) -> tuple[Fit, Score, Score | None]:
    """Return the fit and how purchases and money of the holdout were foretold."""
    with duckdb.connect() as connection:
        orders = connection.sql(
            "select master_id as customer_id, date as order_date,"
            " dollar_value * 100 as subtotal_usd_cents"
            f" from read_csv('{folder / FILE}', types = {{'master_id': 'VARCHAR'}})"
        )
        days = purchase_days(nw.from_native(orders), "subtotal_usd_cents")
        customers = EngineHistories(days).customers(CALIBRATION_END.toordinal(), HOLDOUT_DAYS)
    fits = fitted(customers)
    return fits.purchases, *scores([(fits, customers)], HOLDOUT_DAYS)


def lines(fit: Fit, purchases: Score, money: Score | None) -> list[str]:
    """Return what was found, in words."""
    found = [
        f"log likelihood {fit.log_likelihood:.2f} (published {PUBLISHED_LOG_LIKELIHOOD})",
        *(
            f"{name} {fit.value(name):.4f} (published {PUBLISHED[name]}), standard error "
            f"{fit.standard_error(name):.4f}, {CONFIDENCE:.0%} "
            f"{fit.interval(name, CONFIDENCE)[0]:.3f} to {fit.interval(name, CONFIDENCE)[1]:.3f}"
            for name in bg_nbd.NAMES
        ),
    ]
    for name, score in (("purchases", purchases), ("USD cents", money)):
        if score is not None:
            found.append(_judged(name, score))
    return found


def _judged(name: str, score: Score) -> str:
    told: dict[str, Any] = score.as_dict()
    return (
        f"{name} of the next {score.horizon_days} days: correlation {told['correlation']:.4f} "
        f"(naive rate {told['naive_correlation']:.4f}), mean absolute error {told['error']:.4f} "
        f"(naive {told['naive_error']:.4f}), root mean squared error "
        f"{told['squared_error'] ** 0.5:.4f} (naive {told['naive_squared_error'] ** 0.5:.4f}, the "
        f"same for all {told['alike_squared_error'] ** 0.5:.4f}), total {told['total_error']:+.2%} "
        f"(naive {told['naive_total_error']:+.2%})"
    )


def main() -> None:
    """Print it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.value_cdnow", description=__doc__)
    parser.add_argument("--cdnow", type=Path, required=True, help=f"folder of {FILE}")
    print("\n".join(lines(*judged(parser.parse_args().cdnow))))


if __name__ == "__main__":
    main()
