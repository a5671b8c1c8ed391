"""Who of one list is who of another: links with calibrated probability, band and reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from agm_platform.matching import engine
from agm_platform.matching.agreement import (
    CONFLICT,
    ELSEWHERE,
    agreement,
    explanations,
    groups,
    same_zip,
)
from agm_platform.matching.assignment import best_partners
from agm_platform.matching.bands import ACCEPT, COSTS, LEAST_MARGIN, REJECT, REVIEW, Costs
from agm_platform.matching.model import load_model
from agm_platform.matching.prepare import COLUMNS, RECORD_ID, prepare

if TYPE_CHECKING:
    import pandas as pd

    from agm_platform.matching.model import Model

LINK_COLUMNS = (
    "left_id",
    "right_id",
    "probability",
    "match_weight",
    "band",
    "margin",
    "same_zip",
    "explanation",
    "agreement",
    "model_version",
)
UNCOMPARED = 0
"""The place of the level of missing values, which every comparison begins with."""
LEAST_WEIGHT = -12.0
"""Bits below which a pair is no candidate at all: odds of one to 4,096."""


def link(
    left: Any,
    right: Any,
    model: Model | None = None,
    *,
    left_key: str = "customer_id",
    right_key: str = "customer_id",
    one_to_one: bool = True,
    decisions: Any = None,
    frequencies: pd.DataFrame | None = None,
    costs: Costs = COSTS,
    zip_places: Any = None,
) -> pd.DataFrame:
    """Return the best partner in `right` of each record of `left`, one row a link, LINK_COLUMNS.

    `left` and `right` have an id (`left_key`, `right_key`) and any of first_name, last_name,
    street, city, state, zip, normalised already or not; prepared frames (see `prepare`) are taken
    as they are. `probability` is calibrated and allows for rival partners; `match_weight` is in
    bits, `margin` the bits by which the partner leads the second (null without a second);
    `same_zip` is null where a side has no ZIP. Records without a candidate have no row.

    `band` is accept, review or reject by `costs`. Two that agree on names but live in another
    street or ZIP are never accepted, only reviewed: one may have moved, or be a namesake; so is a
    partner with less than LEAST_MARGIN. Another first name in one household is rejected. With
    `one_to_one` nobody has two partners. `decisions` (left_id, right_id, decision: yes or no) beat
    the model. `frequencies` tells how common values are, by default counted in the longer list.
    Never trains; without `model` the default one.
    """
    model = load_model() if model is None else model
    ours = _prepared(left, left_key, zip_places)
    theirs = _prepared(right, right_key, zip_places)
    scored = candidates(ours, theirs, model, frequencies)
    if decisions is not None:
        decisions = decisions[
            decisions["left_id"].isin(ours[RECORD_ID])
            & decisions["right_id"].isin(theirs[RECORD_ID])
        ]
    return choose(scored, model, one_to_one=one_to_one, decisions=decisions, costs=costs)


def candidates(
    left: pd.DataFrame,
    right: pd.DataFrame | None,
    model: Model,
    frequencies: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return all pairs of prepared records worth a thought, of `left` itself without `right`.

    Columns left_id, right_id, match_weight, level_<comparison> (see `engine.score`), group and
    pair_probability: calibrated, but as if nobody had a second candidate.
    """
    import pandas as pd

    if left.empty or (right is not None and right.empty):
        levels = [f"{engine.PREFIX}{each.name}" for each in model.design.comparisons]
        empty = pd.DataFrame({name: pd.Series(dtype=object) for name in engine.PAIRS[:2]})
        scored = empty.assign(match_weight=pd.Series(dtype=float)).assign(
            **{name: pd.Series(dtype=int) for name in levels}
        )
    else:
        with engine.engine() as connection:
            if frequencies is None:
                longer = left if right is None or len(left) > len(right) else right
                frequencies = engine.count_frequencies(
                    connection, model.design.frequency_columns, longer
                )
            scored = engine.score(
                connection,
                model.design,
                left,
                right,
                model.prior,
                model.parameters,
                frequencies,
                LEAST_WEIGHT,
            )
    scored = scored.sort_values(["left_id", "right_id"], ignore_index=True)
    scored["group"] = groups(scored, model.design)
    scored["pair_probability"] = calibrated(scored, model)
    return scored


def calibrated(scored: pd.DataFrame, model: Model) -> np.ndarray:
    """Return the probability that each pair, seen alone, is one person."""
    weights = scored["match_weight"].to_numpy(dtype=float)
    found = np.full(len(scored), np.nan)
    fallback = model.curves.get("all")
    for group in scored["group"].unique():
        curve = model.curves.get(group, fallback)
        if curve is not None:
            inside = (scored["group"] == group).to_numpy()
            found[inside] = curve(weights[inside])
    return found


