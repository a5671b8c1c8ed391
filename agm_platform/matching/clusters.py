"""Records into clusters by accepted pairs, without chains that put different people together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import numpy.typing as npt
    import pandas as pd

JOIN, APART = "join", "apart"
"""What a pair says: the two are one person, or cannot be."""
CERTAIN = 1e6
"""The weight of a pair that a person has decided."""


def cluster(
    records: pd.DataFrame,
    pairs: pd.DataFrame,
    exclusive: Iterable[str] = (),
    least_margin: float = 0.0,
) -> pd.Series[str]:
    """Return for each record the smallest record_id of its cluster, in the order of the records.

    `records` has record_id and source, `pairs` left_id, right_id, says (join or apart) and
    match_weight. Pairs join in falling order of weight, then of ids, unless that would put two
    records of one `exclusive` source together (each of them is another person) or two that are
    apart. A record that joins two of one exclusive source with less than `least_margin` bits
    between them joins neither. The result is a function of records and pairs, whatever their order,
    and what hangs together by join pairs can be clustered by itself.
    """
    ids = np.sort(records["record_id"].to_numpy(dtype=object))
    place = dict(zip(ids, range(len(ids)), strict=True))
    source = dict(zip(records["record_id"], records["source"], strict=True))
    only = frozenset(exclusive)
    joins = pairs[pairs["says"] == JOIN]
    joins = joins[~_ambiguous(joins, source, only, least_margin)]
    left, right = _places(joins, place)
    labels = _components(len(ids), left, right)
    exclusive_source = np.array([source[each] if source[each] in only else "" for each in ids])
    suspect = _several(labels, exclusive_source)
    aparts = pairs[pairs["says"] == APART]
    first, second = _places(aparts, place)
    inside = labels[first] == labels[second] if len(aparts) else np.zeros(0, dtype=bool)
    suspect |= set(labels[first[inside]].tolist())
    if suspect:
        tangled = np.isin(labels[left], list(suspect)) if len(left) else np.zeros(0, dtype=bool)
        ordered = joins[tangled].sort_values(
            ["match_weight", "left_id", "right_id"], ascending=[False, True, True]
        )
        keep = ~np.isin(labels, list(suspect))
        labels = np.where(keep, labels, -1)
        forest = _Forest(exclusive_source, zip(first[inside], second[inside], strict=True))
        for one, other in zip(*_places(ordered, place), strict=True):
            forest.join(int(one), int(other))
        roots = np.array([forest.root(each) for each in range(len(ids))])
        labels = np.where(keep, labels, len(ids) + roots)
    _, first_of = np.unique(labels, return_index=True)
    smallest = dict(zip(labels[first_of], ids[first_of], strict=True))
    found = {each: smallest[label] for each, label in zip(ids, labels, strict=True)}
    return records["record_id"].map(found)


class _Forest:
    """Union-find that refuses to join what must stay apart."""

    def __init__(self, exclusive: npt.NDArray[Any], aparts: Iterable[tuple[int, int]]) -> None:
        self._parent = list(range(len(exclusive)))
        self._sources = [{source} if source else set() for source in exclusive.tolist()]
        self._enemies: dict[int, set[int]] = {}
        self._members: dict[int, set[int]] = {}
        for one, other in aparts:
            self._enemies.setdefault(int(one), set()).add(int(other))
            self._enemies.setdefault(int(other), set()).add(int(one))

    def root(self, record: int) -> int:
        while self._parent[record] != record:
            self._parent[record] = self._parent[self._parent[record]]
            record = self._parent[record]
        return record

    def join(self, one: int, other: int) -> None:
        a, b = self.root(one), self.root(other)
        if a == b or self._sources[a] & self._sources[b]:
            return
        ours, theirs = self._members.get(a, {a}), self._members.get(b, {b})
        if self._enemies.get(a, set()) & theirs or self._enemies.get(b, set()) & ours:
            return
        self._parent[b] = a
        self._sources[a] |= self._sources[b]
        self._members[a] = ours | theirs
        self._enemies[a] = self._enemies.get(a, set()) | self._enemies.get(b, set())


def _ambiguous(
    joins: pd.DataFrame, source: Mapping[str, str], only: frozenset[str], least_margin: float
) -> npt.NDArray[Any]:
    """Return which pairs lead a record to two of one exclusive source, nearly as strongly."""
    import pandas as pd

    found = np.zeros(len(joins), dtype=bool)
    if not only or not len(joins):
        return found
    weights = joins["match_weight"].to_numpy(dtype=float)
    for here, there in (("left_id", "right_id"), ("right_id", "left_id")):
        partner = joins[there].map(source)
        exclusive = partner.isin(only).to_numpy()
        table = pd.DataFrame(
            {"record": joins[here].to_numpy(), "source": partner.to_numpy(), "weight": weights}
        )[exclusive]
        ranked = table.sort_values("weight", ascending=False)
        ranked["rank"] = ranked.groupby(["record", "source"]).cumcount()
        two = ranked[ranked["rank"] < 2].pivot_table(
            index=["record", "source"], columns="rank", values="weight"
        )
        if 1 not in two:
            continue
        close = two[(two[0] - two[1]) < least_margin].index
        found[exclusive] |= pd.MultiIndex.from_frame(table[["record", "source"]]).isin(close) & (
            table["weight"].to_numpy() < CERTAIN
        )
    return found


def _places(
    pairs: pd.DataFrame, place: Mapping[str, int]
) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Return the numbers of the records of each pair."""
    left = pairs["left_id"].map(place).to_numpy(dtype=int)
    return left, pairs["right_id"].map(place).to_numpy(dtype=int)


def _components(size: int, left: npt.NDArray[Any], right: npt.NDArray[Any]) -> npt.NDArray[Any]:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(size, size))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def _several(labels: npt.NDArray[Any], exclusive: npt.NDArray[Any]) -> set[int]:
    """Return the labels that hold two records of one exclusive source."""
    import pandas as pd

    marked = exclusive != ""
    counts = pd.Series(labels[marked]).groupby([labels[marked], exclusive[marked]]).size()
    return {int(label) for label, _ in counts[counts > 1].index}
