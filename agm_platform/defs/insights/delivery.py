"""Delivered, delayed and cancelled orders: rates by group, and whether groups differ or are alike.

`differs` is proved by a test corrected for all tests of the table, `same` by two one-sided tests of
every pair; where neither is, the data cannot tell.
"""

from collections.abc import Iterable
from itertools import combinations
from typing import Any

import narwhals as nw

from agm_platform.contracts.business import CONFIDENCE
from agm_platform.contracts.categories import UNKNOWN
from agm_platform.contracts.sales_insights import CANNOT_TELL, DIFFERS, SAME
from agm_platform.privacy.suppression import with_hidden_known_cells
from agm_platform.statistics.association import shares_of_one_sample
from agm_platform.statistics.groups import holm, homogeneous, same_shares
from agm_platform.statistics.intervals import share
from agm_platform.warehouse.rows import records

Row = dict[str, Any]
TOTAL = "total"
DIMENSIONS = ("delivery_region", "home_region", "price_band")
STATUSES = ("delivered", "delayed", "cancelled")
OUTCOMES = ("delayed", "cancelled")
ALPHA = 1 - CONFIDENCE


def delivery_rates(deliveries: nw.LazyFrame, smallest_group: int) -> list[Row]:
    """Return counts and rates of each status, in total and by group, of orders with a status.

    `suppressed` marks groups of too few customers.
    """
    known = deliveries.filter(nw.col("status") != UNKNOWN)
    late, cancelled = nw.col("is_late"), nw.col("is_cancelled")
    parts = []
    for dimension in (TOTAL, *DIMENSIONS):
        member = nw.lit("all") if dimension == TOTAL else nw.col(dimension).fill_null(UNKNOWN)
        parts.append(
            known.with_columns(
                member=member,
                _delayed=nw.when(late).then(1).otherwise(0),
                _cancelled=nw.when(cancelled).then(1).otherwise(0),
                _delivered=nw.when(~late & ~cancelled).then(1).otherwise(0),
            )
            .group_by("member")
            .agg(
                orders=nw.len(),
                customers=nw.col("customer_id").n_unique(),
                **{name: nw.col(f"_{name}").sum() for name in STATUSES},
            )
            .with_columns(dimension=nw.lit(dimension))
        )
    summed = nw.concat(parts)
    groups = with_hidden_known_cells(
        summed.filter(nw.col("dimension") != TOTAL),
        ["dimension"],
        "member",
        UNKNOWN,
        "customers",
        smallest_group,
    )
    whole = summed.filter(nw.col("dimension") == TOTAL).with_columns(suppressed=nw.lit(value=False))
    both = nw.concat([whole.select(groups.collect_schema().names()), groups])
    return [_rates(row) for row in records(both.sort("dimension", "member"))]


def delivery_tests(rates: Iterable[Row], margin: float) -> list[Row]:
    """Return a test for every dimension and outcome; groups that are not known take no part."""
    rows = list(rates)
    tests = [
        _tested(dimension, outcome, rows, margin)
        for dimension in DIMENSIONS
        for outcome in OUTCOMES
    ]
    judged = [test for test in tests if test["p_value"] is not None]
    for test, p_value in zip(judged, holm([test["p_value"] for test in judged]), strict=True):
        test["p_holm"] = p_value
    for test in tests:
        test["verdict"] = _verdict(test["p_holm"], is_same=bool(test["is_same"]))
    return tests


def status_comparisons(rates: Iterable[Row], margin: float) -> list[Row]:
    """Return how often each two statuses occur against each other, over all orders."""
    totals = [row for row in rates if row["dimension"] == TOTAL and row["orders"]]
    rows: list[Row] = []
    for total in totals:
        for first, second in combinations(STATUSES, 2):
            counts = int(total[first]), int(total[second]), int(total["orders"])
            found = shares_of_one_sample(*counts)
            narrow = shares_of_one_sample(*counts, 1 - 2 * ALPHA)
            rows.append(
                {
                    "first": first,
                    "second": second,
                    "first_share": counts[0] / counts[2],
                    "second_share": counts[1] / counts[2],
                    "difference": found.value,
                    "low": found.low,
                    "high": found.high,
                    "p_value": found.p_value,
                    "orders": counts[2],
                    "is_same": -margin < narrow.low and narrow.high < margin,
                }
            )
    for row, p_value in zip(rows, holm([row["p_value"] for row in rows]), strict=True):
        row["p_holm"] = p_value
        row["verdict"] = _verdict(p_value, is_same=row["is_same"])
    return rows


def _rates(row: Row) -> Row:
    rates: Row = {}
    for name in STATUSES:
        found = share(int(row[name]), int(row["orders"]))
        rates |= {
            f"{name}_rate": found.value,
            f"{name}_rate_low": found.low,
            f"{name}_rate_high": found.high,
        }
    return {**row, **rates}


def _tested(dimension: str, outcome: str, rates: list[Row], margin: float) -> Row:
    groups = [row for row in rates if row["dimension"] == dimension and row["member"] != UNKNOWN]
    counts = [(int(row[outcome]), int(row["orders"])) for row in groups]
    found = homogeneous([(hits, trials - hits) for hits, trials in counts])
    ranked = sorted(groups, key=lambda row: row[f"{outcome}_rate"])
    least, most = (ranked[0], ranked[-1]) if len(ranked) > 1 else (None, None)
    return {
        "dimension": dimension,
        "outcome": outcome,
        "statistic": found.statistic if found else None,
        "degrees": found.degrees if found else None,
        "p_value": found.p_value if found else None,
        "p_holm": None,
        "cramers_v": found.cramers_v if found else None,
        "orders": sum(trials for _, trials in counts),
        "most": most["member"] if most else None,
        "least": least["member"] if least else None,
        "largest_difference": most[f"{outcome}_rate"] - least[f"{outcome}_rate"]
        if most and least
        else None,
        "is_same": len(counts) > 1
        and all(same_shares(one, other, margin) for one, other in combinations(counts, 2)),
    }


def _verdict(p_value: float | None, *, is_same: bool) -> str:
    """Sameness within the margin goes first: a difference may be proved and yet be too small."""
    if is_same:
        return SAME
    return DIFFERS if p_value is not None and p_value <= ALPHA else CANNOT_TELL
