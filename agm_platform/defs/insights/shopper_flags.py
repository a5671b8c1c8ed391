"""Flags of customers by how often they return, how long they wait and what they pay for an item."""

import narwhals as nw

from agm_platform.contracts.bands import Bands
from agm_platform.defs.insights.bands import banded

CANNOT_TELL = "cannot_tell"
FLAGS = (
    "loyalty",
    "frequency",
    "zero_filled_frequency",
    "spending",
    "unrepaired_spending",
    "activity",
)


def customer_habits(
    orders: nw.LazyFrame,
    baskets: nw.LazyFrame,
    *,
    loyalty: Bands,
    frequency: Bands,
    low_spending_below: int,
    low_activity_below: int,
) -> nw.LazyFrame:
    """Return one row a customer with orders.

    Parameters: orders with order_id, customer_id, order_number, days_since_prior_order (null on a
    first order); baskets with order_id (each once), order_lines, priced_lines, usd_cents,
    received_priced_lines, received_usd_cents. Money is in US cents. Returns the columns of the
    contract `customer_habits`. The median is over real gaps, one an order; a customer without any
    has no frequency. Mean item prices are compared as sums of cents, which are exact.
    """
    gap = nw.col("days_since_prior_order")
    by_customer = (
        orders.join(baskets, on="order_id", how="left")
        .with_columns(_filled=gap.fill_null(0))
        .group_by("customer_id")
        .agg(
            last_order_number=nw.col("order_number").max(),
            orders=nw.len(),
            gaps=gap.count(),
            median_gap_days=gap.median(),
            zero_filled_median_days=nw.col("_filled").median(),
            order_lines=nw.col("order_lines").sum(),
            priced_lines=nw.col("priced_lines").sum(),
            usd_cents=nw.col("usd_cents").sum(),
            _received_lines=nw.col("received_priced_lines").sum(),
            _received_cents=nw.col("received_usd_cents").sum(),
        )
    )
    return by_customer.with_columns(
        *(nw.col(name).fill_null(0) for name in ("order_lines", "priced_lines", "usd_cents")),
        loyalty=banded(nw.col("last_order_number"), loyalty),
        frequency=banded(nw.col("median_gap_days"), frequency),
        zero_filled_frequency=banded(nw.col("zero_filled_median_days"), frequency),
        spending=_spending("usd_cents", "priced_lines", low_spending_below),
        unrepaired_spending=_spending("_received_cents", "_received_lines", low_spending_below),
        activity=nw.when(nw.col("last_order_number") < low_activity_below)
        .then(nw.lit("low"))
        .otherwise(nw.lit("usual")),
    )


def flag_counts(habits: nw.LazyFrame, flags: tuple[str, ...] = FLAGS) -> nw.LazyFrame:
    """Count customers, and their lines, by each flag: flag, label, customers, order_lines."""
    return nw.concat(
        [
            habits.with_columns(label=nw.col(flag).fill_null(CANNOT_TELL))
            .group_by("label")
            .agg(customers=nw.len(), order_lines=nw.col("order_lines").sum())
            .select(
                "label",
                flag=nw.lit(flag),
                customers=nw.col("customers").cast(nw.Int64),
                order_lines=nw.col("order_lines").fill_null(0).cast(nw.Int64),
            )
            for flag in flags
        ]
    )


def _spending(cents: str, lines: str, low_below: int) -> nw.Expr:
    """Return low or high by cents over lines; null without a line that has a price."""
    is_low = nw.col(cents) < low_below * nw.col(lines)
    return nw.when(nw.col(lines) > 0).then(
        nw.when(is_low).then(nw.lit("low")).otherwise(nw.lit("high"))
    )
