"""What people read of a snapshot: the site and the workbook, put beside the tables they show."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import dagster as dg

from agm_platform.contracts.model import Owner
from agm_platform.defs.automation.when_to_publish import PUBLISHED_DAILY, WITH_SNAPSHOT
from agm_platform.defs.publish.manifest import name_in_manifest, take_out_of_manifest
from agm_platform.defs.publish.pictures import observations
from agm_platform.defs.publish.shelf import UNFINISHED, Shelf, delete
from agm_platform.quality.checks import POOL
from agm_platform.reports.report import gather
from agm_platform.reports.site import charts_of, write_pages
from agm_platform.reports.workbook import write_workbook

# In the pool too: while another run publishes, the link to read from moves.
SNAPSHOT = dg.AssetKey(["publish", "snapshot"])
SITE, WORKBOOK = "site", "insights.xlsx"
Result = TypeVar("Result")
LEFT_OUT = {"left_out": "AGM_REPORTS is false"}


@dg.asset(
    key=["publish", "site"],
    deps=[SNAPSHOT],
    group_name="publish",
    owners=[Owner.ANALYTICS.value],
    kinds={"html"},
    tags={"published": "true"},
    pool=POOL,
    freshness_policy=PUBLISHED_DAILY,
    automation_condition=WITH_SNAPSHOT,
    description=(
        "Pages of all answers with their charts, evidence and methods, in the folder site of the "
        "snapshot. They open from disk and need neither script nor network. Made from published "
        "tables alone; when it fails the snapshot stays as it is."
    ),
)
def site(context: dg.AssetExecutionContext, shelf: Shelf) -> dg.MaterializeResult:
    """Write the pages aside, then put them into the published folder as a whole.

    Each table that the pages show a figure of is observed with that picture.
    """
    if not shelf.reports:
        return dg.MaterializeResult(metadata=LEFT_OUT)
    snapshot = Path(shelf.published_path).resolve()
    report = gather(snapshot)
    charts = charts_of(report)
    sizes = put_into(snapshot, SITE, lambda aside: write_pages(report, charts, aside))
    for seen in observations(snapshot, Path(shelf.published_path), report, charts):
        context.log_event(seen)
    largest = max(sizes, key=lambda name: sizes[name])
    return dg.MaterializeResult(
        metadata={
            "site": dg.MetadataValue.path(str(Path(shelf.published_path) / SITE / "index.html")),
            "pages": len(sizes),
            "bytes": sum(sizes.values()),
            "largest_page": f"{largest}, {sizes[largest]:,} bytes",
        }
    )


@dg.asset(
    key=["publish", "workbook"],
    deps=[SNAPSHOT],
    group_name="publish",
    owners=[Owner.ANALYTICS.value],
    kinds={"excel"},
    tags={"published": "true"},
    pool=POOL,
    freshness_policy=PUBLISHED_DAILY,
    automation_condition=WITH_SNAPSHOT,
    description=(
        "One Excel file of all answers and figures, with charts that Excel draws, sources and "
        "methods. Made from published tables alone; when it fails the snapshot stays as it is."
    ),
)
def workbook(shelf: Shelf) -> dg.MaterializeResult:
    """Write the workbook aside, then put it into the published folder as a whole."""
    if not shelf.reports:
        return dg.MaterializeResult(metadata=LEFT_OUT)
    snapshot = Path(shelf.published_path).resolve()
    sheets = put_into(snapshot, WORKBOOK, lambda aside: write_workbook(snapshot, aside))
    return dg.MaterializeResult(
        metadata={
            "workbook": dg.MetadataValue.path(str(Path(shelf.published_path) / WORKBOOK)),
            "sheets": sheets,
            "bytes": (snapshot / WORKBOOK).stat().st_size,
        }
    )


def put_into(snapshot: Path, part: str, write: Callable[[Path], Result]) -> Result:
    """Let a file or folder be written aside, then put it into a snapshot; return what `write` does.

    The first time, as for every new snapshot, the part appears in one step. Where there is an
    earlier one it is moved away first: no file system here changes two folders at once, and for
    that moment a reader finds none, never half of one. The manifest names it once it is there.
    What a run that died may have left is deleted first.
    """
    path = snapshot / part
    aside, old = (snapshot / f"{UNFINISHED}{state}.{part}" for state in ("new", "old"))
    for left in (aside, old):
        delete(left)
    result = write(aside)
    if path.exists():
        take_out_of_manifest(snapshot, part)
        path.replace(old)
    aside.replace(path)
    name_in_manifest(snapshot, part)
    delete(old)
    return result
