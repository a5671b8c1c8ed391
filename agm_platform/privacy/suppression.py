"""Which cells of a table of sums describe too few customers, and which would give those away.

Secondary suppression by size: cells that are too small are hidden with the next smallest ones of
their group until the hidden ones cannot be had from the group's total. Source: Hundepool et al.,
Statistical Disclosure Control (2012), chapter 4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals as nw

from agm_platform.contracts.privacy import LEAST_HIDDEN_CELLS, SMALLEST_GROUP

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


FLAG = "suppressed"
_OWN = ("_count", "_filled", "_seed", "_cells", "_sum", "_triggered", "_parent_hidden", "_all")


def suppress(
    frame: nw.LazyFrame,
    group_columns: Sequence[str],
    count_column: str,
    figure_columns: Sequence[str],
    k: int = SMALLEST_GROUP,
    *,
    cell_columns: Sequence[str] = (),
) -> nw.LazyFrame:
    """Add the Boolean column `suppressed` and empty the figures of the rows that it marks.

    The rows of one group add up to a total that readers know; without group columns all rows are
    one group. `cell_columns` decide between rows of one size: the result then does not depend on
    the order of the rows.
    """
    flagged = with_hidden_cells(frame, group_columns, count_column, k, cell_columns=cell_columns)
    return without_figures(flagged, figure_columns)


def without_figures(
    frame: nw.LazyFrame, figure_columns: Sequence[str], flag: str = FLAG
) -> nw.LazyFrame:
    """Empty the figures of the rows that the Boolean column `flag` marks."""
    return frame.with_columns(
        *(nw.when(~nw.col(flag)).then(nw.col(name)).alias(name) for name in figure_columns)
    )


def with_hidden_cells(
    frame: nw.LazyFrame,
    group_columns: Sequence[str],
    count_column: str,
    k: int = SMALLEST_GROUP,
    *,
    cell_columns: Sequence[str] = (),
    least: Mapping[str, int] | None = None,
) -> nw.LazyFrame:
    """Add the Boolean column `suppressed`: which rows' figures must not be published.

    Hidden are rows that count 1 to k - 1 customers and, in their group, the next smallest until at
    least two rows with at least k customers together are hidden. A row that counts nobody is never
    hidden, for it covers nothing. `least` asks, by the value of the first group column, for more
    hidden rows than two, where readers know more than one equation (orders and meals of baskets).
    """
    count = nw.col(count_column).fill_null(0)
    counted = frame.with_columns(_count=count, _all=nw.lit(1))
    seeded = counted.with_columns(_seed=(nw.col("_count") > 0) & (nw.col("_count") < k))
    wanted: nw.Expr = nw.lit(LEAST_HIDDEN_CELLS)
    for value, cells in (least or {}).items():
        wanted = nw.when(nw.col(group_columns[0]) == value).then(nw.lit(cells)).otherwise(wanted)
    groups = list(group_columns) or ["_all"]
    return _smallest_first(seeded, groups, cell_columns, wanted, nw.lit(k))


def with_hidden_known_cells(
    frame: nw.LazyFrame,
    group_columns: Sequence[str],
    cell: str,
    unknown: str,
    count_column: str,
    k: int = SMALLEST_GROUP,
) -> nw.LazyFrame:
    """Add `suppressed` as `with_hidden_cells` does, where one cell is of what is not known.

    That cell places nobody: it is hidden if it is small, but no other is hidden for its sake.
    """
    is_unknown = nw.col(cell) == unknown
    known = with_hidden_cells(
        frame.filter(~is_unknown), group_columns, count_column, k, cell_columns=[cell]
    )
    rest = frame.filter(is_unknown).with_columns(**{FLAG: nw.col(count_column) < k})
    return nw.concat([known, rest.select(known.collect_schema().names())])


def with_hidden_cells_within(
    frame: nw.LazyFrame,
    group: str,
    cell: str,
    parent: str,
    within: Mapping[str, str],
    k: int = SMALLEST_GROUP,
) -> nw.LazyFrame:
    """Hide what larger cells would give away, where cells of one group add up to those of another.

    Parameters: a frame with `suppressed`, `_count` is made from `customers`; `within` names for a
    group (day) the larger group (weekday), and the column `parent` holds, in rows of such a group,
    the cell of the larger one that the row is a part of. Adds to `suppressed`: in a larger cell
    that readers see, parts are hidden as in a group of their own; in one that they do not see, at
    least one part is hidden, else it were the sum of its parts.
    """
    larger: nw.Expr = nw.lit(None, dtype=nw.String)
    for part, whole in within.items():
        larger = nw.when(nw.col(group) == part).then(nw.lit(whole)).otherwise(larger)
    wholes = frame.select(
        _whole=nw.col(group), _whole_cell=nw.col(cell), _parent_hidden=nw.col(FLAG)
    )
    placed = (
        frame.with_columns(_whole=larger)
        .join(wholes, left_on=["_whole", parent], right_on=["_whole", "_whole_cell"], how="left")
        .with_columns(
            _count=nw.col("customers").fill_null(0),
            _seed=nw.col(FLAG),
            _parent_hidden=nw.col("_parent_hidden").fill_null(value=False),
        )
    )
    has_parent = ~nw.col("_whole").is_null() & ~nw.col(parent).is_null()
    is_hidden = nw.col("_parent_hidden")
    parts = _smallest_first(
        placed.filter(has_parent).drop(FLAG),
        [group, parent],
        [cell],
        nw.when(is_hidden).then(nw.lit(1)).otherwise(nw.lit(LEAST_HIDDEN_CELLS)),
        nw.when(is_hidden).then(nw.lit(1)).otherwise(nw.lit(k)),
        also=is_hidden,
    )
    names = frame.collect_schema().names()
    return nw.concat([placed.filter(~has_parent).select(names), parts.select(names)])


def _smallest_first(
    frame: nw.LazyFrame,
    groups: Sequence[str],
    cells: Sequence[str],
    least: nw.Expr,
    k: nw.Expr,
    *,
    also: nw.Expr | None = None,
) -> nw.LazyFrame:
    """Mark the rows in `_seed` and, by size, as many more of their group as it takes.

    Needs `_count` and `_seed`, whose rows are the smallest of their group. Groups without such a
    row are left alone unless `also` holds in them.
    """
    order = ["_count", *cells]
    filled = nw.when(nw.col("_count") > 0).then(nw.lit(1)).otherwise(nw.lit(0))
    starts = nw.col("_seed") if also is None else nw.col("_seed") | also
    start = nw.when(starts).then(nw.lit(1)).otherwise(nw.lit(0))
    measured = frame.with_columns(_filled=filled, _triggered=start).with_columns(
        _cells=nw.col("_filled").cum_sum().over(*groups, order_by=order),
        _sum=nw.col("_count").cum_sum().over(*groups, order_by=order),
        _triggered=nw.col("_triggered").max().over(*groups),
    )
    lacks = (nw.col("_cells") - nw.col("_filled") < least) | (nw.col("_sum") - nw.col("_count") < k)
    added = (nw.col("_filled") == 1) & (nw.col("_triggered") == 1) & lacks
    names = [name for name in measured.collect_schema().names() if name not in _OWN]
    return measured.with_columns(**{FLAG: nw.col("_seed") | added}).select(
        *(name for name in names if name != FLAG), FLAG
    )
