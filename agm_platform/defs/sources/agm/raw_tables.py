"""AGM's files as received: seven snapshots, each replaced by a newer file."""

from agm_platform.contracts import agm
from agm_platform.defs.sources.snapshot_source import raw_tables_asset

raw_tables = raw_tables_asset(agm.SNAPSHOTS, agm.RAW_FILES)
