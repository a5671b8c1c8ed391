"""What people decided about open pairs, from the files that lie on the review desk."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pandas as pd
from pydantic import Field

from agm_platform.contracts.reviews import REVIEW_DECISIONS, REVIEW_FILES
from agm_platform.defs.table import table_out
from agm_platform.matching.review import ReviewError, read_review
from agm_platform.matching.review_decisions import STORE_COLUMNS, add_decisions
from agm_platform.quality.checks import POOL

DECIDED = "decided"
ACCEPTED, REFUSED = "accepted", "refused"


class ReviewDesk(dg.ConfigurableResource):
    """Where pairs to decide are written and decided files are put; those are never deleted."""

    path: str = Field(description="Folder with to_decide.csv and the folder decided.")

    @property
    def decided(self) -> Path:
        """The folder of the files that came back: the lasting store of decisions."""
        return Path(self.path) / DECIDED


@dg.multi_asset(
    name="review_desk",
    outs={contract.name: table_out(contract) for contract in (REVIEW_DECISIONS, REVIEW_FILES)},
    pool=POOL,
)
def review_desk(review_desk: ReviewDesk) -> Iterator[dg.Output]:
    """Read every decided file anew, in the order of names; one that is not right decides nothing.

    The tables are made of nothing but the files, so they come back after a loss of the warehouse.
    """
    decisions, files = fold(review_desk.decided)
    yield dg.Output(decisions, REVIEW_DECISIONS.name)
    yield dg.Output(files, REVIEW_FILES.name)


def fold(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the decisions of all CSV files in the folder, and what became of each file.

    Decisions have STORE_COLUMNS, files those of REVIEW_FILES. A file is dated by its modification
    time in UTC.
    """
    store = pd.DataFrame({name: pd.Series(dtype=object) for name in STORE_COLUMNS})
    files = []
    for path in _files(folder):
        count = reason = None
        try:
            taken = read_review(path)
            changed = datetime.fromtimestamp(path.stat().st_mtime, UTC).date().isoformat()
        except ReviewError as error:
            reason = str(error)
        except OSError as error:
            reason = f"the file cannot be opened: {error.strerror}"
        else:
            count = len(taken)
            store = add_decisions(store, taken, _text(path.stem), changed)
        state = REFUSED if reason else ACCEPTED
        files.append((_text(path.name), state, reason, count))
    described = pd.DataFrame(files, columns=list(REVIEW_FILES.column_names))
    return store, described.astype({"decisions": "Int64"})


def _files(folder: Path) -> list[Path]:
    """Return the CSV files by name; hidden ones are a program's own."""
    if not folder.is_dir():
        return []
    found = (path for path in folder.iterdir() if path.suffix.lower() == ".csv")
    return sorted(path for path in found if path.is_file() and not path.name.startswith("."))


def _text(name: str) -> str:
    """Return a file's name as text that can be stored, whatever bytes it has."""
    return name.encode("utf-8", "replace").decode("utf-8")
