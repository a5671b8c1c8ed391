"""Whether today's links look like those the model was trained on, as a figure and a warning."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from agm_platform.matching.design import Design
    from agm_platform.matching.model import Model

LARGE_DRIFT = 0.25
"""Population stability index from which a model is no longer trusted.

The usual reading: below 0.1 nothing, above 0.25 a shift (Siddiqi, "Credit Risk Scorecards", 2006).
"""
FEWEST_LINKS = 100
"""With fewer links the index is mostly chance, so nothing is said."""
SMALLEST_SHARE = 0.005
"""A level that was never seen counts as rare, so that one single pair is no alarm."""
LIKELY = 0.5
"""Links from this probability on are compared; what is no match has no stable shape."""


class Drift(NamedTuple):
    """The largest stability index, its subject, of how many links, and a warning or empty text."""

    value: float
    subject: str
    links: int
    warning: str


def drift(links: pd.DataFrame, model: Model) -> Drift:
    """Compare likely links (columns agreement, match_weight, probability) with the training's.

    The index is the greatest population stability index over the comparisons and the match
    weight; NaN, without a warning, for fewer than FEWEST_LINKS links.
    """
    likely = links[links["probability"] >= LIKELY]
    count = len(likely)
    if count < FEWEST_LINKS or not model.shape:
        return Drift(float("nan"), "", count, "")
    now = shape_of(links, model.design)
    indexes = {
        comparison: _index(
            [then.get(level, 0.0) for level in sorted({*then, *now[comparison]})],
            [now[comparison].get(level, 0.0) for level in sorted({*then, *now[comparison]})],
        )
        for comparison, then in model.shape.items()
        # A subject that today's lists lack altogether is another list, not a drift.
        if comparison in now and now[comparison].get("missing", 0.0) < 1
    }
    if len(model.weights) and len(indexes) == len(model.shape):
        place = np.searchsorted(np.array(model.weights), likely["match_weight"].to_numpy())
        shares = np.bincount(place, minlength=len(model.weights) + 1) / count
        indexes["match_weight"] = _index([1 / len(shares)] * len(shares), shares.tolist())
    subject = max(indexes, key=lambda each: indexes[each])
    index = indexes[subject]
    warning = ""
    if index >= LARGE_DRIFT:
        warning = (
            f"{subject.replace('_', ' ')} agrees otherwise than when {model.label} was trained "
            f"(population stability index {index:.2f}, {count} links): review more, train anew"
        )
    return Drift(index, subject, count, warning)


def shape_of(links: pd.DataFrame, design: Design) -> dict[str, dict[str, float]]:
    """Return by comparison the share of likely links at each level."""
    likely = links[links["probability"] >= LIKELY]
    parts = likely["agreement"].str.split("|", expand=True)
    found = {}
    for place, comparison in enumerate(design.comparisons):
        if place in parts:
            levels = parts[place].str.split("=", n=1).str[1]
            shares = levels.value_counts(normalize=True)
            found[comparison.name] = {str(k): round(float(v), 5) for k, v in sorted(shares.items())}
    return found


def tenths(links: pd.DataFrame) -> tuple[float, ...]:
    """Return the nine weights that cut the likely links into tenths; empty without links."""
    weights = links.loc[links["probability"] >= LIKELY, "match_weight"].to_numpy(dtype=float)
    if not len(weights):
        return ()
    return tuple(np.round(np.quantile(weights, np.arange(1, 10) / 10), 3).tolist())


def _index(then: list[float], now: list[float]) -> float:
    """Return the population stability index of two distributions."""
    before = np.maximum(np.array(then), SMALLEST_SHARE)
    after = np.maximum(np.array(now), SMALLEST_SHARE)
    before, after = before / before.sum(), after / after.sum()
    return float(((after - before) * np.log(after / before)).sum())
