"""The truth against the files: counted again from what was written."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from agm_platform.world import World, generate, write_truth
from agm_platform.world.misspellings import KINDS
from agm_platform.world.size import WorldSize

TABLES = {
    "agm_days": "store_id, sale_date, sales, meals, gross_cents",
    "agm_products": "product_id, line_count, meals",
    "peak_accounts": "customer_id, agm_customer_id, signed_up_on",
    "peak_changes": "customer_id, changed_on, field, kind, before, after",
    "peak_days": "sale_date, sales, line_count, meals, gross_cents, fee_cents, net_cents",
    "peak_misspellings": "customer_id, field, kind, before, after",
    "peak_products": "product_id, peak_product_id, line_count, meals, gross_cents",
    "peak_sales": "sale_id, sale_date, customer_id, zip, line_count, meals, gross_cents",
    "peak_versions": (
        "customer_id, valid_from, first_name, last_name, street, city, state, zip, is_exact"
    ),
    "peak_zips": "zip, customers, sales, meals, gross_cents",
}


@pytest.fixture(scope="module")
def both(world: World, files: duckdb.DuckDBPyConnection, tmp_path_factory):
    """The files' views with the truth beside them, each table read from its Parquet file."""
    folder = tmp_path_factory.mktemp("truth")
    for path in write_truth(world, folder):
        files.read_parquet(str(path)).create(path.stem)
    return files


def same(connection: duckdb.DuckDBPyConnection, one: str, other: str) -> None:
    """Assert that two queries give the same rows, and some."""
    counted = connection.execute(f"from ({one}) order by all").fetchall()
    assert counted == connection.execute(f"from ({other}) order by all").fetchall()
    assert counted


def test_the_truth_is_a_parquet_file_a_table(world: World, tmp_path: Path) -> None:
    names = [path.name for path in write_truth(world, tmp_path)]
    assert names == [f"{name}.parquet" for name in TABLES]
    assert {name: ", ".join(table.columns) for name, table in world.truth.items()} == TABLES


def test_agms_totals_by_store_and_day(both) -> None:
    same(
        both,
        "select store_id, sale_date, sales, meals, gross_cents from agm_days",
        """
        select store_id, sale_date, count(distinct sale_id), sum(quantity), sum(quantity) * 1200
        from sales join line_items using (store_id, sale_id) group by all
        """,
    )


def test_agms_meals_by_product(both) -> None:
    same(
        both,
        "from agm_products where meals > 0",
        "select product_id, count(*), sum(quantity) from line_items group by all",
    )
    assert both.execute("select product_id from agm_products where meals = 0").fetchall() == [(8,)]


def test_peaks_totals_by_day_with_its_share_of_18_percent(both) -> None:
    same(
        both,
        "from peak_days where sales > 0",
        """
        select sale_date, count(*), sum(len(line_items)), sum(total_amount) // 12,
            sum(total_amount) * 100, sum(total_amount) * 18, sum(total_amount) * 82
        from sale group by all
        """,
    )
    assert both.execute("select sale_date::text from peak_days where sales = 0").fetchall() == [
        ("2020-11-26",)
    ]


def test_peaks_meals_by_product_and_deliveries_by_zip(both) -> None:
    same(
        both,
        "select peak_product_id, line_count, meals, gross_cents from peak_products",
        """
        select line.product_id, count(*), sum(line.quantity), sum(line.quantity) * 1200
        from (select unnest(line_items) as line from sale) group by all
        """,
    )
    same(
        both,
        "from peak_zips",
        """
        select zip, count(distinct customer_id), count(*), sum(total_amount) // 12,
            sum(total_amount) * 100 from sale group by all
        """,
    )


def test_every_sale_shows_the_details_that_were_valid_on_its_day(both) -> None:
    same(
        both,
        """
        select sale_id, first_name, last_name, street, city, state, typed.zip
        from peak_sales asof join peak_versions as typed
            on peak_sales.customer_id = typed.customer_id
            and peak_sales.sale_date >= typed.valid_from
        """,
        "select sale_id, first_name, last_name, street, city, state, zip from sale",
    )


def test_forty_percent_of_the_accounts_are_new_people(both) -> None:
    ((accounts, known),) = both.execute(
        "select count(*), count(agm_customer_id) from peak_accounts"
    ).fetchall()
    assert known == round(accounts * 0.6)
    strangers = """
        select 1 from peak_accounts join peak_versions as typed using (customer_id)
        join customers using (first_name, last_name, street) where agm_customer_id is null
    """
    assert both.execute(strangers).fetchall() == []


def test_thirteen_percent_of_agms_customers_typed_something_else(both) -> None:
    ((known, exact),) = both.execute("""
        select count(*), count(*) filter (is_exact)
        from peak_accounts join peak_versions using (customer_id)
        where agm_customer_id is not null and valid_from = signed_up_on
    """).fetchall()
    assert known - exact == round(known * 0.13) > 0


def test_the_truth_says_what_was_misspelt_how(both) -> None:
    ((differing,),) = both.execute("""
        with field as (
            unpivot (select customer_id, first_name, last_name, street from peak_versions
                semi join peak_accounts on peak_versions.customer_id = peak_accounts.customer_id
                    and valid_from = signed_up_on)
            on first_name, last_name, street into name field value typed
        ), known as (
            unpivot (select peak_accounts.customer_id, first_name, last_name, street
                from peak_accounts join customers on agm_customer_id = customers.customer_id)
            on first_name, last_name, street into name field value known
        )
        select count(*) from (
            select customer_id, field, known, typed from field join known using (customer_id, field)
            where known <> typed
            except select customer_id, field, before, after from peak_misspellings
        )
    """).fetchall()
    assert differing == 0
    kinds = {kind for (kind,) in both.execute("select kind from peak_misspellings").fetchall()}
    assert kinds <= set(KINDS)


def test_at_a_larger_size_every_kind_of_misspelling_occurs() -> None:
    size = WorldSize(customers=8_000, pickup_sales=0, peak_sales_per_day=200, misspelt=0.5)
    misspelt = generate(size, seed=5).truth["peak_misspellings"]
    assert {kind for (kind,) in misspelt.project("kind").fetchall()} == set(KINDS)


def test_some_accounts_change_their_details_and_nothing_but_those(both) -> None:
    same(
        both,
        "select customer_id, changed_on from peak_changes group by all",
        """
        select customer_id, valid_from from peak_versions
        join peak_accounts using (customer_id) where valid_from > signed_up_on
        """,
    )
