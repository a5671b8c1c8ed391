"""pandas frames to and from the warehouse; apart from the I/O manager because pandas is heavy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dagster_duckdb_pandas import DuckDBPandasTypeHandler

from agm_platform.warehouse.io_manager import Frames

if TYPE_CHECKING:
    from collections.abc import Mapping

    import dagster as dg
    import duckdb
    import pandas as pd
    from dagster._core.storage.db_io_manager import TableSlice


class PandasFrames(Frames, DuckDBPandasTypeHandler):
    """Stores and loads pandas frames; for model outputs and small statistics."""

    def handle_output(
        self,
        context: dg.OutputContext,
        table_slice: TableSlice,
        obj: pd.DataFrame,
        connection: duckdb.DuckDBPyConnection,
    ) -> Mapping[str, int]:
        """Write the frame's columns; its index is not data."""
        return self.store(context, table_slice, connection.from_df(obj), connection)

    def load_input(
        self,
        context: dg.InputContext,
        table_slice: TableSlice,
        connection: duckdb.DuckDBPyConnection,
    ) -> pd.DataFrame:
        """Return the slice in memory."""
        return self.load(context, table_slice, connection).df()
