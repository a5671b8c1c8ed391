"""Casts to a contract's types that change no value, as SQL; what would be changed is counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agm_platform.contracts.model import Table, Type
from agm_platform.warehouse.types import quoted, shape

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import duckdb


def select_list(table: Table, given: Mapping[str, str]) -> str:
    """Return the select list that turns columns (name to DuckDB type) into the contract's.

    Columns not given are null. A value that its cast would change raises in the middle of the
    query, without being named: DuckDB's own messages quote it.
    """
    parts = []
    for name, type_ in shape(table).items():
        column = quoted(name)
        if name not in given:
            expression = f"cast(null as {type_})"
        elif (survives := _survives(column, given[name], type_)) is None:
            expression = column if given[name] == type_ else f"cast({column} as {type_})"
        else:
            expression = (
                f"case when {survives} then try_cast({column} as {type_}) else error('') end"
            )
        parts.append(f"{expression} as {column}")
    return ", ".join(parts)


def losses(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    given: Mapping[str, str],
    source: str,
    parameters: Sequence[object] = (),
) -> str:
    """Return in words how many rows of `source` which cast would change, "" if none.

    `source` is what follows `from`, with `parameters` for its question marks.
    """
    types = shape(table)
    conditions = {
        name: survives
        for name, type_ in types.items()
        if name in given and (survives := _survives(quoted(name), given[name], type_))
    }
    if not conditions:
        return ""
    counts = ", ".join(f"count(*) filter (not {survives})" for survives in conditions.values())
    row = connection.execute(f"select {counts} from {source}", list(parameters)).fetchall()[0]
    return "; ".join(
        f"column {name}: {count} {'value does' if count == 1 else 'values do'} not fit, "
        f"{given[name]} cannot become {types[name]} without loss"
        for name, count in zip(conditions, row, strict=True)
        if count
    )


def _survives(column: str, source: str, target: str) -> str | None:
    """Return the condition that a value is the same after the cast and back; None: always."""
    if target in (source, Type.TEXT.value) or source == '"NULL"':
        return None
    back = f"cast(try_cast({column} as {target}) as {source})"
    return f"({column} is null or coalesce({back} = {column}, false))"
