"""The checks of every table: its shape and each of its rules, made from the contracts."""

from agm_platform.quality.checks import checks_for

from agm_platform.contracts.registry import TABLES
from agm_platform.defs.sources.peak.partitions import PEAK_DAYS

CHECKS = [
    checks_for(contract, PEAK_DAYS if contract.partition_column else None) for contract in TABLES
]
