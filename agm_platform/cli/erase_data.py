"""Taking a person out of what is below DATA: rows, snapshots, history, caches; and the search."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from agm_platform.cli.places import ELSEWHERE
from agm_platform.contracts.registry import TABLES
from agm_platform.privacy.probes import in_rows
from agm_platform.privacy.sweep import clean, files_below, holds
from agm_platform.warehouse.connection import Claim
from agm_platform.warehouse.erasure import without_persons
from agm_platform.warehouse.tables import read_table, replace_rows
from agm_platform.warehouse.types import qualified_name, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import duckdb

    from agm_platform.contracts.model import Table
    from agm_platform.landing.zone import LandingZone
    from agm_platform.privacy.person import Person
    from agm_platform.privacy.probes import Probes
    from agm_platform.settings import Settings
    from agm_platform.warehouse.erasure import IsPerson

RECEIVED = [table for table in TABLES if table.name.startswith("raw_")]
WITH_PERSONS = [table for table in RECEIVED if table.identities]
# Part of the repository, where DATA is its own folder: invented people and public places.
COMMITTED = ("samples", "reference", "expectations")
KEPT = (*COMMITTED, "landing", "keys", "warehouse", "ledger", "snapshots", "published", ELSEWHERE)


def records_of(settings: Settings, is_person: IsPerson) -> int:
    """Return in how many received rows of the warehouse the person is."""
    if not settings.warehouse_path.exists():
        return 0
    with Claim(settings.warehouse_path) as claim:
        return sum(
            without_persons(table, read_table(claim.connection, table), is_person)[1]
            for table in WITH_PERSONS
        )


def erase_rows(
    settings: Settings, is_person: IsPerson, hashes: Mapping[str, str]
) -> Iterator[tuple[str, int]]:
    """Take persons out of the received rows and give files their new SHA-256.

    Yields (table, records). What is computed from these rows is computed anew by a run.
    """
    if not settings.warehouse_path.exists():
        return
    with Claim(settings.warehouse_path) as claim:
        connection = claim.connection
        for table in WITH_PERSONS:
            rows, records = without_persons(table, read_table(connection, table), is_person)
            if records:
                replace_rows(connection, table, rows)
                yield table.full_name, records
        for table in TABLES:
            if "file_sha256" in table.column_names and _exists(connection, table):
                connection.executemany(
                    f"update {qualified_name(table)} set file_sha256 = ? where file_sha256 = ?",
                    [[after, before] for before, after in hashes.items()] or [[None, None]],
                )


def forget_snapshots(settings: Settings, *, keep_current: bool) -> int:
    """Delete what was published before, all of it if nothing new could be; return how many."""
    current = settings.published_path.resolve() if keep_current else None
    if not keep_current:
        settings.published_path.unlink(missing_ok=True)
    others = [
        path
        for path in (settings.snapshots_path.iterdir() if settings.snapshots_path.exists() else ())
        if path.resolve() != current
    ]
    for path in others:
        shutil.rmtree(path)
    return len(others)


def sweep_rows(settings: Settings, probes: Probes) -> Iterator[tuple[str, int]]:
    """Delete rows of the person that no run computes anew; yield table and number of rows."""
    if settings.warehouse_path.exists():
        with Claim(settings.warehouse_path) as claim:
            yield from _delete_rows(claim.connection, probes)


def sweep_files(settings: Settings, probes: Probes) -> Iterator[tuple[Path, str]]:
    """Clean files of reviews, histories, logs, journals and caches below DATA.

    Yields what was done to which file.
    """
    folders = [p for p in settings.data.iterdir() if p.is_dir() and p.name not in KEPT]
    for path in files_below(sorted(folders)):
        if holds(path, probes):
            yield path, clean(path, probes)


def remains(settings: Settings, zone: LandingZone, probes: Probes) -> list[str]:
    """Search every file below DATA and in the landing zone; return those that hold the person."""
    is_remote = "://" in settings.landing
    folders = [p for p in settings.data.iterdir() if p.is_dir() and p.name not in COMMITTED]
    if not is_remote:
        folders.append(Path(settings.landing))
    found = {path.resolve() for path in files_below(folders) if holds(path, probes)}
    places = []
    for path in sorted(found):
        of_other_zone = ELSEWHERE in path.parts
        hint = " (of another landing zone: make erase with that LANDING)" if of_other_zone else ""
        places.append(f"{path}{hint}")
    if is_remote:
        places += [
            f"{source}/{file.name}"
            for source in zone.sources()
            for file in zone.list(source).files
            if probes.found_in(zone.read_bytes(file))
        ]
    return places


def has_number(settings: Settings, person: Person) -> list[str]:
    """Return the tables of the warehouse with one of the person's numbers in a column of such.

    Tables over several sources write a number as agm:17.
    """
    if not settings.warehouse_path.exists():
        return []
    found = []
    written = [f"{source}:{number}" for source, number in person.numbers]
    with Claim(settings.warehouse_path) as claim:
        for table in TABLES:
            columns = {name: None for name in table.column_names if name.endswith("_id")}
            for name, source in {**columns, **table.identities}.items():
                own = [number for kind, number in person.numbers if kind == source]
                numbers = own if source else written
                if numbers and _exists(claim.connection, table):
                    rows = claim.connection.execute(
                        f"select count(*) from {qualified_name(table)}"
                        f" where list_contains(?, trim({quoted(name)}::varchar))",
                        [numbers],
                    ).fetchall()
                    found += [table.full_name] if rows[0][0] else []
    return sorted(set(found))


def is_shared(settings: Settings, text: str) -> bool:
    """Whether received rows or reference tables hold the text now that the person is gone."""
    if not settings.warehouse_path.exists():
        return False
    with Claim(settings.warehouse_path) as claim:
        for table in [*RECEIVED, *(t for t in TABLES if t.source == "reference")]:
            columns = [c.name for c in table.columns if c.type.value == "VARCHAR"]
            if not columns or not _exists(claim.connection, table):
                continue
            joined = ", ".join(map(quoted, columns))
            rows = claim.connection.execute(
                f"select 1 from {qualified_name(table)}"
                f" where contains(lower(concat_ws(chr(31), {joined})), lower(?)) limit 1",
                [text],
            ).fetchall()
            if rows:
                return True
    return False


def _delete_rows(
    connection: duckdb.DuckDBPyConnection, probes: Probes
) -> Iterator[tuple[str, int]]:
    """Delete rows that a run does not compute anew, such as those of a journal kept as a table."""
    tables = connection.execute(
        "select schema_name, table_name from duckdb_tables() where not temporary"
    ).fetchall()
    received = {(table.source, table.name) for table in RECEIVED}
    for schema, table in tables:
        if (schema, table) in received:
            continue
        name = f"{quoted(schema)}.{quoted(table)}"
        rows = connection.execute(f"select rowid, * from {name}")
        theirs = []
        while batch := rows.fetchmany(1000):
            if in_rows([row[1:] for row in batch], probes):
                theirs += [row[0] for row in batch if in_rows([row[1:]], probes)]
        if theirs:
            connection.execute(f"delete from {name} where list_contains(?, rowid)", [theirs])
            yield f"{schema}.{table}", len(theirs)


def _exists(connection: duckdb.DuckDBPyConnection, table: Table) -> bool:
    with suppress(Exception):
        connection.table(qualified_name(table))
        return True
    return False
