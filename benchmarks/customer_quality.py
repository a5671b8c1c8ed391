"""Whether the quality score tells which customers fail to agree with AGM's file, and by how much.

python -m benchmarks.customer_quality

On generated worlds, where the truth is known: accounts of AGM customers, scored by what they typed
alone. Failure is that name and street are not exactly AGM's.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

import pandas as pd
from rich.console import Console
from rich.table import Table

from agm_platform.matching.record_quality import REASONS, scored
from agm_platform.statistics.intervals import Estimate, share
from agm_platform.statistics.ranking import area_under_curve
from agm_platform.world import WorldSize, generate

if TYPE_CHECKING:
    from collections.abc import Sequence

BANDS = (0.0, 0.5, 0.9, 0.99, 1.0)


def known_accounts(customers: int, accounts: int, seed: int) -> pd.DataFrame:
    """Return what AGM customers typed at Peak, scored, with `failed`: it is not what AGM has."""
    size = WorldSize(
        customers=customers,
        days=2,
        pickup_sales=100,
        peak_sales_per_day=accounts // 3,
        peak_accounts=accounts,
        new_people=0.0,
    )
    typed = generate(size, seed).connection.sql(
        "select first_name, last_name, street, city, state, zip, not is_exact as failed "
        "from truth.peak_versions where is_exact is not null order by customer_id, valid_from"
    )
    return scored(typed)


def predictive_power(records: pd.DataFrame) -> Estimate:
    """Return how often a record that failed has a lower score than one that did not (AUC)."""
    penalty = 1 - records["quality_score"]
    failed = records["failed"].astype(bool)
    return area_under_curve(list(penalty[failed]), list(penalty[~failed]))


def failure_by_band(records: pd.DataFrame) -> list[tuple[str, Estimate]]:
    """Return the share of failures with Wilson's interval for each band of the score."""
    edges = zip(BANDS, (*BANDS[1:], 1.01), strict=True)
    bands = [
        (
            f"{low:.2f} to below {high:.2f}" if high <= 1 else "1.00",
            records["quality_score"],
            low,
            high,
        )
        for low, high in edges
    ]
    return _shares(
        records, [(name, (score >= low) & (score < high)) for name, score, low, high in bands]
    )


def failure_by_reason(records: pd.DataFrame) -> list[tuple[str, Estimate]]:
    """Return the share of failures with Wilson's interval among the records with each reason."""
    codes = records["quality_reasons"].fillna("").str.split(",")
    return _shares(
        records,
        [
            ("(no reason)", records["quality_reasons"].isna()),
            *(
                (each.code, codes.map(lambda found, code=each.code: code in found))
                for each in REASONS
            ),
        ],
    )


def _shares(
    records: pd.DataFrame, groups: Sequence[tuple[str, pd.Series]]
) -> list[tuple[str, Estimate]]:
    failed = records["failed"].astype(bool)
    return [
        (name, share(int(failed[inside].sum()), int(inside.sum())))
        for name, inside in groups
        if inside.any()
    ]


def main() -> None:
    """Print the area under the curve, and failures by band and by reason."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=200_000)
    parser.add_argument("--accounts", type=int, default=6_000)
    parser.add_argument("--seed", type=int, default=2024)
    options = parser.parse_args()
    records = known_accounts(options.customers, options.accounts, options.seed)
    console = Console()
    auc = predictive_power(records)
    console.print(
        f"AUC {auc.value:.3f} ({auc.low:.3f} to {auc.high:.3f}), {auc.sample_size:,} accounts"
    )
    for title, rows in (
        ("score", failure_by_band(records)),
        ("reason", failure_by_reason(records)),
    ):
        table = Table(title, "records", "failed", "95 % interval")
        for name, found in rows:
            table.add_row(
                name,
                f"{found.sample_size:,}",
                f"{found.value:.3f}",
                f"{found.low:.3f} to {found.high:.3f}",
            )
        console.print(table)


if __name__ == "__main__":
    main()
