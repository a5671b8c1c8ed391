"""The warehouse's connection as a Dagster resource, for assets that read files or run SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg
from pydantic import Field, PrivateAttr

from agm_platform.warehouse.connection import DEFAULT_MEMORY_LIMIT, Claim

if TYPE_CHECKING:
    import duckdb


class Engine(dg.ConfigurableResource):
    """Gives `connection`: the one that the run's inputs and outputs use as well.

    Opened at its first use, closed when the run ends, whatever its outcome. Fetch every result to
    its end: a result left open blocks all relations of the connection.
    """

    database: str = Field(description="Path of the DuckDB file.")
    memory_limit: str = Field(default=DEFAULT_MEMORY_LIMIT, description="As DuckDB writes it.")
    _claim: Claim | None = PrivateAttr(default=None)

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The shared connection; WarehouseLockedError if another process has the file open."""
        if self._claim is None:
            self._claim = Claim(self.database, self.memory_limit)
        return self._claim.connection

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:  # noqa: ARG002
        """Give the connection back."""
        if self._claim is not None:
            self._claim.release()
