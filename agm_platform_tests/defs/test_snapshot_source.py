"""A sender that the platform does not know: contracts and one typing function make a source."""

from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import duckdb
import narwhals as nw
import pytest

from agm_platform.contracts import landing as landing_contracts
from agm_platform.contracts.landing import files_behind
from agm_platform.contracts.model import Column, Table, Type
from agm_platform.contracts.quarantine import quarantine_of
from agm_platform.contracts.rules import required
from agm_platform.contracts.snapshots import (
    ROW_NUMBER,
    Snapshot,
    csv_feed,
    raw_table,
    received,
    reconciliation_of,
)
from agm_platform.contracts.staged import FAILED_RULE, FAILED_RULES
from agm_platform.defs.landing_resource import Landing
from agm_platform.defs.privacy import Privacy
from agm_platform.defs.sources.quarantine import accepted
from agm_platform.defs.sources.snapshot_source import (
    quarantine_asset,
    raw_tables_asset,
    reconciliation_asset,
)
from agm_platform.defs.table import table
from agm_platform.landing.casts import identifier, usd_cents
from agm_platform.landing.delivery import Candidate, Outcome
from agm_platform.landing.zone import LandingZone
from agm_platform.quality.predicates import split
from agm_platform.warehouse.engine import Engine
from agm_platform.warehouse.io_manager import Warehouse

NOON = datetime(2020, 10, 4, 12, tzinfo=UTC)
RAW_BOXES = raw_table(
    "harvest", "boxes", "Boxes.", received("box_id", "Number"), received("price", "Dollars")
)
STAGED_BOXES = Table(
    "harvest",
    "staged_boxes",
    "Boxes with types.",
    (
        ROW_NUMBER,
        Column("box_id", Type.TEXT, "Number."),
        Column("price_usd_cents", Type.INTEGER, "Price.", unit="USD cents"),
        FAILED_RULE,
        FAILED_RULES,
    ),
    rules=(
        required("box_id", "box_id is a whole number"),
        required("price_usd_cents", "price is an amount of money"),
    ),
)
BOXES = Table("harvest", "boxes", "Boxes.", STAGED_BOXES.columns[1:3], key=("box_id",))
RAW_FILES = files_behind("harvest", "raw_files")
QUARANTINE = quarantine_of("harvest", "Boxes set aside.")
RECONCILIATION = reconciliation_of("harvest")
SNAPSHOTS = (Snapshot(csv_feed("harvest", "boxes", "All boxes."), RAW_BOXES, STAGED_BOXES, BOXES),)
CONTRACTS = (
    RAW_BOXES,
    RAW_FILES,
    STAGED_BOXES,
    BOXES,
    QUARANTINE,
    RECONCILIATION,
    landing_contracts.LEDGER,
)


class Harvest(Warehouse):
    """A warehouse that knows the tables of this test only."""

    @staticmethod
    def contract(source: str, name: str) -> Table | None:
        return next((each for each in CONTRACTS if each.full_name == f"{source}.{name}"), None)


@table(STAGED_BOXES, reads={"raw_boxes": RAW_BOXES})
def staged_boxes(raw_boxes: nw.LazyFrame) -> nw.LazyFrame:
    """Boxes with types."""
    typed = raw_boxes.select(
        "row_number", box_id=identifier("box_id"), price_usd_cents=usd_cents("price")
    )
    return split(typed, STAGED_BOXES.quarantine_rules())


@table(BOXES, reads={"staged_boxes": STAGED_BOXES})
def boxes(staged_boxes: nw.LazyFrame) -> nw.LazyFrame:
    """Boxes that break no rule."""
    return accepted(staged_boxes)


ASSETS = [
    dg.AssetSpec(["landing", "ledger"]),  # written elsewhere; here nothing has been superseded
    raw_tables_asset(SNAPSHOTS, RAW_FILES),
    staged_boxes,
    boxes,
    quarantine_asset(SNAPSHOTS, RAW_FILES, QUARANTINE),
    reconciliation_asset(SNAPSHOTS, QUARANTINE, RECONCILIATION),
]


