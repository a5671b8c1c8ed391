"""The same daily files into the same tables by DuckDB alone: what the platform is measured against.

No ledger, no checks, no transactions, no history, no diagnosis of bad files; what it fills equals
the platform's tables on a feed whose products are all in the map, and `daily` proves it.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from benchmarks.form import told

MEMORY_LIMIT = "3GB"  # the platform's own

FIELDS = "sale_id varchar, sale_date varchar, sub_total varchar, tax varchar, total_amount varchar"
STORE = (
    "location_id varchar, name varchar, street varchar, city varchar, state varchar, zip varchar"
)
CUSTOMER = (
    "customer_id varchar, first_name varchar, last_name varchar, street varchar, city varchar, "
    "state varchar, zip varchar"
)
LINE = "product_id varchar, price varchar, quantity varchar, taxable varchar"
SALE = (
    f"struct({FIELDS}, pickup_from struct({STORE}), deliver_to struct({CUSTOMER}), "
    f"line_items struct({LINE})[])[]"
)
PLACE = "business_date, file_name, sale_position, sale.sale_id as sale_id"

# All fields of the document are named: with `sales` alone the engine takes five times as long.
DOCUMENT = (
    "{'creator': 'varchar', 'timestamp': 'varchar', 'file_name': 'varchar', 'version': 'varchar', "
    f"'legal': 'varchar', 'sales': '{SALE}'}}"
)

PARSE = f"""
create temp table parsed as
select strptime(name, 'peak_sales_%Y_%m_%d.json')::date as business_date, name as file_name,
    generate_subscripts(sales, 1) as sale_position, unnest(sales) as sale
from (
    select parse_filename(filename) as name, sales
    from read_json($files, format = 'unstructured', columns = {DOCUMENT}, filename = true))
"""

RAW = {
    "raw_orders": f"""
select {PLACE}, sale.sale_date, sale.sub_total, sale.tax, sale.total_amount from parsed""",
    "raw_stores": f"""
select {PLACE}, sale.pickup_from.location_id, sale.pickup_from.name, sale.pickup_from.street,
    sale.pickup_from.city, sale.pickup_from.state, sale.pickup_from.zip
from parsed""",
    "raw_customers": f"""
select {PLACE}, sale.deliver_to.customer_id, sale.deliver_to.first_name,
    sale.deliver_to.last_name, sale.deliver_to.street, sale.deliver_to.city,
    sale.deliver_to.state, sale.deliver_to.zip
from parsed""",
    "raw_order_lines": f"""
select * exclude (item), item.product_id, item.price, item.quantity, item.taxable
from (
    select {PLACE}, generate_subscripts(sale.line_items, 1) as line_item_id,
        unnest(sale.line_items) as item
    from parsed)""",
}


def _cents(column: str) -> str:
    return f"(try_cast({column} as decimal(14, 2)) * 100)::bigint"


def _failed(rules: dict[str, str]) -> str:
    """Return the two columns that name what a row breaks, as the staged tables have them."""
    names = [f"case when not coalesce({ok}, true) then '{name}' end" for name, ok in rules.items()]
    return (
        f"coalesce({', '.join(names)}) as failed_rule,"
        f" nullif(concat_ws(', ', {', '.join(names)}), '') as failed_rules"
    )


LINE_RULES = {
    "peak_product_id__not_null": "peak_product_id is not null",
    "price_usd_cents__not_null": "price_usd_cents is not null",
    "quantity__not_null": "quantity is not null",
    "quantity__positive": "quantity >= 1",
    "product_id__not_null": "product_id is not null",
}
ORDER_RULES = {
    "sale_id__not_null": "sale_id is not null",
    "order_date__not_null": "order_date is not null",
    "subtotal_usd_cents__not_null": "subtotal_usd_cents is not null",
    "tax_usd_cents__not_null": "tax_usd_cents is not null",
    "total_usd_cents__not_null": "total_usd_cents is not null",
    "customer_id__not_null": "customer_id is not null",
    "copy_number__first": "copy_number = 1",
    "order_date__is_business_date": "order_date is not distinct from business_date",
    "line_count__positive": "line_count >= 1",
    "unreadable_lines__none": "unreadable_lines = 0",
    "tip_usd_cents__none": "tip_usd_cents = 0",
    "lines_usd_cents__is_subtotal": "lines_usd_cents is not distinct from subtotal_usd_cents",
    "store_id__not_null": "store_id is not null",
}

STAGED = {
    "staged_order_lines": f"""
select *, {_failed(LINE_RULES)}
from (
    select business_date, file_name, sale_position, sale_id, line_item_id,
        try_cast(l.product_id as bigint)::varchar as peak_product_id, m.product_id,
        null::varchar as candidate_product_id, null::varchar as candidate_basis,
        {_cents("price")} as price_usd_cents, try_cast(quantity as bigint) as quantity,
        nullif(trim(taxable), '') as taxable
    from peak.raw_order_lines as l left join product_map as m on l.product_id = m.peak_product_id)
