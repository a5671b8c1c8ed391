"""Published folders made by hand: a few rows in tables as their contracts have them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb

from agm_platform.contracts.registry import TABLES, find_table
from agm_platform.warehouse.types import create_statement, qualified_name

Row = Mapping[str, Any]


def publish(
    folder: Path,
    rows: Mapping[str, Sequence[Row]],
    answers: Sequence[Row] = (),
    tables: Sequence[str] | None = None,
) -> Path:
    """Write a published folder with these rows by table; `tables` are all that are in it."""
    folder.mkdir(parents=True, exist_ok=True)
    names = rows if tables is None else tables
    with duckdb.connect(str(folder / "insights.duckdb")) as db:
        for name in names:
            source, _, table_name = name.partition(".")
            table = find_table(source, table_name)
            assert table is not None, name
            public = replace(
                table, columns=table.published_columns, key=(), rules=(), partition_column=None
            )
            db.execute(f'create schema if not exists "{source}"')
            db.execute(create_statement(public))
            db.execute(f"comment on table {qualified_name(public)} is 'About <{name}> & more.'")
            for row in rows.get(name, ()):
                columns = ", ".join(f'"{column}"' for column in row)
                marks = ", ".join("?" * len(row))
                db.execute(
                    f"insert into {qualified_name(public)} ({columns}) values ({marks})",
                    list(row.values()),
                )
    text = json.dumps([answer(**row) for row in answers])
    (folder / "answers.json").write_text(text, encoding="utf-8")
    (folder / "manifest.json").write_text(
        json.dumps(
            {
                "run_id": "a-run",
                "files": {},
                "tables": {
                    name: {"rows": len(rows.get(name, ())), "blocking_checks_passed": ["one"]}
                    for name in names
                },
            }
        ),
        encoding="utf-8",
    )
    return folder


def answer(**given: Any) -> dict[str, Any]:
    """Return an answer as answers.json has it."""
    blank = dict.fromkeys(
        ("value", "low", "high", "unit", "sample_size", "caveat", "evidence", "method", "as_of")
    )
    row = {**blank, "question": "How many?", "answer": "Some.", "details": [], **given}
    row["source"] = row["answer_id"].partition(".")[0]
    return {**row, "review": None}


def breakdown(dimension: str, member: str, orders: int | None, **more: Any) -> Row:
    """Return one row of a breakdown of orders; without orders a hidden one."""
    return {
        "dimension": dimension,
        "member": member,
        "orders": orders,
        "meals": None if orders is None else 5 * orders,
        "gross_usd_cents": None if orders is None else 6000 * orders,
        "suppressed": orders is None,
        **more,
    }


PUBLISHED = [table.full_name for table in TABLES if table.published_columns]
