"""Which attributes go with what customers spend, and whether missing ones can be predicted.

Association only. A missing value is a level of its own and has no place in an order.
"""

from collections.abc import Sequence
from typing import Any

import narwhals as nw
import pandas as pd

from agm_platform.contracts.business import CONFIDENCE
from agm_platform.defs.insights.customer_groups import UNKNOWN, known_or_unknown
from agm_platform.privacy.suppression import with_hidden_cells
from agm_platform.statistics import groups, ranks
from agm_platform.statistics.groups import Moments
from agm_platform.warehouse.rows import records

RARE = "rare"


def attribute_levels(
    customers: nw.LazyFrame, attributes: Sequence[str], measure: str, smallest_group: int
) -> pd.DataFrame:
    """Return one row an attribute and level: customers and the mean of `measure`, t interval.

    Levels of fewer than `smallest_group` customers are one level, `rare`: what few people wrote may
    say who they are.
    """
    rows = []
    for attribute in attributes:
        number = nw.col("_measure")
        summed = (
            customers.select(
                level=known_or_unknown(attribute), _measure=nw.col(measure).cast(nw.Float64)
            )
            .group_by("level")
            .agg(customers=nw.len(), total=number.sum(), squares=(number * number).sum())
        )
        is_rare = nw.col("customers") < smallest_group
        summed = (
            summed.with_columns(level=nw.when(is_rare).then(nw.lit(RARE)).otherwise("level"))
            .group_by("level")
            .agg(*(nw.col(name).sum() for name in ("customers", "total", "squares")))
        )
        flagged = with_hidden_cells(summed, [], "customers", smallest_group, cell_columns=["level"])
        for row in sorted(records(flagged), key=lambda row: str(row["level"])):
            moments = Moments.of_sums(
                int(row["customers"]), float(row["total"]), float(row["squares"])
            )
            found = groups.mean(moments)
            rows.append(
                {
                    "attribute": attribute,
                    "level": row["level"],
                    "customers": moments.count,
                    "mean": moments.mean,
                    "low": found.low if found else None,
                    "high": found.high if found else None,
                    "suppressed": bool(row["suppressed"]),
                }
            )
    return pd.DataFrame(rows)


def attribute_tests(
    customers: nw.LazyFrame, attributes: Sequence[str], measure: str
) -> pd.DataFrame:
    """Return one row an attribute: does `measure` differ between its levels, Kruskal and Wallis.

    p values are Holm's over the attributes; epsilon squared says how much of the order of customers
    goes with the attribute.
    """
    rows: list[dict[str, Any]] = []
    for attribute in attributes:
        counted = (
            customers.select(level=known_or_unknown(attribute), value=nw.col(measure))
            .group_by("level", "value")
            .agg(customers=nw.len())
        )
        levels: dict[str, dict[float, int]] = {}
        for row in records(counted):
            levels.setdefault(row["level"], {})[float(row["value"])] = int(row["customers"])
        found = ranks.kruskal_wallis([levels[level] for level in sorted(levels)])
        if found is not None:
            rows.append(
                {
                    "attribute": attribute,
                    "levels": len(levels),
                    "customers": sum(sum(level.values()) for level in levels.values()),
                    "statistic": found.statistic,
                    "degrees": found.degrees,
                    "p_value": found.p_value,
                    "epsilon_squared": found.epsilon_squared,
                }
            )
    return _judged(rows)


def assignment_balance(customers: nw.LazyFrame, attributes: Sequence[str]) -> pd.DataFrame:
    """Return one row an attribute: is it spread alike over members and control, chi-square.

    Needs is_enrolled. What was known before the programme cannot be its effect: a difference says
    that the groups were not made by chance. Attributes that cannot be tested are left out.
    """
    rows: list[dict[str, Any]] = []
    for attribute in attributes:
        counted = (
            customers.select("is_enrolled", level=known_or_unknown(attribute))
            .group_by("is_enrolled", "level")
            .agg(customers=nw.len())
        )
        counts = {(row["is_enrolled"], row["level"]): row["customers"] for row in records(counted)}
        levels = sorted({level for _, level in counts})
        spread = [
            [int(counts.get((group, level), 0)) for level in levels] for group in (True, False)
        ]
        found = groups.homogeneous(spread)
        if found is not None:
            rows.append(
                {
                    "attribute": attribute,
                    "levels": len(levels),
                    "customers": sum(map(sum, spread)),
                    "statistic": found.statistic,
                    "degrees": found.degrees,
                    "p_value": found.p_value,
                    "cramers_v": found.cramers_v,
                }
            )
    return _judged(rows)


def attribute_prediction(
    customers: nw.LazyFrame,
    targets: Sequence[str],
    others: Sequence[str],
    folds: int,
    most_levels: int,
    most_customers: int,
) -> pd.DataFrame:
    """Return one row a target: can it be predicted better than by its commonest value.

    Learnt and judged on customers who told it, from the other targets and `others` (text columns),
    by cross-validation; folds go by customer_id, and the first `most_customers` of them are taken.
    A target of more than `most_levels` values, or that cannot be judged, is left out.
    """
    import numpy as np

    from agm_platform.statistics.classifier import cross_validated

    rows: list[dict[str, Any]] = []
    codes = {name: known_or_unknown(name).alias(name) for name in (*targets, *others)}
    taken = customers.select("customer_id", *codes.values()).sort("customer_id")
    found = records(taken.head(most_customers))
    for target in targets:
        known = [row for row in found if row[target] != UNKNOWN]
        levels = sorted({row[target] for row in known})
        if not 2 <= len(levels) <= most_levels:
            continue
        names = [name for name in codes if name != target]
        coded = np.column_stack([_codes([row[name] for row in known]) for name in names])
        judged = cross_validated(
            coded, _codes([row[target] for row in known]), np.arange(len(known)) % folds
        )
        if judged is None:
            continue
        error = (judged.gain.high - judged.gain.low) / 2
        rows.append(
            {
                "attribute": target,
                "levels": len(levels),
                "customers": len(known),
                "missing": len(found) - len(known),
                "accuracy": judged.accuracy.value,
                "accuracy_low": judged.accuracy.low,
                "accuracy_high": judged.accuracy.high,
                "baseline": judged.baseline.value,
                "gain": judged.gain.value,
                "gain_low": judged.gain.low,
                "gain_high": judged.gain.high,
                "p_value": _two_sided(judged.gain.value, error),
            }
        )
    return _judged(rows)


def _codes(values: Sequence[str]) -> Any:
    import numpy as np

    return np.unique(np.array(values, dtype=str), return_inverse=True)[1].astype(np.int64)


def _two_sided(value: float, half: float) -> float:
    """Return the p value of a mean of 0 from half of its interval of level CONFIDENCE."""
    from statistics import NormalDist

    normal = NormalDist()
    if half == 0:
        return float(value == 0)
    return 2 * normal.cdf(-abs(value) / half * normal.inv_cdf(0.5 + CONFIDENCE / 2))


def _judged(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Add Holm's p values over the rows, and which are significant."""
    for row, p_value in zip(rows, groups.holm([row["p_value"] for row in rows]), strict=True):
        row["p_value_holm"] = p_value
        row["is_significant"] = p_value <= 1 - CONFIDENCE
    return pd.DataFrame(rows)
