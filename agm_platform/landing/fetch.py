"""From deliveries to files that a reader can open: located by content, copied if remote."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agm_platform.landing.zone import FileChangedError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from agm_platform.landing.delivery import Delivery
    from agm_platform.landing.ledger import Ledger
    from agm_platform.landing.zone import LandingZone


class Fetched(NamedTuple):
    """Local paths by delivery id, and the deliveries whose bytes are gone from the zone.

    The rows of a gone delivery stay as they are; if it waits for a run the next scan closes it.
    """

    paths: dict[int, Path]
    gone: list[Delivery]


def fetch(
    zone: LandingZone, ledger: Ledger, deliveries: Sequence[Delivery], cache: Path
) -> Fetched:
    """Return where to read the deliveries: in place, or copies in the folder `cache`."""
    files = ledger.locate(deliveries)
    fetched = Fetched({}, [])
    for delivery in deliveries:
        try:
            path = zone.local_path(files[delivery.delivery_id], cache)
        except (KeyError, FileChangedError):
            fetched.gone.append(delivery)
        else:
            fetched.paths[delivery.delivery_id] = path
    return fetched
