"""Discounts against pieces an order, correlations, and what the spread of revenue goes with.

Associations and adjusted figures stand side by side. Neither is proof of cause: whoever gave the
discounts may have had reasons that are in no column.
"""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import narwhals as nw

from agm_platform.contracts.sales_insights import CANNOT_TELL, DIFFERS, SAME
from agm_platform.privacy.suppression import with_hidden_cells
from agm_platform.statistics.association import Slope, Sums, slope
from agm_platform.statistics.groups import Moments, correlation, mean
from agm_platform.warehouse.rows import records

Row = dict[str, Any]
PARTS = 10_000
STRATA = ("product_id", "price_band", "tier")
CONTRASTS = {
    "any_discount": nw.when(nw.col("discount_share") > 0).then(1.0).otherwise(0.0),
    "ten_points": nw.col("discount_share") * 10,
}
MEASURES = {
    "quantity": nw.col("quantity"),
    "unit_price": nw.col("unit_price_usd_cents") / 100,
    "base_price": nw.col("base_usd_cents") / 100,
    "discount": nw.col("discount_share"),
    "revenue": nw.col("revenue_usd_micros") / 1e6,
    "days_since_launch": nw.col("days_to_order"),
}
BUILT_IN = {("quantity", "revenue"), ("unit_price", "revenue"), ("discount", "revenue")}
"""Pairs of which the second is computed from the first: revenue = quantity x price x (1 - d)."""


def discount_levels(orders: nw.LazyFrame, smallest_group: int) -> list[Row]:
    """Return one row a discount: orders, mean pieces with interval, list price, discount, revenue.

    `suppressed` marks levels of too few customers.
    """
    listed = nw.col("quantity") * nw.col("unit_price_usd_cents")
    summed = (
        orders.with_columns(_list=listed, _square=nw.col("quantity") * nw.col("quantity"))
        .group_by("discount_share")
        .agg(
            orders=nw.len(),
            customers=nw.col("customer_id").n_unique(),
            quantity=nw.col("quantity").sum(),
            squares=nw.col("_square").sum(),
            list_usd_cents=nw.col("_list").sum(),
            micros=nw.col("revenue_usd_micros").sum(),
        )
    )
    flagged = with_hidden_cells(
        summed, [], "customers", smallest_group, cell_columns=["discount_share"]
    )
    rows = records(flagged.sort("discount_share"))
    total = sum(int(row["orders"]) for row in rows)
    return [_level(row, total) for row in rows]


def _level(row: Row, total: int) -> Row:
    count = int(row["orders"])
    found = mean(Moments.of_sums(count, float(row["quantity"]), float(row["squares"])))
    ordered = int(row["micros"]) / PARTS
    return {
        **row,
        "share_of_orders": count / total,
        "mean_quantity": float(row["quantity"]) / count,
        "low": found.low if found else None,
        "high": found.high if found else None,
        "ordered_usd_cents": int(ordered + 0.5),
        "given_usd_cents": int(row["list_usd_cents"]) - int(ordered + 0.5),
    }


def discount_effects(orders: nw.LazyFrame, margin: float) -> list[Row]:
    """Return how many pieces more an order has with a discount, as associated and adjusted.

    Adjusted: among orders of the same product, price band and tier. `margin` in pieces says what
    counts as the same.
    """
    rows = []
    for contrast, measure in CONTRASTS.items():
        for method, strata in (("association", ()), ("adjusted", STRATA)):
            found = slope(sums_within(orders, measure, nw.col("quantity"), strata))
            rows.append(
                {
                    "contrast": contrast,
                    "method": method,
                    **_told(found),
                    "verdict": verdict(found, margin),
                }
            )
    return rows


def sums_within(orders: nw.LazyFrame, x: nw.Expr, y: nw.Expr, strata: Sequence[str]) -> list[Sums]:
    """Return the sums of x, y, their squares and products for each stratum; without strata, one.

    Rows in which either is missing are left out; a missing stratum is one of its own.
    """
    own = [nw.col(name).cast(nw.String).fill_null("unknown").alias(f"_{name}") for name in strata]
    frame = orders.select(
        *own, _all=nw.lit(1), _x=x.cast(nw.Float64), _y=y.cast(nw.Float64)
    ).filter(~nw.col("_x").is_null(), ~nw.col("_y").is_null())
    names = [f"_{name}" for name in strata] or ["_all"]
    summed = (
        frame.with_columns(
            _xx=nw.col("_x") * nw.col("_x"),
            _yy=nw.col("_y") * nw.col("_y"),
            _xy=nw.col("_x") * nw.col("_y"),
        )
        .group_by(*names)
        .agg(
            count=nw.len(),
            **{name: nw.col(f"_{name}").sum() for name in ("x", "y", "xx", "yy", "xy")},
        )
        .sort(*names)
    )
    return [
        Sums(int(row["count"]), *(float(row[name]) for name in ("x", "y", "xx", "yy", "xy")))
        for row in records(summed)
    ]


def verdict(found: Slope | None, margin: float) -> str:
    """Say whether a difference is proved, or that it is below the margin, or neither."""
    if found is None:
        return CANNOT_TELL
    if -margin < found.low_90 and found.high_90 < margin:
        return SAME
    return DIFFERS if found.low > 0 or found.high < 0 else CANNOT_TELL


def correlations(orders: nw.LazyFrame) -> list[Row]:
    """Return the correlation of every two measures, orders without one of them left out."""
    rows = []
    for first, second in combinations(MEASURES, 2):
        summed = sums_within(orders, MEASURES[first], MEASURES[second], ())
        each = summed[0] if summed else Sums(0, 0, 0, 0, 0, 0)
        found = (
            correlation(each.count, each.y, each.x, each.yy, each.xx, each.xy)
            if each.count
            else None
        )
        rows.append(
            {
                "first": first,
                "second": second,
                "value": found.value if found else None,
                "low": found.low if found else None,
                "high": found.high if found else None,
                "orders": each.count,
                "is_built_in": (first, second) in BUILT_IN,
            }
        )
    return rows


def revenue_drivers(orders: nw.LazyFrame) -> list[Row]:
    """Split the variance of log revenue into parts of volume, price and discount, which sum to 1.

    log revenue = log quantity + log price + log(1 - discount); a component's part is its covariance
    with log revenue over the variance of that, which is the slope of the component on log revenue.
    Orders without revenue have no logarithm and are left out. Source: J. H. Stapleton, Linear
    Statistical Models, 1.4 (variance of a sum).
    """
    paid = orders.filter(nw.col("revenue_usd_micros") > 0)
    parts = {
        "quantity": nw.col("quantity").cast(nw.Float64).log(),
        "unit_price": nw.col("unit_price_usd_cents").cast(nw.Float64).log(),
        "discount": (1 - nw.col("discount_share")).log(),
    }
    whole = parts["quantity"] + parts["unit_price"] + parts["discount"]
    rows = []
    for component, part in parts.items():
        found = slope(sums_within(paid, whole, part, ()))
        told = _told(found)
        rows.append({"component": component, "share": told["value"], **told})
    return rows


def _told(found: Slope | None) -> Row:
    names = ("value", "low", "high", "low_90", "high_90", "p_value")
    told: Row = {name: getattr(found, name) if found else None for name in names}
    return {
        **told,
        "orders": found.count if found else 0,
        "strata": found.strata if found else 0,
    }