class Desk:
    """A landing zone with Harvest's folder and a warehouse."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.landing = Landing(
            zone_url=str(folder / "landing"),
            ledger_path=str(folder / "ledger.sqlite"),
            cache_path=str(folder / "cache"),
            reference_path=str(folder / "reference"),
        )
        (folder / "landing" / "harvest").mkdir(parents=True)

    def deliver(self, name: str, content: str) -> None:
        """Drop one file, enter it in the ledger and let a run read it."""
        (self.folder / "landing" / "harvest" / name).write_text(content)
        zone, ledger = LandingZone(self.landing.zone_url), self.landing.ledger()
        (file,) = (file for file in zone.list("harvest").files if file.name == name)
        candidate = Candidate(file, zone.sha256(file), "boxes", None, None)
        ledger.register("harvest", [candidate], now=NOON)
        self.run()
        state, reason = self.look("select state, reason from harvest.raw_files")[0]
        outcomes = [
            Outcome(delivery.delivery_id, 1, reason=reason if state == "quarantined" else None)
            for delivery in ledger.pending()
        ]
        ledger.conclude(outcomes, "run")

    def run(self) -> None:
        database = str(self.folder / "warehouse.duckdb")
        with dg.DagsterInstance.ephemeral() as instance:
            result = dg.materialize(
                ASSETS,
                instance=instance,
                resources={
                    "io_manager": Harvest(database=database),
                    "engine": Engine(database=database),
                    "landing": self.landing,
                    "privacy": Privacy(keys_path=str(self.folder / "keys")),
                },
            )
        assert result.success

    def look(self, query: str) -> list[tuple[object, ...]]:
        with duckdb.connect(str(self.folder / "warehouse.duckdb"), read_only=True) as reader:
            return reader.execute(query).fetchall()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_good_rows_are_accepted_and_bad_ones_set_aside_with_file_rule_and_record(
    desk: Desk,
) -> None:
    desk.deliver("boxes.csv", "box_id,price\n1,20\n2,20.50\nthree,20\n")
    assert desk.look("from harvest.boxes") == [("1", 2000), ("2", 2050)]
    assert desk.look("from harvest.quarantine") == [
        (
            "raw_boxes",
            "boxes.csv",
            3,
            "box_id__not_null",
            "box_id__not_null",
            "box_id is a whole number",
            '{"box_id": "three", "price": "20"}',
        )
    ]
    assert desk.look("from harvest.reconciliation") == [("raw_boxes", 3, 2, 1, 0, 0)]


def test_a_sender_who_has_sent_nothing_has_empty_tables_that_balance(desk: Desk) -> None:
    desk.run()
    assert desk.look("select feed, state from harvest.raw_files") == [("boxes", "missing")]
    assert desk.look("from harvest.boxes") == []
    assert desk.look("from harvest.reconciliation") == [("raw_boxes", 0, 0, 0, 0, 0)]


def test_a_file_that_cannot_be_read_keeps_the_rows_and_the_name_of_their_file(desk: Desk) -> None:
    desk.deliver("boxes.csv", "box_id,price\nthree,20\n")
    desk.deliver("boxes (1).csv", "something,else\n1,2\n")
    assert desk.look("select file_name, state, rows_from from harvest.raw_files") == [
        ("boxes (1).csv", "quarantined", "boxes.csv")
    ]
    assert desk.look("select file_name, position from harvest.quarantine") == [("boxes.csv", 1)]


def test_a_table_is_judged_and_accepted_or_neither() -> None:
    with pytest.raises(ValueError, match=r"harvest\.raw_boxes: give a staged and an accepted"):
        Snapshot(SNAPSHOTS[0].feed, RAW_BOXES, STAGED_BOXES)
