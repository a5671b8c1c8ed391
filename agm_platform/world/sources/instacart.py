"""Instacart's files at any size, with the dirt of the course's release, and the truth about them.

The truth, as Parquet: instacart_products (true id, department, price, what was done to the row),
instacart_customers (user, planted frequency, orders, last order number and lines of the set prior)
and instacart_hours (orders by day and hour).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np

from agm_platform.contracts.regions import STATES
from agm_platform.world.groceries import (
    DEPARTMENTS,
    TRUE_SIZE,
    GrocerySize,
    Shop,
    at_times_bought,
    invent,
)
from agm_platform.world.names import people
from agm_platform.world.sources import Generator

if TYPE_CHECKING:
    from pathlib import Path

    from agm_platform.world.size import Columns

ABSURD_CENTS = (1_490_000, 9_999_900)
SPOILT_NAME = "#NAME?"
WITHOUT_FIRST_NAME = 0.0546  # of the course's customers
SETS = ("prior", "train", "test")
WORDS = ("Organic", "Classic", "Plain", "Whole", "Spicy", "Sweet", "Fresh", "Lean", "Golden")

FILES = {
    "orders": """
        select order_id, user_id, $sets[eval_set::int + 1] as eval_set, order_number,
            "day" as order_dow, "hour" as order_hour_of_day,
            case when gap >= 0 then gap::decimal(5, 1) end as days_since_prior_order
        from orders order by user_id, order_number""",
    "order_products__prior": """
        select order_id, product_id, add_to_cart_order, reordered::int as reordered
        from lines where eval_set = 0 order by order_id, add_to_cart_order""",
    "order_products__train": """
        select order_id, product_id, add_to_cart_order, reordered::int as reordered
        from lines where eval_set = 1 order by order_id, add_to_cart_order""",
    "products": """
        select written_id as product_id, product_name, aisle_id, department_id,
            price_cents / 100 as prices
        from products, range(1 + is_repeated::int) order by true_id""",
    "aisles": "select distinct aisle_id, 'aisle ' || aisle_id as aisle from products order by 1",
}
TRUTH = {
    "instacart_products": """
        select true_id, written_id, department_id, price_cents, is_repeated, product_name
        from products order by true_id""",
    "instacart_customers": """
        select user_id, any_value(dependants) as dependants, count(*) as orders,
            max(order_number) filter (eval_set = 0) as last_prior_order,
            sum(coalesce(lines, 0)) filter (eval_set = 0) as prior_lines
        from orders join users using (user_id)
        left join (select order_id, count(*) as lines from lines group by all) using (order_id)
        group by all order by user_id""",
    "instacart_hours": """
        select "day", "hour", count(*) as orders from orders group by all order by all""",
}


def write_files(size: GrocerySize, seed: int, folder: Path) -> list[Path]:
    """Write instacart/*.csv; departments stand turned, as the course has them."""
    target = folder / "instacart"
    target.mkdir(parents=True, exist_ok=True)
    shop = invent(size, seed)
    with _seen(shop, seed) as connection:
        paths = [_copied(connection, FILES, name, target / f"{name}.csv") for name in FILES]
    paths.append(target / "departments.csv")
    ids = ",".join(str(number) for number in range(1, len(DEPARTMENTS) + 1))
    paths[-1].write_text(
        f"department_id,{ids}\ndepartment,{','.join(DEPARTMENTS)}\n", encoding="utf-8"
    )
    if size.customers_file:
        paths.append(_customers(shop, seed, target / "customers.csv"))
    return paths


def write_truth(size: GrocerySize, seed: int, folder: Path) -> list[Path]:
    """Write the tables of the truth as Parquet; see the module."""
    folder.mkdir(parents=True, exist_ok=True)
    with _seen(invent(size, seed), seed) as connection:
        return [_copied(connection, TRUTH, name, folder / f"{name}.parquet") for name in TRUTH]


def _seen(shop: Shop, seed: int) -> duckdb.DuckDBPyConnection:
    """Return a connection that sees the shop's columns as tables."""
    connection = duckdb.connect()
    tables = {"products": _products(shop, seed), "users": shop.users}
    for name, columns in (tables | {"orders": shop.orders, "lines": shop.lines}).items():
        connection.register(name, columns)
    return connection


def _copied(
    connection: duckdb.DuckDBPyConnection, queries: dict[str, str], name: str, path: Path
) -> Path:
    query = queries[name].replace("$sets", repr(list(SETS)))
    form = "header" if path.suffix == ".csv" else "format parquet"
    connection.execute(f"copy ({query}) to '{path}' ({form})")
    return path


def _products(shop: Shop, seed: int) -> Columns:
    """Return the products as they are written: two with a wrong id, two with an absurd price.

    Some have no name, one has a spoilt one, and some rows come twice.
    """
    rng = np.random.default_rng([seed, 1])
    products = shop.products
    count = len(products["product_id"])
    names = np.array(
        [
            f"{WORDS[number % len(WORDS)]} {DEPARTMENTS[department - 1].title()} {number}"
            for number, department in zip(
                products["product_id"], products["department_id"], strict=True
            )
        ],
        dtype=object,
    )
    places = [int(place) for place in rng.permutation(count)]
    sold = [int(number) - 1 for number in at_times_bought(products) if number < count]
    first = sold[0]
    second = next(place for place in sold if abs(place - first) > 1)
    wrong = [first, second]
    taken = {*wrong, first + 1, second + 1}
    free = [place for place in places if place not in taken]
    absurd, spoilt, free = free[:2], free[2], free[3:]
    nameless = free[: shop.size.nameless_products]
    repeated = free[len(nameless) : len(nameless) + shop.size.repeated_products]
    written = products["product_id"].copy()
    written[wrong] += 1
    cents = products["price_cents"].copy()
    cents[absurd] = ABSURD_CENTS
    names[spoilt] = SPOILT_NAME
    names[nameless] = None
    return {
        **products,
        "true_id": products["product_id"],
        "written_id": written,
        "product_name": names,
        "price_cents": cents,
        "is_repeated": np.isin(np.arange(count), repeated),
    }


def _customers(shop: Shop, seed: int, path: Path) -> Path:
    """Write customers.csv: invented people with the attributes that decided how they buy."""
    users = shop.users
    rng = np.random.default_rng([seed, 2])
    count = len(users["user_id"])
    first, last = people(rng, count)
    first = first.copy()
    first[rng.random(count) < WITHOUT_FIRST_NAME] = None
    states = np.array(sorted(STATES), dtype=object)
    has_children = users["dependants"] > 0
    lives_at_home = (users["age"] < 22) & (rng.random(count) < 0.8)
    alone = np.where(
        (users["age"] > 40) & (rng.random(count) < 0.4), "divorced/widowed", "single"
    ).astype(object)
    status = np.where(has_children, "married", alone)
    columns: dict[str, Any] = {
        "user_id": users["user_id"],
        "First Name": first,
        "Surnam": last,
        "Gender": np.array(["Female", "Male"], dtype=object)[rng.integers(2, size=count)],
        "STATE": states[rng.integers(len(states), size=count)],
        "Age": users["age"],
        "joined": rng.integers(0, 1187, count),
        "n_dependants": users["dependants"],
        "fam_status": np.where(
            has_children & lives_at_home, "living with parents and siblings", status
        ),
        "income": users["income"],
        "place": rng.permutation(count),
    }
    with duckdb.connect() as connection:
        connection.register("customers", columns)
        connection.execute(
            f"""copy (
                select user_id, "First Name", Surnam, Gender, "STATE", Age,
                    strftime(date '2017-01-01' + joined::int, '%-m/%-d/%Y') as date_joined,
                    n_dependants, fam_status, income
                from customers order by place
            ) to '{path}' (header)"""
        )
    return path


GENERATOR = Generator(GrocerySize(), TRUE_SIZE, 2017, write_files, write_truth)
