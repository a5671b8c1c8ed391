"""How good links are against known truth: precision, recall, F1 with intervals, blocking recall."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agm_platform.matching import engine
from agm_platform.matching.bands import ACCEPT
from agm_platform.matching.calibration import expected_calibration_error
from agm_platform.matching.training import is_match
from agm_platform.statistics.intervals import Estimate, share

if TYPE_CHECKING:
    import pandas as pd

    from agm_platform.matching.design import Design


@dataclass(frozen=True)
class Quality:
    """Of accepted links: the share that is right, and of true pairs: the share that was accepted.

    `f1` is their harmonic mean; its interval, which is no more than that, combines the ends of the
    two. `calibration_error` is over all links of every band, NaN without any.
    """

    precision: Estimate
    recall: Estimate
    f1: Estimate
    calibration_error: float


def evaluate(links: pd.DataFrame, matches: pd.DataFrame, band: str = ACCEPT) -> Quality:
    """Judge links (left_id, right_id, band, probability) by the true pairs (left_id, right_id).

    Raises ValueError without a link in the band or without a true pair: there is nothing to tell.
    """
    right = is_match(links, matches)
    taken = (links["band"] == band).to_numpy()
    hits = int((right & taken).sum())
    precision = share(hits, int(taken.sum()))
    recall = share(hits, len(matches))
    return Quality(
        precision,
        recall,
        _harmonic(precision, recall),
        expected_calibration_error(links["probability"], right),
    )


def blocking_recall(
    left: pd.DataFrame, right: pd.DataFrame | None, matches: pd.DataFrame, design: Design
) -> Estimate:
    """Return the share of the true pairs of prepared records that are compared at all."""
    with engine.engine() as connection:
        pairs = engine.blocked(connection, design, left, right)
    return share(int(is_match(matches, pairs).sum()), len(matches))


def _harmonic(one: Estimate, other: Estimate) -> Estimate:
    def mean(a: float, b: float) -> float:
        return 2 * a * b / (a + b) if a + b else 0.0

    return Estimate(
        mean(one.value, other.value),
        mean(one.low, other.low),
        mean(one.high, other.high),
        min(one.sample_size, other.sample_size),
    )
