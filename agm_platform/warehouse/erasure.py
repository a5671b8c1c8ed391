"""Taking persons out of rows, and out of the bytes of the warehouse's file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from agm_platform.contracts.privacy import ERASED_NUMBER
from agm_platform.warehouse.types import quoted

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from agm_platform.contracts.model import Table

    # (source, number, (first name, last name, street) or None) -> whether it is such a person
    IsPerson = Callable[[str, "str | None", "tuple[str, str, str] | None"], bool]

NAME_FIELDS = ("first_name", "last_name", "street")
SEPARATOR = "\x1f"


def without_persons(
    table: Table,
    rows: duckdb.DuckDBPyRelation,
    is_person: IsPerson,
) -> tuple[duckdb.DuckDBPyRelation, int]:
    """Return the rows of a table without certain persons, and how many records were theirs.

    In a table of persons their rows go and the others are numbered anew; elsewhere the number
    becomes that of the erased and names and places are emptied, so amounts stay. The order of rows
    stays. Each different record is asked about once. A table without numbers of persons is
    returned as it is.
    """
    numbered = next(
        ((name, kind) for name, kind in table.identities.items() if kind == table.source), None
    )
    if numbered is None:
        return rows, 0
    number, source = numbered
    named = [name for name in NAME_FIELDS if name in table.column_names]
    columns = [number, *named]
    theirs = []
    records = 0
    different = rows.aggregate(
        ", ".join([*map(quoted, columns), "count(*) as records"]), ", ".join(map(quoted, columns))
    )
    for own, *texts, count in different.fetchall():
        told = tuple(text or "" for text in texts)
        names = (told[0], told[1], told[2]) if len(told) == 3 else None
        if is_person(source, own, names):
            theirs.append(SEPARATOR.join([own or "", *told]))
            records += count
    if not theirs:
        return rows, 0
    empty = duckdb.ConstantExpression("")
    key = duckdb.FunctionExpression(
        "concat_ws",
        duckdb.ConstantExpression(SEPARATOR),
        *(duckdb.CoalesceOperator(duckdb.ColumnExpression(name), empty) for name in columns),
    )
    # A list and not a join: the order of the rows stays.
    is_theirs = duckdb.FunctionExpression("list_contains", duckdb.ConstantExpression(theirs), key)
    if table.one_row_a_person:
        kept = rows.filter(~is_theirs)
        if "row_number" in table.column_names:
            kept = kept.project("* replace (row_number() over (order by row_number) as row_number)")
        return kept, records
    emptied = {column.name for column in table.columns if column.personal}
    emptied |= {name for level in table.quasi_identifiers for name in level}
    values: list[duckdb.Expression] = []
    for name in table.column_names:
        column = duckdb.ColumnExpression(name)
        if name == number or name in emptied:
            new = duckdb.ConstantExpression(ERASED_NUMBER if name == number else "")
            values.append(duckdb.CaseExpression(is_theirs, new).otherwise(column).alias(name))
        else:
            values.append(column)
    return rows.select(*values), records


def rewrite(path: Path) -> None:
    """Copy a database that nobody has open into a new file and put it in the old one's place.

    DuckDB keeps the blocks of deleted rows in the file until something else needs them.
    """
    fresh = path.with_name(f"{path.name}.new")
    for leftover in (fresh, fresh.with_name(f"{fresh.name}.wal")):
        leftover.unlink(missing_ok=True)
    with duckdb.connect() as connection:
        connection.execute("set preserve_insertion_order = true")
        connection.execute(f"attach {_text(str(path))} as old")
        connection.execute("checkpoint old")
        connection.execute(f"attach {_text(str(fresh))} as fresh")
        connection.execute("copy from database old to fresh")
        connection.execute("checkpoint fresh")
        connection.execute("detach fresh; detach old")
    fresh.replace(path)
    path.with_name(f"{path.name}.wal").unlink(missing_ok=True)


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
