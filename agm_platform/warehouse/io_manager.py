"""The I/O manager: assets' frames to and from the warehouse, each write one transaction.

What is read and written how is in `tables`; here is only what Dagster needs to reach it.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

import narwhals as nw
from dagster import DagsterInvariantViolationError
from dagster._core.storage.db_io_manager import DbClient, DbIOManager, DbTypeHandler
from dagster_duckdb import DuckDBIOManager
from pydantic import Field, PrivateAttr

from agm_platform.contracts.registry import find_table
from agm_platform.warehouse.connection import DEFAULT_MEMORY_LIMIT, Claim
from agm_platform.warehouse.tables import ContractBrokenError, read_table, replace_rows
from agm_platform.warehouse.types import qualified_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import dagster as dg
    import duckdb
    from dagster._core.storage.db_io_manager import TableSlice

    from agm_platform.contracts.model import Table


class Warehouse(DuckDBIOManager):
    """Stores assets under `[source, table]` in the DuckDB table `source.table`.

    Every table needs a contract, which decides its columns and types; a partitioned asset needs
    the metadata `partition_expr` with the contract's partition column. Loads `nw.LazyFrame` unless
    the parameter is annotated as a pandas frame; stores either.
    """

    memory_limit: str = Field(default=DEFAULT_MEMORY_LIMIT, description="As DuckDB writes it.")
    _claim: Claim | None = PrivateAttr(default=None)

    @staticmethod
    def contract(source: str, name: str) -> Table | None:
        """Return the contract of a table: the registry's, unless a subclass has its own."""
        return find_table(source, name)

    @staticmethod
    def type_handlers() -> Sequence[DbTypeHandler]:
        """Not used: the handlers need the contracts, see `create_io_manager`."""
        return []

    def create_io_manager(self, context: dg.InitResourceContext) -> DbIOManager:  # noqa: ARG002
        """Build the stock manager around our client and handlers."""
        self._claim = Claim(self.database, self.memory_limit)
        return _Manager(
            self.contract,
            type_handlers=[LazyFrames(self.contract)],
            db_client=Client(self._claim),
            database=self.database,
            io_manager_name=type(self).__name__,
            default_load_type=nw.LazyFrame,
        )

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:  # noqa: ARG002
        """Give the connection back."""
        if self._claim is not None:
            self._claim.release()


class _Manager(DbIOManager):
    """The stock manager, which learns of pandas frames when the first one comes or is wanted.

    pandas takes half a second and 80 MB: a run of lazy frames and their checks needs neither.
    """

    def __init__(self, contract: Callable[[str, str], Table | None], **arguments: Any) -> None:
        super().__init__(**arguments)
        self._contract = contract

    def _check_supported_type(self, obj_type: type) -> None:
        if not issubclass(obj_type, tuple(self._handlers_by_type)):
            from agm_platform.warehouse.pandas_frames import PandasFrames

            handler = PandasFrames(self._contract)
            self._handlers_by_type |= dict.fromkeys(handler.supported_types, handler)
        super()._check_supported_type(obj_type)


class Client(DbClient):
    """Hands out the shared connection; the handlers create, delete and insert in one step."""

    def __init__(self, claim: Claim) -> None:
        """Remember the claim; nothing is opened yet."""
        self._claim = claim

    @contextmanager
    def connect(self, context: object, table_slice: TableSlice) -> Iterator[Any]:  # type: ignore[override]  # noqa: ARG002
        """Give the connection; it stays open for the rest of the run."""
        yield self._claim.connection

    @staticmethod
    def ensure_schema_exists(context: object, table_slice: TableSlice, connection: object) -> None:
        """Do nothing: part of the write's transaction."""

    @staticmethod
    def delete_table_slice(context: object, table_slice: TableSlice, connection: object) -> None:
        """Do nothing: part of the write's transaction."""

    @staticmethod
    def get_table_name(table_slice: TableSlice) -> str:
        """Return `source.table`."""
        return f"{table_slice.schema}.{table_slice.table}"

    @staticmethod
    def get_select_statement(table_slice: TableSlice) -> str:
        """Return a query, for people, that shows the rows written."""
        query = f"select * from {table_slice.schema}.{table_slice.table}"
        for dimension in table_slice.partition_dimensions or ():
            keys = sorted(str(key).replace("'", "''") for key in dimension.partitions)
            if len(keys) == 1:
                query += f" where {dimension.partition_expr} = '{keys[0]}'"
            elif keys:
                query += f" where {dimension.partition_expr} between '{keys[0]}' and '{keys[-1]}'"
        return query


