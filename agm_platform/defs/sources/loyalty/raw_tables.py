"""The programme's files as received: two snapshots, each replaced by a newer file."""

from agm_platform.contracts import loyalty
from agm_platform.defs.sources.snapshot_source import raw_tables_asset

raw_tables = raw_tables_asset(loyalty.SNAPSHOTS, loyalty.RAW_FILES)
