"""What an earlier analysis of sales' files published, made again its way beside the right way."""

import narwhals as nw
import pandas as pd

from agm_platform.contracts.sales_insights import EARLIER_FIGURES
from agm_platform.defs.insights.sales_orders import frame_of
from agm_platform.defs.table import table
from agm_platform.landing.casts import day_first_date, month_first_date, trimmed
from agm_platform.landing.categories import spelling
from agm_platform.statistics.groups import correlation
from agm_platform.warehouse.rows import records

PARTS = 1e6  # micros in a dollar


@table(EARLIER_FIGURES)
def earlier_figures(
    staged_sales_data: nw.LazyFrame,
    described_orders: nw.LazyFrame,
    raw_customer_info: nw.LazyFrame,
    clean_customers: nw.LazyFrame,
) -> pd.DataFrame:
    """One row a figure; none while no orders have arrived."""
    (now,) = records(_sums(described_orders.with_columns(_weight=nw.lit(1.0))))
    (then,) = records(_sums(_earlier_rows(staged_sales_data, raw_customer_info)))
    if not now["rows"] or not then["rows"]:
        return frame_of([], EARLIER_FIGURES)
    (kept,) = records(_kept(described_orders))
    (who,) = records(_customers(raw_customer_info))
    (clean,) = records(_clean(clean_customers))
    tiers = {row["tier"]: row for row in records(_tiers(described_orders))}
    rows: list[tuple[str, float | None, float | None, str, str]] = [
        (
            "orders",
            then["rows"],
            now["rows"],
            "orders",
            "a filter of discount >= 0 drops every order whose discount is empty, which is none",
        ),
        (
            "rows_after_joins",
            then["weight"],
            now["rows"],
            "rows",
            "orders without a customer id were joined to all customers without one",
        ),
        (
            "revenue_dollars",
            then["revenue"],
            now["revenue"],
            "USD",
            "orders with an empty discount are missing, and joined rows count more than once",
        ),
        (
            "quantity_revenue_correlation",
            _correlated(then),
            _correlated(now),
            "correlation",
            "rows are missing; and revenue contains quantity, so the link is built in",
        ),
        (
            "discount_quantity_correlation",
            _correlated(then, "d"),
            _correlated(now, "d"),
            "correlation",
            "orders with an empty discount are missing",
        ),
        (
            "signup_dates_read_right",
            who["dates"] - who["misread"],
            who["dates"],
            "dates",
            "the format was guessed: a day of 12 or less was read as the month",
        ),
        (
            "signup_months",
            clean["months"],
            clean["year_months"],
            "months",
            "months without a year: the same month of two years falls together",
        ),
        (
            "kept_revenue_dollars",
            now["revenue"],
            kept["revenue"],
            "USD",
            "cancelled orders were counted as revenue",
        ),
        (
            "on_time_rate",
            kept["not_late"] / now["rows"],
            kept["delivered"] / kept["known"] if kept["known"] else None,
            "fraction of orders",
            "not late was everything else: delivered, cancelled and unknown together",
        ),
        (
            "female_customers",
            who["female"],
            clean["female"],
            "customers",
            "misspellings such as femle were left as a group of their own",
        ),
    ]
    if {"Gold", "Silver"} <= set(tiers):
        gold, silver = tiers["Gold"], tiers["Silver"]
        rows.append(
            (
                "gold_against_silver",
                gold["revenue"] / silver["revenue"],
                gold["revenue"] / gold["buyers"] / (silver["revenue"] / silver["buyers"]),
                "ratio of revenue",
                "tiers were ranked by their total, which grows with the number of customers",
            )
        )
    names = ("name", "earlier", "right_value", "unit", "reason")
    return frame_of([dict(zip(names, row, strict=True)) for row in rows], EARLIER_FIGURES)


