"""Reading and replacing a contract's table: the SQL under the I/O manager, without Dagster."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

import duckdb

from agm_platform.warehouse.casts import losses, select_list
from agm_platform.warehouse.types import (
    create_statement,
    empty_relation,
    qualified_name,
    quoted,
    shape,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from agm_platform.contracts.model import Column, Table

_INCOMING = "__incoming_rows"

# DuckDB quotes the offending value in the messages of these; they must not reach a log.
_QUOTES_DATA = (duckdb.DataError, duckdb.IntegrityError, duckdb.InvalidInputException)


class ContractBrokenError(ValueError):
    """A frame, or a table on disk, is not what its contract says. The message holds no value."""


def read_table(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    partitions: Sequence[str] | None = None,
) -> duckdb.DuckDBPyRelation:
    """Return the table, or the rows of `partitions`, in stored order, as a lazy relation.

    A table that does not exist yet is empty and typed. Raises ContractBrokenError for a table that
    was written under an older contract.
    """
    stored = _stored(connection, table)
    if stored is None:
        return empty_relation(connection, table)
    if _types(stored) != shape(table):
        msg = (
            f"{table.full_name} was written with other columns than its contract has "
            f"({_difference(_types(stored), shape(table))}): materialize it, then what reads it"
        )
        raise ContractBrokenError(msg)
    rows = stored.select(*map(duckdb.ColumnExpression, table.column_names))
    return rows if partitions is None else rows.filter(_among(connection, table, partitions))


def is_stored(connection: duckdb.DuckDBPyConnection, table: Table) -> bool:
    """Whether a run has made the table, or the view, yet."""
    return _stored(connection, table) is not None


def is_as_declared(connection: duckdb.DuckDBPyConnection, table: Table) -> bool:
    """Whether the table is stored with the columns and types that its contract has now."""
    stored = _stored(connection, table)
    return stored is not None and _types(stored) == shape(table)


def kept_rows(
    connection: duckdb.DuckDBPyConnection, table: Table
) -> duckdb.DuckDBPyRelation | None:
    """Return the rows of a table that no other table could tell again; None if it is not stored.

    Unlike `read_table`, whatever contract they were written under: new columns are null, dropped
    ones are left out, so that a table that reads itself outlives a change of its contract.
    """
    stored = _stored(connection, table)
    if stored is None:
        return None
    return stored.project(select_list(table, _types(stored)))


def replace_rows(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    rows: duckdb.DuckDBPyRelation,
    partitions: Sequence[str] | None = None,
) -> int:
    """Replace the table, or only its `partitions`, by `rows` in one transaction; return the count.

    `rows` may read the table itself; their order is kept. Columns are matched by name and cast to
    the contract's types where that loses nothing. Whatever is raised, the old rows stay.
    Raises ContractBrokenError for missing or extra columns, values that do not fit their column's
    type, rows of other partitions, and rows whose computation fails on their data.
    """
    _check_columns(table, rows.columns)
    if not table.stored:
        return _replace_view(connection, table, rows)
    stored = _stored(connection, table)
    connection.register(_INCOMING, rows)
    try:
        with transaction(connection):
            if stored is None:
                connection.execute(f"create schema if not exists {quoted(table.source)}")
            if partitions is None:
                return _replace_table(connection, table, rows)
            if stored is None:
                connection.execute(create_statement(table))
            elif (on_disk := _types(stored)) != shape(table):
                _reshape(connection, table, on_disk, partitions)
            return _replace_partitions(connection, table, rows, partitions)
    except _QUOTES_DATA as error:
        msg = _misfits(connection, table, rows) or (
            f"computing the rows failed ({type(error).__name__}). The message may quote a value "
            "and is withheld: run the asset's function on its inputs by hand to see it"
        )
        raise ContractBrokenError(f"{table.full_name}: {msg}. Nothing was written.") from None
    finally:
        connection.unregister(_INCOMING)


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Commit what the block did, or nothing of it if the block is left by any exception."""
    connection.execute("begin transaction")
    try:
        yield
    except BaseException:
        with suppress(duckdb.Error):  # some errors have ended the transaction already
            connection.execute("rollback")
        raise
    connection.execute("commit")