def choose(
    scored: pd.DataFrame,
    model: Model,
    *,
    one_to_one: bool = True,
    decisions: Any = None,
    costs: Costs = COSTS,
) -> pd.DataFrame:
    """Return the links among candidates (see `candidates` and `link`)."""
    scored = _decided(scored, decisions)
    odds = np.exp2(np.clip(scored["match_weight"].to_numpy(dtype=float), -60, 60))
    odds = np.where(scored["decision"] == "no", 0.0, odds)
    rivals = scored.assign(odds=odds)
    share = odds / np.maximum(rivals.groupby("left_id")["odds"].transform("sum"), 1e-30)
    if one_to_one:
        share *= odds / np.maximum(rivals.groupby("right_id")["odds"].transform("sum"), 1e-30)
    probability = scored["pair_probability"].to_numpy(dtype=float) * share
    probability = np.select(
        [scored["decision"] == "yes", scored["decision"] == "no"], [1.0, 0.0], probability
    )
    scored = scored.assign(probability=probability, margin=_margin(scored))
    # A decision outweighs any sum of weights; what is not worth a look must not displace anyone.
    worth = scored["match_weight"] - LEAST_WEIGHT + 1e-6
    scored["value"] = np.where(scored["decision"] == "yes", 1e6, worth)
    likely = scored[
        (scored["decision"] == "yes") | (scored["pair_probability"] >= costs.review_from)
    ]
    likely = likely[likely["decision"] != "no"]
    chosen = best_partners(likely, one_to_one=one_to_one)
    rest = scored[~scored["left_id"].isin(chosen["left_id"])]
    if one_to_one:
        rest = rest[~rest["right_id"].isin(chosen["right_id"])]
    rest = best_partners(rest, one_to_one=False).assign(is_rest=True)
    return _links(chosen.assign(is_rest=False), rest, model, costs)


def _links(chosen: pd.DataFrame, rest: pd.DataFrame, model: Model, costs: Costs) -> pd.DataFrame:
    """Return chosen pairs, and below review what else was the best of a record, as links."""
    import pandas as pd

    pairs = pd.concat([each for each in (chosen, rest) if len(each)] or [chosen])
    pairs = pairs.sort_values(["left_id", "right_id"], ignore_index=True)
    decided = pairs["decision"].fillna("")
    likely = pairs["probability"]
    unsure = (
        (pairs["group"] == ELSEWHERE)
        | (pairs["margin"].fillna(np.inf) < LEAST_MARGIN)
        | (likely < costs.accept_from)
    )
    rejected = (
        (likely < costs.review_from) | (pairs["group"] == CONFLICT) | pairs["is_rest"].astype(bool)
    )
    pairs["band"] = np.select(
        [decided == "yes", decided == "no", rejected, unsure],
        [ACCEPT, REJECT, REJECT, REVIEW],
        default=ACCEPT,
    ).astype(object)
    pairs["same_zip"] = same_zip(pairs, model.design)
    pairs["agreement"] = agreement(pairs, model.design)
    words = explanations(pairs["agreement"], model.design)
    pairs["explanation"] = words.where(decided == "", "decided by a person: " + decided)
    pairs["model_version"] = model.label
    return pairs[list(LINK_COLUMNS)]


def _prepared(frame: Any, key: str, zip_places: Any) -> pd.DataFrame:
    columns = getattr(frame, "columns", ())
    if {RECORD_ID, *COLUMNS} <= set(columns):
        return frame
    return prepare(frame, key, zip_places)


def _decided(scored: pd.DataFrame, decisions: Any) -> pd.DataFrame:
    """Add the column decision (yes, no or null); a yes about a pair that is none becomes one."""
    import pandas as pd

    if decisions is None or not len(decisions):
        return scored.assign(decision=None)
    known = decisions[["left_id", "right_id", "decision"]]
    found = scored.merge(known, on=["left_id", "right_id"], how="left")
    yes = known[known["decision"] == "yes"].merge(
        scored[["left_id", "right_id"]], how="left", indicator=True
    )
    added = yes[yes["_merge"] == "left_only"].drop(columns="_merge")
    if added.empty:
        return found
    added = added.assign(match_weight=LEAST_WEIGHT, group=ELSEWHERE, pair_probability=1.0)
    added[[name for name in scored if name not in added]] = UNCOMPARED
    return pd.concat([found, added], ignore_index=True)


def _margin(scored: pd.DataFrame) -> np.ndarray:
    """Return by how many bits each pair leads the best other pair of its left record."""
    weights = scored["match_weight"]
    by_left = weights.groupby(scored["left_id"])
    best = by_left.transform("max")
    ranked = by_left.rank(method="first", ascending=False)
    second = weights.where(ranked == 2).groupby(scored["left_id"]).transform("max")
    rival = np.where(ranked == 1, second, best)
    return np.asarray(weights - rival)
