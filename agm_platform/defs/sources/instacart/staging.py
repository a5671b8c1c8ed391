"""From Instacart's files as received to typed rows that each name the row rules they break."""

import narwhals as nw

from agm_platform.contracts import instacart
from agm_platform.contracts.instacart_rules import DENSE_IDS_SHARE
from agm_platform.defs.sources.copies import with_copy_number
from agm_platform.defs.sources.instacart.products import with_product_facts
from agm_platform.defs.table import table
from agm_platform.landing.casts import (
    identifier,
    month_first_date,
    trimmed,
    usd_cents,
    whole_number,
)
from agm_platform.quality.predicates import split


@table(instacart.STAGED_ORDERS)
def staged_orders(raw_orders: nw.LazyFrame) -> nw.LazyFrame:
    """Orders with types. A file without sets holds prior orders."""
    named = nw.col("eval_set").str.strip_chars().str.to_lowercase()
    staged = raw_orders.select(
        "row_number",
        "order_id",
        "order_number",
        "days_since_prior_order",
        customer_id=identifier("user_id"),
        order_set=nw.when(named.is_in(list(instacart.SETS)))
        .then(named)
        .otherwise(nw.lit(instacart.SETS[0])),
        order_day=nw.col("order_dow"),
        order_hour=nw.col("order_hour_of_day"),
        is_readable=nw.col("record").is_null(),
    )
    return split(with_copy_number(staged, "order_id"), instacart.STAGED_ORDERS.quarantine_rules())


@table(instacart.STAGED_CUSTOMERS)
def staged_customers(raw_customers: nw.LazyFrame) -> nw.LazyFrame:
    """Customers with types; names are not taken over."""
    staged = raw_customers.select(
        "row_number",
        customer_id=identifier("user_id"),
        gender=trimmed("gender"),
        state=trimmed("state"),
        age=whole_number("age"),
        joined_on=month_first_date("date_joined"),
        dependants=whole_number("n_dependants"),
        family_status=trimmed("fam_status").str.to_lowercase(),
        income_usd_cents=usd_cents("income"),
    )
    return split(
        with_copy_number(staged, "customer_id"), instacart.STAGED_CUSTOMERS.quarantine_rules()
    )


@table(
    instacart.STAGED_PRODUCTS,
    reads={
        "prior": instacart.RAW_PRIOR_LINES,
        "train": instacart.RAW_TRAIN_LINES,
    },
)
def staged_products(
    raw_products: nw.LazyFrame, prior: nw.LazyFrame, train: nw.LazyFrame
) -> nw.LazyFrame:
    """Products with types; a number shared by two products is repaired where the rule allows.

    The first of the two gets the number before if no product has that one, and order lines use it
    or the list has next to no other gaps.
    """
    columns = ("product_name", "aisle_id", "department_id", "prices")
    numbered = raw_products.select(
        "row_number", *columns, received_product_id=whole_number("product_id")
    )
    copied = with_copy_number(numbered, "received_product_id", *columns)
    repaired = copied.join(
        _repairs(copied, prior, train), on="row_number", how="left"
    ).with_columns(
        product_id=nw.when(~nw.col("repair").is_null())
        .then(nw.col("received_product_id") - 1)
        .otherwise(nw.col("received_product_id")),
    )
    cleaned = with_product_facts(repaired)
    originals = cleaned.filter(nw.col("copy_number") == 1)
    shared = with_copy_number(originals, "product_id", name="sharer_number")
    numbered_all = cleaned.join(
        shared.select("row_number", "sharer_number"), on="row_number", how="left"
    ).with_columns(nw.col("sharer_number").fill_null(1))
    return split(numbered_all, instacart.STAGED_PRODUCTS.quarantine_rules())


def _repairs(products: nw.LazyFrame, *lines: nw.LazyFrame) -> nw.LazyFrame:
    """Return row_number and repair of the products whose number should be the one before."""
    number = "received_product_id"
    originals = products.filter(nw.col("copy_number") == 1, ~nw.col(number).is_null()).select(
        "row_number", number
    )
    sharing = (
        originals.group_by(number)
        .agg(_sharers=nw.len(), row_number=nw.col("row_number").min())
        .filter(nw.col("_sharers") == 2)
        .select("row_number", before=nw.col(number) - 1)
    )
    used = originals.select(before=nw.col(number))
    gaps = sharing.join(used, on="before", how="anti")
    ordered = nw.concat(
        [
            each.select(before=nw.col("product_id")).join(gaps, on="before", how="semi")
            for each in lines
        ]
    ).unique()
    dense = originals.select(
        is_dense=nw.col(number).n_unique() >= DENSE_IDS_SHARE * nw.col(number).max()
    )
    return (
        gaps.join(ordered.with_columns(is_ordered=nw.lit(value=True)), on="before", how="left")
        .join(dense, how="cross")
        .select(
            "row_number",
            repair=nw.when(nw.col("is_ordered").fill_null(value=False))
            .then(nw.lit("ordered"))
            .when(nw.col("is_dense"))
            .then(nw.lit("gap")),
        )
        .filter(~nw.col("repair").is_null())
    )
