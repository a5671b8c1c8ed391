"""A table's rows as Python values, or its numbers as arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import narwhals as nw
    import numpy as np
    import numpy.typing as npt
    import pandas as pd


def records(frame: nw.LazyFrame) -> list[dict[str, Any]]:
    """Return the rows as dicts, None where null.

    A DuckDB relation gives its rows itself: the way over pandas would turn integers with nulls
    into floats, and the one over Arrow needs a package more.
    """
    native = frame.to_native()
    if frame.implementation.is_duckdb():
        return [dict(zip(native.columns, row, strict=True)) for row in native.fetchall()]
    return frame.collect().rows(named=True)


def arrays(frame: nw.LazyFrame) -> dict[str, npt.NDArray[np.float64]]:
    """Return the columns of numbers as arrays; NaN where null."""
    import numpy as np

    native = frame.to_native()
    if frame.implementation.is_duckdb():
        found = native.fetchnumpy()
        return {
            name: np.ma.filled(np.ma.asarray(column).astype(float), np.nan)
            for name, column in found.items()
        }
    collected = frame.collect()
    return {
        name: np.array(
            [np.nan if value is None else float(value) for value in collected[name].to_list()]
        )
        for name in collected.columns
    }


def as_pandas(frame: nw.LazyFrame) -> pd.DataFrame:
    """Return the rows as a pandas frame."""
    native = frame.to_native()
    if frame.implementation.is_duckdb():
        found: pd.DataFrame = native.df()
        return found
    return frame.collect().to_pandas()