def _replace_table(
    connection: duckdb.DuckDBPyConnection, table: Table, rows: duckdb.DuckDBPyRelation
) -> int:
    """Write the new table in the place of the old one, whatever shape that had."""
    _drop_other(connection, table, "VIEW")
    columns = select_list(table, _types(rows))
    return _count(
        connection,
        f"create or replace table {qualified_name(table)} as select {columns} from {_INCOMING}",
    )


def _replace_view(
    connection: duckdb.DuckDBPyConnection, table: Table, rows: duckdb.DuckDBPyRelation
) -> int:
    """Keep the query of the rows in the place of what was there, and count what it gives now."""
    if _types(rows) != shape(table):
        msg = (
            f"{table.full_name} is a view, whose rows have other types than its contract "
            f"({_difference(_types(rows), shape(table))}). Nothing was written."
        )
        raise ContractBrokenError(msg)
    name = qualified_name(table)
    with transaction(connection):
        connection.execute(f"create schema if not exists {quoted(table.source)}")
        _drop_other(connection, table, "TABLE")
        connection.execute(f"create or replace view {name} as {rows.sql_query()}")
        return _count(connection, f"select count(*) from {name}")


def _drop_other(connection: duckdb.DuckDBPyConnection, table: Table, kind: str) -> None:
    """Drop what an older contract kept as a TABLE or VIEW under the name."""
    found = connection.execute(
        "select 1 from information_schema.tables where table_catalog = current_database() "
        "and table_schema = ? and table_name = ? and ends_with(table_type, ?)",
        [table.source, table.name, kind],
    ).fetchall()
    if found:
        connection.execute(f"drop {kind.lower()} {qualified_name(table)}")


def _replace_partitions(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    rows: duckdb.DuckDBPyRelation,
    partitions: Sequence[str],
) -> int:
    """Append the rows, then delete what the partitions held before.

    In this order the rows may be computed from the very partitions they replace.
    """
    name = qualified_name(table)
    own = _membership(table)
    last = _count(connection, f"select coalesce(max(rowid), -1) from {name}")
    columns = select_list(table, _types(rows))
    written = _count(connection, f"insert into {name} by name select {columns} from {_INCOMING}")
    connection.execute(f"delete from {name} where rowid <= ? and {own}", [last, list(partitions)])
    kept = _count(connection, f"select count(*) from {name} where {own}", [list(partitions)])
    if kept != written:
        msg = (
            f"{table.full_name}: {written - kept} of {written} rows do not belong to the "
            f"partitions being written ({_summary(partitions)}) by their column "
            f"{table.partition_column}. Nothing was written: filter the rows to those partitions."
        )
        raise ContractBrokenError(msg)
    return written


def _reshape(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    on_disk: Mapping[str, str],
    partitions: Sequence[str],
) -> None:
    """Rewrite what the other partitions hold in the contract's shape: new columns are null."""
    name = qualified_name(table)
    column = _partition_column(table)
    if on_disk.get(column.name) == column.type.value:
        others = f"{name} where {_membership(table)} is not true"
        misfits = losses(connection, table, on_disk, others, [list(partitions)])
        remedy = f"Materialize all partitions of {table.source}/{table.name} in one run"
    else:
        misfits = f"its partition column {column.name} is new"
        remedy = f"Drop the table {table.full_name}, then materialize all its partitions"
    if misfits:
        msg = (
            f"{table.full_name} was written under an older contract, and its other partitions "
            f"cannot be kept: {misfits}. Nothing was written. {remedy}."
        )
        raise ContractBrokenError(msg)
    connection.execute(f"delete from {name} where {_membership(table)}", [list(partitions)])
    columns = select_list(table, on_disk)
    connection.execute(f"create or replace table {name} as select {columns} from {name}")


