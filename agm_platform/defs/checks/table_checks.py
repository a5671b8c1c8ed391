"""The checks of every table: its shape, its contract's rules and those of analysts."""

from agm_platform.contracts.registry import TABLES
from agm_platform.defs.sources.peak.partitions import PEAK_DAYS
from agm_platform.quality.checks import checks_for
from agm_platform.quality.suites import with_suites
from agm_platform.settings import get_settings

CHECKS = [
    checks_for(contract, PEAK_DAYS if contract.partition_column else None)
    for contract in with_suites(TABLES, get_settings().expectations_path)
]
