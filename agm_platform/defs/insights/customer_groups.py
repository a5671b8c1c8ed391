"""Customers, purchases, money and points summed up along one attribute after another."""

from collections.abc import Mapping

import narwhals as nw
import pandas as pd

from agm_platform.defs.insights.breakdown import TOTAL
from agm_platform.privacy.suppression import with_hidden_cells
from agm_platform.statistics import groups
from agm_platform.statistics.groups import Moments
from agm_platform.warehouse.rows import records

UNKNOWN = "unknown"


def known_or_unknown(column: str) -> nw.Expr:
    """Return the attribute with `unknown` as a level of its own where it was not told."""
    return nw.col(column).fill_null(UNKNOWN)


def summed_by(
    customers: nw.LazyFrame,
    dimensions: Mapping[str, nw.Expr],
    sums: tuple[str, ...],
    smallest_group: int,
) -> nw.LazyFrame:
    """Return dimension, member, customers, buyers, the sums and suppressed: the total first.

    Needs customers, one row each, with number_of_purchases and the columns of `sums`, which are
    whole numbers. Of a group of fewer than `smallest_group` customers, and of those that would give
    it away, `suppressed` is true.
    """
    is_buyer = nw.when(nw.col("number_of_purchases") > 0).then(nw.lit(1)).otherwise(nw.lit(0))
    parts = [
        customers.with_columns(member=member.cast(nw.String), buyer=is_buyer)
        .group_by("member")
        .agg(
            customers=nw.len(),
            buyers=nw.col("buyer").sum(),
            **{name: nw.col(name).sum() for name in sums},
        )
        .select(
            "member",
            *(
                nw.col(name).fill_null(0).cast(nw.Int64).alias(name)
                for name in ("customers", "buyers", *sums)
            ),
            dimension=nw.lit(dimension),
        )
        for dimension, member in {TOTAL: nw.lit("all"), **dimensions}.items()
    ]
    every = nw.concat(parts)
    flagged = with_hidden_cells(
        every.filter(nw.col("dimension") != TOTAL),
        ["dimension"],
        "customers",
        smallest_group,
        cell_columns=["member"],
    )
    total = every.filter(nw.col("dimension") == TOTAL).with_columns(suppressed=nw.lit(value=False))
    return nw.concat([total.select(flagged.collect_schema().names()), flagged])


def means_by(
    customers: nw.LazyFrame, group: str, measures: tuple[str, ...], smallest_group: int
) -> pd.DataFrame:
    """Return one row a value of `group`: customers, the mean of each measure with its interval.

    Student's t, of customers; columns <measure>_mean, _low, _high. `suppressed` as in `summed_by`.
    """
    numbers = {name: nw.col(name).cast(nw.Float64) for name in measures}
    summed = (
        customers.with_columns(**{group: nw.col(group), **numbers})
        .group_by(group)
        .agg(
            customers=nw.len(),
            **{f"{name}_sum": nw.col(name).sum() for name in measures},
            **{f"{name}_squares": (nw.col(name) * nw.col(name)).sum() for name in measures},
        )
    )
    flagged = with_hidden_cells(summed, [], "customers", smallest_group, cell_columns=[group])
    rows = []
    for row in sorted(records(flagged), key=lambda row: str(row[group])):
        out = {group: row[group], "customers": int(row["customers"])}
        for name in measures:
            moments = Moments.of_sums(
                out["customers"], float(row[f"{name}_sum"]), float(row[f"{name}_squares"])
            )
            found = groups.mean(moments)
            out |= {
                f"{name}_mean": moments.mean,
                f"{name}_low": found.low if found else None,
                f"{name}_high": found.high if found else None,
            }
        rows.append({**out, "suppressed": bool(row["suppressed"])})
    return pd.DataFrame(rows)