def _check_columns(table: Table, given: Sequence[str]) -> None:
    """Raise ContractBrokenError unless the names given are exactly the contract's."""
    missing = [name for name in table.column_names if name not in given]
    extra = [name for name in given if name not in table.column_names]
    if missing or extra:
        faults = [f"lacks {', '.join(missing)}"] if missing else []
        faults += [f"has {', '.join(extra)} too many"] if extra else []
        msg = (
            f"{table.full_name}: the frame {' and '.join(faults)}. Nothing was written: select the "
            "contract's columns, or change the contract."
        )
        raise ContractBrokenError(msg)


def _stored(connection: duckdb.DuckDBPyConnection, table: Table) -> duckdb.DuckDBPyRelation | None:
    """Return the table as it is stored, None if it is not."""
    try:
        return connection.table(qualified_name(table))
    except duckdb.CatalogException:
        return None


def _types(rows: duckdb.DuckDBPyRelation) -> dict[str, str]:
    """Return the relation's columns: name to DuckDB type."""
    return {name: str(type_) for name, type_ in zip(rows.columns, rows.types, strict=True)}


def _misfits(
    connection: duckdb.DuckDBPyConnection, table: Table, rows: duckdb.DuckDBPyRelation
) -> str:
    """Return which columns hold how many values that do not fit; "" if that is not the trouble."""
    try:
        return losses(connection, table, _types(rows), _INCOMING)
    except duckdb.Error:  # the rows cannot be computed at all
        return ""


def _partition_column(table: Table) -> Column:
    """Return the column that says which partition a row is in."""
    if table.partition_column is None:
        msg = f"{table.full_name} is partitioned but its contract names no partition column"
        raise ContractBrokenError(msg)
    return table.column(table.partition_column)


def _membership(table: Table) -> str:
    """Return the condition that a row is in the partitions bound to its one parameter."""
    column = _partition_column(table)
    return f"{quoted(column.name)} in (select unnest(cast(? as {column.type.value}[])))"


def _among(
    connection: duckdb.DuckDBPyConnection, table: Table, partitions: Sequence[str]
) -> duckdb.Expression:
    """Return the partitions as a few ranges of stored values.

    Not as a list: DuckDB turns a long `in` into a join, which neither keeps the row order nor skips
    the blocks of other partitions.
    """
    column = _partition_column(table)
    name, keys = quoted(column.name), f"cast(? as {column.type.value}[])"
    stored = connection.execute(
        f"""select distinct {name}, {_membership(table)} from {qualified_name(table)}
        where {name} between list_min({keys}) and list_max({keys}) order by 1""",
        [list(partitions)] * 3,
    ).fetchall()
    among = duckdb.ConstantExpression(False)
    for own, group in groupby(stored, itemgetter(1)):
        if own:
            ends = [duckdb.ConstantExpression(key) for key, _ in group]
            among |= duckdb.ColumnExpression(column.name).between(ends[0], ends[-1])
    return among


def _difference(on_disk: Mapping[str, str], contract: Mapping[str, str]) -> str:
    """Return in words how the stored columns differ from the contract's."""
    faults = {
        "missing": [name for name in contract if name not in on_disk],
        "dropped": [name for name in on_disk if name not in contract],
        "of another type": [n for n in contract if on_disk.get(n, contract[n]) != contract[n]],
    }
    words = [f"{fault}: {', '.join(names)}" for fault, names in faults.items() if names]
    return "; ".join(words)


def _summary(partitions: Sequence[str]) -> str:
    """Return the partitions in words, short however many they are."""
    if len(partitions) == 1:
        return partitions[0]
    if not partitions:
        return "none"
    return f"{len(partitions)} from {min(partitions)} to {max(partitions)}"


def _count(
    connection: duckdb.DuckDBPyConnection, statement: str, parameters: Sequence[object] = ()
) -> int:
    """Run a statement whose answer is one number."""
    return int(connection.execute(statement, list(parameters)).fetchall()[0][0])
