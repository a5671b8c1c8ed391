"""From one query to the columns behind each of its columns, by parsing; nothing is executed."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlglot import exp
    from sqlglot.lineage import Node

    from agm_platform.contracts.model import Table

    Sources = dict[str, tuple[str, ...]]

DEEPEST = 20_000
"""Python frames: words of senders are mapped by expressions nested some thousand deep."""


def trace(sql: str, tables: Iterable[Table]) -> Sources:
    """Return column to the columns, `source.table.column` in order, whose values it is made of.

    What decides which rows there are (filters, keys of joins and groups) is not among them: a count
    of rows, and a constant, have none. A column that cannot be followed to the end is left out.
    `tables` are all that the query reads. Raises sqlglot.SqlglotError for what is no query.
    """
    from sqlglot import MappingSchema
    from sqlglot.lineage import lineage

    known: dict[str, object] = {}
    for table in tables:
        columns = {column.name: column.type.value for column in table.columns}
        known.setdefault(table.source, {})[table.name] = columns  # type: ignore[index]
    with _deep():
        schema = MappingSchema(known, dialect="duckdb")
        nodes = lineage(None, sql, schema, dialect="duckdb", trim_selects=False, copy=False)
        found = {name: _sources(node) for name, node in nodes.items()}
    return {name: tuple(sorted(sources)) for name, sources in found.items() if sources is not None}


def _sources(column: Node) -> set[str] | None:
    """Return the columns of tables at the ends of a column's graph; None if one end is unknown."""
    from sqlglot import exp

    found = set()
    for node in column.walk():
        if node.downstream:
            continue
        if isinstance(node.expression, exp.Table):
            if not node.expression.db:  # rows that were computed before the query was built
                return None
            name = exp.to_column(node.name, dialect="duckdb").name
            found.add(f"{node.expression.db}.{node.expression.name}.{name}")
        elif _is_unknown(node.expression):
            return None
    return found


def _is_unknown(expression: exp.Expr) -> bool:
    """Whether columns could stand in an end of the graph that are not told; count(*) has none."""
    from sqlglot import exp

    return any(
        isinstance(each, exp.Placeholder) or not isinstance(each.parent, exp.Count)
        for each in expression.find_all(exp.Placeholder, exp.Star)
    )


@contextmanager
def _deep() -> Iterator[None]:
    usual = sys.getrecursionlimit()
    sys.setrecursionlimit(max(usual, DEEPEST))
    try:
        yield
    finally:
        sys.setrecursionlimit(usual)
