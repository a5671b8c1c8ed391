"""Every file below a folder: searched for a person in whatever way it is stored, and cleaned."""

from __future__ import annotations

import gzip
import sqlite3
import zipfile
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agm_platform.privacy.probes import in_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from agm_platform.privacy.probes import Probes

SQLITE = b"SQLite format 3\0"
DUCKDB = b"DUCK"  # at byte 8
GZIP, ZIP, PARQUET = b"\x1f\x8b", b"PK\x03\x04", b"PAR1"
CHUNK, OVERLAP = 8 << 20, 1 << 12
ROWS_AT_ONCE = 1000


def files_below(folders: Iterable[Path]) -> Iterator[Path]:
    """Yield every file once, in order; links are not followed."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                yield path


def holds(path: Path, probes: Probes) -> bool:
    """Whether a file holds the person: in its bytes, its name, or unpacked as what it is.

    In a database two values close to each other in the bytes may be of different rows, so the rows
    are looked at.
    """
    if probes.found_in(path.name.encode(errors="replace")):
        return True
    with path.open("rb") as file:
        start = file.read(16)
        is_database = start.startswith((SQLITE, PARQUET)) or start[8:12] == DUCKDB
        file.seek(0)
        if _streamed(file, probes.alone_in if is_database else probes.found_in):
            return True
    if start.startswith(SQLITE):
        return any(_sqlite_rows(path, probes).values())
    if is_database:
        return _duckdb_holds(path, probes, is_database=start[8:12] == DUCKDB)
    return _packed_holds(path, start, probes)


def _packed_holds(path: Path, start: bytes, probes: Probes) -> bool:
    """Whether a compressed file holds the person; one that cannot be unpacked holds only bytes."""
    if start.startswith(GZIP):
        with suppress(OSError, EOFError), gzip.open(path) as packed:
            return _streamed(packed, probes.found_in)
    if start.startswith(ZIP):
        with suppress(zipfile.BadZipFile), zipfile.ZipFile(path) as packed:
            return any(probes.found_in(packed.read(name)) for name in packed.namelist())
    return False


def clean(path: Path, probes: Probes) -> str:
    """Take the person out of a file that may lose a part; return in words what was done.

    Rows of an SQLite file and lines of a text go; any other file goes as a whole.
    """
    with path.open("rb") as file:
        start = file.read(4096)
    if start.startswith(SQLITE):
        with closing(sqlite3.connect(path, timeout=30)) as db:
            db.create_function("holds_person", -1, lambda *row: in_rows([row], probes))
            count = 0
            for table, columns in _text_columns(db).items():
                listed = ", ".join(f'"{column}"' for column in columns)
                count += db.execute(f'delete from "{table}" where holds_person({listed})').rowcount
            db.commit()
            db.execute("pragma wal_checkpoint(truncate)").fetchall()
            db.execute("vacuum")
            db.execute("pragma wal_checkpoint(truncate)").fetchall()
        return f"{count} rows deleted"
    if b"\0" not in start and not start.startswith(GZIP):
        lines = path.read_bytes().splitlines(keepends=True)
        kept = [line for line in lines if not probes.found_in(line)]
        if len(kept) < len(lines) and not probes.found_in(b"".join(kept)):
            aside = path.with_name(f".{path.name}.erasing")
            aside.write_bytes(b"".join(kept))
            aside.chmod(path.stat().st_mode & 0o777)
            aside.replace(path)
            return f"{len(lines) - len(kept)} lines deleted"
    path.unlink()
    return "file deleted"


def compact_sqlite(path: Path) -> None:
    """Write an SQLite file anew, so that what was deleted or changed leaves no bytes."""
    with closing(sqlite3.connect(path, timeout=30)) as db:
        db.execute("pragma wal_checkpoint(truncate)").fetchall()
        db.execute("vacuum")
        db.execute("pragma wal_checkpoint(truncate)").fetchall()


def _streamed(file: Any, found_in: Callable[[bytes], bool]) -> bool:
    """Search in pieces that overlap: a value is never cut in two."""
    tail = b""
    while chunk := file.read(CHUNK):
        if found_in(tail + chunk):
            return True
        tail = chunk[-OVERLAP:]
    return False


def _text_columns(db: sqlite3.Connection) -> dict[str, list[str]]:
    names = [
        row[0]
        for row in db.execute("select name from sqlite_master where type = 'table'")
        if not row[0].startswith("sqlite_")
    ]
    return {name: [row[1] for row in db.execute(f'pragma table_info("{name}")')] for name in names}


def _sqlite_rows(path: Path, probes: Probes) -> dict[str, int]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as db:
        return {
            name: _count(db.execute(f'select * from "{name}"'), probes)
            for name in _text_columns(db)
        }


def _count(rows: Any, probes: Probes) -> int:
    count = 0
    while batch := rows.fetchmany(ROWS_AT_ONCE):
        count += in_rows(batch, probes)
    return count


def _duckdb_holds(path: Path, probes: Probes, *, is_database: bool) -> bool:
    import duckdb

    with duckdb.connect() as db:
        if not is_database:
            return in_rows(db.read_parquet(str(path)).fetchall(), probes) > 0
        literal = str(path).replace("'", "''")
        db.execute(f"attach '{literal}' as searched (read_only)")
        tables = db.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = 'searched'"
        ).fetchall()
        for schema, table in tables:
            rows = db.execute(f'select * from searched."{schema}"."{table}"')
            if _count(rows, probes):
                return True
        comments = db.execute(
            "select comment from duckdb_columns() where database_name = 'searched'"
        ).fetchall()
        return in_rows(comments, probes) > 0
