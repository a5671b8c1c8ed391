"""The invented grocery shop: consistent orders and lines, its dirt, planted effects or none."""

from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pytest

from agm_platform.world.groceries import GrocerySize, invent
from agm_platform.world.sources.instacart import GENERATOR

SIZE = GrocerySize(users=400, products=800)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """The files of one shop as tables of text, and their truth."""
    folder = tmp_path_factory.mktemp("shop")
    connection = duckdb.connect()
    for path in GENERATOR.write(SIZE, 1, folder):
        connection.read_csv(str(path), all_varchar=True, header=True).create(path.stem)
    for path in GENERATOR.write_truth(SIZE, 1, folder / "truth"):
        connection.read_parquet(str(path)).create(path.stem)
    return connection


def found(shop: duckdb.DuckDBPyConnection, query: str) -> object:
    return shop.execute(query).fetchall()[0][0]


LINES = """(select l.*, o.user_id, o.order_number::int as number
    from order_products__prior l join orders o using (order_id))"""


def test_a_repeated_line_repeats_and_no_other_does(shop: duckdb.DuckDBPyConnection) -> None:
    wrong = f"""select count(*) from {LINES} as now where (reordered = '1') <> exists (
        select 1 from {LINES} as earlier where earlier.user_id = now.user_id
        and earlier.product_id = now.product_id and earlier.number < now.number)"""
    assert found(shop, wrong) == 0


def test_a_product_stands_once_in_an_order_and_every_order_is_there(
    shop: duckdb.DuckDBPyConnection,
) -> None:
    twice = """select order_id from order_products__prior
        group by order_id, product_id having count(*) > 1"""
    assert shop.execute(twice).fetchall() == []
    lost = "select count(*) from order_products__prior anti join orders using (order_id)"
    assert found(shop, lost) == 0


def test_the_dirt_is_that_of_the_course(shop: duckdb.DuckDBPyConnection) -> None:
    shared = """select count(*) from (select product_id from (select distinct * from products)
        group by all having count(*) = 2)"""
    assert found(shop, shared) == 2
    orphans = """select count(distinct product_id) from order_products__prior
        anti join products using (product_id)"""
    assert found(shop, orphans) == 2
    assert found(shop, "select count(*) from products where prices::double > 100") == 2
    assert found(shop, "select count(*) from products where product_name = '#NAME?'") == 1
    repeats = """select (select count(*) from products)
        - (select count(*) from (select distinct * from products))"""
    assert found(shop, repeats) == SIZE.repeated_products
    first = (
        "select count(*) from orders where (days_since_prior_order is null) <> (order_number = '1')"
    )
    assert found(shop, first) == 0


def test_the_truth_counts_what_the_files_hold(shop: duckdb.DuckDBPyConnection) -> None:
    lines = "select sum(prior_lines) from instacart_customers"
    assert found(shop, lines) == found(shop, "select count(*) from order_products__prior")
    assert found(shop, "select sum(orders) from instacart_hours") == found(
        shop, "select count(*) from orders"
    )


def test_planted_effects_are_there_and_can_be_left_out() -> None:
    def orders_of_families(effect: float) -> float:
        users = invent(replace(SIZE, users=20_000, family_effect=effect), 3).users
        has = users["dependants"] > 0
        return float(users["orders"][has].mean() / users["orders"][~has].mean())

    assert orders_of_families(0.0) == pytest.approx(1, abs=0.05)
    assert orders_of_families(0.5) > 1.2
    even = invent(replace(SIZE, day_effect=0.0, hour_effect=0.0), 3).orders
    counts = np.bincount(even["day"], minlength=7) / len(even["day"])
    assert counts.max() - counts.min() < 0.03


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    first, again = (GENERATOR.write(SIZE, 5, tmp_path / name) for name in ("a", "b"))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in again]


def test_a_shop_too_small_for_its_dirt_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 60 products"):
        GrocerySize(products=10)
