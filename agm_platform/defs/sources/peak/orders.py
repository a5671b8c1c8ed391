"""What is accepted of Peak's sales, what is set aside, and the proof that nothing got lost."""

from datetime import date

import narwhals as nw

from agm_platform.contracts import landing, peak
from agm_platform.contracts.business import PEAK_COMMISSION_PERCENT
from agm_platform.defs.sources.peak.partitions import PEAK_DAYS
from agm_platform.defs.sources.reconciliation import totals
from agm_platform.defs.table import table
from agm_platform.quality.quarantine import as_record, in_words, worded
from agm_platform.warehouse.rows import records

SALE = ["business_date", "sale_position"]
SALE_IS_SET_ASIDE = "sale__set_aside"
WORDS = {
    **in_words(peak.STAGED_ORDERS),
    **in_words(peak.STAGED_ORDER_LINES),
    SALE_IS_SET_ASIDE: "the line's sale is accepted",
}


@table(peak.ORDERS, partitions=PEAK_DAYS)
def orders(staged_orders: nw.LazyFrame) -> nw.LazyFrame:
    """Sales that break no row rule, with what Peak keeps and what AGM gets.

    The commission is a percentage of the price before tax, to the cent, half up per sale.
    """
    commission = (nw.col("subtotal_usd_cents") * PEAK_COMMISSION_PERCENT + 50) // 100
    return (
        staged_orders.filter(nw.col("failed_rule").is_null())
        .with_columns(order_id=nw.col("sale_id"), commission_usd_cents=commission)
        .with_columns(net_usd_cents=nw.col("subtotal_usd_cents") - nw.col("commission_usd_cents"))
    )


@table(peak.ORDER_LINES, partitions=PEAK_DAYS)
def order_lines(staged_order_lines: nw.LazyFrame, staged_orders: nw.LazyFrame) -> nw.LazyFrame:
    """Lines that break no row rule, of sales that break none."""
    accepted = staged_orders.filter(nw.col("failed_rule").is_null()).select(
        *SALE, order_id="sale_id"
    )
    return (
        staged_order_lines.filter(nw.col("failed_rule").is_null())
        .join(accepted, on=SALE, how="inner")
        .with_columns(
            line_number=nw.col("line_item_id"),
            line_usd_cents=nw.col("price_usd_cents") * nw.col("quantity"),
        )
    )


@table(peak.QUARANTINE, partitions=PEAK_DAYS)
def quarantine(
    staged_orders: nw.LazyFrame,
    staged_order_lines: nw.LazyFrame,
    raw_orders: nw.LazyFrame,
    raw_order_lines: nw.LazyFrame,
) -> nw.LazyFrame:
    """Rows set aside, with the rules they break and the record as received.

    A sale is accepted or set aside whole, because its amounts can only be proved with all its
    lines; only a line whose product is not in the map is set aside alone.
    """
    bad_sales = staged_orders.filter(~nw.col("failed_rule").is_null()).select(
        *SALE, "failed_rule", "failed_rules"
    )
    bad_days = _days_of(bad_sales)
    sales = (
        _in_days(raw_orders, bad_days)
        .join(bad_sales, on=SALE, how="inner")
        .select(
            *SALE,
            "file_name",
            "failed_rule",
            "failed_rules",
            table_name=nw.lit(peak.RAW_ORDERS.name),
            line_item_id=nw.lit(None, dtype=nw.Int64),
            candidate=nw.lit(None, dtype=nw.String),
            candidate_basis=nw.lit(None, dtype=nw.String),
            record=as_record("sale_id", "sale_date", "sub_total", "tax", "total_amount"),
        )
    )
    line = [*SALE, "line_item_id"]
    line_days = bad_days | _days_of(staged_order_lines.filter(~nw.col("failed_rule").is_null()))
    of_bad_sales = bad_sales.select(*SALE, sale_is_bad=nw.lit(value=True))
    bad_lines = (
        _in_days(staged_order_lines, line_days)
        .join(of_bad_sales, on=SALE, how="left")
        .filter(~nw.col("failed_rule").is_null() | nw.col("sale_is_bad"))
        .select(
            *line,
            # In a sale that is set aside, a missing product is not what keeps the line out.
            failed_rule=nw.when(
                nw.col("sale_is_bad") & (nw.col("failed_rule") == peak.UNMAPPED_PRODUCT)
            )
            .then(nw.lit(SALE_IS_SET_ASIDE))
            .otherwise(nw.coalesce("failed_rule", nw.lit(SALE_IS_SET_ASIDE))),
            failed_rules=nw.coalesce("failed_rules", nw.lit(SALE_IS_SET_ASIDE)),
            candidate="candidate_product_id",
            candidate_basis="candidate_basis",
        )
    )
    lines = (
        _in_days(raw_order_lines, line_days)
        .join(bad_lines, on=line, how="inner")
        .select(
            *line,
            "file_name",
            "failed_rule",
            "failed_rules",
            "candidate",
            "candidate_basis",
            table_name=nw.lit(peak.RAW_ORDER_LINES.name),
            record=as_record("sale_id", "product_id", "price", "quantity", "taxable"),
        )
    )
    columns = sales.collect_schema().names()
    return (
        nw.concat([sales, lines.select(columns)])
        .with_columns(
            rule=nw.col("failed_rule"),
            rules=nw.col("failed_rules"),
            reason=worded("failed_rule", WORDS),
            position=nw.col("sale_position"),
            line_number=nw.col("line_item_id"),
        )
        .sort("business_date", "table_name", "position", "line_number")
    )


