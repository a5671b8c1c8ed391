"""How well delivery reaches the ZIPs round the trial store, beside AGM's own customers there."""

import narwhals as nw

from agm_platform.contracts import agm, peak, reference
from agm_platform.contracts.business import DELIVERY_RADIUS_MILES, TRIAL_STORE_ZIP
from agm_platform.defs.customers.distance import UNCERTAIN
from agm_platform.defs.privacy import Privacy
from agm_platform.defs.table import table
from agm_platform.privacy.suppression import with_hidden_cells

UNKNOWN_ZIP = "unknown"


@table(
    peak.RADIUS_INSIGHTS,
    reads={"customers": agm.CUSTOMERS, "stores": agm.STORES, "zip_places": reference.ZIP_PLACES},
)
def radius_insights(
    clean_customers: nw.LazyFrame,
    customers: nw.LazyFrame,
    stores: nw.LazyFrame,
    zip_places: nw.LazyFrame,
    delivery_insights: nw.LazyFrame,
    privacy: Privacy,
) -> nw.LazyFrame:
    """Peak's customers and orders and AGM's customers of the trial store, one row a ZIP.

    Peak's figures of a ZIP are hidden where the deliveries summed up by ZIP hide it.
    """
    peak_zips = (
        clean_customers.with_columns(zip=nw.col("zip").fill_null(UNKNOWN_ZIP))
        .group_by("zip")
        .agg(
            peak_customers=nw.len(),
            peak_orders=nw.col("order_count").sum(),
            distance_miles=nw.col("distance_miles").min(),
            margin_miles=nw.col("margin_miles").min(),
            radius_band=nw.col("radius_band").min(),
        )
    )
    trial_store = stores.filter(nw.col("zip") == TRIAL_STORE_ZIP).select(
        closest_store_id="store_id"
    )
    placed = customers.filter(~nw.col("zip").is_null(), ~nw.col("distance_miles").is_null()).join(
        trial_store, on="closest_store_id", how="semi"
    )
    own_zips = (
        placed.filter(nw.col("distance_miles") <= DELIVERY_RADIUS_MILES)
        .group_by("zip")
        .agg(agm_customers=nw.len(), agm_distance=nw.col("distance_miles").min())
    )
    file_has_places = placed.select(agm_rows=nw.len())
    every_zip = nw.concat([peak_zips.select("zip"), own_zips.select("zip")]).unique()
    count = nw.col("agm_customers").fill_null(0)
    hidden = delivery_insights.filter(nw.col("dimension") == "zip").select(
        zip="member", peak_suppressed="suppressed"
    )
    zips = (
        every_zip.join(peak_zips, on="zip", how="left")
        .join(own_zips, on="zip", how="left")
        .join(zip_places.select("zip", "city"), on="zip", how="left")
        .join(file_has_places, how="cross")
        .with_columns(
            agm_customers=nw.when(nw.col("agm_rows") > 0).then(count),
            peak_customers=nw.col("peak_customers").fill_null(0),
            peak_orders=nw.col("peak_orders").fill_null(0),
            distance_miles=nw.coalesce("distance_miles", nw.col("agm_distance").cast(nw.Float64)),
            radius_band=nw.col("radius_band").fill_null(UNCERTAIN),
        )
        .join(hidden, on="zip", how="left")
        .with_columns(peak_suppressed=nw.col("peak_suppressed").fill_null(value=False))
    )
    k = privacy.smallest_group
    return (
        with_hidden_cells(zips, [], "agm_customers", k, cell_columns=["zip"])
        .with_columns(agm_suppressed="suppressed")
        .sort("zip")
    )
