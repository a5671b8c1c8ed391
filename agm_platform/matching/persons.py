"""Persons: clusters of records with ids that stay, day by day, and what happened to them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from agm_platform.matching import engine
from agm_platform.matching.agreement import CONFLICT, ELSEWHERE
from agm_platform.matching.bands import COSTS, LEAST_MARGIN, Costs
from agm_platform.matching.clusters import APART, CERTAIN, JOIN, cluster
from agm_platform.matching.linking import candidates

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    import pandas as pd

    from agm_platform.matching.design import Design
    from agm_platform.matching.model import Model

EVENTS = ("as_of", "event", "person_id", "other_person_id", "records")
PAIRS = ("left_id", "right_id", "says", "match_weight")
MEMBERS = ("record_id", "source", "person_id")


@dataclass(frozen=True)
class Known:
    """All that an increment needs of what was before; each is a frame that a table can hold.

    Texts may be Python's or Arrow's (pandas.ArrowDtype), and stay what they are: with Arrow's an
    increment into a million records looks through them several times faster.

    records      the prepared records with record_id (unique over all sources) and source
    pairs        left_id < right_id, says (join, apart), match_weight: what scoring found
    members      record_id, source, person_id
    events       as_of, event (merge, split, move), person_id, other_person_id, records
    frequencies  field, value, share: how common values are, pinned until everything is done anew
    """

    records: pd.DataFrame
    pairs: pd.DataFrame
    members: pd.DataFrame
    events: pd.DataFrame
    frequencies: pd.DataFrame


def nothing_known(records: pd.DataFrame, model: Model) -> Known:
    """Return an empty state whose frequencies are those of these prepared records."""
    import pandas as pd

    with engine.engine() as connection:
        frequencies = engine.count_frequencies(connection, model.design.frequency_columns, records)
    return Known(
        records.iloc[:0],
        pd.DataFrame({name: pd.Series(dtype=object) for name in PAIRS}).astype(
            {"match_weight": float}
        ),
        pd.DataFrame({name: pd.Series(dtype=object) for name in MEMBERS}),
        pd.DataFrame({name: pd.Series(dtype=object) for name in EVENTS}).astype({"records": int}),
        frequencies,
    )


def persons(
    received: pd.DataFrame,
    known: Known,
    model: Model,
    as_of: str,
    *,
    gone: Iterable[str] = (),
    exclusive: Iterable[str] = ("agm",),
    decisions: pd.DataFrame | None = None,
    costs: Costs = COSTS,
) -> Known:
    """Return what is known after a day's records: matched with what was, nothing done twice.

    `received` are prepared records with record_id and source; a record_id that is known replaces
    its record, those of `gone` are forgotten. Rows of the result are in no order. Clusters are the
    same as if all records had come at once, in whatever order the days came; person ids stay with
    the cluster that keeps most of their records. No cluster has two records of an `exclusive`
    source. `decisions` (left_id, right_id, decision) are all that were ever taken, by record_id.
    Raises ValueError for a record_id that stands twice in `received`.
    """
    kept = _kept(received, known, gone)
    found = compare(received, kept, known.frequencies, model, costs)
    return absorb(
        received,
        found,
        known,
        as_of,
        gone=gone,
        exclusive=exclusive,
        decisions=decisions,
        kept=kept,
    )


def absorb(
    received: pd.DataFrame,
    found: pd.DataFrame,
    known: Known,
    as_of: str,
    *,
    gone: Iterable[str] = (),
    exclusive: Iterable[str] = ("agm",),
    decisions: pd.DataFrame | None = None,
    kept: pd.DataFrame | None = None,
) -> Known:
    """Return what `persons` does, once the pairs of the new records are found (see `compare`).

    `kept` are the known records that stay as they are, by default found here.
    """
    kept = _kept(received, known, gone) if kept is None else kept
    changed = {*received["record_id"], *gone}
    is_old = _among(known.pairs["left_id"], changed) | _among(known.pairs["right_id"], changed)
    pairs = _joined(known.pairs[~is_old] if is_old.any() else known.pairs, found)
    records = _joined(kept, received)
    ruled = _decided(pairs, decisions, records)
    start = {*changed, *known.pairs[is_old]["left_id"], *known.pairs[is_old]["right_id"]}
    if decisions is not None:
        start |= {*decisions["left_id"], *decisions["right_id"]}
    before = known.members
    # Who was one person with somebody that changed may be so no longer; a new record was nobody.
    hit = before[_among(before["record_id"], start)]["person_id"]
    if len(hit):
        start |= set(before[_among(before["person_id"], hit)]["record_id"])
    touched = _reached(start, ruled[ruled["says"] == JOIN])
    was = _among(before["record_id"], touched)
    part = _plain(records[_among(records["record_id"], touched)][["record_id", "source"]])
    inside = _plain(ruled[_among(ruled["left_id"], touched) & _among(ruled["right_id"], touched)])
    label = cluster(part, inside, exclusive, LEAST_MARGIN)
    members, events = _named(part, label, _plain(before[was]), known, as_of)
    return replace(
        known,
        records=records,
        pairs=pairs,
        members=_joined(before[~was], members),
        events=_joined(known.events, events),
    )


def _kept(received: pd.DataFrame, known: Known, gone: Iterable[str]) -> pd.DataFrame:
    """Return the known records that stay as they are."""
    if received["record_id"].duplicated().any():
        msg = "a record_id stands twice among the records received"
        raise ValueError(msg)
    is_changed = _among(known.records["record_id"], {*received["record_id"], *gone})
    return known.records[~is_changed] if is_changed.any() else known.records


def compare(
    received: pd.DataFrame,
    kept: pd.DataFrame,
    frequencies: pd.DataFrame,
    model: Model,
    costs: Costs,
) -> pd.DataFrame:
    """Return what the new records say among themselves and with known ones that share a block.

    Columns left_id < right_id, says, match_weight: pairs that are one person by the model, and
    pairs that cannot be one.
    """
    near = _neighbours(received, kept, model.design) if len(kept) and len(received) else kept[:0]
    if near.empty:
        return said(candidates(received, None, model, frequencies), costs)
    # One scoring for both: a pair of new records comes twice, and each of them with itself.
    found = candidates(received, _joined(near, received), model, frequencies)
    is_once = ~_among(found["right_id"], received["record_id"]) | (
        found["left_id"] < found["right_id"]
    )
    return said(found[is_once], costs)


def said(pairs: pd.DataFrame, costs: Costs = COSTS) -> pd.DataFrame:
    """Return of candidates (see `linking.candidates`) the pairs that say join or apart."""
    import pandas as pd

    joins = (pairs["pair_probability"] >= costs.accept_from) & ~_among(
        pairs["group"], [CONFLICT, ELSEWHERE]
    )
    told = pairs.assign(says=joins.map({True: JOIN, False: APART}))
    told = told[joins | (pairs["group"] == CONFLICT)]
    smaller = told["left_id"] < told["right_id"]
    return pd.DataFrame(
        {
            "left_id": told["left_id"].where(smaller, told["right_id"]),
            "right_id": told["right_id"].where(smaller, told["left_id"]),
            "says": told["says"],
            "match_weight": told["match_weight"],
        }
    ).reset_index(drop=True)


def _neighbours(received: pd.DataFrame, kept: pd.DataFrame, design: Design) -> pd.DataFrame:
    """Return the known records that share a blocking key with a new one."""
    # Each rule alone is a join by hash; "in this or in that" would look every record up five times.
    shared = " union ".join(
        "select record_id from kept semi join "
        "(select distinct {0} from received) using ({0})".format(", ".join(rule))
        for rule in design.blocking
    )
    keys = sorted({"record_id"}.union(*design.blocking))
    with engine.engine() as connection:
        engine.register(connection, "received", received[keys])
        engine.register(connection, "kept", kept[keys])
        near = connection.sql(shared).df()
    return kept[_among(kept["record_id"], set(near["record_id"]))]


def _decided(
    pairs: pd.DataFrame, decisions: pd.DataFrame | None, records: pd.DataFrame
) -> pd.DataFrame:
    """Return the pairs with what people decided instead of what the model found."""
    import pandas as pd

    if decisions is None or decisions.empty:
        return pairs
    here = set(records["record_id"])
    taken = decisions[_among(decisions["left_id"], here) & _among(decisions["right_id"], here)]
    smaller = taken["left_id"] < taken["right_id"]
    ruled = pd.DataFrame(
        {
            "left_id": taken["left_id"].where(smaller, taken["right_id"]),
            "right_id": taken["right_id"].where(smaller, taken["left_id"]),
            "says": taken["decision"].map({"yes": JOIN, "no": APART}),
            "match_weight": CERTAIN,
        }
    )
    both = pd.concat([ruled, pairs], ignore_index=True)
    return both.drop_duplicates(["left_id", "right_id"], keep="first", ignore_index=True)


def _reached(start: set[Any], joins: pd.DataFrame) -> set[Any]:
    """Return all records that hang together with the start by join pairs.

    Only their clusters can have changed: those of new, changed and forgotten records, of their
    partners before, and of the persons they were of.
    """
    reached, edge = set(start), set(start)
    while edge:
        hit = joins[_among(joins["left_id"], edge) | _among(joins["right_id"], edge)]
        edge = ({*hit["left_id"], *hit["right_id"]}) - reached
        reached |= edge
    return reached


def _named(
    part: pd.DataFrame,
    label: pd.Series[str],
    before: pd.DataFrame,
    known: Known,
    as_of: str,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return members and events: each cluster keeps the id that most of its records had."""
    import pandas as pd

    now = pd.DataFrame(
        {"record_id": part["record_id"], "source": part["source"], "label": label}
    ).reset_index(drop=True)
    had = now.merge(before[["record_id", "person_id"]], on="record_id", how="left")
    shares = had.dropna().groupby(["label", "person_id"]).size().rename("records").reset_index()
    ordered = shares.sort_values(
        ["records", "person_id", "label"], ascending=[False, True, True], ignore_index=True
    )
    given: dict[str, str] = {}
    taken: set[str] = set()
    for row_label, person in zip(ordered["label"], ordered["person_id"], strict=True):
        if row_label not in given and person not in taken:
            given[row_label] = person
            taken.add(person)
    given |= _new_ids(sorted(set(now["label"]) - set(given)), known)
    members = now.assign(person_id=now["label"].map(given))[list(MEMBERS)]
    moved = shares.assign(now_id=shares["label"].map(given))
    moved = moved[moved["now_id"] != moved["person_id"]]
    alive = set(given.values())
    old = set(before["person_id"])
    rows = [
        (as_of, "merge", now_id, was, count)
        if was not in alive
        else (as_of, "move" if now_id in old else "split", was, now_id, count)
        for was, now_id, count in zip(
            moved["person_id"], moved["now_id"], moved["records"], strict=True
        )
    ]
    return members, pd.DataFrame(rows, columns=list(EVENTS))


