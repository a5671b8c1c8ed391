"""Instacart's lines: those that break a rule are copied, the others read where they lie."""

import narwhals as nw

from agm_platform.contracts import instacart
from agm_platform.contracts.instacart_rules import MOST_DEPARTMENTS
from agm_platform.contracts.model import Table
from agm_platform.defs.insights.assortment import with_positions
from agm_platform.defs.sources.copies import copies
from agm_platform.defs.table import table
from agm_platform.quality.predicates import split
from agm_platform.warehouse.baskets import summed_baskets
from agm_platform.warehouse.held import held
from agm_platform.warehouse.repeated_lines import with_repeated_numbers

PRIOR = {"raw_lines": instacart.RAW_PRIOR_LINES}
TRAIN = {"raw_lines": instacart.RAW_TRAIN_LINES}
SUMS = {
    "usd_cents": "price_usd_cents",
    "received_usd_cents": "received_usd_cents",
    "reordered_lines": "reordered",
}
COUNTS = {"priced_lines": "price_usd_cents", "received_priced_lines": "received_usd_cents"}


@table(instacart.PRIOR_ORDER_SUMS, reads=PRIOR)
def prior_order_sums(
    raw_lines: nw.LazyFrame, products: nw.LazyFrame, departments: nw.LazyFrame
) -> nw.LazyFrame:
    """One pass over the lines, for what is set aside and for the baskets; decision 0047."""
    return order_sums(raw_lines.filter(nw.col("record").is_null()), products, departments)


@table(instacart.PRIOR_SET_ASIDE, reads=PRIOR)
def prior_lines_set_aside(
    raw_lines: nw.LazyFrame,
    orders: nw.LazyFrame,
    products: nw.LazyFrame,
    prior_order_sums: nw.LazyFrame,
) -> nw.LazyFrame:
    """Lines of the set prior that break a row rule."""
    return set_aside(raw_lines, orders, products, prior_order_sums, instacart.PRIOR_SET_ASIDE)


@table(instacart.TRAIN_SET_ASIDE, reads=TRAIN)
def train_lines_set_aside(
    raw_lines: nw.LazyFrame,
    orders: nw.LazyFrame,
    products: nw.LazyFrame,
    departments: nw.LazyFrame,
) -> nw.LazyFrame:
    """Lines of the set train that break a row rule."""
    sums = order_sums(raw_lines.filter(nw.col("record").is_null()), products, departments)
    return set_aside(raw_lines, orders, products, held(sums), instacart.TRAIN_SET_ASIDE)


@table(instacart.PRIOR_LINES, reads=PRIOR)
def prior_lines(raw_lines: nw.LazyFrame, prior_lines_set_aside: nw.LazyFrame) -> nw.LazyFrame:
    """A view: the lines received that are not set aside."""
    return accepted_lines(raw_lines, prior_lines_set_aside)


@table(instacart.TRAIN_LINES, reads=TRAIN)
def train_lines(raw_lines: nw.LazyFrame, train_lines_set_aside: nw.LazyFrame) -> nw.LazyFrame:
    """A view: the lines received that are not set aside."""
    return accepted_lines(raw_lines, train_lines_set_aside)


@table(instacart.ORDER_LINES)
def order_lines(prior_lines: nw.LazyFrame, train_lines: nw.LazyFrame) -> nw.LazyFrame:
    """A view: the accepted lines of both sets."""
    return nw.concat(
        [
            prior_lines.with_columns(order_set=nw.lit("prior")),
            train_lines.with_columns(order_set=nw.lit("train")),
        ]
    )


def order_sums(
    lines: nw.LazyFrame, products: nw.LazyFrame, departments: nw.LazyFrame
) -> nw.LazyFrame:
    """Sum up lines of known products by order; a product's number stands once.

    Returns the columns of the contract `prior_order_sums`.
    """
    placed = with_positions(departments, MOST_DEPARTMENTS).select("department_id", "position")
    described = products.join(placed, on="department_id", how="left").select(
        "product_id", "position", "price_usd_cents", "received_usd_cents"
    )
    return summed_baskets(lines.join(described, on="product_id", how="inner"), SUMS, COUNTS)


def set_aside(
    raw_lines: nw.LazyFrame,
    orders: nw.LazyFrame,
    products: nw.LazyFrame,
    sums: nw.LazyFrame,
    contract: Table,
) -> nw.LazyFrame:
    """Return the lines that break a row rule, with what they break.

    Orders and products are joined by their keys, of which each value stands once. `sums` are the
    `order_sums` of the readable lines: they tell of which orders the lines have to be looked at.
    """
    lines = raw_lines.select(
        "row_number",
        "order_id",
        "product_id",
        "add_to_cart_order",
        is_readable=nw.col("record").is_null(),
    )
    known_orders = orders.select("order_id", order_is_accepted=nw.lit(value=True))
    known_products = products.select("product_id", product_is_accepted=nw.lit(value=True))
    unknown_orders = sums.join(known_orders, on="order_id", how="anti").select("order_id")
    missing = nw.col("order_id").is_null() | nw.col("product_id").is_null()
    bad = held(
        nw.concat(
            [
                lines.filter(~nw.col("is_readable") | missing),
                lines.join(known_products, on="product_id", how="anti"),
                lines.join(unknown_orders, on="order_id", how="semi"),
            ]
        ).select("row_number", "order_id")
    )
    odd = sums.filter(nw.col("cart_slots") != nw.col("order_lines"))
    watched = nw.concat([odd.select("order_id"), bad.select("order_id")])
    suspicious = with_repeated_numbers(
        lines.join(watched, on="order_id", how="semi"), "order_id", "add_to_cart_order"
    )
    repeated = held(copies(suspicious, "order_id", "product_id", "add_to_cart_order"))
    numbers = nw.concat([bad.select("row_number"), repeated.select("row_number")])
    judged = (
        lines.join(numbers, on="row_number", how="semi")
        .join(known_orders, on="order_id", how="left")
        .join(known_products, on="product_id", how="left")
        .join(repeated, on="row_number", how="left")
        .with_columns(
            nw.col("order_is_accepted").fill_null(value=False),
            nw.col("product_is_accepted").fill_null(value=False),
            nw.col("copy_number").fill_null(1),
        )
    )
    return split(judged, contract.quarantine_rules())


def accepted_lines(raw_lines: nw.LazyFrame, set_aside_rows: nw.LazyFrame) -> nw.LazyFrame:
    """Return the lines received that are not set aside, in the shared model."""
    return (
        raw_lines.join(set_aside_rows.select("row_number"), on="row_number", how="anti")
        .select(
            "order_id",
            "product_id",
            "reordered",
            line_number=nw.coalesce("add_to_cart_order", "row_number"),
            quantity=nw.lit(1).cast(nw.Int64),
        )
        .select(*instacart.PRIOR_LINES.column_names)
    )
