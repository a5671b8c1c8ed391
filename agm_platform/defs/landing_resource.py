"""The landing zone and its ledger as a Dagster resource, for the assets that read files."""

import shutil
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from tempfile import mkdtemp

import dagster as dg
from pydantic import Field, PrivateAttr

from agm_platform.contracts.model import Feed
from agm_platform.landing.delivery import Delivery
from agm_platform.landing.fetch import Fetched, fetch
from agm_platform.landing.ledger import Ledger
from agm_platform.landing.zone import LandingZone


class Landing(dg.ConfigurableResource):
    """Gives the files that a run has to read, and the ledger that remembers them."""

    zone_url: str = Field(description="Folder or fsspec URL with one folder a sender.")
    ledger_path: str = Field(description="SQLite file of the ledger.")
    cache_path: str = Field(description="Folder for copies that live as long as a run.")
    reference_path: str = Field(description="Folder with the tables that the platform carries.")
    _scratch: Path | None = PrivateAttr(default=None)

    def ledger(self) -> Ledger:
        """Open the ledger, creating it at first use."""
        return Ledger(self.ledger_path)

    def due(
        self, feed: Feed, days: Iterable[date | None] | None = None
    ) -> tuple[list[Delivery], Fetched]:
        """Return the deliveries of `feed` that a run of these dates reads, and where they lie."""
        ledger = self.ledger()
        deliveries = ledger.due(feed.source, feed.name, days)
        return deliveries, fetch(LandingZone(self.zone_url), ledger, deliveries, self.scratch())

    def scratch(self) -> Path:
        """Return the run's own folder for copies: they may be personal and go with the run."""
        if self._scratch is None:
            Path(self.cache_path).mkdir(parents=True, exist_ok=True)
            self._scratch = Path(mkdtemp(dir=self.cache_path))
        return self._scratch

    def reference(self, feed: Feed) -> Path | None:
        """Return the table that the platform carries for a feed; None if it carries none."""
        path = Path(self.reference_path) / feed.source / f"{feed.name}.csv"
        return path if path.exists() else None

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:  # noqa: ARG002
        """Delete the copies of this run; another process may be at work on its own."""
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)
