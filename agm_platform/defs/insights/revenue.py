"""Revenue of orders by one dimension or two, ordered and kept, for any source with such columns."""

from collections.abc import Mapping

import narwhals as nw

from agm_platform.contracts.categories import UNKNOWN
from agm_platform.defs.insights.breakdown import TOTAL, with_small_groups_marked
from agm_platform.defs.insights.calendar import month

PARTS = 10_000  # micros in a cent
BAR = " | "


def described(
    orders: nw.LazyFrame,
    deliveries: nw.LazyFrame,
    products: nw.LazyFrame,
    clean_customers: nw.LazyFrame,
) -> nw.LazyFrame:
    """Add to each order what is known of its product, customer and delivery.

    Adds product_name, category, base_usd_cents, tier, home_region, gender, signup_month,
    is_cancelled, status, kept_usd_micros (0 where cancelled). Deliveries are one-to-one, the other
    joins many-to-one; empty keys join nothing, and what is not known is `unknown`.
    """
    told = products.select(
        "product_id", "product_name", "category", base_usd_cents="price_usd_cents"
    )
    who = clean_customers.select(
        "customer_id",
        "gender",
        tier="loyalty_tier",
        home_region="region",
        signup_month=month("signup_date"),
    )
    delivered = deliveries.select("order_id", "status", "is_cancelled")
    joined = (
        orders.join(delivered, on="order_id", how="left")
        .join(told, on="product_id", how="left")
        .join(who, on="customer_id", how="left")
    )
    names = (
        *("product_name", "category", "gender", "tier", "home_region", "signup_month", "status"),
        *("payment_method", "region", "iso_week", "price_band", "revenue_band"),
    )
    is_kept = ~nw.col("is_cancelled").fill_null(value=False)
    return joined.with_columns(
        *(nw.col(name).fill_null(UNKNOWN) for name in names),
        kept_usd_micros=nw.when(is_kept).then(nw.col("revenue_usd_micros")).otherwise(0),
    )


def revenue_by(
    orders: nw.LazyFrame,
    dimensions: Mapping[str, tuple[str, ...]],
    within: Mapping[str, str],
    smallest_group: int,
) -> nw.LazyFrame:
    """Sum up described orders in total and by each dimension of one column or two.

    `within` names, for a dimension of two columns, the one of its first column alone, so that what
    is hidden of the one cannot be had from the other. Money is summed exactly, then told to the
    cent: groups may miss their total by a cent.
    """
    parts = [_summed(orders, name, columns) for name, columns in {TOTAL: (), **dimensions}.items()]
    summed = nw.concat(parts)
    known = with_small_groups_marked(summed.filter(~_is_unknown()), within, smallest_group)
    unknown = summed.filter(_is_unknown()).with_columns(
        suppressed=nw.col("customers") < smallest_group
    )
    names = known.collect_schema().names()
    return nw.concat([known, unknown.select(names)]).sort("dimension", "member")


def _summed(orders: nw.LazyFrame, dimension: str, columns: tuple[str, ...]) -> nw.LazyFrame:
    """Sum up by one dimension."""
    none = nw.lit(None, dtype=nw.String)
    member: nw.Expr = nw.lit("all")
    if columns:
        member = nw.col(columns[0])
    for column in columns[1:]:
        member = nw.concat_str(member, nw.lit(BAR), nw.col(column))
    grouped = orders.with_columns(
        member=member, parent=nw.col(columns[0]) if len(columns) > 1 else none
    )
    return (
        grouped.group_by("member")
        .agg(
            parent=nw.col("parent").min(),
            orders=nw.len(),
            customers=nw.col("customer_id").n_unique(),
            quantity=nw.col("quantity").sum(),
            ordered=nw.col("revenue_usd_micros").sum(),
            kept=nw.col("kept_usd_micros").sum(),
            mean_quantity=nw.col("quantity").mean(),
            mean_discount_share=nw.col("discount_share").mean(),
        )
        .select(
            "member",
            "parent",
            "mean_quantity",
            "mean_discount_share",
            dimension=nw.lit(dimension),
            orders=nw.col("orders").cast(nw.Int64),
            customers=nw.col("customers").cast(nw.Int64),
            quantity=nw.col("quantity").cast(nw.Int64),
            ordered_usd_cents=_cents("ordered"),
            kept_usd_cents=_cents("kept"),
        )
    )


def _is_unknown() -> nw.Expr:
    """Whether a group is of what is not known: it places nobody, so it is hidden only itself."""
    return nw.col("member").str.contains(rf"(^|\\| ){UNKNOWN}($| \\|)")


def _cents(micros: str) -> nw.Expr:
    """Return millionths of a dollar as cents, half up."""
    return (nw.col(micros).cast(nw.Int64) + PARTS // 2) // PARTS
