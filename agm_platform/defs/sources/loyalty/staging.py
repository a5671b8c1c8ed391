"""From the programme's files as received to typed rows that each name the row rules they break."""

import narwhals as nw

from agm_platform.contracts import loyalty
from agm_platform.contracts.privacy import ERASED_NUMBER
from agm_platform.defs.table import table
from agm_platform.landing.casts import month_first_date, number, trimmed, whole_number
from agm_platform.quality.predicates import split

ATTRIBUTES = ("location", "gender", "age")


@table(loyalty.STAGED_CUSTOMERS)
def staged_customers(raw_customers: nw.LazyFrame) -> nw.LazyFrame:
    """Customers with types; blank attributes are null, and blanks in film lines are single."""
    group = nw.col("loyalty").str.strip_chars().str.to_lowercase()
    line = trimmed("favorite_movie_line").str.replace_all(r"\s+", " ")
    typed = raw_customers.select(
        "row_number",
        *(trimmed(name).alias(name) for name in ATTRIBUTES),
        customer_id=_customer_number("id"),
        signup_date=month_first_date("signup_date"),
        is_enrolled=nw.when(group == "enrolled")
        .then(nw.lit(value=True))
        .when(group == "control")
        .then(nw.lit(value=False)),
        favorite_movie_line=line,
    )
    copies = typed.with_columns(
        copy_number=nw.col("row_number").rank("ordinal").over("customer_id")
    )
    return split(copies, loyalty.STAGED_CUSTOMERS.quarantine_rules())


@table(loyalty.STAGED_TRANSACTIONS)
def staged_transactions(
    raw_transactions: nw.LazyFrame, staged_customers: nw.LazyFrame
) -> nw.LazyFrame:
    """Purchases with types, and whether their customer is accepted.

    Purchases to customers is many to one, since customers with broken rules, copies among them, are
    left out. An erased person's purchases stay, under the number of erased persons.
    """
    known = staged_customers.filter(nw.col("failed_rule").is_null()).select(
        "customer_id", is_customer=nw.lit(value=True)
    )
    typed = raw_transactions.select(
        "row_number",
        customer_id=_customer_number("user_id"),
        order_date=month_first_date("date"),
        subtotal_usd_cents=whole_number("value"),
        point_differential=_signed_whole_number("point_differential"),
    ).join(known, on="customer_id", how="left")
    is_erased = (nw.col("customer_id") == ERASED_NUMBER).fill_null(value=False)
    placed = typed.with_columns(
        customer_is_known=nw.col("is_customer").fill_null(value=False) | is_erased,
        order_id=_order_id(is_erased),
    )
    copies = placed.with_columns(copy_number=nw.col("row_number").rank("ordinal").over("order_id"))
    return split(copies, loyalty.STAGED_TRANSACTIONS.quarantine_rules())


def _order_id(is_erased: nw.Expr) -> nw.Expr:
    """Join customer and day; those of erased persons are told apart by their row in the file."""
    row = nw.concat_str(nw.lit("-"), nw.col("row_number").cast(nw.String))
    day = nw.col("order_date").dt.to_string("%Y-%m-%d")
    number = nw.concat_str(nw.col("customer_id"), nw.lit("-"), day)
    return nw.when(is_erased).then(nw.concat_str(number, row)).otherwise(number)


def _customer_number(column: str) -> nw.Expr:
    """Return "17" from "17", "017" or a spreadsheet's "17.0"."""
    return whole_number(column).cast(nw.String)


def _signed_whole_number(column: str) -> nw.Expr:
    """Return an integer, which may be negative; null where the text is anything else."""
    value = number(column)
    return nw.when(value == value.round()).then(value).cast(nw.Int64)
