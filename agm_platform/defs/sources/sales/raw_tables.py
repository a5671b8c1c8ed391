"""The files of sales as received: three snapshots, each replaced by a newer file."""

from agm_platform.contracts import sales
from agm_platform.defs.sources.snapshot_source import raw_tables_asset

raw_tables = raw_tables_asset(sales.SNAPSHOTS, sales.RAW_FILES)
