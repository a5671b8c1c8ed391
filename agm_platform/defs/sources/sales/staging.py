"""From the files of sales as received to typed rows that each name the row rules they break."""

import narwhals as nw

from agm_platform.contracts import sales
from agm_platform.contracts.categories import SYNONYMS
from agm_platform.defs.spellings import as_set
from agm_platform.defs.table import table
from agm_platform.landing.casts import counted, day_first_date, number, trimmed, usd_cents
from agm_platform.landing.categories import with_values
from agm_platform.quality.predicates import split

NUMBERED = r"^C[0-9]{1,9}$"


@table(sales.STAGED_CUSTOMER_INFO, reads={"synonyms": SYNONYMS})
def staged_customer_info(raw_customer_info: nw.LazyFrame, synonyms: nw.LazyFrame) -> nw.LazyFrame:
    """Customers with types; an empty number is told by its place where both neighbours agree.

    A second row of a customer is set aside; a number that was received goes before an inferred one.
    """
    typed = raw_customer_info.select(
        "row_number",
        "gender",
        "region",
        "loyalty_tier",
        customer_id=_key("customer_id"),
        email_domain=_domain("email"),
        signup_date=day_first_date("signup_date"),
        signup_date_is_readable=_readable("signup_date"),
    )
    valued = with_values(
        with_inferred_ids(typed),
        {"gender": sales.GENDER, "region": sales.REGION, "loyalty_tier": sales.TIER},
        synonyms,
    )
    copies = nw.col("row_number") + nw.when(nw.col("is_inferred")).then(10**9).otherwise(0)
    numbered = valued.with_columns(_order=copies).with_columns(
        copy_number=nw.col("_order").rank("ordinal").over("customer_id")
    )
    return split(numbered, as_set(sales.STAGED_CUSTOMER_INFO).quarantine_rules())


def with_inferred_ids(customers: nw.LazyFrame) -> nw.LazyFrame:
    """Fill an empty customer_id where the list goes on evenly; add `is_inferred`.

    Between the nearest numbers before and after, number less place must be the same: then exactly
    one number is missing for each empty place. At the ends of the list nothing is inferred.
    """
    number = nw.when(nw.col("customer_id").str.contains(NUMBERED)).then(
        nw.col("customer_id").str.slice(1)
    )
    offset = number.cast(nw.Int64) - nw.col("row_number")
    placed = customers.with_columns(_offset=offset).with_columns(
        _before=nw.col("_offset").fill_null(strategy="forward").over(order_by="row_number"),
        _after=nw.col("_offset").fill_null(strategy="backward").over(order_by="row_number"),
    )
    goes_on = nw.col("customer_id").is_null() & (nw.col("_before") == nw.col("_after"))
    place = (nw.col("row_number") + nw.col("_before")).cast(nw.String)
    padded = nw.concat_str(nw.lit("0000"), place).str.tail(5)
    inferred = nw.when(goes_on).then(nw.concat_str(nw.lit("C"), padded))
    return placed.with_columns(
        customer_id=nw.coalesce("customer_id", inferred),
        is_inferred=goes_on.fill_null(value=False),
    ).drop("_offset", "_before", "_after")


@table(sales.STAGED_PRODUCT_INFO)
def staged_product_info(raw_product_info: nw.LazyFrame) -> nw.LazyFrame:
    """Products with types."""
    typed = raw_product_info.select(
        "row_number",
        product_id=_key("product_id"),
        product_name=trimmed("product_name"),
        category=trimmed("category"),
        launch_date=day_first_date("launch_date"),
        launch_date_is_readable=_readable("launch_date"),
        price_usd_cents=usd_cents("base_price"),
        supplier_code=trimmed("supplier_code"),
    )
    copies = typed.with_columns(copy_number=nw.col("row_number").rank("ordinal").over("product_id"))
    return split(copies, sales.STAGED_PRODUCT_INFO.quarantine_rules())


@table(sales.STAGED_SALES_DATA, reads={"synonyms": SYNONYMS})
def staged_sales_data(raw_sales_data: nw.LazyFrame, synonyms: nw.LazyFrame) -> nw.LazyFrame:
    """Orders with types; an empty discount is none.

    Rows of one number, customer, product and day are one order, of which the first row counts.
    Rows of one number that differ there are different orders: the second becomes `O515400-2`.
    A row without a number becomes `row-863`, by its place in the file.
    """
    said = trimmed("discount_applied")
    typed = raw_sales_data.select(
        "row_number",
        "delivery_status",
        "payment_method",
        "region",
        received_id=_key("order_id"),
        customer_id=_key("customer_id"),
        product_id=_key("product_id"),
        quantity=counted("quantity"),
        unit_price_usd_cents=usd_cents("unit_price"),
        discount_share=nw.when(said.is_null()).then(0.0).otherwise(number("discount_applied")),
        discount_was_empty=said.is_null(),
        order_date=day_first_date("order_date"),
        order_date_is_readable=_readable("order_date"),
    )
    valued = with_values(
        typed,
        {
            "delivery_status": sales.STATUS,
            "payment_method": sales.PAYMENT,
            "region": sales.REGION,
        },
        synonyms,
    )
    return split(_with_order_ids(valued), as_set(sales.STAGED_SALES_DATA).quarantine_rules())


def _with_order_ids(orders: nw.LazyFrame) -> nw.LazyFrame:
    """Add order_id, order_id_is_made and copy_number."""
    has_id = ~nw.col("received_id").is_null()
    same = ("received_id", "customer_id", "product_id", "order_date")
    copies = orders.with_columns(
        copy_number=nw.when(has_id)
        .then(nw.col("row_number").rank("ordinal").over(*same))
        .otherwise(1)
    )
    first = nw.when(nw.col("copy_number") == 1).then(1).otherwise(0)
    told_apart = copies.with_columns(_first=first).with_columns(
        _order=nw.col("_first").cum_sum().over("received_id", order_by="row_number")
    )
    place = nw.concat_str(nw.lit("row-"), nw.col("row_number").cast(nw.String))
    order = nw.col("_order").cast(nw.Int64).cast(nw.String)
    return told_apart.with_columns(
        order_id=nw.when(~has_id)
        .then(place)
        .when(nw.col("_order") > 1)
        .then(nw.concat_str(nw.col("received_id"), nw.lit("-"), order))
        .otherwise(nw.col("received_id")),
        order_id_is_made=~has_id | (nw.col("_order") > 1),
    )


def _key(column: str) -> nw.Expr:
    """Return an id without blanks at its ends, in capitals; null if empty."""
    return trimmed(column).str.to_uppercase()


def _readable(column: str) -> nw.Expr:
    return trimmed(column).is_null() | ~day_first_date(column).is_null()


def _domain(column: str) -> nw.Expr:
    """Return what follows the only @ of an e-mail address, in lower case; else null."""
    text = nw.col(column).str.strip_chars().str.to_lowercase()
    proved = nw.when(text.str.contains(r"^[^@\s]+@[^@\s]+$")).then(text)
    return proved.str.split("@").list.get(1)
