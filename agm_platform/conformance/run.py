"""Every function of frames found in the definitions, run on both engines and compared."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import dagster as dg

from agm_platform.conformance.compare import differences
from agm_platform.conformance.sides import on_duckdb, on_spark, rows_of
from agm_platform.defs.privacy import Privacy
from agm_platform.defs.table import Declared, declared

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    import narwhals as nw
    from duckdb import DuckDBPyConnection


SAME, DIFFERENT, CANNOT_RUN, NOT_NEUTRAL = "same", "different", "cannot run", "not engine-neutral"
GIVEN = {"Privacy": Privacy(keys_path="conformance")}
"""What a function may take beside frames: plain settings, without a file or a connection."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one table: SAME, DIFFERENT, CANNOT_RUN or NOT_NEUTRAL, and words for it."""

    table: str
    state: str
    words: tuple[str, ...] = ()
    rows: int = 0


def functions_of_frames(definitions: dg.Definitions, pattern: str = "*") -> list[Declared]:
    """Return what `@table` declared of every asset that takes frames of an engine, by table.

    Assets that read files or take pandas frames alone are not among them.
    """
    found = [
        told
        for asset in definitions.assets or ()
        if isinstance(asset, dg.AssetsDefinition)
        and (told := declared(asset)) is not None
        and any(_is_lazy(parameter) for parameter in _parameters(told))
        and fnmatchcase(told.contract.full_name, pattern)
    ]
    return sorted(found, key=lambda told: told.contract.full_name)


def compared(
    functions: list[Declared],
    paths: Mapping[str, Path],
    connection: DuckDBPyConnection,
    session: Any,
) -> Iterator[Outcome]:
    """Run each function on both engines over the same files and compare types and rows."""
    for told in functions:
        yield _outcome(told, paths, connection, session)
        session.catalog.clearCache()


def _outcome(
    told: Declared, paths: Mapping[str, Path], connection: DuckDBPyConnection, session: Any
) -> Outcome:
    name = told.contract.full_name
    if told.duckdb_only is not None:
        return Outcome(name, NOT_NEUTRAL, (told.duckdb_only,))
    absent = [table.full_name for table in told.frames.values() if table.full_name not in paths]
    if absent:
        return Outcome(name, CANNOT_RUN, (f"the warehouse has no {', '.join(absent)}",))
    unknown = [
        parameter.name
        for parameter in _parameters(told)
        if parameter.name not in told.frames
        and parameter.kind is not inspect.Parameter.VAR_KEYWORD
        and _kind(parameter) not in GIVEN
    ]
    if unknown:
        return Outcome(
            name,
            CANNOT_RUN,
            (f"takes {', '.join(unknown)}: say duckdb_only, or why not",),
        )
    try:
        types, ours = rows_of(
            _run(told, lambda path: on_duckdb(connection, path), paths), told.contract
        )
    except Exception as error:  # noqa: BLE001  whatever the engine says is the report
        return Outcome(name, CANNOT_RUN, (f"DuckDB: {_first_line(error)}",))
    try:
        other_types, theirs = rows_of(
            _run(told, lambda path: on_spark(session, path), paths), told.contract
        )
    except Exception as error:  # noqa: BLE001  whatever the engine says is the report
        return Outcome(name, CANNOT_RUN, (f"Spark: {_first_line(error)}",))
    words = [
        f"{column}: {types[column]} against {other_types[column]}"
        for column in types
        if types[column] != other_types[column]
    ]
    words += differences(told.contract, ours, theirs)
    return Outcome(name, DIFFERENT if words else SAME, tuple(words), len(ours))


def _run(told: Declared, frame: Callable[[Path], nw.LazyFrame], paths: Mapping[str, Path]) -> Any:
    given: dict[str, Any] = {
        name: frame(paths[table.full_name]) for name, table in told.frames.items()
    }
    for parameter in _parameters(told):
        if parameter.name not in given and _kind(parameter) in GIVEN:
            given[parameter.name] = GIVEN[_kind(parameter)]
    return told.function(**given)


def _parameters(told: Declared) -> list[inspect.Parameter]:
    return list(inspect.signature(told.function).parameters.values())


def _is_lazy(parameter: inspect.Parameter) -> bool:
    return _kind(parameter) == "LazyFrame"


def _kind(parameter: inspect.Parameter) -> str:
    return str(getattr(parameter.annotation, "__name__", ""))


def _first_line(error: Exception) -> str:
    """Return what went wrong in one line; messages of engines may hold values further down."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {(lines or [''])[0][:200]}"
