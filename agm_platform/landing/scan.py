"""One look at the landing zone: list, compare, hash what changed, enter it in the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agm_platform.landing.decisions import compare, identify
from agm_platform.landing.zone import FileChangedError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from agm_platform.contracts.model import Feed
    from agm_platform.landing.delivery import Arrival
    from agm_platform.landing.ledger import Ledger
    from agm_platform.landing.zone import LandingZone


class ScanReport(NamedTuple):
    """What one scan of one source found. `waiting` and `ignored` are (name, reason)."""

    source: str
    arrivals: list[Arrival]
    unchanged: int
    waiting: list[tuple[str, str]]
    ignored: list[tuple[str, str]]
    removed: list[str]
    left_over: int

    def summary(self) -> str:
        """Say in one line what was found, for a log."""
        kinds = [str(arrival.kind) for arrival in self.arrivals]
        counts = {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)}
        counts |= {
            "unchanged": self.unchanged,
            "waiting": len(self.waiting),
            "ignored": len(self.ignored),
            "removed": len(self.removed),
            "left for the next look": self.left_over,
        }
        found = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
        return f"{self.source}: {found or 'no files'}"


def scan(
    zone: LandingZone,
    ledger: Ledger,
    source: str,
    feeds: Sequence[Feed],
    *,
    now: datetime,
    settle_seconds: float = 5.0,
    max_new: int | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> ScanReport:
    """Enter in the ledger what has arrived for one source since the last scan.

    At most `max_new` changed files are hashed (None: all). Nothing is lost when the process dies at
    any point: what is not in the ledger is found again. `on_progress` gets (hashed, to hash).
    """
    listing = zone.list(source)
    changes = compare(
        listing.files,
        ledger.observed(source),
        feeds,
        now_ns=int(now.timestamp() * 1e9),
        settle_ns=int(settle_seconds * 1e9),
        max_new=max_new,
    )
    candidates = []
    waiting, ignored = list(changes.waiting), [*listing.skipped, *changes.ignored]
    for count, file in enumerate(changes.fresh, start=1):
        try:
            candidates.append(identify(file, zone.sha256(file), feeds))
        except (FileChangedError, FileNotFoundError):
            waiting.append((file.name, "changed while it was read; the next look takes it"))
        except PermissionError:
            ignored.append((file.name, "may not be read: ask for read permission on the file"))
        if on_progress:
            on_progress(count, len(changes.fresh))
    arrivals = []
    if candidates or changes.removed:
        arrivals = ledger.register(source, candidates, removed=changes.removed, now=now)
    return ScanReport(
        source, arrivals, changes.unchanged, waiting, ignored, changes.removed, changes.left_over
    )
