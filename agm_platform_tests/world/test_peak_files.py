"""Peak's daily files: their exact shape, and what each sale in them promises."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from agm_platform.world import SAMPLE, WorldSize, generate, write_peak_days
from agm_platform.world.peak_files import day_texts

# One sale as Peak sends it: the order of the keys and the types are part of the format.
SALE_SHAPE = {
    "sale_id": int,
    "sale_date": str,
    "sub_total": int,
    "tax": int,
    "total_amount": int,
    "pickup_from": {
        "location_id": int,
        "name": str,
        "street": str,
        "city": str,
        "state": str,
        "zip": str,
    },
    "deliver_to": {
        "customer_id": int,
        "first_name": str,
        "last_name": str,
        "street": str,
        "city": str,
        "state": str,
        "zip": str,
    },
    "line_items": [{"product_id": int, "price": int, "quantity": int, "taxable": str}],
}
HEAD = ["creator", "timestamp", "file_name", "version", "legal", "sales"]


def shape(value: object) -> object:
    """Reduce a value to its keys and types; a list to the shapes found in it."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        shapes = [shape(item) for item in value]
        return [each for i, each in enumerate(shapes) if each not in shapes[:i]]
    return type(value)


def days(landing: Path) -> list[Path]:
    return sorted((landing / "peak").glob("peak_sales_*.json"))


def test_there_is_one_file_a_day(landing: Path) -> None:
    expected = [SAMPLE.first_day + timedelta(days=i) for i in range(SAMPLE.days)]
    assert [path.name for path in days(landing)] == [
        f"peak_sales_{day:%Y_%m_%d}.json" for day in expected
    ]


def test_each_file_is_json_with_an_indent_of_two_and_no_last_newline(landing: Path) -> None:
    for path in days(landing):
        text = path.read_text(encoding="utf-8")
        assert text == json.dumps(json.loads(text), indent=2)


def test_each_sale_has_the_keys_and_types_of_the_feed_in_order(landing: Path) -> None:
    documents = [json.loads(path.read_bytes()) for path in days(landing)]
    sales = [sale for document in documents for sale in document["sales"]]
    assert json.dumps(shape(sales), default=str) == json.dumps([SALE_SHAPE], default=str)


def test_the_head_names_the_file_and_the_next_morning(landing: Path) -> None:
    for path in days(landing):
        document = json.loads(path.read_bytes())
        assert list(document) == HEAD
        day = date.fromisoformat(path.stem.removeprefix("peak_sales_").replace("_", "-"))
        assert document["creator"] == "Peak Deliveries"
        assert document["timestamp"] == f"{day + timedelta(days=1)} 02:00:00"
        assert document["file_name"] == path.name
        assert document["version"] == "17.11.7"
        assert document["legal"] == "Unauthorized use, duplication, or possession, blah, blah"
        assert {sale["sale_date"] for sale in document["sales"]} <= {day.isoformat()}


def test_a_closed_day_has_a_file_without_sales(landing: Path) -> None:
    document = json.loads((landing / "peak" / "peak_sales_2020_11_26.json").read_bytes())
    assert document["sales"] == []


def test_amounts_add_up_at_twelve_dollars_a_meal(files: duckdb.DuckDBPyConnection) -> None:
    wrong = """
        from sale where tax <> 0 or sub_total <> total_amount
            or total_amount <> list_sum([x.price * x.quantity for x in line_items])
            or list_bool_or([x.price <> 12 or x.taxable <> 'N' for x in line_items])
    """
    assert files.execute(wrong).fetchall() == []


def test_sales_look_like_those_of_the_real_day(files: duckdb.DuckDBPyConnection) -> None:
    query = """
        select avg(len(line_items)), avg(total_amount / 12), count(*) = count(distinct sale_id),
            min(len(sale_id::varchar)), max(len(sale_id::varchar)), max(len(line_items)),
            max(list_max([x.quantity for x in line_items])), min(len(customer_id::varchar)),
            max(len(customer_id::varchar))
        from sale
    """
    ((lines, meals, unique, *limits),) = files.execute(query).fetchall()
    assert lines == pytest.approx(352 / 97, abs=0.3)
    assert meals == pytest.approx(540 / 97, abs=0.4)
    assert unique
    assert limits == [10, 10, 6, 6, 7, 7]


def test_sale_ids_are_in_no_order_and_products_are_all_mapped(files) -> None:
    unordered = """
        select count(*) from (
            select sale_id < lag(sale_id) over () as falls from sale
            where sale_date = '2020-11-09'
        ) where falls
    """
    assert files.execute(unordered).fetchall() > [(0,)]
    unmapped = """
        select unnest([x.product_id for x in line_items]) from sale
        except select peak_product_id from mapping
    """
    assert files.execute(unmapped).fetchall() == []


def test_customers_order_on_several_days_but_once_a_day(files) -> None:
    assert (
        files.execute("""
            from (from sale select customer_id, sale_date, count(*) as n group by all) where n > 1
        """).fetchall()
        == []
    )
    ((repeating,),) = files.execute("""
        select count(*) from (from sale select customer_id group by all having count(*) > 1)
    """).fetchall()
    assert repeating > 50


def test_every_zip_lies_within_five_miles_with_its_own_city(files) -> None:
    query = """
        select count(*), count(*) filter (miles <= 5) from sale left join (
            select z.zip, z.city, z.state, 3958.7613 * 2 * asin(sqrt(
                sin(radians(s.latitude - z.latitude) / 2) ** 2
                + cos(radians(s.latitude)) * cos(radians(z.latitude))
                * sin(radians(s.longitude - z.longitude) / 2) ** 2)) as miles
            from zip_codes as z, stores as s where store_id = 1
        ) using (zip, city, state)
    """
    ((total, inside),) = files.execute(query).fetchall()
    assert total == inside > 500


def test_days_may_run_beyond_agms_year_and_are_written_one_by_one(tmp_path: Path) -> None:
    size = WorldSize(
        customers=300,
        first_day=date(2020, 12, 30),
        days=2,
        peak_days=40,
        peak_sales_per_day=5,
        peak_accounts=60,
    )
    trial = generate(size, seed=3).trial
    texts = day_texts(trial)
    first_day, _ = next(texts)
    assert first_day == date(2020, 12, 30)
    names = [path.name for path in write_peak_days(trial, tmp_path)]
    assert (len(names), names[-1]) == (40, "peak_sales_2021_02_07.json")


def test_names_outside_ascii_are_escaped_as_in_the_feed() -> None:
    trial = generate(replace(SAMPLE, peak_days=1, pickup_sales=0)).trial
    version = int(trial.version[0])
    trial.accounts.details[version] = trial.accounts.details[version]._replace(first_name="Zoë")
    ((_, text),) = day_texts(trial)
    assert '"first_name": "Zo\\u00eb"' in text
    assert json.loads(text)["sales"][0]["deliver_to"]["first_name"] == "Zoë"
