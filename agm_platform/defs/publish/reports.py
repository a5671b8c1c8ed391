"""What people read of a snapshot: the site and the workbook, put beside the tables they show."""

import shutil
from pathlib import Path

import dagster as dg

from agm_platform.contracts.model import Owner
from agm_platform.defs.publish.snapshot import Shelf
from agm_platform.quality.checks import POOL
from agm_platform.reports.site import write_site
from agm_platform.reports.workbook import write_workbook

# In the pool too: while another run publishes, the link to read from moves.
SNAPSHOT = dg.AssetKey(["publish", "snapshot"])
SITE, WORKBOOK = "site", "insights.xlsx"
LEFT_OUT = {"left_out": "AGM_REPORTS is false"}


@dg.asset(
    key=["publish", "site"],
    deps=[SNAPSHOT],
    group_name="publish",
    owners=[Owner.ANALYTICS.value],
    kinds={"html"},
    pool=POOL,
    description=(
        "Pages of all answers with their charts, evidence and methods, in the folder site of the "
        "snapshot. They open from disk and need neither script nor network. Made from published "
        "tables alone; when it fails the snapshot stays as it is."
    ),
)
def site(shelf: Shelf) -> dg.MaterializeResult:
    """Write the pages aside, then put them into the published folder as a whole."""
    if not shelf.reports:
        return dg.MaterializeResult(metadata=LEFT_OUT)
    snapshot = Path(shelf.published_path).resolve()
    aside = _fresh(snapshot / f".{SITE}.new")
    sizes = write_site(snapshot, aside)
    replace(snapshot / SITE, aside)
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
    pool=POOL,
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
    aside = _fresh(snapshot / f".new.{WORKBOOK}")
    sheets = write_workbook(snapshot, aside)
    aside.replace(snapshot / WORKBOOK)
    return dg.MaterializeResult(
        metadata={
            "workbook": dg.MetadataValue.path(str(Path(shelf.published_path) / WORKBOOK)),
            "sheets": sheets,
            "bytes": (snapshot / WORKBOOK).stat().st_size,
        }
    )


def replace(folder: Path, aside: Path) -> None:
    """Put the folder `aside` in the place of `folder`.

    The first time, as for every new snapshot, that is one step. Where there is an earlier one it
    is moved away first: no file system here changes two folders at once, and for that moment a
    reader finds none, never half of one.
    """
    old = _fresh(folder.with_name(f".{folder.name}.old"))
    if folder.exists():
        folder.replace(old)
    aside.replace(folder)
    shutil.rmtree(old, ignore_errors=True)


def _fresh(path: Path) -> Path:
    """Return the path with nothing there: what a run that died may have left is deleted."""
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    return path
