"""A hand-written DuckDB script: Instacart's files straight into the result tables, nothing else.

No file is proved, hashed or kept, no row set aside, nothing checked: what is left is the work.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from benchmarks.form import told

MEMORY_LIMIT = "3GB"
CSV = "read_csv('{folder}/{name}.csv', header = true, auto_detect = false, columns = {{{columns}}})"
FILES = {
    "orders": "'order_id': 'int', 'user_id': 'int', 'eval_set': 'varchar', 'order_number': 'int', "
    "'day': 'int', 'hour': 'int', 'gap': 'double'",
    "order_products__prior": "'order_id': 'int', 'product_id': 'int', 'place': 'int', "
    "'reordered': 'int'",
    "products": "'product_id': 'int', 'product_name': 'varchar', 'aisle_id': 'int', "
    "'department_id': 'int', 'prices': 'double'",
    "customers": "'user_id': 'int', 'first': 'varchar', 'last': 'varchar', 'gender': 'varchar', "
    "'state': 'varchar', 'age': 'int', 'joined': 'varchar', 'dependants': 'int', "
    "'status': 'varchar', 'income': 'bigint'",
}
PREPARE = """
create temp table orders as from {orders};
create temp table listed as
select row_number() over () as place, * from {products};
create temp table products as
with originals as (
    select min(place) as place, product_id, product_name, department_id, prices
    from listed group by all),
shared as (
    select product_id, min(place) as place from originals group by all having count(*) = 2),
repaired as (
    select o.* replace (case when s.place is not null then o.product_id - 1
        else o.product_id end as product_id)
    from originals as o left join shared as s
        on o.place = s.place and s.product_id - 1 not in (select product_id from originals))
select product_id, department_id, department_id - 1 as position,
    case when prices <= 100 then round(prices * 100)::bigint end as cents,
    round(prices * 100)::bigint as received,
    case when prices <= 5 then 0 when prices <= 15 then 1 when prices <= 100 then 2 end as band
