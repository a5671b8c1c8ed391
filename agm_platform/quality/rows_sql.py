"""The DuckDB query that shows the rows that fail a rule, made from the very same expression."""

from __future__ import annotations

import atexit
import threading
from contextlib import contextmanager
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

import duckdb
import narwhals as nw

from agm_platform.contracts.model import Type
from agm_platform.contracts.rules import UNEXPECTED_ROWS
from agm_platform.quality.layout import Layout, NotPushedDown
from agm_platform.quality.measures import considered_rows, unique_columns
from agm_platform.quality.predicates import row_predicate
from agm_platform.quality.queries import written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from agm_platform.contracts.model import Rule, Table

MOST_NAMED_PARTITIONS = 7
_one_at_a_time = threading.Lock()


def rows_sql(table: Table, rules: Iterable[Rule], partitions: Sequence[str] = ()) -> dict[str, str]:
    """Return, by the rule's name, the query that shows its failing rows in the warehouse.

    Of a table with personal columns only the columns of the key are selected. Rules whose failure
    no row stands for are left out.
    """
    queries = {}
    with _no_rows(table) as frame:
        layout = Layout.of(frame)
        for rule in rules:
            if rule.expectation == UNEXPECTED_ROWS:
                # What its author selects may be personal.
                if not table.personal:
                    batch = _batch(frame, table, partitions)
                    queries[rule.name] = written(rule.kwargs["unexpected_rows_query"], batch)
                continue
            columns = unique_columns(rule)
            try:
                rest = considered_rows(rule, layout) if columns else ~row_predicate(rule, layout)
            except (NotPushedDown, ValueError):
                continue
            conditions = [
                part for part in (in_partitions(table, partitions), rest) if part is not None
            ]
            rows = frame.filter(*conditions) if conditions else frame
            query = _shown(rows, table).to_native().sql_query()
            queries[rule.name] = query + _repeated(columns)
    return queries


def _batch(frame: nw.LazyFrame, table: Table, partitions: Sequence[str]) -> str:
    """Return what stands for the rows under test: the table, or a query for the partitions."""
    of_run = in_partitions(table, partitions)
    if of_run is None:
        return table.full_name
    return f"({frame.filter(of_run).to_native().sql_query()})"


@contextmanager
def _no_rows(table: Table) -> Iterator[nw.LazyFrame]:
    """Give the table without rows, so that queries can be written down without the warehouse."""
    columns = ", ".join(f'"{column.name}" {column.type.value}' for column in table.columns)
    with _one_at_a_time, _memory().cursor() as connection:
        connection.execute("begin transaction")
        try:
            connection.execute(f'create schema "{table.source}"')
            connection.execute(f'create table "{table.source}"."{table.name}" ({columns})')
            yield nw.from_native(connection.table(f'"{table.source}"."{table.name}"'))
        finally:
            connection.execute("rollback")


@cache
def _memory() -> duckdb.DuckDBPyConnection:
    """Open a database in memory, once: it takes longer than all queries of a table."""
    atexit.register(_memory.cache_clear)
    return duckdb.connect()


def in_partitions(table: Table, partitions: Sequence[str]) -> nw.Expr | None:
    """Return where a row is in the partitions: in one of a few, else between first and last.

    None without partitions, or for a table that is not kept by partition.
    """
    if not partitions or table.partition_column is None:
        return None
    column = nw.col(table.partition_column)
    of_dates = table.column(table.partition_column).type is Type.DATE
    keys = sorted(date.fromisoformat(key) if of_dates else key for key in partitions)
    if len(keys) == 1:
        return column == keys[0]
    few = len(keys) <= MOST_NAMED_PARTITIONS
    return column.is_in(keys) if few else column.is_between(keys[0], keys[-1])


def _shown(rows: nw.LazyFrame, table: Table) -> nw.LazyFrame:
    if not table.personal:
        return rows
    harmless = [name for name in table.key if not table.column(name).personal]
    return rows.select(*harmless) if harmless else rows.select(rows=nw.len())


def _repeated(columns: Sequence[str]) -> str:
    names = ", ".join(f'"{name}"' for name in columns)
    return f" QUALIFY count(*) OVER (PARTITION BY {names}) > 1" if columns else ""
