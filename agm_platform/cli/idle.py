"""What a job need not make: empty tables of silent senders, and what a later job publishes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agm_platform.contracts.answers import ANSWERS
from agm_platform.contracts.registry import SENDERS, TABLES
from agm_platform.warehouse.connection import Claim
from agm_platform.warehouse.tables import is_as_declared

if TYPE_CHECKING:
    import dagster as dg

    from agm_platform.contracts.model import Table
    from agm_platform.landing.ledger import Ledger
    from agm_platform.settings import Settings

PUBLISH = "publish"
"""The first part of the names of what is made for readers."""


def idle_senders(settings: Settings, ledger: Ledger) -> list[str]:
    """Return the senders without any delivery whose tables are all there as declared now."""
    silent = set(SENDERS) - {delivery.source for delivery in ledger.history()}
    if not silent or not settings.warehouse_path.exists():
        return []
    with Claim(settings.warehouse_path) as claim:
        return sorted(
            sender
            for sender in silent
            if all(is_as_declared(claim.connection, table) for table in tables_of(sender))
        )


def tables_of(sender: str) -> list[Table]:
    """Return the tables that are made from the files of one sender alone."""
    return [
        table
        for table in TABLES
        if table.source == sender or (table.source, table.name) == (ANSWERS.source, sender)
    ]


def without(
    job: dg.JobDefinition, senders: list[str], *, published: bool = True
) -> dg.JobDefinition:
    """Return the job without the tables of these senders; what reads them finds them stored.

    With `published=False` also without what is made for readers, which no table is made from.
    """
    left_out = {(table.source, table.name) for sender in senders for table in tables_of(sender)}
    if published and not left_out:
        return job
    keys = job.asset_layer.executable_asset_keys
    return job.get_subset(
        asset_selection={
            key
            for key in keys
            if tuple(key.path) not in left_out and (published or key.path[0] != PUBLISH)
        }
    )
