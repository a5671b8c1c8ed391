"""AGM's tables as files: columns, keys and the traps that the real ones hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest

from agm_platform.world import SAMPLE, TRUE_SCALE, WorldSize, generate
from agm_platform.world.reference import REFERENCE

COLUMNS = {
    "stores": "store_id,street,city,state,zip,latitude,longitude",
    "customers": "customer_id,first_name,last_name,street,city,state,zip,closest_store_id,distance",
    "products": "product_id,description",
    "sales": "store_id,sale_id,customer_id,sale_date,total_amount",
    "line_items": "store_id,sale_id,line_item_id,product_id,quantity",
    "zip_codes": "zip,latitude,longitude,city,state,population,area,density,time_zone",
    "holidays": "holiday_date,description,closed_flag",
}
MEALS = [
    "Pistachio Salmon",
    "Teriyaki Chicken",
    "Spinach Orzo",
    "Eggplant Lasagna",
    "Chicken Salad",
    "Curry Chicken",
    "Tilapia Piccata",
    "Brocolli Stir Fry",
]


def rows(files: duckdb.DuckDBPyConnection, query: str) -> list[tuple]:
    return files.execute(query).fetchall()


@pytest.mark.parametrize("table", COLUMNS)
def test_each_table_has_exactly_its_columns(landing: Path, table: str) -> None:
    with (landing / "agm" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        assert file.readline() == COLUMNS[table] + "\n"


def test_five_stores_and_eight_meals_come_from_the_reference_files(landing: Path, files) -> None:
    for name in ("stores.csv", "products.csv"):
        assert (landing / "agm" / name).read_bytes() == (REFERENCE / name).read_bytes()
    assert rows(files, "select store_id, city, zip from stores where store_id = 1") == [
        (1, "Berkeley", "94705")
    ]
    cities = [city for (city,) in rows(files, "select city from stores order by store_id")]
    assert cities == ["Berkeley", "Seattle", "Dallas", "Miami", "Nashville"]
    assert rows(files, "from products order by 1") == list(enumerate(MEALS, start=1))


def test_stores_lie_in_the_middle_of_their_zip(files) -> None:
    import zipcodes

    for zip_code, city, state, latitude, longitude in rows(
        files, "select zip, city, state, latitude, longitude from stores"
    ):
        (place,) = zipcodes.matching(zip_code)
        assert (place["city"], place["state"]) == (city, state)
        assert (float(place["lat"]), float(place["long"])) == (latitude, longitude)


def test_a_sale_is_unique_only_inside_its_store(files) -> None:
    assert rows(files, "select count(*), count(distinct (store_id, sale_id)) from sales") == [
        (SAMPLE.sales, SAMPLE.sales)
    ]
    ((distinct,),) = rows(files, "select count(distinct sale_id) from sales")
    assert distinct < SAMPLE.sales


def test_a_customer_buys_at_most_once_a_day(files) -> None:
    query = "select 1 from sales group by customer_id, sale_date having count(*) > 1"
    assert rows(files, query) == []


def test_total_amount_is_twelve_dollars_a_meal(files) -> None:
    query = """
        select sales.* from sales left join (
            select store_id, sale_id, sum(quantity) as meals from line_items group by all
        ) using (store_id, sale_id)
        where total_amount is distinct from 12 * meals
    """
    assert rows(files, query) == []


def test_lines_are_numbered_from_one_and_name_a_product_once(files) -> None:
    query = """
        select store_id, sale_id from line_items group by all
        having min(line_item_id) <> 1 or max(line_item_id) <> count(*)
            or count(distinct line_item_id) <> count(*) or count(distinct product_id) <> count(*)
    """
    assert rows(files, query) == []


def test_nothing_is_sold_on_a_closed_day_and_less_around_it(files) -> None:
    closed = "select holiday_date from holidays where closed_flag order by 1"
    assert rows(files, closed) == [(date(2020, 11, 26),), (date(2020, 12, 25),)]
    assert rows(files, f"from sales where sale_date in ({closed})") == []
    query = """
        select avg(n) filter (sale_date between '2020-11-24' and '2020-11-28'), avg(n)
        from (select sale_date, count(*) as n from sales group by all)
    """
    ((near, usual),) = rows(files, query)
    assert near < 0.85 * usual


def test_customers_and_products_without_sales_exist(files) -> None:
    idle = "select count(*) from customers where customer_id not in (select customer_id from sales)"
    ((customers,),) = rows(files, idle)
    assert 0 < customers < SAMPLE.customers / 4
    unsold = "select product_id from products except select product_id from line_items"
    assert rows(files, unsold) == [(8,)]


def test_most_customers_buy_at_their_closest_store_and_some_elsewhere(files) -> None:
    query = """
        select avg((store_id = closest_store_id)::int)
        from sales join customers using (customer_id)
    """
    ((share,),) = rows(files, query)
    assert 0.9 < share < 1


def test_distance_is_whole_miles_to_the_closest_store(files) -> None:
    query = """
        with pairs as (
            select customer_id, distance, closest_store_id, store_id, 3958.7613 * 2 * asin(sqrt(
                sin(radians(s.latitude - z.latitude) / 2) ** 2
                + cos(radians(s.latitude)) * cos(radians(z.latitude))
                * sin(radians(s.longitude - z.longitude) / 2) ** 2)) as miles
            from customers join zip_codes as z using (zip, city, state) cross join stores as s
        )
        select count(*), count(*) filter (distance = floor(nearest) and closest_store_id = store)
        from (
            select customer_id, distance, closest_store_id,
                min(miles) as nearest, arg_min(store_id, miles) as store
            from pairs group by all
        )
    """
    assert rows(files, query) == [(SAMPLE.customers, SAMPLE.customers)]


def test_the_true_size_asks_for_exactly_agms_published_sales() -> None:
    assert (TRUE_SCALE.customers, TRUE_SCALE.sales) == (31_082, 1_537_617)
    assert (TRUE_SCALE.trial_first_day, TRUE_SCALE.trial_days) == (date(2020, 10, 3), 92)


def test_sales_outside_agms_year_are_refused() -> None:
    with pytest.raises(ValueError, match="must lie in 2020"):
        WorldSize(first_day=date(2020, 12, 25), days=8)


def test_more_sales_than_customers_can_make_are_refused() -> None:
    with pytest.raises(ValueError, match="different draws wanted"):
        generate(replace(SAMPLE, pickup_sales=SAMPLE.customers * SAMPLE.days))
