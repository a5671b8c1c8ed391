"""The checks of every table: its shape, its contract's rules and those of analysts."""

from agm_platform.contracts.model import Delivery, Table
from agm_platform.contracts.registry import FEEDS, TABLES
from agm_platform.defs.sources.peak.partitions import PEAK_DAYS
from agm_platform.defs.spellings import as_set
from agm_platform.quality.checks import checks_for
from agm_platform.quality.suites import with_suites
from agm_platform.settings import get_settings

HISTORY = "check_history"


def watched(contract: Table) -> bool:
    """Whether a table's volume is compared with its history: what arrives by day, or whole.

    Later tables follow from these, so an alarm on each of them would tell the same story again;
    the tables that list files have a row a file and rules of their own.
    """
    if not contract.name.startswith("raw_") or contract.name.endswith("files"):
        return False
    whole = any(
        (feed.source, f"raw_{feed.name}") == (contract.source, contract.name)
        for feed in FEEDS
        if feed.delivery is Delivery.SNAPSHOT
    )
    return whole or contract.partition_column is not None


CHECKS = [
    checks_for(
        as_set(contract),
        PEAK_DAYS if contract.partition_column else None,
        history=HISTORY,
        watched=watched(contract),
    )
    for contract in with_suites(TABLES, get_settings().expectations_path)
]
