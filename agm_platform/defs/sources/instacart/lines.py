"""Instacart's lines: those that break a rule are copied, the others read where they lie."""

import narwhals as nw

from agm_platform.contracts import instacart
from agm_platform.contracts.model import Table
from agm_platform.defs.sources.copies import copies
from agm_platform.defs.table import table
from agm_platform.quality.predicates import split
from agm_platform.warehouse.repeated_lines import with_repeated_numbers

PRIOR = {"raw_lines": instacart.RAW_PRIOR_LINES}
TRAIN = {"raw_lines": instacart.RAW_TRAIN_LINES}


@table(instacart.PRIOR_SET_ASIDE, reads=PRIOR)
def prior_lines_set_aside(
    raw_lines: nw.LazyFrame, orders: nw.LazyFrame, products: nw.LazyFrame
) -> nw.LazyFrame:
    """Lines of the set prior that break a row rule."""
    return set_aside(raw_lines, orders, products, instacart.PRIOR_SET_ASIDE)


@table(instacart.TRAIN_SET_ASIDE, reads=TRAIN)
def train_lines_set_aside(
    raw_lines: nw.LazyFrame, orders: nw.LazyFrame, products: nw.LazyFrame
) -> nw.LazyFrame:
    """Lines of the set train that break a row rule."""
    return set_aside(raw_lines, orders, products, instacart.TRAIN_SET_ASIDE)


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


def set_aside(
    raw_lines: nw.LazyFrame, orders: nw.LazyFrame, products: nw.LazyFrame, contract: Table
) -> nw.LazyFrame:
    """Return the lines that break a row rule, with what they break.

    Orders and products are joined by their keys, of which each value stands once.
    """
    known_orders = orders.select("order_id", order_is_accepted=nw.lit(value=True))
    known_products = products.select("product_id", product_is_accepted=nw.lit(value=True))
    lines = raw_lines.select(
        "row_number",
        "order_id",
        "product_id",
        "add_to_cart_order",
        is_readable=nw.col("record").is_null(),
    )

    def known(some: nw.LazyFrame) -> nw.LazyFrame:
        joined = some.join(known_orders, on="order_id", how="left")
        return joined.join(known_products, on="product_id", how="left").with_columns(
            nw.col("order_is_accepted").fill_null(value=False),
            nw.col("product_is_accepted").fill_null(value=False),
        )

    suspicious = with_repeated_numbers(lines, "order_id", "add_to_cart_order")
    repeated = copies(suspicious, "order_id", "product_id", "add_to_cart_order")
    is_bad = ~(nw.col("is_readable") & nw.col("order_is_accepted") & nw.col("product_is_accepted"))
    again = known(lines.join(repeated, on="row_number", how="semi")).filter(~is_bad)
    rows = nw.concat([known(lines).filter(is_bad), again])
    judged = rows.join(repeated, on="row_number", how="left").with_columns(
        nw.col("copy_number").fill_null(1)
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