def _earlier_rows(staged: nw.LazyFrame, raw_customers: nw.LazyFrame) -> nw.LazyFrame:
    """Return the orders that the filter kept; `_weight` is how often the joins repeated each."""
    blank = raw_customers.filter(trimmed("customer_id").is_null()).select(_blank=nw.len())
    kept = staged.filter(
        ~nw.col("quantity").is_null(),
        ~nw.col("unit_price_usd_cents").is_null(),
        ~nw.col("discount_was_empty"),
        ~nw.col("discount_share").is_null(),
    ).join(blank, how="cross")
    parts = 10_000 - (nw.col("discount_share") * 10_000).round().cast(nw.Int64)
    repeats = nw.when(nw.col("customer_id").is_null() & (nw.col("_blank") > 0)).then(
        nw.col("_blank").cast(nw.Float64)
    )
    return kept.with_columns(
        _weight=repeats.otherwise(1.0),
        revenue_usd_micros=nw.col("quantity") * nw.col("unit_price_usd_cents") * parts,
    )


def _sums(orders: nw.LazyFrame) -> nw.LazyFrame:
    """Return rows, weight and weighted sums of quantity q, revenue r and discount d."""
    measures = {
        "q": nw.col("quantity").cast(nw.Float64),
        "r": nw.col("revenue_usd_micros").cast(nw.Float64) / PARTS,
        "d": nw.col("discount_share"),
    }
    pairs = {
        **measures,
        "qq": measures["q"] * measures["q"],
        "rr": measures["r"] * measures["r"],
        "dd": measures["d"] * measures["d"],
        "qr": measures["q"] * measures["r"],
        "qd": measures["q"] * measures["d"],
    }
    weighted = orders.select("_weight", **{k: v * nw.col("_weight") for k, v in pairs.items()})
    return weighted.select(
        rows=nw.len(),
        weight=nw.col("_weight").sum(),
        revenue=nw.col("r").sum(),
        **{name: nw.col(name).sum() for name in pairs},
    )


def _correlated(sums: dict[str, float], other: str = "r") -> float | None:
    """Return the correlation of quantity with revenue, or with the discount."""
    found = correlation(
        int(sums["weight"]),
        sums[other],
        sums["q"],
        sums[other * 2],
        sums["qq"],
        sums[f"q{other}"],
    )
    return found.value if found else None


def _kept(orders: nw.LazyFrame) -> nw.LazyFrame:
    return orders.select(
        revenue=nw.col("kept_usd_micros").cast(nw.Float64) / PARTS,
        _delivered=nw.when(nw.col("status") == "Delivered").then(1).otherwise(0),
        _late=nw.when(nw.col("status") == "Delayed").then(1).otherwise(0),
        _known=nw.when(nw.col("is_cancelled").is_null()).then(0).otherwise(1),
    ).select(
        revenue=nw.col("revenue").sum(),
        delivered=nw.col("_delivered").sum(),
        not_late=nw.len() - nw.col("_late").sum(),
        known=nw.col("_known").sum(),
    )


def _customers(raw: nw.LazyFrame) -> nw.LazyFrame:
    right, wrong = day_first_date("signup_date"), month_first_date("signup_date")
    return raw.select(
        _dates=nw.when(~right.is_null()).then(1).otherwise(0),
        _misread=nw.when(right != wrong).then(1).otherwise(0),
        _female=nw.when(spelling("gender") == "female").then(1).otherwise(0),
    ).select(
        dates=nw.col("_dates").sum(),
        misread=nw.col("_misread").sum(),
        female=nw.col("_female").sum(),
    )


def _clean(customers: nw.LazyFrame) -> nw.LazyFrame:
    date = nw.col("signup_date")
    dated = customers.filter(~date.is_null()).select(
        _month=date.dt.month(),
        _year_month=date.dt.year().cast(nw.Int64) * 12 + date.dt.month().cast(nw.Int64),
    )
    months = dated.select(
        months=nw.col("_month").n_unique(), year_months=nw.col("_year_month").n_unique()
    )
    female = customers.filter(nw.col("gender") == "Female").select(female=nw.len())
    return months.join(female, how="cross")


def _tiers(orders: nw.LazyFrame) -> nw.LazyFrame:
    return orders.group_by("tier").agg(
        revenue=nw.col("revenue_usd_micros").sum().cast(nw.Float64),
        buyers=nw.col("customer_id").n_unique(),
    )
