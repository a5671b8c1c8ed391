"""Lists with known pairs as files: what a training job learns from and is scored on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agm_platform.matching.prepare import prepare
from agm_platform.matching.training import Lists

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

LEARN, SCORE = "learn", "score"
FILES = ("left", "right", "matches")


class LabelledListsError(ValueError):
    """A folder does not hold labelled lists; the message says which file is missing or wrong."""


def write_lists(
    folder: Path, left: pd.DataFrame, right: pd.DataFrame, matches: pd.DataFrame
) -> None:
    """Write two lists of customers (as received, with customer_id) and their true pairs.

    `matches` has the columns left_id and right_id. The files are Parquet, in `folder`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in zip(FILES, (left, right, matches), strict=True):
        frame.to_parquet(folder / f"{name}.parquet", index=False)


def read_lists(folder: Path) -> dict[str, Lists]:
    """Return the lists in the subfolders of `folder`, by name in alphabetical order.

    Raises LabelledListsError if there is none, a file is missing or pairs lack a column.
    """
    import pandas as pd

    found = {}
    for each in sorted(path for path in folder.glob("*") if path.is_dir()):
        missing = [name for name in FILES if not (each / f"{name}.parquet").exists()]
        if missing:
            msg = f"{each} lacks {missing[0]}.parquet: labelled lists are left, right and matches"
            raise LabelledListsError(msg)
        left, right, matches = (pd.read_parquet(each / f"{name}.parquet") for name in FILES)
        if not {"left_id", "right_id"} <= set(matches.columns):
            msg = f"{each}/matches.parquet needs the columns left_id and right_id"
            raise LabelledListsError(msg)
        found[each.name] = Lists(prepare(left), prepare(right), matches.astype(str))
    if not found:
        msg = f"{folder} holds no labelled lists: one folder each with left, right and matches"
        raise LabelledListsError(msg)
    return found
