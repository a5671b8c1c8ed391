"""From text as received to typed rows that each name the row rules they break."""

import narwhals as nw

from agm_platform.contracts import agm, peak
from agm_platform.defs.sources.peak.partitions import PEAK_DAYS
from agm_platform.defs.table import table
from agm_platform.landing.casts import identifier, iso_date, trimmed, usd_cents, whole_number
from agm_platform.quality.predicates import split

SALE = ["business_date", "sale_position"]


@table(peak.STAGED_ORDER_LINES, partitions=PEAK_DAYS)
def staged_order_lines(raw_order_lines: nw.LazyFrame, product_map: nw.LazyFrame) -> nw.LazyFrame:
    """Order lines with types and the AGM product that the map of the day gives."""
    lines = raw_order_lines.with_columns(
        peak_product_id=identifier("product_id"),
        price_usd_cents=usd_cents("price"),
        quantity=whole_number("quantity"),
        taxable=trimmed("taxable"),
    ).drop("product_id")
    # Each day's few products are looked up first, so that the lines are joined and cast only once.
    products = _products_of_each_day(raw_order_lines, product_map)
    staged = lines.join(products, on=["business_date", "peak_product_id"], how="left")
    return split(staged, peak.STAGED_ORDER_LINES.quarantine_rules())


@table(
    peak.STAGED_ORDERS,
    reads={"stores": agm.STORES},
    partitions=PEAK_DAYS,
)
def staged_orders(
    raw_orders: nw.LazyFrame,
    raw_stores: nw.LazyFrame,
    raw_customers: nw.LazyFrame,
    staged_order_lines: nw.LazyFrame,
    stores: nw.LazyFrame,
) -> nw.LazyFrame:
    """Sales with types, customer, pick-up store, and what their lines add up to."""
    is_unreadable = ~nw.col("failed_rule").is_null() & (
        nw.col("failed_rules") != peak.UNMAPPED_PRODUCT
    )
    sums = staged_order_lines.group_by(SALE).agg(
        line_count=nw.len(),
        unreadable_lines=nw.when(is_unreadable).then(nw.lit(1)).otherwise(nw.lit(0)).sum(),
        lines_usd_cents=(nw.col("price_usd_cents") * nw.col("quantity")).sum(),
    )
    pick_up = raw_stores.select(*SALE, "location_id", zip=trimmed("zip"), state=trimmed("state"))
    pick_up = pick_up.join(
        stores.select("store_id", "zip", "state"), on=["zip", "state"], how="left"
    )
    staged = (
        raw_orders.select(
            *SALE,
            "file_name",
            sale_id=identifier("sale_id"),
            order_date=iso_date("sale_date"),
            subtotal_usd_cents=usd_cents("sub_total"),
            tax_usd_cents=usd_cents("tax"),
            total_usd_cents=usd_cents("total_amount"),
        )
        .join(
            raw_customers.select(*SALE, customer_id=identifier("customer_id")), on=SALE, how="left"
        )
        .join(pick_up.select(*SALE, "location_id", "store_id"), on=SALE, how="left")
        .join(sums, on=SALE, how="left")
        .with_columns(
            line_count=nw.col("line_count").fill_null(0),
            tip_usd_cents=nw.col("total_usd_cents")
            - nw.col("subtotal_usd_cents")
            - nw.col("tax_usd_cents"),
        )
    )
    copies = nw.col("sale_position").rank("ordinal").over("business_date", "sale_id")
    return split(
        staged.with_columns(copy_number=copies), peak.STAGED_ORDERS.quarantine_rules()
    ).sort(SALE)


def _products_of_each_day(raw_order_lines: nw.LazyFrame, product_map: nw.LazyFrame) -> nw.LazyFrame:
    """Return the AGM product, or else the candidate, of each Peak product by business date."""
    received = raw_order_lines.select("business_date", "product_id").unique()
    seen = (
        received.select("business_date", peak_product_id=identifier("product_id"))
        .filter(~nw.col("peak_product_id").is_null())
        .unique()
    )
    key = ["business_date", "peak_product_id"]
    products = (
        received.select("business_date")
        .unique()
        .join(product_map, how="cross")
        .filter(
            nw.col("business_date") >= nw.col("valid_from"),
            nw.col("business_date") <= nw.col("valid_to"),
        )
        .select(*key, "product_id")
    )
    columns = ["product_id", "candidate_product_id", "candidate_basis"]
    none = nw.lit(None, dtype=nw.String)
    mapped = products.with_columns(candidate_product_id=none, candidate_basis=none)
    unmapped = _candidates(seen, products, product_map).with_columns(product_id=none)
    return nw.concat([mapped.select(*key, *columns), unmapped.select(*key, *columns)])


def _candidates(
    seen: nw.LazyFrame, products: nw.LazyFrame, product_map: nw.LazyFrame
) -> nw.LazyFrame:
    """Propose an AGM product for each Peak product that is not in the map of its day.

    First what another version of the map says, if all others agree; else, when as many AGM
    products of the map went unsold that day as there are unmapped Peak products, the two lists in
    order of their numbers. A proposal is never applied.
    """
    key = ["business_date", "peak_product_id"]
    unmapped = seen.join(products, on=key, how="anti")
    unsold = products.join(seen, on=key, how="anti")
    elsewhere = (
        product_map.group_by("peak_product_id")
        .agg(first=nw.col("product_id").min(), last=nw.col("product_id").max())
        .filter(nw.col("first") == nw.col("last"))
        .select("peak_product_id", from_version="first")
    )
    by_number = _numbered(unmapped, "peak_product_id").join(
        _numbered(unsold, "product_id").select("business_date", "place", "places", "product_id"),
        on=["business_date", "place", "places"],
        how="left",
    )
    return by_number.join(elsewhere, on="peak_product_id", how="left").select(
        *key,
        candidate_product_id=nw.coalesce("from_version", "product_id"),
        candidate_basis=nw.when(~nw.col("from_version").is_null())
        .then(nw.lit("another version of the map has this Peak product"))
        .when(~nw.col("product_id").is_null())
        .then(nw.lit("same place in the order of numbers among the products left over that day")),
    )


def _numbered(frame: nw.LazyFrame, column: str) -> nw.LazyFrame:
    """Add each row's place among its day's rows in order of `column`, and how many there are."""
    number = nw.col(column).cast(nw.Int64)
    return frame.with_columns(
        place=number.rank("ordinal").over("business_date"),
        places=nw.len().over("business_date"),
    )
