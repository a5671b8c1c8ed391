"""The one connection that a process holds to a DuckDB file, shared by all who claim it.

DuckDB allows one writing process a file, and a lazy relation lives only as long as its connection:
so inputs, outputs and assets of a run share one connection, closed when the last claim is released.
"""

from __future__ import annotations

import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType
    from typing import Self

DEFAULT_MEMORY_LIMIT = "3GB"

# Nothing may be fetched at run time; row order is part of a table (file order of raw tables).
# What does not fit in memory spills to `<file>.tmp`, beside the database.
SETTINGS: dict[str, str | bool] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "preserve_insertion_order": True,
}


class WarehouseLockedError(RuntimeError):
    """Another process has the database file open."""


@dataclass(slots=True)
class _Shared:
    """An open connection, its memory limit and the number of claims on it."""

    connection: duckdb.DuckDBPyConnection
    memory_limit: str
    claims: int = 0


_open: dict[Path, _Shared] = {}
_guard = threading.Lock()


class Claim:
    """One user's claim on the process's connection to a database file.

    The file (and its folder) is opened or created at the first use of `connection`. `release`, or
    leaving the `with` block, gives the claim back; the last one to do so closes the connection.
    """

    def __init__(self, database: str | Path, memory_limit: str = DEFAULT_MEMORY_LIMIT) -> None:
        """Remember what to open; nothing is opened yet."""
        self._path = Path(database).resolve()
        self._memory_limit = memory_limit
        self._shared: _Shared | None = None

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The shared connection.

        Raises WarehouseLockedError if another process has the file open, ValueError if this
        process has it open with another memory limit.
        """
        if self._shared is None:
            with _guard:
                shared = _open.get(self._path)
                if shared is None:
                    connection = _connect(self._path, self._memory_limit)
                    shared = _open[self._path] = _Shared(connection, self._memory_limit)
                if shared.memory_limit != self._memory_limit:
                    msg = (
                        f"{self._path} is open with memory_limit {shared.memory_limit!r}, not "
                        f"{self._memory_limit!r}: give all resources the same limit"
                    )
                    raise ValueError(msg)
                shared.claims += 1
                self._shared = shared
        return self._shared.connection

    def release(self) -> None:
        """Give the claim back; a second call does nothing."""
        with _guard:
            shared, self._shared = self._shared, None
            if shared is None:
                return
            shared.claims -= 1
            if not shared.claims:
                del _open[self._path]
                shared.connection.close()

    def __enter__(self) -> Self:
        """Return the claim itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Release the claim."""
        self.release()


@contextmanager
def read_only(database: str | Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a connection that cannot change the file, which has to be there; closed afterwards.

    Raises WarehouseLockedError if a process is writing to it.
    """
    connection = _opened(Path(database).resolve(), DEFAULT_MEMORY_LIMIT, read_only=True)
    try:
        yield connection
    finally:
        connection.close()


def _connect(path: Path, memory_limit: str) -> duckdb.DuckDBPyConnection:
    """Open the file for writing, and create it if need be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = _opened(path, memory_limit, read_only=False)
    connection.execute("set global timezone = 'UTC'")
    return connection


def _opened(path: Path, memory_limit: str, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    """Open the file; WarehouseLockedError says who else has it open."""
    try:
        return duckdb.connect(
            str(path), read_only=read_only, config={**SETTINGS, "memory_limit": memory_limit}
        )
    except duckdb.IOException as error:
        if "lock" not in str(error):
            raise
        holder = re.search(r"\(PID (\d+)\)", str(error))
        who = f"process {holder[1]}" if holder else "another process"
        msg = (
            f"{path} is open in {who}, and DuckDB allows one writer at a time. Wait for that run "
            f"to end or stop {who}; to look at results, open published/insights.duckdb instead, "
            "which is never locked."
        )
        raise WarehouseLockedError(msg) from None
