"""A contract's types in each engine: the same rows, conformed, are the same table."""

import datetime as dt
from typing import Any

import duckdb
import narwhals as nw
import pandas as pd
import pytest

from agm_platform.contracts.model import Column, Table, Type
from agm_platform.warehouse.tables import read_table, replace_rows
from agm_platform.warehouse.types import NARWHALS_TYPES, PANDAS_TYPES, conform, empty_relation

EVERY_TYPE = Table(
    "shop",
    "every_type",
    "A column of each type.",
    tuple(Column(type_.name.lower(), type_, "One.") for type_ in Type),
)
# Types as they come: integers made floats by a null, dates as text, a column not asked for.
ROWS = {
    "extra": [1, 2],
    "timestamp": ["2020-10-03 04:05:06", None],
    "date": ["2020-10-03", None],
    "boolean": [True, None],
    "number": [1, 2],
    "integer": [7.0, None],
    "text": ["a", None],
}
CONFORMED = [
    ("a", 7, 1.0, True, dt.date(2020, 10, 3), dt.datetime(2020, 10, 3, 4, 5, 6)),  # noqa: DTZ001
    (None, None, 2.0, None, None, None),
]


def pandas_frame(_: duckdb.DuckDBPyConnection) -> Any:
    return pd.DataFrame(ROWS)


def lazy_pandas_frame(_: duckdb.DuckDBPyConnection) -> Any:
    return nw.from_native(pd.DataFrame(ROWS)).lazy()


def duckdb_frame(connection: duckdb.DuckDBPyConnection) -> Any:
    return nw.from_native(connection.from_df(pd.DataFrame(ROWS)))


def stored(connection: duckdb.DuckDBPyConnection, frame: Any) -> list[tuple[Any, ...]]:
    native = nw.to_native(frame, pass_through=True)
    rows = connection.from_df(native) if isinstance(native, pd.DataFrame) else native
    replace_rows(connection, EVERY_TYPE, rows)
    return read_table(connection, EVERY_TYPE).fetchall()


@pytest.mark.parametrize("make", [pandas_frame, lazy_pandas_frame, duckdb_frame])
def test_a_conformed_frame_has_the_contracts_columns_in_order_and_loses_nothing(make: Any) -> None:
    with duckdb.connect() as connection:
        frame = make(connection)
        conformed = conform(frame, EVERY_TYPE)
        assert type(conformed) is type(frame)
        assert list(conformed.columns) == list(EVERY_TYPE.column_names)
        assert stored(connection, conformed) == CONFORMED


@pytest.mark.parametrize("make", [pandas_frame, lazy_pandas_frame, duckdb_frame])
def test_an_empty_frame_conforms_too(make: Any) -> None:
    with duckdb.connect() as connection:
        frame = nw.from_native(make(connection)).head(0)
        assert stored(connection, conform(frame, EVERY_TYPE)) == []


@pytest.mark.parametrize("make", [pandas_frame, lazy_pandas_frame, duckdb_frame])
def test_a_missing_column_is_named(make: Any) -> None:
    with duckdb.connect() as connection:
        frame = nw.from_native(make(connection)).drop("text", "number")
        with pytest.raises(ValueError, match=r"shop\.every_type: the frame lacks number, text"):
            conform(frame, EVERY_TYPE)


def test_a_fraction_does_not_become_an_integer_in_pandas() -> None:
    with pytest.raises(TypeError, match="non-equivalent"):
        conform(pd.DataFrame({**ROWS, "integer": [1.5, 2.0]}), EVERY_TYPE)


def test_every_type_of_the_model_is_known_to_each_engine() -> None:
    assert set(NARWHALS_TYPES) == set(PANDAS_TYPES) == set(Type)
    with duckdb.connect() as connection:
        schema = nw.from_native(empty_relation(connection, EVERY_TYPE)).collect_schema()
    assert list(schema.values()) == [NARWHALS_TYPES[column.type] for column in EVERY_TYPE.columns]
