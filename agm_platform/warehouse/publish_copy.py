"""A copy of the publishable tables in a DuckDB file of their own, for readers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from agm_platform.contracts.model import Type
from agm_platform.warehouse.casts import select_list
from agm_platform.warehouse.tables import read_table
from agm_platform.warehouse.types import create_statement, qualified_name, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from agm_platform.contracts.model import Column, Table

    Prepare = Callable[[Table, duckdb.DuckDBPyRelation], duckdb.DuckDBPyRelation]

_COPY = "published_copy"
SIGNIFICANT_DIGITS = 12
"""Of a published fraction: the engine's parallel sums differ from run to run in digits beyond."""


def copy_tables(
    connection: duckdb.DuckDBPyConnection,
    target: str | Path,
    tables: Sequence[Table],
    prepare: Prepare = lambda _table, rows: rows,
    *,
    parquet: Path | None = None,
) -> dict[str, int]:
    """Write what may be published of `tables` into a fresh file; return full name to row count.

    With `parquet`, a folder, also as <parquet>/<full name>/<full name>.parquet.

    Columns are the contract's `published_columns`, with its descriptions as comments; `prepare`
    takes a table's rows, all columns, and returns them as they may be seen. Rows are
    ordered by key, then by the other columns: equal tables make equal copies whatever order their
    rows came in. `target` is replaced where it is left from a run that died: give a name beside the
    published file and move it into place afterwards.
    Raises ValueError for a table with nothing to publish; then nothing is written.
    """
    refused = [table.full_name for table in tables if not table.published_columns]
    if refused:
        msg = f"not to be published: {', '.join(refused)}"
        raise ValueError(msg)
    path = Path(target)
    for leftover in (path, path.with_name(f"{path.name}.wal")):
        leftover.unlink(missing_ok=True)
    connection.execute(f"attach {_text(str(path))} as {_COPY}")
    try:
        counts = {table.full_name: _copy(connection, table, prepare) for table in tables}
        if parquet is not None:
            for table in tables:
                _write_parquet(connection, table, parquet)
        return counts
    finally:
        connection.execute(f"detach {_COPY}")


def read_copy(
    connection: duckdb.DuckDBPyConnection, source: str | Path, table: Table
) -> duckdb.DuckDBPyRelation | None:
    """Return the rows of `table` in a file that `copy_tables` wrote; None without file or table.

    What the copy lacks is null: personal columns, and those that it was written before.
    """
    if not Path(source).exists():
        return None
    connection.execute(f"attach {_text(str(source))} as {_COPY} (read_only)")
    try:
        name = qualified_name(table, _COPY)
        rows = f"create or replace temp table {_COPY} as from {name}"
        connection.execute(rows)
    except duckdb.CatalogException:
        return None
    finally:
        connection.execute(f"detach {_COPY}")
    copied = connection.table(f"temp.{_COPY}")
    given = {name: str(type_) for name, type_ in zip(copied.columns, copied.types, strict=True)}
    return copied.project(select_list(table, given))


def _copy(connection: duckdb.DuckDBPyConnection, table: Table, prepare: Prepare) -> int:
    """Copy one table and its descriptions; return the number of rows."""
    public = replace(
        table, columns=table.published_columns, key=(), rules=(), partition_column=None
    )
    names = public.column_names
    order = dict.fromkeys([*(name for name in table.key if name in names), *names])
    name = qualified_name(table, _COPY)
    connection.execute(f"create schema if not exists {_COPY}.{quoted(table.source)}")
    connection.execute(create_statement(public, _COPY))
    connection.execute(";".join(_comments(public, name)))
    stored = read_table(connection, table)
    if not stored.limit(1).fetchall():  # nothing to hide: putting the query together costs more
        return 0
    rows = prepare(table, stored).project(", ".join(_told(column) for column in public.columns))
    rows.order(", ".join(map(quoted, order))).insert_into(name)
    return int(connection.execute(f"select count(*) from {name}").fetchall()[0][0])


def _comments(table: Table, name: str) -> Iterator[str]:
    """Yield the statements that say what a table, written as `name`, and its columns mean."""
    yield f"comment on table {name} is {_text(table.description)}"
    for column in table.columns:
        words = f"{column.description} [{column.unit}]" if column.unit else column.description
        yield f"comment on column {name}.{quoted(column.name)} is {_text(words)}"


def _told(column: Column) -> str:
    """Return the SQL of a column as it is published: fractions with SIGNIFICANT_DIGITS.

    Zero and what is not finite stay, and so does every number that was written with so few digits.
    """
    name = quoted(column.name)
    if column.type is not Type.NUMBER:
        return name
    digits = f"{SIGNIFICANT_DIGITS - 1} - cast(floor(log10(abs({name}))) as integer)"
    return (
        f"case when isfinite({name}) and {name} <> 0 then round({name}, {digits}) "
        f"else {name} end as {name}"
    )


def _write_parquet(connection: duckdb.DuckDBPyConnection, table: Table, parquet: Path) -> None:
    """Write a copied table as <parquet>/<full name>/<full name>.parquet."""
    folder = parquet / table.full_name
    folder.mkdir(parents=True)
    file = _text(str(folder / f"{table.full_name}.parquet"))
    connection.execute(
        f"copy (from {qualified_name(table, _COPY)}) to {file} (format parquet, compression zstd)"
    )


def _text(value: str) -> str:
    """Return `value` as an SQL text: these statements take no parameters."""
    return "'" + value.replace("'", "''") + "'"
