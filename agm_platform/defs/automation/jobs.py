"""The jobs: named selections of assets, each with the occasion that calls for it."""

import dagster as dg

from agm_platform.contracts.peak import TABLES
from agm_platform.defs.table import asset_key

DAYS = dg.AssetSelection.assets(
    *(asset_key(contract) for contract in TABLES if contract.partition_column)
)
RAW_DAYS = dg.AssetSelection.assets(
    *(
        asset_key(contract)
        for contract in TABLES
        if contract.partition_column and contract.name.startswith("raw_")
    )
)

refresh = dg.define_asset_job(
    "refresh",
    dg.AssetSelection.all(),
    description="Reads the files of some Peak days and of all other senders; computes everything.",
)

refresh_days = dg.define_asset_job(
    "refresh_days",
    RAW_DAYS.downstream(),
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