def _new_ids(labels: list[str], known: Known) -> dict[str, str]:
    """Return an id for each label, a record_id, made from it: one that no person ever had."""
    given: dict[str, str] = {}
    number, left = 0, labels
    while left:
        made = {label: _id(label, number) for label in left}
        had = _had(set(made.values()), known) | set(given.values())
        for label, person_id in made.items():
            if person_id not in had:
                given[label] = person_id
                had.add(person_id)
        left, number = [label for label in left if label not in given], number + 1
    return given


def _id(record_id: str, number: int) -> str:
    return "P" + hashlib.sha256(f"{record_id}|{number}".encode()).hexdigest()[:12]


def _had(person_ids: set[str], known: Known) -> set[str]:
    """Return those of the ids that a person has or ever had."""
    columns = (
        known.members["person_id"],
        known.events["person_id"],
        known.events["other_person_id"],
    )
    return {each for column in columns for each in column[_among(column, person_ids)]}


def _among(column: pd.Series[Any], values: Collection[Any]) -> pd.Series[bool]:
    """Return which values of a column are among these; Arrow has no type for none at all."""
    import pandas as pd

    if len(column) and len(values):
        return column.isin(values)
    return pd.Series(False, index=column.index)


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame, a small one, with Python's texts and numpy's numbers."""
    import pandas as pd

    if not any(isinstance(dtype, pd.ArrowDtype) for dtype in frame.dtypes):
        return frame
    import pyarrow as pa

    return pa.Table.from_pandas(frame, preserve_index=False).to_pandas(ignore_metadata=True)


def _joined(one: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """Return both frames' rows; the second's columns become what the first's are."""
    import pandas as pd

    if len(one) and len(other):
        other = other.astype(one.dtypes)
    parts = [each for each in (one, other) if len(each)]
    return pd.concat(parts, ignore_index=True) if parts else one.reset_index(drop=True)
