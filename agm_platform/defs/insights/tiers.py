"""What a buyer of each loyalty tier is worth, with how sure that is, and which tiers tie."""

from typing import Any

import narwhals as nw

from agm_platform.contracts.categories import UNKNOWN
from agm_platform.privacy.suppression import with_hidden_known_cells
from agm_platform.statistics.groups import Moments, mean, tied
from agm_platform.warehouse.rows import records

Row = dict[str, Any]
PARTS = 10_000
SUMS = ("orders", "ordered", "kept", "ordered_squares", "kept_squares")


def tier_value(
    orders: nw.LazyFrame, clean_customers: nw.LazyFrame, smallest_group: int
) -> list[Row]:
    """Return one row a tier, best buyer first: customers, orders, revenue, revenue a buyer.

    Parameters: described orders and the customers. Tiers that cannot be told apart by Welch's test
    with Holm's correction are named in `tied_with`; orders without a customer belong to nobody.
    """
    buyers = (
        orders.filter(~nw.col("customer_id").is_null())
        .group_by("tier", "customer_id")
        .agg(
            orders=nw.len(),
            ordered=nw.col("revenue_usd_micros").sum().cast(nw.Float64) / PARTS,
            kept=nw.col("kept_usd_micros").sum().cast(nw.Float64) / PARTS,
        )
        .with_columns(
            ordered_squares=nw.col("ordered") * nw.col("ordered"),
            kept_squares=nw.col("kept") * nw.col("kept"),
        )
    )
    bought = buyers.group_by("tier").agg(
        customers=nw.len(), **{name: nw.col(name).sum() for name in SUMS}
    )
    listed = (
        clean_customers.select(tier=nw.col("loyalty_tier").fill_null(UNKNOWN))
        .group_by("tier")
        .agg(listed_customers=nw.len())
    )
    flagged = with_hidden_known_cells(bought, [], "tier", UNKNOWN, "customers", smallest_group)
    rows = records(flagged.join(listed, on="tier", how="left").sort("tier"))
    total = sum(row["ordered"] for row in rows)
    groups = {row["tier"]: _moments(row, "ordered") for row in rows if row["tier"] != UNKNOWN}
    ties = tied(groups)
    told = [_tier(row, total, ties) for row in rows]
    return sorted(told, key=lambda row: (row["tier"] == UNKNOWN, -row["ordered_per_buyer"]))


def _tier(row: Row, total: float, ties: list[tuple[str, str]]) -> Row:
    figures: Row = {}
    for name in ("ordered", "kept"):
        estimate = mean(_moments(row, name))
        figures |= {
            f"{name}_usd_cents": int(row[name] + 0.5),
            f"{name}_per_buyer": row[name] / row["customers"],
            f"{name}_low": estimate.low if estimate else None,
            f"{name}_high": estimate.high if estimate else None,
        }
    others = [other for pair in ties if row["tier"] in pair for other in pair]
    return {
        **row,
        **figures,
        "share_of_revenue": row["ordered"] / total if total else None,
        "orders_per_buyer": int(row["orders"]) / row["customers"],
        "tied_with": ", ".join(other for other in others if other != row["tier"]) or None,
    }


def _moments(row: Row, name: str) -> Moments:
    return Moments.of_sums(int(row["customers"]), row[name], row[f"{name}_squares"])
