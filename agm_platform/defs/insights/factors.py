"""Which factors go with what is bought and what is paid: one test a factor, adjusted for all."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import narwhals as nw
import pandas as pd

from agm_platform.contracts.business import CONFIDENCE
from agm_platform.defs.insights.purchases import UNKNOWN, moments
from agm_platform.statistics.groups import Moments, holm, homogeneous
from agm_platform.statistics.many_groups import equal_means
from agm_platform.warehouse.rows import records

Row = dict[str, Any]
CHI_SQUARE = "Pearson's chi-square of independence"
WELCH = "Welch's test of equal means"
DIFFER, NOT_TOLD_APART, CANNOT_TELL = "differ", "not told apart", "cannot tell"


def verdict(p_value: float | None) -> str:
    """Return what an adjusted p value says; none is `cannot tell`."""
    if p_value is None:
        return CANNOT_TELL
    return DIFFER if p_value <= 1 - CONFIDENCE else NOT_TOLD_APART


def factor_tests(
    orders: nw.LazyFrame,
    factors: Mapping[str, nw.Expr],
    mixes: Mapping[str, nw.Expr],
    measures: Mapping[str, str],
) -> pd.DataFrame:
    """Test each factor against each outcome; p values are adjusted for all tests together.

    `factors` name the groups of an order; `mixes` are outcomes that are words (what is bought),
    `measures` such that are numbers, by their column. Orders whose factor or outcome is not known
    are left out. Returns the columns of the table `factors`.
    """
    rows = [
        _of_mix(factor, outcome, counts)
        for outcome, word in mixes.items()
        for factor, counts in _counts(orders, factors, word).items()
    ]
    for outcome, column in measures.items():
        groups: dict[str, list[Moments]] = {factor: [] for factor in factors}
        for row in _sorted(records(moments(orders, factors, column))):
            if row["member"] != UNKNOWN:
                groups[row["dimension"]].append(
                    Moments.of_sums(row["count"], row["total"], row["squares"])
                )
        rows += [_of_means(factor, outcome, found) for factor, found in groups.items()]
    with_p_values(rows)
    columns = ["factor", "outcome", "test", "groups", "sample_size", "statistic", "effect_size"]
    return pd.DataFrame(rows, columns=[*columns, "p_value", "p_adjusted", "verdict"]).sort_values(
        ["outcome", "factor"], ignore_index=True
    )


def with_p_values(rows: list[Row]) -> None:
    """Add p_adjusted (Holm) and verdict to rows by their p_value, which may be None."""
    told = [row for row in rows if row["p_value"] is not None]
    adjusted = iter(holm([row["p_value"] for row in told]))
    for row in rows:
        row["p_adjusted"] = None if row["p_value"] is None else next(adjusted)
        row["verdict"] = verdict(row["p_adjusted"])


def _counts(
    orders: nw.LazyFrame, factors: Mapping[str, nw.Expr], word: nw.Expr
) -> dict[str, list[list[int]]]:
    """Return a table of counts for each factor: a list a group, a count an outcome."""
    counted = nw.concat(
        [
            orders.with_columns(member=member.cast(nw.String), outcome=word.cast(nw.String))
            .filter(~nw.col("member").is_null() & ~nw.col("outcome").is_null())
            .group_by("member", "outcome")
            .agg(count=nw.len().cast(nw.Int64))
            .select("member", "outcome", "count", factor=nw.lit(factor))
            for factor, member in factors.items()
        ]
    )
    found: dict[str, dict[tuple[str, str], int]] = defaultdict(dict)
    for row in records(counted):
        found[row["factor"]][row["member"], row["outcome"]] = row["count"]
    tables = {}
    for factor in factors:
        cells = found[factor]
        members, outcomes = (sorted({key[place] for key in cells}) for place in (0, 1))
        tables[factor] = [[cells.get((m, outcome), 0) for outcome in outcomes] for m in members]
    return tables


def _of_mix(factor: str, outcome: str, counts: list[list[int]]) -> Row:
    tested = homogeneous(counts)
    return {
        "factor": factor,
        "outcome": outcome,
        "test": CHI_SQUARE,
        "groups": len(counts),
        "sample_size": sum(map(sum, counts)),
        "statistic": tested.statistic if tested else None,
        "effect_size": tested.cramers_v if tested else None,
        "p_value": tested.p_value if tested else None,
    }


def _of_means(factor: str, outcome: str, groups: list[Moments]) -> Row:
    tested = equal_means(groups)
    return {
        "factor": factor,
        "outcome": outcome,
        "test": WELCH,
        "groups": tested.groups if tested else len(groups),
        "sample_size": tested.sample_size if tested else sum(group.count for group in groups),
        "statistic": tested.statistic if tested else None,
        "effect_size": tested.eta_squared if tested else None,
        "p_value": tested.p_value if tested else None,
    }


def _sorted(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: (str(row["dimension"]), str(row["member"])))
