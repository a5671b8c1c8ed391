"""Which declared value an unreviewed spelling is nearest to: for a person to accept or refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agm_platform.contracts.categories import LEAST_SCORE_PROPOSED

if TYPE_CHECKING:
    from collections.abc import Sequence


class Proposal(NamedTuple):
    """A value and how alike the spelling is, 0 to 1; (None, None) where nothing is near."""

    value: str | None
    score: float | None


def proposed(spelling: str, values: Sequence[str], least: float = LEAST_SCORE_PROPOSED) -> Proposal:
    """Return the value most like the spelling; nothing if two are alike or none reaches `least`.

    The score is the normalised insertion-deletion similarity of the texts in lower case
    (rapidfuzz.fuzz.ratio): 2 x letters in common, in order, over the letters of both.
    """
    from rapidfuzz.fuzz import ratio

    scored = sorted(
        ((ratio(spelling, value.lower()) / 100, value) for value in values), reverse=True
    )
    if not scored or scored[0][0] < least:
        return Proposal(None, None)
    if len(scored) > 1 and scored[0][0] == scored[1][0]:
        return Proposal(None, None)
    score, value = scored[0]
    return Proposal(value, score)
