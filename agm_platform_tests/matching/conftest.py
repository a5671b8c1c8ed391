"""One small world, its true pairs and the links of the default model, made once for all tests."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import pytest

from agm_platform.matching.linking import link
from agm_platform.world import WorldSize, generate


@dataclass(frozen=True)
class SmallWorld:
    """AGM's customers, Peak's accounts as last typed, and left_id and right_id of true pairs."""

    customers: pd.DataFrame
    accounts: pd.DataFrame
    matches: pd.DataFrame


@pytest.fixture(scope="session")
def small_world() -> SmallWorld:
    world = generate(WorldSize(customers=1500, pickup_sales=0, misspelt=0.5), seed=7)
    accounts = world.connection.sql(
        "select * exclude (valid_from, is_exact) from truth.peak_versions qualify row_number() "
        "over (partition by customer_id order by valid_from desc) = 1 order by customer_id"
    ).df()
    matches = world.connection.sql(
        "select customer_id::varchar as left_id, agm_customer_id::varchar as right_id "
        "from truth.peak_accounts where agm_customer_id is not null"
    ).df()
    return SmallWorld(world.table("agm.customers").df(), accounts, matches)


@pytest.fixture(scope="session")
def links(small_world: SmallWorld) -> pd.DataFrame:
    """The links from accounts to customers."""
    return link(small_world.accounts, small_world.customers)