class Frames:
    """What the handlers of all frame types share: slices of tables as relations."""

    def __init__(self, contract: Callable[[str, str], Table | None]) -> None:
        """Remember how to find a table's contract."""
        self._contract = contract

    def store(
        self,
        context: dg.OutputContext,
        table_slice: TableSlice,
        rows: duckdb.DuckDBPyRelation,
        connection: duckdb.DuckDBPyConnection,
    ) -> Mapping[str, int]:
        """Replace the slice by `rows` and return the counts as metadata."""
        table = self._table(table_slice)
        if not context.has_asset_partitions:
            return {"dagster/row_count": replace_rows(connection, table, rows)}
        partitions = _partitions(table_slice)
        written = replace_rows(connection, table, rows, partitions)
        count = f"select count(*) from {qualified_name(table)}"
        return {
            "dagster/row_count": connection.execute(count).fetchall()[0][0],
            "dagster/partition_row_count" if len(partitions) == 1 else "rows_written": written,
        }

    def load(
        self,
        context: dg.InputContext,
        table_slice: TableSlice,
        connection: duckdb.DuckDBPyConnection,
    ) -> duckdb.DuckDBPyRelation:
        """Return the slice: the run's partitions for a partitioned reader, else the whole table.

        Not "all partitions that Dagster knows" for the others: with a new DAGSTER_HOME it knows
        none, and answers would silently be computed from nothing.
        """
        partitions = _partitions(table_slice) if _partitioned_reader(context) else None
        return read_table(connection, self._table(table_slice), partitions)

    def _table(self, table_slice: TableSlice) -> Table:
        """Return the slice's contract; ContractBrokenError if it has none."""
        table = self._contract(table_slice.schema, table_slice.table)
        if table is None:
            name = f"{table_slice.schema}.{table_slice.table}"
            msg = f"{name} has no contract: declare it in agm_platform/contracts/"
            raise ContractBrokenError(msg)
        return table


class LazyFrames(Frames, DbTypeHandler[nw.LazyFrame]):
    """Stores and loads Narwhals lazy frames: over a DuckDB relation, or over a pandas frame."""

    def handle_output(
        self,
        context: dg.OutputContext,
        table_slice: TableSlice,
        obj: nw.LazyFrame,
        connection: duckdb.DuckDBPyConnection,
    ) -> Mapping[str, int]:
        """Compute the frame straight into its table."""
        native = obj.to_native()
        rows = native if obj.implementation.is_duckdb() else connection.from_df(native)
        return self.store(context, table_slice, rows, connection)

    def load_input(
        self,
        context: dg.InputContext,
        table_slice: TableSlice,
        connection: duckdb.DuckDBPyConnection,
    ) -> nw.LazyFrame:
        """Return the slice, to be computed when it is needed; alive until the run ends."""
        return nw.from_native(self.load(context, table_slice, connection))

    @property
    def supported_types(self) -> Sequence[type[object]]:
        """Return the one type."""
        return [nw.LazyFrame]


def _partitioned_reader(context: dg.InputContext) -> bool:
    """Whether the input is wanted for some partitions of its table only."""
    if not context.has_asset_partitions:
        return False
    try:
        return context.step_context.entity_partitions_def is not None
    except DagsterInvariantViolationError:  # loaded by hand, outside a run
        return True


def _partitions(table_slice: TableSlice) -> list[str]:
    """Return the keys of the slice of a partitioned table, sorted: Dagster gives them unordered."""
    (dimension,) = table_slice.partition_dimensions or ()
    return sorted(cast("Sequence[str]", dimension.partitions))
