"""What is true in a world: who is who, what was misspelt how, what was sold and delivered.

Tables of the schema truth, dates as dates, money in integer cents:

peak_accounts      customer_id, agm_customer_id (null: a new person), signed_up_on
peak_versions      customer_id, valid_from, first_name, last_name, street, city, state, zip,
                   is_exact (name and street equal AGM's; null for a new person)
peak_misspellings  customer_id, field, kind, before (at AGM), after (typed at sign-up)
peak_changes       customer_id, changed_on, field, kind, before, after (own details, later)
peak_sales         sale_id, sale_date, customer_id, zip, line_count, meals, gross_cents
peak_days          sale_date, sales, line_count, meals, gross_cents, fee_cents, net_cents
peak_products      product_id, peak_product_id, line_count, meals, gross_cents
peak_zips          zip, customers, sales, meals, gross_cents
agm_days           store_id, sale_date, sales, meals, gross_cents (no row without a sale)
agm_products       product_id, line_count, meals (a row for every product)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from agm_platform.world.misspellings import Details, Misspelling
from agm_platform.world.peak import FEE_PERCENT, Trial
from agm_platform.world.reference import MEAL_CENTS
from agm_platform.world.size import Columns
from agm_platform.world.tables import create

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

TOTALS = f"""
create table truth.peak_days as
select
    sale_date,
    count(sale_id)::int as sales,
    coalesce(sum(line_count), 0)::int as line_count,
    coalesce(sum(meals), 0)::int as meals,
    coalesce(sum(gross_cents), 0)::bigint as gross_cents,
    (coalesce(sum(gross_cents), 0) * {FEE_PERCENT} // 100)::bigint as fee_cents,
    (coalesce(sum(gross_cents), 0) * {100 - FEE_PERCENT} // 100)::bigint as net_cents
from truth.trial_days left join truth.peak_sales using (sale_date)
group by sale_date order by sale_date;
drop table truth.trial_days;

create table truth.peak_products as
select
    product_id,
    peak_product_id,
    coalesce(line_count, 0)::int as line_count,
    coalesce(meals, 0)::int as meals,
    (coalesce(meals, 0) * {MEAL_CENTS})::bigint as gross_cents
from peak.peak_product_mapping left join (
    select product_id, count(*) as line_count, sum(quantity) as meals
    from truth.peak_lines group by product_id
) using (product_id)
order by product_id;
drop table truth.peak_lines;

create table truth.peak_zips as
select
    zip,
    count(distinct customer_id)::int as customers,
    count(*)::int as sales,
    sum(meals)::int as meals,
    sum(gross_cents)::bigint as gross_cents
from truth.peak_sales group by zip order by zip;

create table truth.agm_days as
select
    store_id,
    sale_date,
    count(*)::int as sales,
    (sum(total_amount) * 100 // {MEAL_CENTS})::int as meals,
    (sum(total_amount) * 100)::bigint as gross_cents
from agm.sales group by store_id, sale_date order by store_id, sale_date;

create table truth.agm_products as
select
    product_id,
    count(quantity)::int as line_count,
    coalesce(sum(quantity), 0)::int as meals
from agm.products left join agm.line_items using (product_id)
group by product_id order by product_id;
"""


def create_truth(connection: DuckDBPyConnection, trial: Trial) -> None:
    """Create the schema truth; needs the tables of agm and peak."""
    accounts, baskets = trial.accounts, trial.baskets
    connection.execute("create schema truth")
    first_day = {"first_day": trial.first_day}

    create(
        connection,
        "truth.peak_accounts",
        {
            "id": accounts.customer_id,
            "agm": accounts.agm_customer_id,
            "day": accounts.sign_up,
        },
        "id::int as customer_id, nullif(agm, 0)::int as agm_customer_id, "
        "$first_day + day::int as signed_up_on",
        **first_day,
    )
    later = np.arange(len(accounts.details)) >= len(accounts.customer_id)
    owners = accounts.owners
    create(
        connection,
        "truth.peak_versions",
        {
            "id": accounts.customer_id[owners],
            "day": np.where(later, accounts.changed_on[owners], accounts.sign_up[owners]),
            **_texts(Details._fields, accounts.details),
        },
        f"id::int as customer_id, $first_day + day::int as valid_from, "
        f"{', '.join(Details._fields)}",
        **first_day,
    )
    connection.execute("""
        alter table truth.peak_versions add column is_exact boolean;
        update truth.peak_versions as typed
        set is_exact = (typed.first_name, typed.last_name, typed.street)
            = (known.first_name, known.last_name, known.street)
        from truth.peak_accounts as account, agm.customers as known
        where typed.customer_id = account.customer_id
            and account.agm_customer_id = known.customer_id
    """)
    for name, found, dated in (
        ("peak_misspellings", accounts.misspellings, False),
        ("peak_changes", accounts.changes, True),
    ):
        who = np.array([account for account, _ in found], dtype=np.int64)
        create(
            connection,
            f"truth.{name}",
            {
                "id": accounts.customer_id[who],
                "day": accounts.changed_on[who],
                **_texts(Misspelling._fields, [typed for _, typed in found]),
            },
            "id::int as customer_id, "
            + ("$first_day + day::int as changed_on, " if dated else "")
            + ", ".join(Misspelling._fields),
            **first_day,
        )

    line_count = np.diff(baskets.starts)
    create(
        connection,
        "truth.peak_sales",
        {
            "sale_id": trial.sale_id,
            "day": trial.day,
            "customer_id": accounts.customer_id[trial.account],
            "zip": np.array([d.zip for d in accounts.details], dtype=object)[trial.version],
            "line_count": line_count,
            "meals": baskets.meals,
        },
        "sale_id::bigint as sale_id, $first_day + day::int as sale_date, "
        "customer_id::int as customer_id, zip, line_count::int as line_count, "
        f"meals::int as meals, (meals * {MEAL_CENTS})::bigint as gross_cents",
        **first_day,
    )
    days = {"day": np.arange(len(trial.days))}
    create(
        connection,
        "truth.trial_days",
        days,
        "$first_day + day::int as sale_date",
        **first_day,
    )
    lines = {"product_id": baskets.product, "quantity": baskets.quantity}
    create(connection, "truth.peak_lines", lines)
    connection.execute(TOTALS)


def _texts(names: tuple[str, ...], rows: list[Details] | list[Misspelling]) -> Columns:
    return {name: np.array([row[i] for row in rows], dtype=object) for i, name in enumerate(names)}
