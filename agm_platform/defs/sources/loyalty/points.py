"""The points rule as expressions: what a purchase earns, and whether it holds a redemption."""

import narwhals as nw

from agm_platform.contracts.loyalty_rules import POINTS_A_DOLLAR, REDEMPTION_POINTS_TAKEN

MOVES_POINTS = "moves_points"


def with_moves(purchases: nw.LazyFrame, customers: nw.LazyFrame) -> nw.LazyFrame:
    """Add the customer's `is_enrolled` and `signup_date`, and whether the purchase moves points.

    Many to one: customers have one row each. Who is not among them is an erased person, of whom
    the row alone tells whether points move: it does if they did.
    """
    known = customers.select("customer_id", "is_enrolled", "signup_date")
    moves = nw.coalesce("is_enrolled", nw.col("point_differential") != 0)
    return purchases.join(known, on="customer_id", how="left").with_columns(**{MOVES_POINTS: moves})


def earned() -> nw.Expr:
    """Return 10 points a whole dollar, 0 where no points move; needs `moves_points`."""
    points = nw.col("subtotal_usd_cents") // 100 * POINTS_A_DOLLAR
    return nw.when(nw.col(MOVES_POINTS)).then(points).otherwise(nw.lit(0)).cast(nw.Int64)


def redemptions() -> nw.Expr:
    """Return how many redemptions the movement of points holds; needs `moves_points`.

    A whole number of them or none: a movement that no whole number explains is left unexplained,
    and the control group never has any.
    """
    taken = earned() - nw.col("point_differential")
    is_whole = (taken > 0) & (taken % REDEMPTION_POINTS_TAKEN == 0)
    found = taken // REDEMPTION_POINTS_TAKEN
    return nw.when(nw.col(MOVES_POINTS) & is_whole).then(found).otherwise(nw.lit(0)).cast(nw.Int64)
