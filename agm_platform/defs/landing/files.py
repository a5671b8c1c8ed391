"""The files that senders drop, as external assets: where every lineage begins."""

import dagster as dg

from agm_platform.contracts.model import Feed, Owner
from agm_platform.contracts.registry import FEEDS


def file_key(feed: Feed) -> dg.AssetKey:
    """Return the key of the files of one feed."""
    return dg.AssetKey(["landing", f"{feed.source}_{feed.name}"])


FILES = [
    dg.AssetSpec(
        file_key(feed),
        description=f"{feed.description} File name: {feed.pattern}",
        group_name="landing",
        owners=[Owner.ENGINEERING.value],
        kinds={feed.media_type.partition("/")[2]},
        tags={"published": "false"},
        metadata={"folder": f"landing/{feed.source}", "delivery": feed.delivery.value},
    )
    for feed in FEEDS
]
