"""The data dictionary: every table and column of the contracts as one Markdown page."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from agm_platform.contracts.lineage import origin

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agm_platform.contracts.model import Column, Table

HEAD = """# Data dictionary

Generated from the contracts by `make contracts`; edit those, not this page. A table `source.name`
is the DuckDB table of that name, the Dagster asset `source/name`, and the Great Expectations suite
of that name. Personal columns never leave the warehouse.

`from` gives the fields of files, `<source>_<feed>.<field>`, whose values a column is made of. It is
read off the queries that the tables' functions build, so it is exact unless it says "by name" (a
function looks at rows on its way, and a table that it reads has such a column) or "computed in
Python" (only the tables are known). What decides which rows there are is not in it.
"""


def markdown(tables: Iterable[Table]) -> str:
    """Return the page, tables in order of source and name."""
    ordered = sorted(tables, key=lambda table: (table.source, table.name))
    parts = [HEAD]
    for source, group in groupby(ordered, key=lambda table: table.source):
        parts.append(f"\n## {source}\n")
        parts += [_table(table) for table in group]
    return "".join(parts)


def _table(table: Table) -> str:
    facts = [f"Key: {', '.join(f'`{name}`' for name in table.key)}." if table.key else ""]
    facts.append(f"Partitioned by `{table.partition_column}`." if table.partition_column else "")
    facts.append("Published." if table.published_columns else "Not published.")
    lines = [
        f"\n### {table.full_name}\n\n{table.description} {' '.join(filter(None, facts))}\n",
        "\n| column | type | meaning | from |\n|---|---|---|---|\n",
        *(_column(column, str(origin(table.full_name, column.name))) for column in table.columns),
    ]
    if table.rules:
        lines.append("\n| rule | if it does not hold | meaning |\n|---|---|---|\n")
        lines += [
            f"| `{rule.name}` | {rule.on_failure} | {_cell(rule.description)} |\n"
            for rule in table.rules
        ]
    return "".join(lines)


def _column(column: Column, source: str) -> str:
    notes = [column.description]
    notes += [f"Unit: {column.unit}."] if column.unit else []
    notes += ["Personal."] if column.personal else []
    notes += ["Published as a pseudonym."] if column.identity else []
    notes += ["May be absent from a file."] if not column.required else []
    cells = (f"`{column.name}`", column.type.name.lower(), _cell(" ".join(notes)), _cell(source))
    return f"| {' | '.join(cells)} |\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