@table(peak.RECONCILIATION, reads={"ledger": landing.LEDGER}, tells=totals)
def reconciliation(
    raw_orders: nw.LazyFrame,
    raw_order_lines: nw.LazyFrame,
    orders: nw.LazyFrame,
    order_lines: nw.LazyFrame,
    quarantine: nw.LazyFrame,
    ledger: nw.LazyFrame,
) -> nw.LazyFrame:
    """Rows received, accepted, set aside and superseded, one row a table and business date."""
    replaced = (
        ledger.filter(nw.col("feed") == peak.DAILY_SALES.name, nw.col("state") == "superseded")
        .group_by("business_date")
        .agg(nw.col("rows_received").sum(), nw.col("lines_received").sum())
    )
    days = nw.concat(
        [raw_orders.select("business_date").unique(), replaced.select("business_date")]
    ).unique()
    set_aside = quarantine.group_by("business_date", "table_name").agg(quarantined=nw.len())
    elsewhere = _accepted_on_other_days(orders)
    return nw.concat(
        [
            _account(
                days,
                _count(raw_orders, "current"),
                _count(orders, "accepted"),
                set_aside.filter(nw.col("table_name") == peak.RAW_ORDERS.name),
                replaced.select("business_date", superseded="rows_received"),
                elsewhere,
            ).with_columns(table_name=nw.lit(peak.RAW_ORDERS.name)),
            _account(
                days,
                _count(raw_order_lines, "current"),
                _count(order_lines, "accepted"),
                set_aside.filter(nw.col("table_name") == peak.RAW_ORDER_LINES.name),
                replaced.select("business_date", superseded="lines_received"),
                elsewhere.with_columns(on_other_days=nw.lit(0)),
            ).with_columns(table_name=nw.lit(peak.RAW_ORDER_LINES.name)),
        ]
    ).sort("business_date", "table_name")


def _days_of(frame: nw.LazyFrame) -> set[date]:
    """Look which days have rows: few rows are set aside, and joining all received is dear."""
    return {row["business_date"] for row in records(frame.select("business_date").unique())}


def _in_days(frame: nw.LazyFrame, days: set[date]) -> nw.LazyFrame:
    """Leave out the days before the first and after the last of `days`; all if there are none."""
    column = nw.col("business_date")
    if not days:
        return frame.head(0)
    return frame.filter(column >= min(days), column <= max(days))


def _count(frame: nw.LazyFrame, name: str) -> nw.LazyFrame:
    return frame.group_by("business_date").agg(nw.len().alias(name))


def _account(
    days: nw.LazyFrame,
    current: nw.LazyFrame,
    accepted: nw.LazyFrame,
    set_aside: nw.LazyFrame,
    replaced: nw.LazyFrame,
    elsewhere: nw.LazyFrame,
) -> nw.LazyFrame:
    """Balance one table: what came in against what became of it, a row a business date."""
    figures = ["current", "accepted", "quarantined", "superseded", "on_other_days"]
    joined = days
    for part in (current, accepted, set_aside, replaced, elsewhere):
        joined = joined.join(part, on="business_date", how="left")
    return (
        joined.select(
            "business_date", *(nw.col(name).fill_null(0).cast(nw.Int64) for name in figures)
        )
        .with_columns(
            received=nw.col("current") + nw.col("superseded"),
            unaccounted=nw.col("current") - nw.col("accepted") - nw.col("quarantined"),
        )
        .drop("current")
    )


def _accepted_on_other_days(orders: nw.LazyFrame) -> nw.LazyFrame:
    """Count, a business date, the accepted sales whose number another day's file has too."""
    repeated = orders.group_by("order_id").agg(days=nw.len()).filter(nw.col("days") > 1)
    return (
        orders.join(repeated, on="order_id", how="semi")
        .group_by("business_date")
        .agg(on_other_days=nw.len())
    )
