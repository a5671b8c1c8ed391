"""Which landing zone a ledger belongs to: the files of two zones must never mix."""

from __future__ import annotations

import os
from pathlib import Path

FILE = "landing_zone"


class OtherZoneError(RuntimeError):
    """The ledger belongs to another landing zone; the message says which and what to do."""


def address(zone_url: str) -> str:
    """Return one spelling for a zone: a folder's real path, a URL without a slash at its end."""
    return zone_url.rstrip("/") if "://" in zone_url else os.path.realpath(zone_url)


def owner(ledger_path: Path) -> str | None:
    """Return the zone that the ledger belongs to; None for a ledger that has not begun."""
    path = ledger_path.parent / FILE
    return path.read_text(encoding="utf-8").strip() if path.exists() else None


def claim_for(ledger_path: Path, zone_url: str) -> None:
    """Make the ledger belong to the zone, or prove that it does; else raise OtherZoneError."""
    known, wanted = owner(ledger_path), address(zone_url)
    if known is None:
        ledger_path.parent.mkdir(parents=True, exist_ok=True)
        (ledger_path.parent / FILE).write_text(f"{wanted}\n", encoding="utf-8")
    elif known != wanted:
        msg = (
            f"{ledger_path.parent.parent} holds what came from {known}, not from {wanted}: give "
            "another DATA folder, or use make run LANDING=..., which keeps the two apart"
        )
        raise OtherZoneError(msg)
