"""Orders summed up along one dimension after another, for any source with orders and lines."""

from collections.abc import Mapping

import narwhals as nw

from agm_platform.privacy.suppression import with_hidden_cells, with_hidden_cells_within

TOTAL = "total"
PRODUCT = "product"
# Meals are orders times the meals in a sale, so of that dimension two equations are known.
LEAST_HIDDEN = {"meals_in_sale": 3}
FIGURES = ("orders", "customers", "order_lines", "meals", "gross_usd_cents")


def with_baskets(orders: nw.LazyFrame, order_lines: nw.LazyFrame) -> nw.LazyFrame:
    """Add to each order its number of lines and meals; 0 for an order without lines."""
    baskets = order_lines.group_by("order_id").agg(
        order_lines=nw.len(), meals=nw.col("quantity").sum()
    )
    return orders.join(baskets, on="order_id", how="left").with_columns(
        order_lines=nw.col("order_lines").fill_null(0), meals=nw.col("meals").fill_null(0)
    )


def by_dimensions(
    orders: nw.LazyFrame,
    dimensions: Mapping[str, nw.Expr],
    sums: tuple[str, ...] = (),
    within: Mapping[str, str] | None = None,
) -> nw.LazyFrame:
    """Sum up orders in total and by each dimension.

    Parameters: orders with order_id, customer_id, subtotal_usd_cents, order_lines, meals and the
    columns in `sums`; dimensions as expressions that name an order's member; `within` names for a
    dimension the one that its members are parts of (day: weekday). Returns dimension, member,
    parent (the member of that one), orders, customers, order_lines, meals, gross_usd_cents and the
    sums.
    """
    parts = []
    none = nw.lit(None, dtype=nw.String)
    wholes = {part: dimensions[whole] for part, whole in (within or {}).items()}
    for dimension, member in {TOTAL: nw.lit("all"), **dimensions}.items():
        parts.append(
            orders.with_columns(
                member=member.cast(nw.String), parent=wholes.get(dimension, none).cast(nw.String)
            )
            .group_by("member")
            .agg(
                orders=nw.len(),
                customers=nw.col("customer_id").n_unique(),
                order_lines=nw.col("order_lines").sum(),
                meals=nw.col("meals").sum(),
                gross_usd_cents=nw.col("subtotal_usd_cents").sum(),
                parent=nw.col("parent").min(),
                **{name: nw.col(name).sum() for name in sums},
            )
            .select(
                *_integers(*FIGURES, *sums),
                "parent",
                member=nw.col("member"),
                dimension=nw.lit(dimension),
            )
        )
    return nw.concat(parts)


def by_product(
    orders: nw.LazyFrame, order_lines: nw.LazyFrame, products: nw.LazyFrame, line_usd_cents: nw.Expr
) -> nw.LazyFrame:
    """Sum up order lines by product name; a product that nobody bought is there with zeros.

    `orders` counts the orders that hold the product.
    """
    sold = (
        order_lines.join(orders.select("order_id", "customer_id"), on="order_id", how="inner")
        .with_columns(gross=line_usd_cents)
        .group_by("product_id")
        .agg(
            orders=nw.col("order_id").n_unique(),
            customers=nw.col("customer_id").n_unique(),
            order_lines=nw.len(),
            meals=nw.col("quantity").sum(),
            gross_usd_cents=nw.col("gross").sum(),
        )
    )
    named = products.select("product_id", product_name=nw.coalesce("product_name", "product_id"))
    unlisted = sold.join(named, on="product_id", how="anti").select(
        "product_id", product_name="product_id"
    )
    return (
        nw.concat([named, unlisted])
        .join(sold, on="product_id", how="left")
        .select(
            *_integers(*FIGURES),
            dimension=nw.lit(PRODUCT),
            member=nw.col("product_name"),
            parent=nw.lit(None, dtype=nw.String),
        )
    )


def with_small_groups_marked(
    breakdown: nw.LazyFrame, within: Mapping[str, str], k: int
) -> nw.LazyFrame:
    """Add `suppressed`: which rows' figures are not for readers; see privacy.suppression.

    The total over everything is no group and stays. Needs dimension, member, parent, customers.
    """
    groups = breakdown.filter(nw.col("dimension") != TOTAL)
    flagged = with_hidden_cells(
        groups, ["dimension"], "customers", k, cell_columns=["member"], least=LEAST_HIDDEN
    )
    flagged = with_hidden_cells_within(flagged, "dimension", "member", "parent", within, k)
    names = flagged.collect_schema().names()
    total = breakdown.filter(nw.col("dimension") == TOTAL).with_columns(
        suppressed=nw.lit(value=False)
    )
    return nw.concat([total.select(names), flagged])


def _integers(*names: str) -> list[nw.Expr]:
    """Return counts and sums as plain integers, 0 where null: engines widen them each their way."""
    return [nw.col(name).fill_null(0).cast(nw.Int64).alias(name) for name in names]
