"""From AGM's files as received to typed rows that each name the row rules they break."""

import narwhals as nw

from agm_platform.contracts import agm
from agm_platform.defs.table import table
from agm_platform.landing.casts import identifier, iso_date, trimmed, usd_cents, whole_number
from agm_platform.quality.predicates import split


@table(agm.STAGED_CUSTOMERS)
def staged_customers(raw_customers: nw.LazyFrame) -> nw.LazyFrame:
    """Customers with types; columns that the file lacks are null."""
    text = ("first_name", "last_name", "street", "city", "state", "zip")
    staged = raw_customers.select(
        "row_number",
        *(trimmed(name).alias(name) for name in text),
        customer_id=identifier("customer_id"),
        closest_store_id=identifier("closest_store_id"),
        distance_miles=whole_number("distance"),
    )
    return split(_numbered(staged, "customer_id"), agm.STAGED_CUSTOMERS.quarantine_rules())


@table(agm.STAGED_SALES)
def staged_sales(raw_sales: nw.LazyFrame) -> nw.LazyFrame:
    """Pick-up sales with types."""
    staged = raw_sales.select(
        "row_number",
        order_id=_order_id(),
        store_id=identifier("store_id"),
        customer_id=identifier("customer_id"),
        order_date=iso_date("sale_date"),
        total_usd_cents=usd_cents("total_amount"),
    )
    return split(_numbered(staged, "order_id"), agm.STAGED_SALES.quarantine_rules())


@table(agm.STAGED_LINE_ITEMS)
def staged_line_items(raw_line_items: nw.LazyFrame, staged_sales: nw.LazyFrame) -> nw.LazyFrame:
    """Lines of pick-up sales with types, and whether their sale is accepted."""
    accepted = staged_sales.filter(nw.col("failed_rule").is_null()).select(
        "order_id", sale_is_accepted=nw.lit(value=True)
    )
    staged = raw_line_items.select(
        "row_number",
        "line_item_id",
        order_id=_order_id(),
        product_id=identifier("product_id"),
        quantity=whole_number("quantity"),
    ).join(accepted, on="order_id", how="left")
    numbered = staged.with_columns(
        line_number=_line_number(),
        sale_is_accepted=nw.col("sale_is_accepted").fill_null(value=False),
    )
    return split(
        _numbered(numbered, "order_id", "line_number"), agm.STAGED_LINE_ITEMS.quarantine_rules()
    )


def _order_id() -> nw.Expr:
    """Join store and sale number, because a sale's number is unique only in its store."""
    return nw.concat_str(identifier("store_id"), nw.lit("-"), identifier("sale_id"))


def _line_number() -> nw.Expr:
    """Return the line's number in its sale from 1, also where the sender counts from 0.

    A sale none of whose lines has a number is numbered in file order; one number missing among
    others is not made up.
    """
    number = whole_number("line_item_id")
    first = number.min().over("order_id")
    in_file_order = nw.col("row_number").rank("ordinal").over("order_id")
    has_none = nw.col("line_item_id").count().over("order_id") == 0
    return (
        nw.when(has_none)
        .then(in_file_order)
        .when(first == 0)
        .then(number + 1)
        .otherwise(number)
        .cast(nw.Int64)
    )


def _numbered(frame: nw.LazyFrame, *key: str) -> nw.LazyFrame:
    """Number the rows that share a key in file order, from 1."""
    return frame.with_columns(copy_number=nw.col("row_number").rank("ordinal").over(*key))
