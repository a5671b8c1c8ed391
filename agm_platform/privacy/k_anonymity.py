"""Rows about one person each: places are emptied where too few persons share them.

Local suppression to k-anonymity. Source: Sweeney, k-anonymity: a model for protecting privacy
(2002); Samarati (2001).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals as nw

from agm_platform.contracts.privacy import SMALLEST_GROUP
from agm_platform.privacy.suppression import FLAG, with_hidden_cells

if TYPE_CHECKING:
    from collections.abc import Sequence


def generalise(
    frame: nw.LazyFrame, levels: Sequence[Sequence[str]], k: int = SMALLEST_GROUP
) -> nw.LazyFrame:
    """Empty quasi-identifiers so that at least `k` rows share every combination that is left.

    `levels` are sets of columns from coarse to fine (state before city and ZIP). Where fewer than k
    rows share a combination, the level that makes it so and all finer ones are emptied, together
    with those of the next smallest combinations until k rows have it empty: else the few were those
    without a place. A frame of fewer than k rows has all levels emptied.
    """
    kept: list[str] = []
    for number, level in enumerate(levels):
        shared = [*kept, *level]
        finer = [name for later in levels[number:] for name in later]
        sizes = frame.group_by(*shared).agg(_size=nw.len())
        flagged = with_hidden_cells(sizes, kept, "_size", k, cell_columns=shared)
        # A join on equality loses nulls: an empty place is a combination like any other.
        keys = [_comparable(name) for name in shared]
        flags = flagged.select(*keys, _few=nw.col(FLAG))
        names = frame.collect_schema().names()
        joined = frame.with_columns(*keys).join(
            flags, on=[f"_key_{name}" for name in shared], how="left"
        )
        frame = joined.with_columns(
            *(nw.when(~nw.col("_few")).then(nw.col(name)).alias(name) for name in finer)
        ).select(names)
        kept = shared
    return frame


def _comparable(name: str) -> nw.Expr:
    text = nw.col(name).cast(nw.String)
    return text.fill_null("\0").alias(f"_key_{name}")
