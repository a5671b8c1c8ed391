"""Instacart's accepted orders, products and customers in the shared model."""

import narwhals as nw

from agm_platform.contracts import instacart
from agm_platform.contracts.instacart_rules import PRICE_BANDS
from agm_platform.contracts.regions import REGIONS
from agm_platform.defs.insights.bands import banded
from agm_platform.defs.sources.copies import with_copy_number
from agm_platform.defs.sources.quarantine import accepted
from agm_platform.defs.table import table
from agm_platform.landing.casts import trimmed, whole_number


@table(instacart.ORDERS)
def orders(staged_orders: nw.LazyFrame) -> nw.LazyFrame:
    """Orders that break no row rule."""
    return accepted(staged_orders)


@table(instacart.DEPARTMENTS)
def departments(raw_departments: nw.LazyFrame) -> nw.LazyFrame:
    """Departments by number; of two with one number the first counts."""
    return _named(raw_departments, "department")


@table(instacart.PRODUCTS)
def products(
    staged_products: nw.LazyFrame, departments: nw.LazyFrame, raw_aisles: nw.LazyFrame
) -> nw.LazyFrame:
    """Products that break no row rule, with the names of their department and aisle."""
    return (
        accepted(staged_products)
        .join(departments, on="department_id", how="left")
        .join(_named(raw_aisles, "aisle"), on="aisle_id", how="left")
        .with_columns(
            price_band=banded(nw.col("price_usd_cents"), PRICE_BANDS),
            department_name=_or_number("department"),
            aisle_name=_or_number("aisle"),
        )
    )


@table(instacart.CLEAN_CUSTOMERS)
def clean_customers(staged_customers: nw.LazyFrame) -> nw.LazyFrame:
    """Customers that break no row rule, with the region of their state."""
    region: nw.Expr = nw.lit(None, dtype=nw.String)
    state = nw.col("state").str.to_lowercase()
    for name, states in REGIONS.items():
        lower = [each.lower() for each in states]
        region = nw.when(state.is_in(lower)).then(nw.lit(name)).otherwise(region)
    return accepted(staged_customers).with_columns(region=region)


def _named(raw: nw.LazyFrame, what: str) -> nw.LazyFrame:
    """Return `<what>_id` and `<what>_name` of a list of names, each number once."""
    number = f"{what}_id"
    typed = raw.select(
        "row_number",
        **{number: whole_number(number), f"{what}_name": trimmed(what)},
    ).filter(~nw.col(number).is_null())
    return (
        with_copy_number(typed, number)
        .filter(nw.col("copy_number") == 1)
        .select(number, f"{what}_name")
    )


def _or_number(what: str) -> nw.Expr:
    number = nw.col(f"{what}_id").cast(nw.String)
    return nw.coalesce(nw.col(f"{what}_name"), nw.concat_str(nw.lit(f"{what} "), number))
