"""From two lists to decided pairs, each list encoded on its own with the shared key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from agm_platform.matching.normalise import as_pandas
from agm_platform.matching.private.blocking import similar_pairs_in_blocks
from agm_platform.matching.private.bloom import encode_bloom
from agm_platform.matching.private.comparison import similar_pairs
from agm_platform.matching.private.decision import accepted
from agm_platform.matching.private.encoding_file import Encodings, shuffled
from agm_platform.matching.private.errors import LinkageError
from agm_platform.matching.private.keyed_hashes import equal_pairs, keyed_hashes
from agm_platform.matching.private.parameters import Method
from agm_platform.matching.private.records import columns_of

if TYPE_CHECKING:
    from agm_platform.matching.private.parameters import Parameters


class Quality(NamedTuple):
    """How accepted pairs compare with the true ones, counts and shares from 0 to 1."""

    f1: float
    precision: float
    recall: float
    accepted: int
    correct: int
    true: int


def encode(
    records: Any, parameters: Parameters, key: bytes
) -> tuple[Encodings, npt.NDArray[np.intp]]:
    """Return the encodings of a list in random order, and the row of the list of each.

    `records` is a pandas frame, a DuckDB relation or a Narwhals frame; see `records.columns_of` for
    its columns. Raises LinkageError for missing columns or an empty list.
    """
    columns = columns_of(records, parameters)
    if not next(iter(columns.values())):
        msg = "the list is empty"
        raise LinkageError(msg)
    if parameters.method is Method.HASH:
        words = keyed_hashes(columns, parameters.composites, "composite", key)
    else:
        words = encode_bloom(columns, parameters, key)
    blocks = keyed_hashes(columns, parameters.blocks, "block", key)
    return shuffled(words, blocks, parameters, key)


def compare(
    left: Encodings,
    right: Encodings,
    threshold: float | None = None,
    margin: float | None = None,
) -> pd.DataFrame:
    """Return pairs (left_row, right_row, similarity, accepted), most similar first.

    Rows number the encodings. All pairs down to threshold - margin are there; threshold and margin
    are the left parameters' unless given. Raises LinkageError when key or parameters differ.
    """
    left.require_same(right)
    parameters = left.parameters
    threshold = parameters.threshold if threshold is None else threshold
    margin = parameters.margin if margin is None else margin
    least = max(threshold - margin, 0.0)
    if parameters.method is Method.HASH:
        pairs = equal_pairs(left.words, right.words)
    elif parameters.blocks:
        pairs = similar_pairs_in_blocks(left.words, right.words, left.blocks, right.blocks, least)
    else:
        pairs = similar_pairs(left.words, right.words, least)
    frame = pd.DataFrame(
        {
            "left_row": pairs.left,
            "right_row": pairs.right,
            "similarity": pairs.similarity,
            "accepted": accepted(pairs, threshold, margin),
        }
    )
    frame = frame[frame["similarity"] >= least]
    return frame.sort_values(
        ["similarity", "left_row", "right_row"], ascending=[False, True, True], ignore_index=True
    )


def link(
    left_records: Any,
    right_records: Any,
    parameters: Parameters,
    key: bytes,
    id_column: str = "record_id",
) -> pd.DataFrame:
    """Return the pairs of two lists as (left_id, right_id, similarity, accepted).

    What two sides and the comparison do, in one process: for measuring and tests. `id_column`
    identifies the records in both lists; the other columns are as for `encode`.
    """
    lists = [as_pandas(records) for records in (left_records, right_records)]
    (left, left_rows), (right, right_rows) = (encode(rows, parameters, key) for rows in lists)
    pairs = compare(left, right)
    ids = [rows[id_column].to_numpy() for rows in lists]
    return pd.DataFrame(
        {
            "left_id": ids[0][left_rows[pairs["left_row"]]],
            "right_id": ids[1][right_rows[pairs["right_row"]]],
            "similarity": pairs["similarity"],
            "accepted": pairs["accepted"],
        }
    )


def private_f1(pairs: pd.DataFrame, true_pairs: pd.DataFrame) -> Quality:
    """Return how the accepted pairs of `link` compare with the true ones (left_id, right_id)."""
    chosen = pairs.loc[pairs["accepted"], ["left_id", "right_id"]]
    correct = len(chosen.merge(true_pairs[["left_id", "right_id"]].drop_duplicates()))
    true = len(true_pairs.drop_duplicates(["left_id", "right_id"]))
    both = len(chosen) + true
    return Quality(
        f1=2 * correct / both if both else 1.0,
        precision=correct / len(chosen) if len(chosen) else 1.0,
        recall=correct / true if true else 1.0,
        accepted=len(chosen),
        correct=correct,
        true=true,
    )
