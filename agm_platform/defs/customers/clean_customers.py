"""One row a customer, Peak's and AGM's own: details as received, normalised beside, scored."""

import narwhals as nw
import pandas as pd

from agm_platform.contracts import agm, peak, reference
from agm_platform.contracts.privacy import ERASED_NUMBER
from agm_platform.defs.customers.distance import great_circle_miles, radius_band, zip_margin_miles
from agm_platform.defs.table import table
from agm_platform.landing.casts import identifier, trimmed
from agm_platform.matching.normalise import ZIP_PLACE_COLUMNS
from agm_platform.matching.record_quality import scored

DETAILS = ["first_name", "last_name", "street", "city", "state", "zip"]
SALE = ["business_date", "sale_position"]
MATCHING = "records are normalised and scored by the matching library, which runs on DuckDB"


@table(
    peak.CLEAN_CUSTOMERS,
    reads={"stores": agm.STORES, "zip_places": reference.ZIP_PLACES},
    duckdb_only=MATCHING,
)
def clean_customers(
    raw_customers: nw.LazyFrame,
    staged_orders: nw.LazyFrame,
    stores: nw.LazyFrame,
    zip_places: nw.LazyFrame,
) -> pd.DataFrame:
    """Customers with at least one accepted order; the details of the last order count."""
    accepted = staged_orders.filter(nw.col("failed_rule").is_null()).select(*SALE, "store_id")
    received = raw_customers.select(
        *SALE,
        *(trimmed(name).alias(name) for name in DETAILS),
        customer_id=identifier("customer_id"),
    ).join(accepted, on=SALE, how="inner")
    received = received.filter(nw.col("customer_id") != ERASED_NUMBER)
    latest = _latest(received)
    counts = received.group_by("customer_id").agg(
        first_order_date=nw.col("business_date").min(),
        last_order_date=nw.col("business_date").max(),
        order_count=nw.len(),
        day_count=nw.col("business_date").n_unique(),
    )
    variants = (
        received.select("customer_id", *DETAILS)
        .unique()
        .group_by("customer_id")
        .agg(detail_variants=nw.len())
    )
    customers = latest.join(counts, on="customer_id", how="left").join(
        variants, on="customer_id", how="left"
    )
    blanks = [nw.when(nw.col(name).is_null()).then(1).otherwise(0) for name in DETAILS]
    placed = _placed(customers, stores, zip_places).with_columns(
        blank_fields=nw.sum_horizontal(*blanks)
    )
    # Peak's feed has every detail: a blank is one that the customer or Peak left out.
    return scored(placed, _names(zip_places), DETAILS)


@table(agm.CLEAN_CUSTOMERS, reads={"zip_places": reference.ZIP_PLACES}, duckdb_only=MATCHING)
def own_clean_customers(customers: nw.LazyFrame, zip_places: nw.LazyFrame) -> pd.DataFrame:
    """AGM's customers; a detail that no customer of the file has does not count as missing."""
    return scored(customers.select("customer_id", *DETAILS), _names(zip_places))


def _names(zip_places: nw.LazyFrame) -> nw.LazyFrame:
    return zip_places.select(*ZIP_PLACE_COLUMNS)


def _latest(received: nw.LazyFrame) -> nw.LazyFrame:
    """Keep each customer's row of the last business date, the last one in the file."""
    on_last_day = received.filter(
        nw.col("business_date") == nw.col("business_date").max().over("customer_id")
    )
    return on_last_day.filter(
        nw.col("sale_position") == nw.col("sale_position").max().over("customer_id")
    ).drop(SALE)


def _placed(
    customers: nw.LazyFrame, stores: nw.LazyFrame, zip_places: nw.LazyFrame
) -> nw.LazyFrame:
    """Add whether the ZIP is known with its city and state, and the distance to the store."""
    places = zip_places.select(
        "zip",
        "cities",
        "is_shared_point",
        "area_square_miles",
        place_state="state",
        latitude="latitude",
        longitude="longitude",
    )
    points = stores.select("store_id", store_latitude="latitude", store_longitude="longitude")
    city = nw.concat_str(nw.lit("|"), nw.col("city").str.to_lowercase(), nw.lit("|"))
    placed = customers.join(places, on="zip", how="left").join(points, on="store_id", how="left")
    is_known = (nw.col("place_state") == nw.col("state")) & nw.col("cities").str.contains(
        city, literal=True
    )
    return placed.with_columns(
        zip_is_known=is_known.fill_null(value=False),
        distance_miles=great_circle_miles(
            "latitude", "longitude", "store_latitude", "store_longitude"
        ),
        margin_miles=zip_margin_miles(),
    ).with_columns(radius_band=radius_band())
