"""What a check step adds for the time after it: an entry in the journal, and the check by history.

A journal that cannot be used changes no verdict but that of the check that rests on it.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agm_platform.quality.journal import Journal, JournalError, Step
from agm_platform.quality.profile import WHOLE, Profile, profile_of, profiles_by_partition
from agm_platform.quality.results import crashed
from agm_platform.quality.usual import WINDOW, usual_result, usual_rule

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import narwhals as nw

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

    def profiles(self, frame: nw.LazyFrame, results: Sequence[Result]) -> list[Profile]:
        """Return the profiles of what was judged; none, and trouble, if it cannot be measured."""
        table, partitions = self.step.table, self.step.partitions
        try:
            if table.partition_column is not None and len(partitions) != 1:
                return profiles_by_partition(table, frame, results, partitions)
            return [profile_of(table, frame, partitions[0] if partitions else WHOLE)]
        except Exception as error:  # noqa: BLE001  the verdicts matter more than the profile
            self.trouble = f"no profile: {type(error).__name__}"
            return []

    def usual(self, profiles: Sequence[Profile]) -> Result:
        """Compare the profiles with earlier ones; crashed if the journal cannot be read."""
        step = self.step
        if not profiles and self.trouble:
            return crashed(usual_rule(step.table), self.trouble)

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
        try:
            self.journal.record(self.step, results, profiles, queries)
        except UNUSABLE as error:
            self.trouble = f"not in the journal: {type(error).__name__}: {error}"

    def address(self, check: str) -> str:
        """Return where the review page tells of a check."""
        return f"{self.review_url}#{self.step.table.full_name}.{check}"
