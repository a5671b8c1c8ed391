"""What is paid with and without a flag such as a discount: all together and in each group."""

from collections.abc import Mapping, Sequence

import narwhals as nw
import pandas as pd

from agm_platform.defs.insights.factors import with_p_values
from agm_platform.statistics.groups import Moments, difference_of_means
from agm_platform.warehouse.rows import records

ALL = "all"
COLUMNS = (
    "flag",
    "population",
    "customers_with",
    "customers_without",
    "mean_with_usd_cents",
    "mean_without_usd_cents",
    "difference_usd_cents",
    "low_usd_cents",
    "high_usd_cents",
    "effect_size",
    "p_value",
    "p_adjusted",
    "verdict",
    "suppressed",
)


def flag_sums(orders: nw.LazyFrame, flags: Sequence[str], group: str) -> nw.LazyFrame:
    """Return flag, population, is_set, customers, count, total, squares of subtotal_usd_cents.

    `population` is `all`, and each value of the column `group`. Orders whose flag or amount is not
    known are left out.
    """
    value = nw.col("subtotal_usd_cents").cast(nw.Float64)
    known = orders.filter(~nw.col("subtotal_usd_cents").is_null()).with_columns(_value=value)
    return nw.concat(
        [
            _sums(known.with_columns(population=population, is_set=nw.col(flag)), flag)
            for flag in flags
            for population in (nw.lit(ALL), nw.col(group))
        ]
    )


def flag_effects(sums: nw.LazyFrame, smallest_group: int) -> pd.DataFrame:
    """Compare with and without by Welch's test; where one side is empty nothing can be told.

    Hidden for readers (`suppressed`) is every row of a flag one of whose groups counts 1 to
    `smallest_group` - 1 customers: all together less one group were the other.
    """
    sides: dict[tuple[str, str], dict[bool, Mapping[str, float]]] = {}
    for row in records(sums):
        sides.setdefault((row["flag"], row["population"]), {})[row["is_set"]] = row
    small = {
        flag
        for (flag, _), found in sides.items()
        if any(0 < side["customers"] < smallest_group for side in found.values())
    }
    rows = [
        {"flag": flag, "population": population, "suppressed": flag in small, **_compared(found)}
        for (flag, population), found in sorted(sides.items())
    ]
    with_p_values(rows)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _compared(found: Mapping[bool, Mapping[str, float]]) -> dict[str, object]:
    nobody = {"customers": 0, "count": 0, "total": 0.0, "squares": 0.0}
    yes, no = found.get(True, nobody), found.get(False, nobody)
    with_it, without = (
        Moments.of_sums(int(side["count"]), side["total"], side["squares"]) for side in (yes, no)
    )
    compared = difference_of_means(with_it, without)
    return {
        "customers_with": int(yes["customers"]),
        "customers_without": int(no["customers"]),
        "mean_with_usd_cents": with_it.mean if with_it.count else None,
        "mean_without_usd_cents": without.mean if without.count else None,
        "difference_usd_cents": compared.value if compared else None,
        "low_usd_cents": compared.low if compared else None,
        "high_usd_cents": compared.high if compared else None,
        "effect_size": compared.effect_size if compared else None,
        "p_value": compared.p_value if compared else None,
    }


def _sums(orders: nw.LazyFrame, flag: str) -> nw.LazyFrame:
    return (
        orders.filter(~nw.col("is_set").is_null() & ~nw.col("population").is_null())
        .group_by("population", "is_set")
        .agg(
            customers=nw.col("customer_id").n_unique(),
            count=nw.len(),
            total=nw.col("_value").sum(),
            squares=(nw.col("_value") * nw.col("_value")).sum(),
        )
        .select(
            "population",
            "is_set",
            "total",
            "squares",
            nw.col("customers", "count").cast(nw.Int64),
            flag=nw.lit(flag),
        )
    )
