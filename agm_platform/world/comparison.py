"""What the platform publishes against what the world knows: figure by figure, to the cent."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple


class Comparison(NamedTuple):
    """One family of figures: how many rows the truth has, and rows that only one side has."""

    name: str
    rows: int
    differing: int


# name -> (truth, warehouse): selects that must give the same rows
SAME = {
    "AGM sales, meals and cents by store and day": (
        "select store_id::text, sale_date, sales, meals, gross_cents from agm_days",
        """select store_id, order_date, count(*), sum(meals), sum(subtotal_usd_cents)
        from agm.orders left join (
            select order_id, sum(quantity) as meals from agm.order_lines group by order_id
        ) using (order_id) group by store_id, order_date""",
    ),
    "AGM sales, meals and cents by day as reported": (
        """select sale_date::text, sum(sales), sum(meals), sum(gross_cents)
        from agm_days group by sale_date""",
        """select member, orders, meals, gross_usd_cents
        from agm.sales_insights where dimension = 'day'""",
    ),
    "AGM lines and meals by product": (
        "select product_id::text, line_count, meals from agm_products",
        """select product_id, order_lines, meals from agm.sales_insights
        join agm.products on product_name = member where dimension = 'product'""",
    ),
    "Peak sales, lines, meals and cents by day": (
        """select sale_date::text, sales, line_count, meals, gross_cents, fee_cents, net_cents
        from peak_days where sales > 0""",
        """select member, orders, order_lines, meals, gross_usd_cents, commission_usd_cents,
            net_usd_cents
        from peak.delivery_insights where dimension = 'day'""",
    ),
    "Peak sales one by one": (
        """select sale_id::text, sale_date, customer_id::text, line_count, meals, gross_cents
        from peak_sales""",
        """select order_id, order_date, customer_id, count(line_number), sum(quantity),
            any_value(subtotal_usd_cents)
        from peak.orders left join peak.order_lines using (order_id)
        group by order_id, order_date, customer_id""",
    ),
    "Peak lines, meals and cents by product": (
        "select product_id::text, line_count, meals, gross_cents from peak_products",
        """select product_id, order_lines, meals, gross_usd_cents from peak.delivery_insights
        join agm.products on product_name = member where dimension = 'product'""",
    ),
    # A customer counts where the last order went.
    "Peak customers, sales, meals and cents by ZIP": (
        """select last_zip, count(distinct customer_id), count(*), sum(meals), sum(gross_cents)
        from peak_sales join (
            select customer_id, arg_max(zip, sale_date) as last_zip from peak_sales
            group by customer_id
        ) using (customer_id) group by last_zip""",
        """select member, customers, orders, meals, gross_usd_cents
        from peak.delivery_insights where dimension = 'zip'""",
    ),
    # What a customer typed last before the last order; a new person agrees with nobody.
    "Peak customers exact or not": (
        """select customer_id::text, coalesce(arg_max(is_exact, valid_from), false)
        from peak_versions join (
            select customer_id, max(sale_date) as last_order from peak_sales group by customer_id
        ) using (customer_id) where valid_from <= last_order group by customer_id""",
        "select customer_id, is_exact from peak.customer_accuracy",
    ),
}


def compare(warehouse: str | Path, truth: str | Path) -> list[Comparison]:
    """Compare the file warehouse.duckdb with the folder that `write_truth` wrote.

    Not what is published: there small groups are hidden and numbers are pseudonyms.
    """
    import duckdb

    found = []
    with duckdb.connect(str(warehouse), read_only=True) as reported, duckdb.connect() as known:
        for path in sorted(Path(truth).glob("*.parquet")):
            known.read_parquet(str(path)).create_view(path.stem)
        for name, (of_truth, of_platform) in SAME.items():
            true, told = known.sql(of_truth).fetchall(), reported.sql(of_platform).fetchall()
            found.append(Comparison(name, len(true), len(set(true) ^ set(told))))
    return found
