"""One world of the sample's size and its landing folder, made once for all tests here."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from agm_platform.world import World, generate, write


@pytest.fixture(scope="session")
def world() -> World:
    return generate()


@pytest.fixture(scope="session")
def landing(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The landing folder of the world; tests only read it."""
    folder = tmp_path_factory.mktemp("landing")
    write(world, folder)
    return folder


@pytest.fixture(scope="session")
def files(landing: Path) -> duckdb.DuckDBPyConnection:
    """The landing folder as DuckDB views: each AGM table, `mapping`, and Peak's `sale`."""
    connection = duckdb.connect()
    for path in sorted((landing / "agm").glob("*.csv")):
        connection.read_csv(str(path), dtype={"zip": "varchar"} if _has_zip(path) else None).create(
            path.stem
        )
    connection.read_csv(str(landing / "peak" / "peak_product_mapping.csv")).create("mapping")
    connection.execute(f"""
        create table sale as select unnest(sales, recursive := true), filename
        from read_json('{landing}/peak/*.json', filename = true, columns = {{
            sales: 'struct(sale_id bigint, sale_date date, sub_total int, tax int,
                total_amount int, deliver_to struct(customer_id int, first_name varchar,
                last_name varchar, street varchar, city varchar, state varchar, zip varchar),
                line_items struct(product_id int, price int, quantity int, taxable varchar)[])[]'
        }})
    """)
    return connection


def _has_zip(path: Path) -> bool:
    return "zip" in path.read_text(encoding="utf-8").partition("\n")[0].split(",")