order by business_date, sale_position, line_item_id""",
    "staged_orders": f"""
select *, {_failed(ORDER_RULES)}
from (
    select o.business_date, file_name, o.sale_position, o.sale_id, order_date,
        subtotal_usd_cents, tax_usd_cents, total_usd_cents,
        total_usd_cents - subtotal_usd_cents - tax_usd_cents as tip_usd_cents, customer_id,
        location_id, store_id, coalesce(line_count, 0) as line_count, unreadable_lines,
        lines_usd_cents,
        row_number() over (
            partition by o.business_date, o.sale_id order by o.sale_position) as copy_number
    from (
        select business_date, file_name, sale_position,
            try_cast(sale_id as bigint)::varchar as sale_id,
            try_cast(sale_date as date) as order_date, {_cents("sub_total")} as subtotal_usd_cents,
            {_cents("tax")} as tax_usd_cents, {_cents("total_amount")} as total_usd_cents
        from peak.raw_orders) as o
    left join (
        select business_date, sale_position,
            try_cast(customer_id as bigint)::varchar as customer_id
        from peak.raw_customers) using (business_date, sale_position)
    left join (
        select business_date, sale_position, location_id, stores.store_id
        from peak.raw_stores as r left join stores on r.zip = stores.zip and r.state = stores.state)
        using (business_date, sale_position)
    left join (
        select business_date, sale_position, count(*) as line_count,
            count(*) filter (peak_product_id is null or price_usd_cents is null
                or not coalesce(quantity >= 1, false)) as unreadable_lines,
            sum(price_usd_cents * quantity)::bigint as lines_usd_cents
        from peak.staged_order_lines group by all) using (business_date, sale_position))
order by business_date, sale_position""",
}

ACCEPTED = {
    "orders": """
select business_date, sale_id as order_id, order_date, store_id, customer_id, subtotal_usd_cents,
    tax_usd_cents, total_usd_cents, (subtotal_usd_cents * 18 + 50) // 100 as commission_usd_cents,
    subtotal_usd_cents - (subtotal_usd_cents * 18 + 50) // 100 as net_usd_cents
from peak.staged_orders where failed_rule is null""",
    "order_lines": """
select l.business_date, o.sale_id as order_id, line_item_id as line_number, product_id, quantity,
    price_usd_cents, price_usd_cents * quantity as line_usd_cents
from peak.staged_order_lines as l
join peak.staged_orders as o using (business_date, sale_position)
where l.failed_rule is null and o.failed_rule is null""",
    "quarantine": """
select business_date, r.file_name, 'raw_orders' as table_name,
    sale_position as position, null::bigint as line_number, failed_rule as rule,
    failed_rules as rules, failed_rule as reason, null::varchar as candidate,
    null::varchar as candidate_basis, to_json(r)::varchar as record
from peak.raw_orders as r join peak.staged_orders as s using (business_date, sale_position)
where failed_rule is not null
union all by name
select business_date, r.file_name, 'raw_order_lines' as table_name,
    sale_position as position, line_item_id as line_number,
    coalesce(l.failed_rule, 'sale__set_aside') as rule,
    coalesce(l.failed_rules, 'sale__set_aside') as rules, rule as reason,
    candidate_product_id as candidate, l.candidate_basis, to_json(r)::varchar as record
from peak.raw_order_lines as r
join peak.staged_order_lines as l using (business_date, sale_position, line_item_id)
join peak.staged_orders as s using (business_date, sale_position)
where l.failed_rule is not null or s.failed_rule is not null""",
}

TABLES = {**RAW, **STAGED, **ACCEPTED}


def load(landing: Path, stores: Path, database: Path) -> int:
    """Read all files of the folder into a new database; return the number of sales."""
    import duckdb

    with duckdb.connect(str(database), config={"memory_limit": MEMORY_LIMIT}) as connection:
        for name, path in (
            ("product_map", landing / "peak" / "peak_product_mapping.csv"),
            ("stores", stores),
        ):
            rows = connection.read_csv(str(path), header=True, all_varchar=True)
            rows.to_table(name)
        files = [str(path) for path in sorted((landing / "peak").glob("*.json"))]
        connection.execute(PARSE, {"files": files})
        connection.execute("create schema peak")
        for name, query in TABLES.items():
            connection.execute(f"create table peak.{name} as {query}")
        return int(connection.execute("select count(*) from peak.orders").fetchall()[0][0])


def main() -> None:
    """Load one folder and tell what was measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bare_daily")
    parser.add_argument("--landing", type=Path, required=True)
    parser.add_argument("--stores", type=Path, required=True)
    parser.add_argument("--database", type=Path, required=True)
    options = parser.parse_args()
    started, cpu = time.perf_counter(), time.process_time()
    rows = load(options.landing, options.stores, options.database)
    print(told(rows, {"work": (time.perf_counter() - started, time.process_time() - cpu)}))


if __name__ == "__main__":
    main()
