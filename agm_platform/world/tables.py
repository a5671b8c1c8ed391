"""The world's columns as typed DuckDB tables, in the order and types of AGM's own schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from agm_platform.world.days import holidays
from agm_platform.world.peak import PEAK_PRODUCTS
from agm_platform.world.reference import products, stores
from agm_platform.world.size import AGM_YEAR, Columns, WorldSize

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# table -> its select list over the generated columns
AGM_TABLES = {
    "stores": "store_id::int as store_id, street, city, state, zip, "
    "latitude::decimal(7, 4) as latitude, longitude::decimal(7, 4) as longitude",
    "customers": "customer_id::int as customer_id, first_name, last_name, street, city, state, "
    "zip, closest_store_id::int as closest_store_id, distance::int as distance",
    "products": "product_id::int as product_id, description",
    "holidays": "holiday_date::date as holiday_date, description, closed_flag",
    "sales": "store_id::int as store_id, sale_id::int as sale_id, "
    "customer_id::int as customer_id, $first_day + sale_date::int as sale_date, "
    "total_amount::int as total_amount",
    "line_items": "store_id::int as store_id, sale_id::int as sale_id, "
    "line_item_id::int as line_item_id, product_id::int as product_id, quantity::int as quantity",
    "zip_codes": "zip, latitude::decimal(7, 4) as latitude, longitude::decimal(7, 4) as longitude, "
    "city, state, population::int as population, area::decimal(9, 4) as area, "
    "density::decimal(10, 2) as density, time_zone",
}


def create_tables(
    connection: DuckDBPyConnection, size: WorldSize, generated: dict[str, Columns]
) -> None:
    """Create the schema agm with its seven tables and peak with the product mapping; the
    columns of customers, sales, line_items and zip_codes are the generated ones."""
    connection.execute("create schema agm; create schema peak")
    tables = generated | {
        "stores": columns(stores()),
        "products": columns(products()),
        "holidays": columns(
            {"holiday_date": day.isoformat(), "description": text, "closed_flag": closed}
            for day, text, closed in holidays(AGM_YEAR)
        ),
    }
    for name, select in AGM_TABLES.items():
        create(connection, f"agm.{name}", tables[name], select, first_day=size.first_day)
    mapping = {
        "product_id": np.array(list(PEAK_PRODUCTS)),
        "peak_product_id": np.array(list(PEAK_PRODUCTS.values())),
    }
    create(connection, "peak.peak_product_mapping", mapping)


def create(
    connection: DuckDBPyConnection, name: str, values: Columns, select: str = "*", **bound: Any
) -> None:
    """Create a table from columns; `select` may name the parameters in `bound`."""
    connection.register("generated", values)
    used = {key: value for key, value in bound.items() if f"${key}" in select}
    connection.execute(f"create table {name} as select {select} from generated", used or None)
    connection.unregister("generated")


def columns(rows: Any) -> Columns:
    """Turn dictionaries with the same keys into columns."""
    rows = list(rows)
    kind = {bool: bool, int: np.int64}
    return {
        key: np.array([row[key] for row in rows], dtype=kind.get(type(rows[0][key]), object))
        for key in rows[0]
    }
