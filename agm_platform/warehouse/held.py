"""Rows that several results are made of, computed once: what Narwhals cannot say."""

from __future__ import annotations

from typing import Any

import narwhals as nw


def held(frame: nw.LazyFrame) -> nw.LazyFrame:
    """Return the same rows, on DuckDB computed now and kept in memory as long as the frame lives.

    A lazy frame that is read several times is computed as often. Other engines get it as it is.
    """
    if not frame.implementation.is_duckdb():
        return frame
    native: Any = frame.to_native()
    return nw.from_native(native.materialize())
