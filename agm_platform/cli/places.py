"""Changing the landing zone under one DATA folder: each zone keeps its own state."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from agm_platform.landing.belonging import address, claim_for, owner

if TYPE_CHECKING:
    from pathlib import Path

    from agm_platform.settings import Settings

ELSEWHERE = "other_landing_zones"
# The ledger, which says whose state this is, goes last: an interrupted change is taken up again.
STATE = ("warehouse", "snapshots", "published", "quality", "review", "dagster", "ledger")


def settle_in(settings: Settings) -> str | None:
    """Make DATA hold the state of the landing zone that is set; say what was done, if anything.

    What another zone had brought in is set aside in `<DATA>/other_landing_zones/` and comes back
    when that zone is used again.
    """
    known, wanted = owner(settings.ledger_path), address(settings.landing)
    told = None
    if known is not None and known != wanted:
        _move(settings.data, _shelf(settings.data, known))
        told = f"What came from {known} is kept in {_shelf(settings.data, known)}."
    if owner(settings.ledger_path) is None:
        shelf = _shelf(settings.data, wanted)
        if shelf.exists():
            _move(shelf, settings.data)
            shelf.rmdir()
    claim_for(settings.ledger_path, settings.landing)
    return told


def _shelf(data: Path, zone: str) -> Path:
    return data / ELSEWHERE / hashlib.sha256(zone.encode()).hexdigest()[:12]


def _move(source: Path, target: Path) -> None:
    """Move what there is of the state; links are moved as they are."""
    target.mkdir(parents=True, exist_ok=True)
    for name in STATE:
        path = source / name
        if path.is_symlink() or path.exists():
            path.rename(target / name)
