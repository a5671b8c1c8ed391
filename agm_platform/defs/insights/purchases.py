"""Purchases of customers summed up along one dimension after another, with means and intervals."""

from collections.abc import Mapping

import narwhals as nw
import pandas as pd

from agm_platform.defs.insights.breakdown import TOTAL, with_small_groups_marked
from agm_platform.statistics.groups import Moments, mean
from agm_platform.warehouse.rows import records

UNKNOWN = "unknown"
COLUMNS = (
    "dimension",
    "member",
    "orders",
    "customers",
    "gross_usd_cents",
    "share_of_gross",
    "mean_usd_cents",
    "mean_low_usd_cents",
    "mean_high_usd_cents",
    "suppressed",
)


def with_customers(orders: nw.LazyFrame, clean_customers: nw.LazyFrame) -> nw.LazyFrame:
    """Add what is known of the customer to each order; as many rows as orders.

    Many orders to one customer: customer_id is unique in clean_customers, which its rule proves. An
    order of an unknown customer stays, with nothing known.
    """
    return orders.join(clean_customers, on="customer_id", how="left")


def moments(frame: nw.LazyFrame, dimensions: Mapping[str, nw.Expr], measure: str) -> nw.LazyFrame:
    """Return dimension, member, count, total and squares of a measure; rows without it are out.

    A member that is null is `unknown`. Sums are floats: squares of cents outgrow an integer. A
    measure with decimals is taken to two of them and summed as hundredths, because sums of
    fractions depend on the order of rows in their last digit.
    """
    has_decimals = frame.collect_schema()[measure].is_float()
    parts = 100 if has_decimals else 1
    value = (nw.col(measure).cast(nw.Float64) * parts).round(0)
    known = frame.filter(~nw.col(measure).is_null()).with_columns(_value=value)
    return nw.concat(
        [
            known.with_columns(member=member.cast(nw.String).fill_null(UNKNOWN))
            .group_by("member")
            .agg(
                count=nw.len(),
                total=nw.col("_value").sum(),
                squares=(nw.col("_value") * nw.col("_value")).sum(),
            )
            .select(
                "member",
                nw.col("count").cast(nw.Int64),
                total=nw.col("total") / parts,
                squares=nw.col("squares") / parts**2,
                dimension=nw.lit(dimension),
            )
            for dimension, member in dimensions.items()
        ]
    )


def summed(
    orders: nw.LazyFrame,
    dimensions: Mapping[str, nw.Expr],
    within: Mapping[str, str],
    smallest_group: int,
) -> nw.LazyFrame:
    """Sum up orders in total and by each dimension.

    Parameters: orders with customer_id and subtotal_usd_cents; dimensions as expressions that name
    an order's member; `within` names for a dimension the one that its members are parts of (state:
    region). Returns dimension, member, orders, customers, gross_usd_cents, squares, suppressed.
    """
    value = nw.col("subtotal_usd_cents").cast(nw.Float64)
    parts = []
    for dimension, member in {TOTAL: nw.lit("all"), **dimensions}.items():
        whole = dimensions[within[dimension]] if dimension in within else nw.lit(None, nw.String)
        parts.append(
            orders.with_columns(
                member=member.cast(nw.String).fill_null(UNKNOWN),
                parent=whole.cast(nw.String),
                _squares=value * value,
            )
            .group_by("member")
            .agg(
                orders=nw.len(),
                customers=nw.col("customer_id").n_unique(),
                gross_usd_cents=nw.col("subtotal_usd_cents").sum(),
                squares=nw.col("_squares").sum(),
                parent=nw.col("parent").min(),
            )
            .select(
                "member",
                "parent",
                "squares",
                *(
                    nw.col(name).fill_null(0).cast(nw.Int64)
                    for name in ("orders", "customers", "gross_usd_cents")
                ),
                dimension=nw.lit(dimension),
            )
        )
    both = nw.concat(parts).filter(nw.col("orders") > 0)
    return with_small_groups_marked(both, within, smallest_group)


def with_means(sums: nw.LazyFrame) -> pd.DataFrame:
    """Add each group's share of all money, and the mean amount with Student's t interval."""
    rows = records(sums)
    gross = next((row["gross_usd_cents"] for row in rows if row["dimension"] == TOTAL), 0)
    told = []
    for row in rows:
        group = Moments.of_sums(row["orders"], row["gross_usd_cents"], row["squares"])
        estimate = mean(group)
        told.append(
            {
                **row,
                "share_of_gross": row["gross_usd_cents"] / gross if gross else None,
                "mean_usd_cents": group.mean,
                "mean_low_usd_cents": estimate.low if estimate else None,
                "mean_high_usd_cents": estimate.high if estimate else None,
            }
        )
    frame = pd.DataFrame(told, columns=list(COLUMNS))
    return frame.sort_values(["dimension", "member"], ignore_index=True)
