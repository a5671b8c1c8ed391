"""The programme's accepted tables: customers, purchases, the ledger of points, filled customers."""

import narwhals as nw

from agm_platform.contracts import loyalty, loyalty_points
from agm_platform.contracts.loyalty_rules import (
    REDEMPTION_POINTS,
    REDEMPTION_POINTS_TAKEN,
    REDEMPTION_USD_CENTS,
)
from agm_platform.contracts.privacy import ERASED_NUMBER
from agm_platform.defs.sources.loyalty.points import earned, redemptions, with_moves
from agm_platform.defs.sources.quarantine import accepted
from agm_platform.defs.sources.snapshot_source import quarantine_asset, reconciliation_asset
from agm_platform.defs.table import table

FILLED = (
    "number_of_purchases",
    "value_of_purchases_usd_cents",
    "net_usd_cents",
    "total_standard_points",
    "points_earned",
    "points_taken",
    "total_points_redeemed",
    "redemptions",
    "highest_points",
    "first_points",
)


@table(loyalty.CUSTOMERS)
def customers(staged_customers: nw.LazyFrame) -> nw.LazyFrame:
    """Customers that break no row rule."""
    return accepted(staged_customers)


@table(loyalty.ORDERS)
def orders(staged_transactions: nw.LazyFrame, customers: nw.LazyFrame) -> nw.LazyFrame:
    """Purchases that break no row rule, with what a redemption in them takes off the price."""
    moved = with_moves(accepted(staged_transactions), customers)
    counted = moved.with_columns(redemptions=redemptions())
    return counted.with_columns(
        net_usd_cents=nw.col("subtotal_usd_cents") - nw.col("redemptions") * REDEMPTION_USD_CENTS,
        is_before_signup=(nw.col("order_date") < nw.col("signup_date")).fill_null(value=False),
    )


@table(loyalty_points.LOYALTY_EVENTS)
def loyalty_events(orders: nw.LazyFrame, customers: nw.LazyFrame) -> nw.LazyFrame:
    """Each purchase with the points that it earns and takes, and the balance before and after.

    The balance runs by day in each customer. Orders to customers is many to one.
    """
    booked = with_moves(orders, customers).with_columns(
        points_earned=earned(),
        points_redeemed=nw.col("redemptions") * REDEMPTION_POINTS,
        points_taken=nw.col("redemptions") * REDEMPTION_POINTS_TAKEN,
        given_away_usd_cents=nw.col("redemptions") * REDEMPTION_USD_CENTS,
    )
    running = (
        nw.col("point_differential")
        .cum_sum()
        .over("customer_id", order_by=["order_date", "order_id"])
    )
    is_person = nw.col("customer_id") != ERASED_NUMBER
    return booked.with_columns(
        unexplained_points=nw.col("point_differential")
        - nw.col("points_earned")
        + nw.col("points_taken"),
        points_after=nw.when(is_person).then(running),
        points_before=nw.when(is_person).then(running - nw.col("point_differential")),
    ).sort("customer_id", "order_date", "order_id")


@table(loyalty_points.CLEAN_CUSTOMERS)
def clean_customers(
    customers: nw.LazyFrame, orders: nw.LazyFrame, loyalty_events: nw.LazyFrame
) -> nw.LazyFrame:
    """Each customer with counts and sums of its purchases, 0 where it never bought.

    Orders to events is one to one; customers to the sums is one to one at most.
    """
    is_first = nw.col("order_date") == nw.col("order_date").min().over("customer_id")
    points = loyalty_events.select(
        "order_id",
        "points_earned",
        "points_taken",
        "points_redeemed",
        "points_after",
        first_points=nw.when(is_first).then("points_after"),
    )
    summed = (
        orders.join(points, on="order_id", how="left")
        .group_by("customer_id")
        .agg(
            number_of_purchases=nw.len(),
            value_of_purchases_usd_cents=nw.col("subtotal_usd_cents").sum(),
            net_usd_cents=nw.col("net_usd_cents").sum(),
            total_standard_points=nw.col("point_differential").sum(),
            points_earned=nw.col("points_earned").sum(),
            points_taken=nw.col("points_taken").sum(),
            total_points_redeemed=nw.col("points_redeemed").sum(),
            redemptions=nw.col("redemptions").sum(),
            highest_points=nw.col("points_after").max(),
            first_points=nw.col("first_points").max(),
            first_order_date=nw.col("order_date").min(),
            last_order_date=nw.col("order_date").max(),
        )
    )
    filled = customers.join(summed, on="customer_id", how="left").with_columns(
        *(nw.col(name).fill_null(0).cast(nw.Int64).alias(name) for name in FILLED)
    )
    return filled.with_columns(
        points_by_rule=nw.col("points_earned") - nw.col("points_taken"),
        points_state=_points_state(),
    ).sort("customer_id")


def _points_state() -> nw.Expr:
    """Say who has redeemed, who ever held enough and did not, and who never held enough."""
    return (
        nw.when(~nw.col("is_enrolled"))
        .then(nw.lit("control"))
        .when(nw.col("redemptions") > 0)
        .then(nw.lit("redeemed"))
        .when(nw.col("highest_points") >= REDEMPTION_POINTS)
        .then(nw.lit("enough_not_redeemed"))
        .otherwise(nw.lit("never_enough"))
    )


quarantine = quarantine_asset(loyalty.SNAPSHOTS, loyalty.RAW_FILES, loyalty.QUARANTINE)
reconciliation = reconciliation_asset(loyalty.SNAPSHOTS, loyalty.QUARANTINE, loyalty.RECONCILIATION)
