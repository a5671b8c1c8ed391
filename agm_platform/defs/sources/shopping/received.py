"""The shopping file as received, what of it is set aside, and proof that no row got lost."""

from agm_platform.contracts import shopping
from agm_platform.defs.sources.snapshot_source import (
    quarantine_asset,
    raw_tables_asset,
    reconciliation_asset,
)

raw_tables = raw_tables_asset(shopping.SNAPSHOTS, shopping.RAW_FILES)
quarantine = quarantine_asset(shopping.SNAPSHOTS, shopping.RAW_FILES, shopping.QUARANTINE)
reconciliation = reconciliation_asset(
    shopping.SNAPSHOTS, shopping.QUARANTINE, shopping.RECONCILIATION
)
