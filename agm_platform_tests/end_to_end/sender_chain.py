"""A sender's files through Dagster to its accepted tables, without anything that comes after."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb

from agm_platform.cli.execution import QUIET
from agm_platform.contracts.registry import FEEDS
from agm_platform.defs.landing_resource import Landing
from agm_platform.defs.privacy import Privacy
from agm_platform.landing.scan import scan
from agm_platform.landing.zone import LandingZone
from agm_platform.settings import REPOSITORY
from agm_platform.warehouse.engine import Engine
from agm_platform.warehouse.io_manager import Warehouse

SAMPLES = REPOSITORY / "data" / "samples"
Rows = list[tuple[Any, ...]]


@dataclass
class Outcome:
    """What became of the files: accepted tables, and each feed's file."""

    columns: dict[str, list[str]] = field(default_factory=dict)
    tables: dict[str, Rows] = field(default_factory=dict)
    files: dict[str, dict[str, Any]] = field(default_factory=dict)

    def without(self, *names: str) -> dict[str, Rows]:
        """Return the accepted tables without some columns, rows sorted."""
        found = {}
        for table, rows in self.tables.items():
            kept = [place for place, name in enumerate(self.columns[table]) if name not in names]
            found[table] = sorted((tuple(row[place] for place in kept) for row in rows), key=repr)
        return found

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Return one table as records."""
        return [dict(zip(self.columns[table], row, strict=True)) for row in self.tables[table]]


class SenderChain:
    """The assets of one sender from its files to the shared model: what is read, typed, accepted.

    Each reading has a landing zone and a warehouse of its own; checks are not judged.
    """

    def __init__(self, source: str, tables: tuple[str, ...], assets: list[Any]) -> None:
        self.source = source
        self.tables = tables
        keyed = {
            key: asset
            for asset in assets
            if isinstance(asset, dg.AssetsDefinition)
            for key in asset.keys
        }
        needed: set[dg.AssetKey] = set()
        waiting = [dg.AssetKey([source, name]) for name in tables]
        while waiting:
            key = waiting.pop()
            if key in keyed and key not in needed:
                needed.add(key)
                waiting += keyed[key].asset_deps[key]
        self.assets = list({id(keyed[key]): keyed[key] for key in needed}.values())

    def read(self, folder: Path, files: dict[str, bytes], instance: dg.DagsterInstance) -> Outcome:
        """Put the files into a landing zone of their own and read them."""
        for name, content in files.items():
            path = folder / "landing" / self.source / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        landing = Landing(
            zone_url=str(folder / "landing"),
            ledger_path=str(folder / "ledger.sqlite"),
            cache_path=str(folder / "cache"),
            reference_path=str(REPOSITORY / "data" / "reference"),
        )
        scan(
            LandingZone(landing.zone_url),
            landing.ledger(),
            self.source,
            [feed for feed in FEEDS if feed.source == self.source],
            now=datetime.now(UTC),
            settle_seconds=0,
        )
        database = str(folder / "warehouse.duckdb")
        result = dg.materialize(
            self.assets,
            instance=instance,
            resources={
                "io_manager": Warehouse(database=database),
                "engine": Engine(database=database),
                "landing": landing,
                "privacy": Privacy(keys_path=str(folder / "keys")),
            },
            run_config=QUIET,
        )
        assert result.success
        return self._outcome(database)

    def _outcome(self, database: str) -> Outcome:
        outcome = Outcome()
        with duckdb.connect(database, read_only=True) as connection:
            for name in self.tables:
                found = connection.sql(f"from {self.source}.{name}")
                outcome.columns[name] = found.columns
                outcome.tables[name] = found.fetchall()
            files = connection.sql(f"from {self.source}.raw_files")
            for row in files.fetchall():
                told = dict(zip(files.columns, row, strict=True))
                outcome.files[told["feed"]] = told
        return outcome
