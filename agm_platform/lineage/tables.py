"""The lineage of all tables: traced where a function builds one query, else by names of columns."""

from __future__ import annotations

import hashlib
import inspect
import json
import re
from typing import TYPE_CHECKING

import dagster as dg
import duckdb
import narwhals as nw

from agm_platform.contracts.lineage import How, Lineage
from agm_platform.contracts.registry import FEEDS, TABLES
from agm_platform.contracts.snapshots import RECORD, ROW_NUMBER
from agm_platform.defs.landing.files import file_key
from agm_platform.defs.privacy import Privacy
from agm_platform.defs.table import Declared, declared
from agm_platform.landing.document import PEAK_DAY
from agm_platform.lineage.trace import trace
from agm_platform.warehouse.types import conform, qualified_name, quoted, shape

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from agm_platform.contracts.model import Table

    Columns = Mapping[str, tuple[str, ...]]

GIVEN = {"Privacy": Privacy(keys_path="lineage")}
"""What a function may take beside frames: plain settings, without a file or a connection."""
NOT_IN_FILE = {ROW_NUMBER.name, RECORD.name, "version_date", "file_name"}
"""Columns of a table as received that its file does not have: places, and what its name says."""
INVENTED = re.compile(r"[0-9a-f]{8,}")
"""Parts of names that Narwhals and DuckDB draw anew each time."""
NAMED = {f"{table.source}.{table.name}": table for table in TABLES}


def lineage_of_tables(definitions: dg.Definitions, earlier: str = "{}") -> str:
    """Return the content of `lineage.json`; what `earlier` says of an unchanged query is taken."""
    functions = {
        told.contract.full_name: told
        for asset in definitions.assets or ()
        if isinstance(asset, dg.AssetsDefinition) and (told := declared(asset)) is not None
    }
    graph = definitions.resolve_asset_graph()
    known = json.loads(earlier)
    found: dict[str, dict[str, object]] = {}
    with duckdb.connect() as connection:
        _unreadable(connection, TABLES)
        for table in sorted(TABLES, key=lambda each: each.full_name):
            key = dg.AssetKey([table.source, table.name])
            parents = {".".join(parent.path) for parent in graph.get(key).parent_keys}
            reads = tuple(sorted(parents - {table.full_name}))
            told = functions.get(table.full_name)
            sql = query_of(told, connection) if told is not None else None
            if sql is None:
                found[table.full_name] = _entry(_by_name(table, reads))
                continue
            digest = hashlib.sha256(INVENTED.sub("", sql).encode()).hexdigest()[:12]
            before = known.get(table.full_name, {})
            if before.get("query") == digest and before.get("reads") == list(reads):
                found[table.full_name] = before
                continue
            traced = Lineage(How.TRACED, reads, trace(sql, TABLES))
            found[table.full_name] = {**_entry(traced), "query": digest}
    return _written(found)


def query_of(told: Declared, connection: duckdb.DuckDBPyConnection) -> str | None:
    """Return the query that a table's function builds; None if it is not one query.

    The tables that it gets raise when a row of theirs is asked for: a function that looks at rows
    on its way might build another query from others, and what it makes of them in Python is not in
    the query.
    """
    if told.function.__annotations__.get("return") is not nw.LazyFrame:
        return None
    given: dict[str, object] = {
        name: nw.from_native(connection.table(qualified_name(table)))
        for name, table in told.frames.items()
    }
    for name, parameter in inspect.signature(told.function).parameters.items():
        kind = getattr(parameter.annotation, "__name__", "")
        if name not in given and kind in GIVEN:
            given[name] = GIVEN[kind]
        elif name not in given and parameter.kind is not inspect.Parameter.VAR_KEYWORD:
            return None
    try:
        native = conform(told.function(**given), told.contract).to_native()
    except duckdb.InvalidInputException:
        return None
    return str(native.sql_query()) if isinstance(native, duckdb.DuckDBPyRelation) else None


def _unreadable(connection: duckdb.DuckDBPyConnection, tables: Iterable[Table]) -> None:
    """Make of every contract a view with its columns that raises when it is read."""
    for table in tables:
        columns = ", ".join(
            f"cast(null as {type_}) as {quoted(name)}" for name, type_ in shape(table).items()
        )
        connection.execute(f"create schema if not exists {quoted(table.source)}")
        connection.execute(
            f"create view {qualified_name(table)} as select {columns} from range(1) as one(n)"
            " where cast(error('a row was looked at') as boolean) or n = 0"
        )


def _by_name(table: Table, reads: tuple[str, ...]) -> Lineage:
    """Return the lineage of a table whose function is not one query: names are what there is."""
    files = [name for name in reads if name in FILES]
    if table.name.startswith("raw_") and not table.name.endswith("files") and len(files) == 1:
        fields = {
            column.name: ((f"{files[0]}.{column.name}",) if _is_field(table, column.name) else ())
            for column in table.columns
        }
        return Lineage(How.FILE, reads, fields)
    columns: dict[str, tuple[str, ...]] = {}
    for column in table.columns:
        sources = [
            f"{name}.{column.name}"
            for name in reads
            if name in NAMED
            and column.name in NAMED[name].column_names
            and NAMED[name].column(column.name).type is column.type
        ]
        if sources:
            columns[column.name] = tuple(sources)
    return Lineage(How.BY_NAME, reads, columns)


FILES = {".".join(file_key(feed).path) for feed in FEEDS}
"""The kinds of files, named as tables are."""
PEAK_FIELDS = {
    part.table: set(part.fields) for part in (PEAK_DAY.records, *PEAK_DAY.objects, PEAK_DAY.items)
}


def _is_field(table: Table, name: str) -> bool:
    """Whether a column of a table as received is a field of its file."""
    if table.source == "peak" and table.name in PEAK_FIELDS:
        return name in PEAK_FIELDS[table.name] or name == PEAK_DAY.key
    return name not in NOT_IN_FILE


def _entry(lineage: Lineage) -> dict[str, object]:
    return {
        "how": lineage.how.value,
        "reads": list(lineage.reads),
        "columns": {name: list(sources) for name, sources in lineage.columns.items()},
    }


def _written(found: Mapping[str, Mapping[str, object]]) -> str:
    """Return JSON with a line a column, so that a change is read as one."""
    tables = []
    for name, entry in found.items():
        columns = entry["columns"]
        assert isinstance(columns, dict)
        lines = ",\n".join(f"   {json.dumps(c)}: {json.dumps(s)}" for c, s in columns.items())
        others = "".join(
            f'  "{key}": {json.dumps(value)},\n' for key, value in entry.items() if key != "columns"
        )
        block = f"{{\n{lines}\n  }}" if lines else "{}"
        tables.append(f' {json.dumps(name)}: {{\n{others}  "columns": {block}\n }}')
    return "{\n" + ",\n".join(tables) + "\n}\n"
