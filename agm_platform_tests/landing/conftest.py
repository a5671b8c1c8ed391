"""A landing zone in a temporary folder, with a clock of its own, and small files for it."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from agm_platform.contracts.model import Delivery as Sending
from agm_platform.contracts.model import Feed
from agm_platform.landing.ledger import Ledger
from agm_platform.landing.plan import RunStatus, plan_runs
from agm_platform.landing.scan import ScanReport, scan
from agm_platform.landing.zone import LandingZone

if TYPE_CHECKING:
    from collections.abc import Iterator

SALES = Feed(
    "peak",
    "sales",
    r"sales_(?P<year>\d{4})_(?P<month>\d{2})_(?P<day>\d{2})([ ._(-].*)?\.json",
    Sending.DAILY,
    "A day of sales.",
    "application/json",
)
STORES = Feed("peak", "stores", r"stores\.csv", Sending.SNAPSHOT, "All stores.", "text/csv")
START = datetime(2020, 10, 4, 2, tzinfo=UTC)


@dataclass
class Dock:
    """A landing zone, its ledger and a clock that only moves when told to."""

    folder: Path
    ledger: Ledger
    now: datetime = START

    @property
    def zone(self) -> LandingZone:
        return LandingZone(self.folder)

    def drop(self, name: str, content: str | bytes = "{}", *, age: float = 60) -> Path:
        """Write a file that was last modified `age` seconds ago."""
        path = self.folder / "peak" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        moment = (self.now - timedelta(seconds=age)).timestamp()
        os.utime(path, (moment, moment))
        return path

    def look(self, *, after: float = 3600, max_new: int | None = None) -> ScanReport:
        """Scan once, `after` seconds later."""
        self.now += timedelta(seconds=after)
        return scan(
            self.zone,
            self.ledger,
            "peak",
            (SALES, STORES),
            now=self.now,
            settle_seconds=5,
            max_new=max_new,
        )

    def run(self) -> None:
        """Accept what a run would read, as long as something waits."""
        runs: dict[str, RunStatus] = {}
        while requests := plan_runs(self.ledger.pending(), runs, self.ledger.ledger_id).requests:
            for request in requests:
                self.ledger.claim(request.deliveries, request.run_key, request.attempt)
                for delivery in request.deliveries:
                    self.ledger.accept(delivery.delivery_id, rows=1, run_id=request.run_key)
                runs[request.run_key] = RunStatus.SUCCEEDED

    def story(self) -> list[tuple[str, str]]:
        """Return name and state of every delivery, in order of arrival."""
        return [(d.file_name, str(d.state)) for d in self.ledger.history()]

    def in_force(self) -> dict[str, str]:
        """Return the hash of the accepted bytes by date."""
        return {
            str(d.business_date): d.sha256 for d in self.ledger.history() if d.state == "accepted"
        }


@pytest.fixture
def dock(tmp_path: Path) -> Dock:
    (tmp_path / "zone").mkdir()
    return Dock(tmp_path / "zone", Ledger(tmp_path / "ledger.sqlite"))


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """One connection a module: every reading has temporary tables of its own."""
    with duckdb.connect() as opened:
        yield opened


def sale(number: int = 1, **changes: Any) -> dict[str, Any]:
    """One sale of two lines in Peak's shape; `changes` replaces members."""
    return {
        "sale_id": 5000 + number,
        "sale_date": "2020-10-03",
        "sub_total": 36,
        "tax": 0,
        "total_amount": 36,
        "pickup_from": {
            "location_id": 12573,
            "name": "Acme Gourmet Meals",
            "street": "1 Store St",
            "city": "Berkeley",
            "state": "CA",
            "zip": "94705",
        },
        "deliver_to": {
            "customer_id": 7000 + number,
            "first_name": "Zebedee",
            "last_name": "Quux",
            "street": "9 Secret Ln",
            "city": "Oakland",
            "state": "CA",
            "zip": "94609",
        },
        "line_items": [
            {"product_id": 11, "price": 12, "quantity": 1, "taxable": "N"},
            {"product_id": 12, "price": 12, "quantity": 2, "taxable": "N"},
        ],
    } | changes


def day(
    sales: list[Any] | None = None, business_date: date = date(2020, 10, 3), **header: Any
) -> str:
    """A day's document in Peak's shape, indented."""
    document = {
        "creator": "Peak Deliveries",
        "timestamp": f"{business_date + timedelta(days=1)} 02:00:00",
        "file_name": f"peak_sales_{business_date:%Y_%m_%d}.json",
        "version": "17.11.7",
        "legal": "Unauthorized use",
        "sales": [sale(1), sale(2)] if sales is None else sales,
    }
    return json.dumps(document | header, indent=2)
