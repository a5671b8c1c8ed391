"""Instacart's files as received: seven snapshots, each replaced by a newer file."""

from agm_platform.contracts import instacart
from agm_platform.defs.sources.snapshot_source import (
    quarantine_asset,
    raw_tables_asset,
    reconciliation_asset,
)

raw_tables = raw_tables_asset(instacart.SNAPSHOTS, instacart.RAW_FILES)
quarantine = quarantine_asset(instacart.SNAPSHOTS, instacart.RAW_FILES, instacart.QUARANTINE)
reconciliation = reconciliation_asset(
    instacart.SNAPSHOTS, instacart.QUARANTINE, instacart.RECONCILIATION
)
