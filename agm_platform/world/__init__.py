"""A synthetic AGM world with known truth, for tests, benchmarks and the demo only.

    world = generate(WorldSize(customers=600), seed=1)
    write(world, "landing")
    world.truth["peak_days"].fetchall()

The same size and seed give the same bytes. Invented throughout: no real person is in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from agm_platform.world.accounts import sign_up
from agm_platform.world.agm import customers as make_customers
from agm_platform.world.agm import pickups
from agm_platform.world.geography import zip_codes
from agm_platform.world.peak import Trial, deliveries
from agm_platform.world.peak_files import write_peak_days
from agm_platform.world.size import SAMPLE, SAMPLE_SEED, TRUE_SCALE, WorldSize
from agm_platform.world.tables import create_tables
from agm_platform.world.truth import create_truth
from agm_platform.world.write import write, write_truth

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

__all__ = [
    "SAMPLE",
    "SAMPLE_SEED",
    "TRUE_SCALE",
    "World",
    "WorldSize",
    "generate",
    "write",
    "write_peak_days",
    "write_truth",
]


@dataclass(frozen=True)
class World:
    """A generated world: tables in an own in-memory DuckDB, and Peak's sales as columns."""

    size: WorldSize
    seed: int
    connection: DuckDBPyConnection
    trial: Trial

    def table(self, name: str) -> DuckDBPyRelation:
        """Return a table such as "agm.sales", "peak.peak_product_mapping", "truth.peak_days"."""
        return self.connection.table(name)

    @property
    def truth(self) -> dict[str, DuckDBPyRelation]:
        """The tables of the truth by name; see agm_platform.world.truth for their columns."""
        names = self.connection.execute(
            "select table_name from information_schema.tables "
            "where table_schema = 'truth' order by table_name"
        ).fetchall()
        return {name: self.table(f"truth.{name}") for (name,) in names}


def generate(size: WorldSize = SAMPLE, seed: int = SAMPLE_SEED) -> World:
    """Make a world. Raises ValueError if it is too small for what is asked of it."""
    from duckdb import connect

    # One stream a part: more Peak sales do not change AGM's customers.
    places, people, visits, accounts, orders = (
        np.random.default_rng([seed, part]) for part in range(5)
    )
    zips = zip_codes(places)
    customers = make_customers(people, size, zips)
    sales, line_items = pickups(visits, size, customers)
    trial = deliveries(orders, size, sign_up(accounts, size, customers, zips))
    connection = connect()
    create_tables(
        connection,
        size,
        {"customers": customers, "sales": sales, "line_items": line_items, "zip_codes": zips},
    )
    create_truth(connection, trial)
    return World(size, seed, connection, trial)
