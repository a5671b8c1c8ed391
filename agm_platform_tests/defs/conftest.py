"""Small frames for the assets' functions: rows as dicts, types from the table's contract."""

from collections.abc import Callable, Iterator
from typing import Any

import dagster as dg
import duckdb
import narwhals as nw
import pandas as pd
import pytest

from agm_platform.contracts.model import Table
from agm_platform.warehouse.rows import records
from agm_platform.warehouse.types import conform, create_statement

Row = dict[str, Any]
Make = Callable[..., nw.LazyFrame]


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


@pytest.fixture
def make(connection: duckdb.DuckDBPyConnection) -> Make:
    """Return a frame of a table: `make(CONTRACT, {...}, {...})`; what a row leaves out is null."""
    return maker(connection)


def maker(connection: duckdb.DuckDBPyConnection) -> Make:
    """Return what `make` does, for a connection that several tests share."""

    def build(table: Table, *rows: Row) -> nw.LazyFrame:
        connection.execute(f"create schema if not exists {table.source}")
        connection.execute(f"drop table if exists {table.full_name}")
        connection.execute(create_statement(table))
        for row in rows:
            unknown = set(row) - set(table.column_names)
            assert not unknown, f"{table.full_name} has no {unknown}"
            names = ", ".join(row)
            marks = ", ".join("?" for _ in row)
            connection.execute(
                f"insert into {table.full_name} ({names}) values ({marks})", list(row.values())
            )
        return nw.from_native(connection.table(table.full_name))

    return build


def rows_of(frame: nw.LazyFrame | pd.DataFrame | dg.MaterializeResult, table: Table) -> list[Row]:
    """Return what an asset would store: the contract's columns and types, as dicts."""
    given = frame.value if isinstance(frame, dg.MaterializeResult) else frame
    if isinstance(given, pd.DataFrame):  # over the engine, as the warehouse stores it
        with duckdb.connect() as engine:
            return records(conform(nw.from_native(engine.from_df(conform(given, table))), table))
    return records(conform(given, table))
