"""Synthetic worlds as matching sees them: Peak's accounts, AGM's customers, and who is who."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from agm_platform.matching.prepare import prepare
from agm_platform.matching.training import Lists
from agm_platform.world import World, WorldSize, generate
from agm_platform.world.size import AGM_YEAR, TRUE_CUSTOMERS, TRUE_DAYS

if TYPE_CHECKING:
    import pandas as pd

# AGM at its true size; nobody buys, because only people matter here.
PEOPLE = WorldSize(
    customers=TRUE_CUSTOMERS,
    first_day=date(AGM_YEAR, 1, 1),
    days=TRUE_DAYS,
    pickup_sales=0,
    peak_first_day=date(2020, 10, 3),
    peak_days=92,
    peak_sales_per_day=100,
)


PLACE = ("city", "state", "zip")
"""What AGM's published extract lacks."""


def lists(seed: int, size: WorldSize = PEOPLE, *, with_place: bool = True) -> Lists:
    """Return the accounts as last typed, the customers and the true pairs of a world.

    Without places AGM's list lacks city, state and ZIP, as its published extract does.
    """
    world = generate(size, seed)
    accounts, customers, matches = people(world)
    right = prepare(customers)
    if not with_place:
        right = without_place(right)
    return Lists(prepare(accounts), right, matches)


def people(world: World) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return accounts as last typed, AGM's customers, and the true left_id and right_id."""
    accounts = world.connection.sql(
        "select * exclude (valid_from, is_exact) from truth.peak_versions "
        "qualify row_number() over (partition by customer_id order by valid_from desc) = 1 "
        "order by customer_id"
    ).df()
    customers = world.table("agm.customers").df()
    matches = world.connection.sql(
        "select customer_id::varchar as left_id, agm_customer_id::varchar as right_id "
        "from truth.peak_accounts where agm_customer_id is not null order by customer_id"
    ).df()
    return accounts, customers, matches


def without_place(records: pd.DataFrame) -> pd.DataFrame:
    """Return prepared records without city and ZIP."""
    return records.assign(city=None, zip=None)
