"""What a check step adds for the time after it: an entry in the journal, and the check by history.

A journal that cannot be used changes no verdict but that of the check that rests on it.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agm_platform.quality.journal import Journal, JournalError, Step
from agm_platform.quality.profile import (
    WHOLE,
    Profile,
    is_profile,
    profile_of,
    profile_rules,
    profiles_by_partition,
)
from agm_platform.quality.results import crashed
from agm_platform.quality.usual import WINDOW, usual_result, usual_rule

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import narwhals as nw

    from agm_platform.contracts.model import Rule
    from agm_platform.quality.results import Result

UNUSABLE = (sqlite3.Error, OSError, JournalError)


@dataclass
class History:
    """The journal as one check step uses it. `trouble` says why something could not be kept.

    `review_url` is the page that shows the table's checks over time.
    """

    journal: Journal
    step: Step
    review_url: str
    trouble: str | None = None

    def rules(self) -> list[Rule]:
        """Return what to measure beside the table's own rules, in the same pass.

        Nothing for a run of many partitions: their figures come from one grouped query.
        """
        return [] if self._by_partition else profile_rules(self.step.table)

    def profiles(self, frame: nw.LazyFrame, results: Sequence[Result]) -> list[Profile]:
        """Return the profiles of what was judged; none, and trouble, if it cannot be measured."""
        step = self.step
        if self._by_partition:
            try:
                return profiles_by_partition(step.table, frame, results, step.partitions)
            except Exception as error:  # noqa: BLE001  the verdicts matter more than the profile
                self.trouble = f"no profile: {type(error).__name__}"
                return []
        profile = profile_of(results, step.partitions[0] if step.partitions else WHOLE)
        return [profile] if profile else []

    def usual(self, profiles: Sequence[Profile]) -> Result:
        """Compare the profiles with earlier ones; crashed if the journal cannot be read."""
        step = self.step

        def earlier(partition: str | None) -> list[Profile]:
            return self.journal.earlier(
                step.table, before=partition, delivery=step.delivery, limit=WINDOW
            )

        try:
            return usual_result(step.table, profiles, earlier)
        except UNUSABLE as error:
            reason = f"the journal cannot be read: {type(error).__name__}"
            return crashed(usual_rule(step.table), reason)

    def record(
        self, results: Sequence[Result], profiles: Sequence[Profile], queries: Mapping[str, str]
    ) -> None:
        """Write the step in the journal; what prevents it is kept as trouble."""
        told = [result for result in results if not is_profile(result)]
        try:
            self.journal.record(self.step, told, profiles, queries)
        except UNUSABLE as error:
            self.trouble = f"not in the journal: {type(error).__name__}: {error}"

    def address(self, check: str) -> str:
        """Return where the review page tells of a check."""
        return f"{self.review_url}#{self.step.table.full_name}.{check}"

    @property
    def _by_partition(self) -> bool:
        """Whether more than one partition may be judged: named ones, or all of the table."""
        return self.step.table.partition_column is not None and len(self.step.partitions) != 1
