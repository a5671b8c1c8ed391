"""Accept, review or reject: thresholds that follow from what a wrong link and a look cost."""

from __future__ import annotations

from dataclasses import dataclass

ACCEPT, REVIEW, REJECT = "accept", "review", "reject"
BANDS = (ACCEPT, REVIEW, REJECT)


@dataclass(frozen=True)
class Costs:
    """What outcomes cost, in reviews of one pair (assumed before anything was measured).

    A false link puts two people's orders together and may show one what the other bought; a missed
    link counts one person twice. Accepting is cheaper than a review when (1 - p) x false_link < 1,
    rejecting when p x missed_link < 1.
    """

    false_link: float = 50.0
    missed_link: float = 10.0

    @property
    def accept_from(self) -> float:
        """The least probability that is accepted without a look."""
        return 1 - 1 / self.false_link

    @property
    def review_from(self) -> float:
        """The least probability that is worth a look."""
        return 1 / self.missed_link


COSTS = Costs()
LEAST_MARGIN = 3.0
"""Bits by which the best partner must lead the second: eight times as likely."""
