"""The jobs: named selections of assets, each with the occasion that calls for it.

The contracts decide all of them: what is kept by day, and which table is a sender's own.
"""

import dagster as dg

from agm_platform.contracts.categories import SYNONYMS
from agm_platform.contracts.model import Delivery
from agm_platform.contracts.registry import FEEDS, SENDERS, TABLES
from agm_platform.contracts.snapshots import RECONCILIATION
from agm_platform.defs.landing.files import file_key
from agm_platform.defs.table import asset_key

DAYS = dg.AssetSelection.assets(
    *(asset_key(contract) for contract in TABLES if contract.partition_column)
)
SPELLINGS = dg.AssetSelection.assets(asset_key(SYNONYMS))
RAW_DAYS = dg.AssetSelection.assets(
    *(
        asset_key(contract)
        for contract in TABLES
        if contract.partition_column and contract.name.startswith("raw_")
    )
)


def only_of(selection: dg.AssetSelection, sender: str) -> dg.AssetSelection:
    """Leave out the balances of other senders: they change only when their own files do.

    Each is made from the ledger, which every run writes anew.
    """
    others = [
        asset_key(contract)
        for contract in TABLES
        if contract.name == RECONCILIATION and contract.source != sender
    ]
    return selection - dg.AssetSelection.assets(*others)


def refresh_name(sender: str) -> str:
    """Return the name of the job that reads what is not kept by day from one sender."""
    return f"refresh_{sender}"


def _of_sender(sender: str) -> dg.AssetSelection:
    """Select what depends on the sender's files that are not kept by day."""
    files = [
        file_key(feed)
        for feed in FEEDS
        if feed.source == sender and feed.delivery is not Delivery.DAILY
    ]
    first = dg.AssetSelection.assets(*files).downstream(depth=1, include_self=False)
    # Every sender with categories reads the list of spellings: its own tables follow from its own
    # files, and those of the other senders do not.
    read = (first - SPELLINGS).downstream() | (first & SPELLINGS)
    return only_of(read - DAYS, sender)


refresh = dg.define_asset_job(
    "refresh",
    dg.AssetSelection.all(),
    description="Reads the files of some Peak days and of all other senders; computes everything.",
)

refresh_days = dg.define_asset_job(
    "refresh_days",
    only_of(RAW_DAYS.downstream(), "peak"),
    description="Reads the files of some Peak days and computes what depends on them.",
)

refresh_tables = dg.define_asset_job(
    "refresh_tables",
    dg.AssetSelection.all() - DAYS,
    description="Reads every file that is not a Peak day and computes all that is not kept by day.",
)

replay_days = dg.define_asset_job(
    "replay_days",
    dg.AssetSelection.all() - RAW_DAYS,
    description="Judges received rows anew, after a rule, a product map or a store changed.",
)

REFRESH_SENDERS = [
    dg.define_asset_job(
        refresh_name(sender),
        _of_sender(sender),
        description=f"Reads the files of {sender} that are not kept by day and computes what "
        "depends on them.",
    )
    for sender in SENDERS
    if any(feed.source == sender and feed.delivery is not Delivery.DAILY for feed in FEEDS)
]
