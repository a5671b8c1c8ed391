"""Great Expectations suites as JSON: written from the contracts, and read where written by hand.

`write_suites` keeps one generated file a table; `stale_suites` tells where files and contracts have
drifted apart; `with_suites` adds the files of analysts to the contracts. Nothing here evaluates.
"""

from __future__ import annotations

import dataclasses
import json
from datetime import date
from itertools import chain
from typing import TYPE_CHECKING, Any

from agm_platform.contracts.model import OnFailure, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from agm_platform.contracts.model import Table

COLUMN_PREFIX = "expect_column_values_to_"
PREFIX = "expect_"


def suite(table: Table) -> dict[str, Any]:
    """Return the suite of `table` in Great Expectations' own JSON form, plain types only."""
    return {
        "name": table.full_name,
        "expectations": [expectation(rule) for rule in table.rules],
        "meta": {"description": table.description},
    }


def expectation(rule: Rule) -> dict[str, Any]:
    """Return one rule as Great Expectations writes it; our own words travel in `meta`."""
    meta: dict[str, Any] = {
        "name": rule.name,
        "description": rule.description,
        "on_failure": rule.on_failure.value,
        "blocking": rule.on_failure is OnFailure.BLOCK,
        "source": rule.source,
    }
    if rule.reads:
        meta["reads"] = list(rule.reads)
    return {
        "type": rule.expectation,
        "kwargs": json.loads(json.dumps(dict(rule.kwargs), default=_plain)),
        "severity": rule.severity.value,
        "meta": meta,
    }


def write_suites(tables: Iterable[Table], folder: Path) -> list[Path]:
    """Write `<folder>/<source>/<table>.json` for every table with rules; remove what has no table.

    Returns the files that changed or went. The same contracts give the same bytes.
    """
    wanted = _wanted(tables, folder)
    changed = []
    for path, text in wanted.items():
        if not path.exists() or path.read_bytes() != text.encode():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
            changed.append(path)
    for path in _written(folder) - wanted.keys():
        path.unlink()
        changed.append(path)
    return sorted(changed)


def stale_suites(tables: Iterable[Table], folder: Path) -> list[str]:
    """Return a sentence for each file in `folder` that is not what the contracts say."""
    wanted = _wanted(tables, folder)
    problems = [
        f"{path}: no contract stands behind it" for path in _written(folder) - wanted.keys()
    ]
    for path, text in wanted.items():
        if not path.exists():
            problems.append(f"{path}: missing")
        elif path.read_bytes() != text.encode():
            problems.append(f"{path}: differs from the contract")
    return sorted(problems)


def with_suites(tables: Iterable[Table], folder: Path) -> tuple[Table, ...]:
    """Return the tables with the rules of `<folder>/<source>/<table>.json` added to their own.

    Such a file is a suite as Great Expectations writes it. `meta.name` names the check, else it is
    made from column and type; `meta.on_failure` is warn unless it says block; `meta.reads` lists
    other tables that a rule in SQL looks at. Raises ValueError naming the file for invalid JSON, an
    unknown table or column, and a name that is taken.
    """
    tables = tuple(tables)
    names = {table.full_name for table in tables}
    files = _written(folder)
    merged = []
    for table in tables:
        path = _path(folder, table)
        merged.append(_with_suite(table, path, names) if path in files else table)
        files.discard(path)
    if files:
        path = min(files)
        msg = f"{path}: there is no table {path.parent.name}.{path.stem}"
        raise ValueError(msg)
    return tuple(merged)


def read_suite(path: Path) -> tuple[Rule, ...]:
    """Return the rules of a suite file; ValueError naming the file and the entry if it is wrong."""
    try:
        entries = list(json.loads(path.read_text(encoding="utf-8"))["expectations"])
    except (ValueError, KeyError, TypeError) as error:
        msg = f"{path}: not a Great Expectations suite in JSON: {error!r}"
        raise ValueError(msg) from error
    return tuple(_rule(path, number, entry) for number, entry in enumerate(entries, start=1))


def _with_suite(table: Table, path: Path, names: set[str]) -> Table:
    try:
        added = read_suite(path)
        for name in chain.from_iterable(rule.reads for rule in added):
            if name not in names:
                msg = f"there is no table {name} to read"
                raise ValueError(msg)
        return dataclasses.replace(table, rules=(*table.rules, *added))
    except ValueError as error:
        reason = str(error)
        msg = reason if reason.startswith(str(path)) else f"{path}: {reason}"
        raise ValueError(msg) from error


def _rule(path: Path, number: int, entry: dict[str, Any]) -> Rule:
    try:
        meta = entry.get("meta") or {}
        kwargs = entry["kwargs"]
        rule = Rule(
            name=meta.get("name") or _default_name(entry["type"], kwargs),
            expectation=entry["type"],
            kwargs=kwargs,
            description=meta.get("description") or entry.get("description") or entry["type"],
            on_failure=OnFailure(meta.get("on_failure", OnFailure.WARN)),
            severity=Severity(entry.get("severity", Severity.CRITICAL)),
            source=meta.get("source") or path.name,
            reads=_reads(meta, kwargs),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        msg = f"{path}: expectation {number}: {error!r}"
        raise ValueError(msg) from error
    if rule.on_failure is OnFailure.QUARANTINE:
        msg = f"{path}: expectation {number}: only a contract's rule can set rows aside; use warn"
        raise ValueError(msg)
    return rule


def _reads(meta: dict[str, Any], kwargs: dict[str, Any]) -> tuple[str, ...]:
    """Return the other tables that a suite's entry names: in `meta.reads`, or to be compared."""
    named = meta.get("reads") or ()
    if isinstance(named, str) or not all(isinstance(name, str) for name in named):
        msg = "meta.reads is a list of tables, each source.name"
        raise TypeError(msg)
    other = kwargs.get("other_table_name")
    return tuple(dict.fromkeys([*named, *([other] if other else [])]))


def _default_name(kind: str, kwargs: dict[str, Any]) -> str:
    columns = kwargs.get("column") or "_".join(kwargs.get("column_list", ())) or "table"
    return f"{columns}__{kind.removeprefix(COLUMN_PREFIX).removeprefix(PREFIX)}"


def _wanted(tables: Iterable[Table], folder: Path) -> dict[Path, str]:
    return {
        _path(folder, table): json.dumps(suite(table), indent=2, ensure_ascii=False) + "\n"
        for table in tables
        if table.rules
    }


def _path(folder: Path, table: Table) -> Path:
    return folder / table.source / f"{table.name}.json"


def _written(folder: Path) -> set[Path]:
    return set(folder.glob("*/*.json"))


def _plain(value: object) -> object:
    if isinstance(value, date):  # a datetime is a date too
        return value.isoformat()
    if isinstance(value, set | frozenset):
        return sorted(value)
    msg = f"{value!r} cannot be written as JSON; use text, numbers, dates and lists"
    raise TypeError(msg)
