"""Whether what Peak's customers typed is what AGM's customer file has, and where it differs."""

import narwhals as nw

from agm_platform.contracts import agm, peak
from agm_platform.defs.table import table

FIELDS = ("first_name", "last_name", "street")

# Agreement on all three, then on two of three: a name and a street say more than two names, which
# strangers share.
AGREEMENTS = (
    ("exact", FIELDS),
    ("first_name_differs", ("last_name", "street")),
    ("last_name_differs", ("first_name", "street")),
    ("street_differs", ("first_name", "last_name")),
)
NO_PARTNER = "no_partner"


@table(peak.CUSTOMER_ACCURACY, reads={"customers": agm.CUSTOMERS})
def customer_accuracy(clean_customers: nw.LazyFrame, customers: nw.LazyFrame) -> nw.LazyFrame:
    """Each Peak customer with the customer in AGM's file that agrees on most of the three fields.

    Text agrees when it is equal but for blanks at its ends. Among equals a partner in the same ZIP
    goes first, then the lowest number.
    """
    ours = clean_customers.select("customer_id", "zip", *FIELDS)
    theirs = customers.select(*FIELDS, agm_customer_id="customer_id", agm_zip="zip")
    candidates = nw.concat(
        [
            ours.select("customer_id", "zip", *fields)
            .join(
                theirs.select("agm_customer_id", "agm_zip", *fields), on=list(fields), how="inner"
            )
            .select(
                "customer_id",
                "agm_customer_id",
                agreement=nw.lit(agreement),
                same_zip=nw.col("zip") == nw.col("agm_zip"),
                place=nw.lit(place),
            )
            for place, (agreement, fields) in enumerate(AGREEMENTS)
        ]
    )
    order = candidates.with_columns(
        preference=nw.col("place") * 2
        + nw.when(nw.col("same_zip").fill_null(value=False)).then(0).otherwise(1)
    )
    best = order.filter(
        nw.col("preference") == nw.col("preference").min().over("customer_id")
    ).with_columns(number=nw.col("agm_customer_id").cast(nw.Int64))
    partner = best.filter(nw.col("number") == nw.col("number").min().over("customer_id"))
    return ours.join(partner, on="customer_id", how="left").with_columns(
        agreement=nw.col("agreement").fill_null(NO_PARTNER),
        is_exact=(nw.col("agreement") == "exact").fill_null(value=False),
    )
