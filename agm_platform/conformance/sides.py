"""The two engines: the same Parquet files as frames of DuckDB and of Spark, and rows from both."""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import duckdb
import narwhals as nw
import pandas as pd

from agm_platform.warehouse.connection import SETTINGS
from agm_platform.warehouse.types import conform, qualified_name

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from agm_platform.conformance.compare import Row
    from agm_platform.contracts.model import Table

SPARK_SETTINGS = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "2",
    "spark.default.parallelism": "2",
    "spark.sql.adaptive.enabled": "false",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "2g",
}
"""A bad cast raises (ANSI), days are those of UTC, and nothing listens beyond this machine."""


def missing() -> str | None:
    """Say what Spark lacks on this machine; None if nothing."""
    if find_spec("pyspark") is None:
        return "pyspark is not installed (make spark)"
    if shutil.which("java") is None:
        return "there is no Java on the path (Spark 4 needs 17)"
    return None


def start_spark() -> Any:
    """Return a local Spark session with two threads; stop it when done."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]").appName("conformance")
    for name, value in SPARK_SETTINGS.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    return session


def start_duckdb() -> duckdb.DuckDBPyConnection:
    """Return a connection in memory with the warehouse's settings."""
    connection = duckdb.connect(config={**SETTINGS})
    connection.execute("set global timezone = 'UTC'")
    return connection


def exported(database: Path, tables: Iterable[Table], folder: Path) -> dict[str, Path]:
    """Write each table of a warehouse that is there as Parquet; return the files by its name."""
    paths = {}
    with duckdb.connect(str(database), read_only=True) as connection:
        found = "select table_schema, table_name from information_schema.tables"
        there = set(connection.execute(found).fetchall())
        for table in {each.full_name: each for each in tables}.values():
            if (table.source, table.name) in there:
                path = paths[table.full_name] = folder / f"{table.full_name}.parquet"
                columns = ", ".join(f'"{name}"' for name in table.column_names)
                rows = connection.sql(f"select {columns} from {qualified_name(table)}")
                rows.write_parquet(str(path))
    return paths


def on_duckdb(connection: duckdb.DuckDBPyConnection, path: Path) -> nw.LazyFrame:
    """Return a Parquet file as a frame of DuckDB."""
    return nw.from_native(connection.read_parquet(str(path)))


def on_spark(session: Any, path: Path) -> nw.LazyFrame:
    """Return a Parquet file as a frame of Spark."""
    return nw.from_native(session.read.parquet(str(path)))


def rows_of(made: Any, table: Table) -> tuple[dict[str, str], list[Row]]:
    """Return the types and rows that an asset would store, whatever engine made them."""
    frame = conform(made, table)
    if isinstance(frame, pd.DataFrame):
        with duckdb.connect() as connection:
            return rows_of(nw.from_native(connection.from_df(frame)), table)
    types = {name: str(type_) for name, type_ in frame.collect_schema().items()}
    if frame.implementation.is_duckdb():
        return types, frame.to_native().fetchall()
    return types, frame.collect("pyarrow").rows()
