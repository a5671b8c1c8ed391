"""Decisions of people about pairs: kept in versions, doubtful when a record changes."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

DECIDED_ON = ("first_name", "last_name", "street_number", "street_name", "zip")
"""Prepared columns whose change makes a decision about a record doubtful."""
STORE_COLUMNS = (
    "left_id",
    "right_id",
    "decision",
    "left_digest",
    "right_digest",
    "decided_by",
    "decided_on",
    "version",
)


def add_decisions(
    store: pd.DataFrame | None, taken: pd.DataFrame, decided_by: str, decided_on: str
) -> pd.DataFrame:
    """Return the store (STORE_COLUMNS) with the decisions of a review file added.

    Nothing is overwritten: a second decision about a pair is another version, counted from 1; the
    same decision about the same records adds nothing. `decided_on` is an ISO date.
    """
    import pandas as pd

    empty = pd.DataFrame({name: pd.Series(dtype=object) for name in STORE_COLUMNS})
    store = empty if store is None else store
    last = current(store).set_index(["left_id", "right_id"])
    rows = []
    for entry in taken.to_dict("records"):
        pair = (entry["left_id"], entry["right_id"])
        before: Any = last.loc[pair] if pair in last.index else None
        same = ("decision", "left_digest", "right_digest")
        if before is not None and all(before[name] == entry[name] for name in same):
            continue
        version = 1 if before is None else int(before["version"]) + 1
        rows.append(
            {**entry, "decided_by": decided_by, "decided_on": decided_on, "version": version}
        )
    if not rows:
        return store
    added = pd.DataFrame(rows)[list(STORE_COLUMNS)]
    return pd.concat([store, added], ignore_index=True) if len(store) else added


def current(store: pd.DataFrame) -> pd.DataFrame:
    """Return the last version of each pair's decision."""
    ordered = store.sort_values(["left_id", "right_id", "version"])
    return ordered.drop_duplicates(["left_id", "right_id"], keep="last", ignore_index=True)


def valid(store: pd.DataFrame, left: dict[str, str], right: dict[str, str]) -> pd.DataFrame:
    """Return the current decisions whose two records still say what they said (see `digests`).

    They are independent of the model: another model does not touch them.
    """
    return _checked(store, left, right, changed=False)


def doubtful(store: pd.DataFrame, left: dict[str, str], right: dict[str, str]) -> pd.DataFrame:
    """Return the current decisions whose records are there but have changed materially since."""
    return _checked(store, left, right, changed=True)


def digests(prepared: pd.DataFrame) -> dict[str, str]:
    """Return by record_id a digest of what matters in a prepared record.

    Spelling that normalising takes away (case, suffixes, signs) does not count as a change. The
    letter in front keeps a spreadsheet from taking a digest for a number and rounding it.
    """
    if prepared.empty:  # of which pandas would make columns, not texts
        return {}
    texts = prepared[list(DECIDED_ON)].astype(object).fillna("").astype(str).agg("|".join, axis=1)
    return {
        str(record): f"d{hashlib.sha256(text.encode()).hexdigest()[:16]}"
        for record, text in zip(prepared["record_id"], texts, strict=True)
    }


def _checked(
    store: pd.DataFrame, left: dict[str, str], right: dict[str, str], *, changed: bool
) -> pd.DataFrame:
    now = current(store)
    here = now["left_id"].isin(left) & now["right_id"].isin(right)
    same = (now["left_digest"] == now["left_id"].map(left)) & (
        now["right_digest"] == now["right_id"].map(right)
    )
    return now[here & (~same if changed else same)].reset_index(drop=True)