from repaired;
create temp table lines as from {order_products__prior};
"""
RESULTS = {
    "baskets": """
        select order_id, count(*) as order_lines, count(cents) as priced_lines,
            coalesce(sum(cents), 0)::bigint as usd_cents,
            coalesce(sum(received), 0)::bigint as received_usd_cents,
            count(received) as received_priced_lines, sum(reordered)::bigint as reordered_lines,
            bit_or(1::bigint << position) as departments
        from lines join products using (product_id) group by order_id""",
    "customer_habits": """
        select user_id, max(order_number) as last_order_number, count(*) as orders,
            median(gap) as median_gap_days, median(coalesce(gap, 0)) as zero_filled_median_days,
            coalesce(sum(order_lines), 0)::bigint as order_lines,
            coalesce(sum(priced_lines), 0)::bigint as priced_lines,
            coalesce(sum(usd_cents), 0)::bigint as usd_cents,
            case when last_order_number > 40 then 'loyal' when last_order_number > 10
                then 'regular' else 'new' end as loyalty,
            case when median_gap_days > 20 then 'non_frequent' when median_gap_days > 10
                then 'regular' when median_gap_days is not null then 'frequent' end as frequency,
            case when sum(priced_lines) > 0 then case when sum(usd_cents) < 1000 * sum(priced_lines)
                then 'low' else 'high' end end as spending
        from orders left join baskets using (order_id) where eval_set = 'prior' group by all""",
    "customer_groups": """
        select user_id, loyalty, state, age, coalesce(dependants, 0) as dependants, income,
            dense_rank() over (order by loyalty, state, age <= 35, age >= 65, income < 50000,
                income > 120000, dependants > 0, status) as group_number
        from customer_habits left join {customers} using (user_id)""",
    "line_cube": """
        select group_number, hour, department_id, band, count(*) as order_lines,
            coalesce(sum(cents), 0)::bigint as usd_cents, count(cents) as priced_lines,
            sum(reordered)::bigint as reordered_lines, sum(order_number)::bigint as order_numbers
        from lines join products using (product_id) join orders using (order_id)
            join customer_groups using (user_id) group by all""",
    "order_cube": """
        select group_number, day, hour, count(*) as orders
        from orders join customer_groups using (user_id) where eval_set = 'prior' group by all""",
    "shopping_habits": """
        with totals as (select user_id, count(*) as x from orders group by all),
        own as (
            select grouping_id(day, hour) as kind, day, hour, user_id, count(*) as y
            from orders group by grouping sets ((user_id, day), (user_id, hour),
                (user_id, day, hour))),
        squares as (
            select kind, day, hour, count(*) as customers, sum(y * y)::bigint as yy,
                sum(x * y)::bigint as xy
            from own join totals using (user_id) group by all)
        select o.*, customers, yy, xy from (
            select grouping_id(day, hour) as kind, day, hour, count(*) as orders,
                coalesce(sum(order_lines), 0)::bigint as order_lines,
                coalesce(sum(usd_cents), 0)::bigint as usd_cents
            from orders left join baskets using (order_id)
            group by grouping sets ((day), (hour), (day, hour))) as o
        join squares as s on o.kind = s.kind and o.day is not distinct from s.day
            and o.hour is not distinct from s.hour""",
    "product_popularity": """
        select product_id, count(*) as order_lines, sum(reordered)::bigint as reordered_lines
        from lines join products using (product_id) group by product_id""",
    "price_bands": """
        select band, count(*) as products, coalesce(sum(order_lines), 0)::bigint as order_lines
        from products left join product_popularity using (product_id) group by band""",
    "department_insights": """
        with sets as (select departments, count(*) as n from baskets group by all),
        owned as (
            select user_id, bit_or(departments) as departments
            from baskets join orders using (order_id) group by user_id),
        own as (select departments, count(*) as n from owned group by all),
        places as (select distinct department_id, position from products)
        select department_id,
            (select sum(order_lines) from line_cube c where c.department_id = p.department_id)
                ::bigint as order_lines,
            (select sum(n) from sets where departments >> position & 1 = 1)::bigint as orders,
            (select sum(n) from own where departments >> position & 1 = 1)::bigint as customers
        from places as p""",
    "department_pairs": """
        with sets as (select departments, count(*) as n from baskets group by all),
        places as (select distinct department_id, position from products)
        select a.department_id as first, b.department_id as second, sum(n)::bigint as orders
        from places as a join places as b on a.position < b.position, sets
        where departments >> a.position & 1 = 1 and departments >> b.position & 1 = 1
        group by all""",
    "group_habits": """
        select 'loyalty' as grouping, loyalty as member, count(*) as customers,
            sum(orders)::bigint as orders, sum(order_lines)::bigint as order_lines,
            sum(usd_cents)::bigint as usd_cents
        from customer_habits group by all""",
    "flag_counts": """
        select flag, label, count(*) as customers, sum(order_lines)::bigint as order_lines
        from (unpivot customer_habits on loyalty, frequency, spending
            into name flag value label) group by all""",
}


def run(landing: Path, database: Path) -> int:
    """Read the folder's files into the result tables of a new database; return the lines."""
    import duckdb

    folder = landing / "instacart"
    readers = {
        name: CSV.format(folder=folder, name=name, columns=columns)
        for name, columns in FILES.items()
    }
    with duckdb.connect(str(database), config={"memory_limit": MEMORY_LIMIT}) as connection:
        connection.execute("set preserve_insertion_order = true")
        connection.execute(PREPARE.format(**readers))
        for name, query in RESULTS.items():
            connection.execute(f"create table {name} as {query.format(**readers)}")
        return int(connection.execute("select sum(order_lines) from baskets").fetchall()[0][0])


def main() -> None:
    """Load one folder and tell what was measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bare_grocery")
    parser.add_argument("--landing", type=Path, required=True)
    parser.add_argument("--database", type=Path, required=True)
    options = parser.parse_args()
    started, cpu = time.perf_counter(), time.process_time()
    rows = run(options.landing, options.database)
    print(told(rows, {"work": (time.perf_counter() - started, time.process_time() - cpu)}))


if __name__ == "__main__":
    main()
