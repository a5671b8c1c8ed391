"""The same small frame on every engine, from one readable form: `{"name TYPE": values}`."""

from collections.abc import Callable
from typing import Any

import duckdb
import narwhals as nw
import pandas as pd

Columns = dict[str, list[Any]]
Make = Callable[[Columns], nw.LazyFrame]

PANDAS_TYPES = {
    "VARCHAR": "object",
    "BIGINT": "Int64",
    "DOUBLE": "float64",
    "BOOLEAN": "boolean",
    "DATE": "datetime64[ns]",
    "TIMESTAMP": "datetime64[ns]",
}


def duckdb_frame(columns: Columns) -> nw.LazyFrame:
    """Make a DuckDB table of `{"name TYPE": values}`."""
    connection = duckdb.connect()
    connection.execute(f"create table frame ({', '.join(columns)})")
    rows = list(zip(*columns.values(), strict=True))
    if rows:
        marks = ", ".join("?" * len(columns))
        connection.executemany(f"insert into frame values ({marks})", rows)
    return nw.from_native(connection.table("frame"))


def pandas_frame(columns: Columns) -> nw.LazyFrame:
    """Make a pandas frame of `{"name TYPE": values}`."""
    series = {}
    for declared, values in columns.items():
        name, kind = declared.split()
        series[name] = pd.Series(values, dtype=PANDAS_TYPES[kind])
    return nw.from_native(pd.DataFrame(series)).lazy()


def rows_of(frame: nw.LazyFrame) -> list[dict[str, Any]]:
    """Return the rows with plain None for whatever an engine calls missing."""
    native = frame.collect("pandas").to_native().astype(object)
    return native.where(native.notna(), None).to_dict("records")
