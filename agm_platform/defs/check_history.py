"""The journal of check results as a Dagster resource, with the files that tables were read from."""

import contextlib

import dagster as dg
from pydantic import Field, PrivateAttr

from agm_platform.contracts.model import Delivery, Table
from agm_platform.contracts.registry import FEEDS
from agm_platform.landing.ledger import Ledger
from agm_platform.quality.history import UNUSABLE
from agm_platform.quality.journal import Journal


class CheckHistory(dg.ConfigurableResource):
    """Where check steps keep what they found."""

    journal_path: str = Field(description="SQLite file of the journal.")
    ledger_path: str = Field(description="SQLite file of the ledger of files.")
    review_url: str = Field(description="Address of the page that shows checks over time.")

    _journal: Journal | None = PrivateAttr(default=None)

    def journal(self) -> Journal:
        """Return the journal, held open for the run; one that cannot be opened is told at use."""
        if self._journal is None:
            self._journal = Journal(self.journal_path)
            with contextlib.suppress(*UNUSABLE):
                self._journal.hold()
        return self._journal

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:  # noqa: ARG002
        """Close the journal."""
        if self._journal is not None:
            self._journal.release()
            self._journal = None

    def delivery(self, table: Table) -> str | None:
        """Return the content of the newest file of a table that is sent whole, by its hash.

        None for any other table, and while only the reference that the platform carries is known.
        """
        for feed in FEEDS:
            if feed.delivery is Delivery.SNAPSHOT and (feed.source, f"raw_{feed.name}") == (
                table.source,
                table.name,
            ):
                due = Ledger(self.ledger_path).due(feed.source, feed.name, [None])
                return due[0].sha256 if due else None
        return None
