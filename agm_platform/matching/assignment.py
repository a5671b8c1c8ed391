"""Who gets whom when each record has at most one partner: the best total, not the first come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd


def best_partners(pairs: pd.DataFrame, *, one_to_one: bool) -> pd.DataFrame:
    """Return the pairs that are chosen, from columns left_id, right_id and value (positive).

    With `one_to_one` every left and right record is in at most one pair and the sum of the values
    is the greatest possible (Hungarian method on each group of pairs that hang together).
    Otherwise each left record has its best pair. Equal values fall the same way in any order of the
    rows. Raises ValueError for a value that is not positive.
    """
    import pandas as pd

    if len(pairs) and not (pairs["value"] > 0).all():
        msg = "an assignment needs positive values"
        raise ValueError(msg)
    ordered = pairs.sort_values(["left_id", "right_id"], ignore_index=True)
    best = ordered.sort_values(["left_id", "value"], ascending=[True, False], kind="stable")
    best = best.drop_duplicates("left_id")
    if not one_to_one:
        return best.sort_index(ignore_index=True)
    # Where every best partner is wanted once and by one only, the best pairs are the assignment.
    contested = _contested(ordered)
    simple = best[~best.index.isin(np.flatnonzero(contested))]
    chosen = [simple]
    tangled = ordered[contested]
    for _, group in tangled.groupby(_components(tangled)):
        chosen.append(_assigned(group))
    return pd.concat(chosen).sort_values(["left_id", "right_id"], ignore_index=True)


def _contested(ordered: pd.DataFrame) -> npt.NDArray[Any]:
    """Return which pairs hang together with a right record that several left records have."""
    if ordered.empty:
        return np.zeros(0, dtype=bool)
    group = _components(ordered)
    several = ordered.groupby("right_id")["left_id"].transform("nunique").to_numpy() > 1
    return np.isin(group, np.unique(group[several]))


def _components(pairs: pd.DataFrame) -> npt.NDArray[Any]:
    """Return for each pair the number of the group of pairs that it hangs together with."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    left, left_ids = pairs["left_id"].factorize()
    right, right_ids = pairs["right_id"].factorize()
    size = len(left_ids) + len(right_ids)
    graph = coo_array((np.ones(len(pairs)), (left, right + len(left_ids))), shape=(size, size))
    return np.asarray(connected_components(graph, directed=False)[1])[left]


def _assigned(group: pd.DataFrame) -> pd.DataFrame:
    """Return the assignment of one group; a record may stay alone, pairs not given are no pairs."""
    from scipy.optimize import linear_sum_assignment

    left, left_ids = group["left_id"].factorize(sort=True)
    right, right_ids = group["right_id"].factorize(sort=True)
    values = np.zeros((len(left_ids), len(right_ids)))
    values[left, right] = group["value"]
    rows, columns = linear_sum_assignment(values, maximize=True)
    taken = set(
        zip(rows[values[rows, columns] > 0], columns[values[rows, columns] > 0], strict=True)
    )
    kept = [pair in taken for pair in zip(left, right, strict=True)]
    return group[kept]
