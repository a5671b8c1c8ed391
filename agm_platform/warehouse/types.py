"""A contract's types in each engine: table definitions, typed empty tables, conformed frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals as nw

from agm_platform.contracts.model import Table, Type

if TYPE_CHECKING:
    import duckdb

NARWHALS_TYPES: dict[Type, Any] = {
    Type.TEXT: nw.String(),
    Type.INTEGER: nw.Int64(),
    Type.NUMBER: nw.Float64(),
    Type.BOOLEAN: nw.Boolean(),
    Type.DATE: nw.Date(),
    Type.TIMESTAMP: nw.Datetime("us"),
}

# pandas has no date of its own: a day is its midnight, which the warehouse stores as a date.
# Its plain int and bool cannot hold a null (a null boolean silently becomes False).
PANDAS_TYPES = {
    Type.TEXT: "string",
    Type.INTEGER: "Int64",
    Type.NUMBER: "Float64",
    Type.BOOLEAN: "boolean",
    Type.DATE: "datetime64[us]",
    Type.TIMESTAMP: "datetime64[us]",
}


def quoted(name: str) -> str:
    """Return `name` as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def qualified_name(table: Table, catalog: str | None = None) -> str:
    """Return `"source"."name"`, with the catalog (attached database) before it if given."""
    parts = (table.source, table.name) if catalog is None else (catalog, table.source, table.name)
    return ".".join(quoted(part) for part in parts)


def shape(table: Table) -> dict[str, str]:
    """Return the contract's columns in order: name to DuckDB type."""
    return {column.name: column.type.value for column in table.columns}


def create_statement(table: Table, catalog: str | None = None) -> str:
    """Return the statement that creates the empty table; its schema must exist."""
    columns = ", ".join(f"{quoted(name)} {type_}" for name, type_ in shape(table).items())
    return f"create table {qualified_name(table, catalog)} ({columns})"


def empty_relation(connection: duckdb.DuckDBPyConnection, table: Table) -> duckdb.DuckDBPyRelation:
    """Return a relation with the contract's columns and types and no rows."""
    columns = ", ".join(
        f"cast(null as {type_}) as {quoted(name)}" for name, type_ in shape(table).items()
    )
    return connection.sql(f"select {columns} where false")


def conform(frame: Any, table: Table) -> Any:
    """Return `frame` with exactly the contract's columns, in order, cast to its types.

    Takes and returns any frame of a Narwhals engine, native or wrapped, lazy or not. Casts are the
    engine's own (DuckDB rounds a fraction that becomes an integer: round first where it matters).
    Raises ValueError naming the columns that the frame lacks.
    """
    given = nw.from_native(frame)
    missing = sorted(set(table.column_names) - set(given.collect_schema().names()))
    if missing:
        msg = f"{table.full_name}: the frame lacks {', '.join(missing)}"
        raise ValueError(msg)
    if given.implementation.is_pandas():
        types = {column.name: PANDAS_TYPES[column.type] for column in table.columns}
        eager = nw.from_native(given.to_native()[list(types)].astype(types))
        conformed = eager.lazy() if isinstance(given, nw.LazyFrame) else eager
    else:
        conformed = given.select(
            nw.col(column.name).cast(NARWHALS_TYPES[column.type]) for column in table.columns
        )
    return conformed if isinstance(frame, nw.LazyFrame | nw.DataFrame) else conformed.to_native()
