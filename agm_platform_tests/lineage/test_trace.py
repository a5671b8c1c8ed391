"""Columns are followed through a query to the columns of tables, or left out, never guessed."""

import pytest

from agm_platform.contracts.model import Column, Table, Type
from agm_platform.lineage.trace import trace

ORDERS = Table(
    "s",
    "orders",
    "Orders.",
    tuple(Column(name, Type.INTEGER, "A number.") for name in ("id", "price", "tax", "customer")),
)
PEOPLE = Table("s", "people", "People.", (Column("customer", Type.INTEGER, "A number."),))


@pytest.mark.parametrize(
    ("sql", "sources"),
    [
        ("select price as x from s.orders", ("s.orders.price",)),
        ("select price + tax as x from s.orders", ("s.orders.price", "s.orders.tax")),
        ("with a as (select price as p from s.orders) select p as x from a", ("s.orders.price",)),
        (
            "select case when tax > 0 then price end as x from s.orders where id > 3",
            ("s.orders.price", "s.orders.tax"),
        ),
        (
            "select sum(price) as x from s.orders join s.people using (customer) group by id",
            ("s.orders.price",),
        ),
        (
            "select price as x from s.orders union all select customer as x from s.people",
            ("s.orders.price", "s.people.customer"),
        ),
        (
            "select sum(price) over (order by id) as x from s.orders",
            ("s.orders.id", "s.orders.price"),
        ),
        ("select count(*) as x from s.orders", ()),
        ("select count() as x from s.orders", ()),
        ("select 'delivery' as x from s.orders", ()),
    ],
)
def test_a_column_is_followed_to_the_columns_of_tables(sql: str, sources: tuple[str, ...]) -> None:
    assert trace(sql, [ORDERS, PEOPLE]) == {"x": sources}


def test_a_star_is_every_column_of_the_contract() -> None:
    traced = trace("select * from s.orders", [ORDERS])
    assert traced == {name: (f"s.orders.{name}",) for name in ORDERS.column_names}


def test_a_column_of_a_table_that_is_not_known_is_left_out() -> None:
    sql = "select l.price as known, r.z as x from s.orders as l cross join elsewhere as r"
    assert trace(sql, [ORDERS]) == {"known": ("s.orders.price",)}
    assert trace("select z as x from elsewhere", [ORDERS]) == {}


def test_an_expression_hundreds_of_levels_deep_is_followed() -> None:
    deep = "price"
    for level in range(400):
        deep = f"(case when tax = {level} then {level} else {deep} end)"
    traced = trace(f"select {deep} as x from s.orders", [ORDERS])
    assert traced == {"x": ("s.orders.price", "s.orders.tax")}
