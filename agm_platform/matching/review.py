"""Pairs for a person to decide, as a CSV file with both sides, and the file read back strictly."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agm_platform.matching.agreement import explanation
from agm_platform.matching.bands import REVIEW
from agm_platform.matching.customer_design import CUSTOMERS
from agm_platform.matching.review_decisions import digests, doubtful, valid

if TYPE_CHECKING:
    import pandas as pd

    from agm_platform.matching.design import Design

DECISIONS = ("yes", "no")
SHOWN = ("first_name", "last_name", "street", "city", "state", "zip")
KEYS = ("left_id", "right_id", "left_digest", "right_digest")


class ReviewError(ValueError):
    """A review file that cannot be taken as it is; the message names row and column, no value."""


def review_columns() -> tuple[str, ...]:
    """Return the header of a review file."""
    sides = [f"{side}_{name}" for name in SHOWN for side in ("left", "right")]
    return ("decision", "probability", "reasons", *sides, *KEYS)


def review_file(
    links: pd.DataFrame,
    left: pd.DataFrame,
    right: pd.DataFrame,
    path: str | Path,
    *,
    prepared_left: pd.DataFrame,
    prepared_right: pd.DataFrame,
    left_key: str = "customer_id",
    right_key: str = "customer_id",
    decisions: pd.DataFrame | None = None,
    design: Design = CUSTOMERS,
) -> int:
    """Write the links of the review band that are still open; return how many.

    `left` and `right` are the records as received, the prepared ones tell when a record changed.
    The file holds personal values: keep it where personal data may be. The column decision is
    empty: yes, no, or left empty for later. Pairs in `decisions` (the store, see
    `review_decisions`) are not asked again unless one of their records has changed materially
    since; then they are, whatever the model says. Likely pairs come first.
    """
    ours, theirs = digests(prepared_left), digests(prepared_right)
    is_asked: list[bool] = (links["band"] == REVIEW).tolist()
    if decisions is not None and len(decisions):
        settled = set(_pairs(valid(decisions, ours, theirs)))
        again = set(_pairs(doubtful(decisions, ours, theirs)))
        pairs = _pairs(links)
        is_asked = [
            pair in again or (asked and pair not in settled)
            for pair, asked in zip(pairs, is_asked, strict=True)
        ]
    asked = links[is_asked]
    asked = asked.sort_values(["probability", "left_id", "right_id"], ascending=[False, True, True])
    one, other = _rows(left, left_key), _rows(right, right_key)
    with Path(path).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(review_columns())
        for (left_id, right_id), probability, text in zip(
            _pairs(asked), asked["probability"], asked["agreement"], strict=True
        ):
            a, b = one[left_id], other[right_id]
            values = [_cell(side.get(name)) for name in SHOWN for side in (a, b)]
            reasons = explanation(text, design, a, b)
            keys = (left_id, right_id, ours[left_id], theirs[right_id])
            writer.writerow(["", f"{probability:.3f}", _cell(reasons), *values, *keys])
    return len(asked)


def read_review(path: str | Path) -> pd.DataFrame:
    """Return the decisions taken in a review file: left_id, right_id, decision, both digests.

    Rows without a decision are left out. Raises ReviewError, naming row and column, for a header
    that is not the one written, a decision that is neither yes nor no, a missing id or digest, and
    a pair that stands twice.
    """
    import pandas as pd

    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file))
    except (UnicodeDecodeError, csv.Error):
        msg = "the review file is not CSV in UTF-8"
        raise ReviewError(msg) from None
    header = review_columns()
    if not rows or tuple(rows[0]) != header:
        missing = [name for name in header if not rows or name not in rows[0]]
        msg = f"row 1: the header is not the one written; missing: {', '.join(missing) or 'none'}"
        raise ReviewError(msg)
    found: list[dict[str, str]] = []
    seen: dict[tuple[str, str], int] = {}
    for number, row in enumerate(rows[1:], start=2):
        if not any(row):
            continue
        cells = _cells(row, header, number)
        pair = (cells["left_id"], cells["right_id"])
        if pair in seen:
            msg = f"row {number}, columns left_id, right_id: the same pair as in row {seen[pair]}"
            raise ReviewError(msg)
        seen[pair] = number
        if cells["decision"]:
            found.append({name: cells[name] for name in ("decision", *KEYS)})
    columns = ["left_id", "right_id", "decision", "left_digest", "right_digest"]
    return pd.DataFrame(found, columns=columns, dtype=object)


def _cells(row: list[str], header: tuple[str, ...], number: int) -> dict[str, str]:
    """Return the cells of a row by column, the decision in lower case; else ReviewError."""
    if len(row) != len(header):
        msg = f"row {number}: {len(row)} cells instead of {len(header)}"
        raise ReviewError(msg)
    cells = dict(zip(header, row, strict=True))
    for name in KEYS:
        if not cells[name].strip():
            msg = f"row {number}, column {name}: empty"
            raise ReviewError(msg)
    cells["decision"] = cells["decision"].strip().lower()
    if cells["decision"] not in {"", *DECISIONS}:
        msg = f"row {number}, column decision: neither yes nor no nor empty"
        raise ReviewError(msg)
    return cells


def _pairs(links: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(links["left_id"], links["right_id"], strict=True))


def _rows(records: pd.DataFrame, key: str) -> dict[str, dict[Any, Any]]:
    """Return the shown values by id."""
    shown = [name for name in SHOWN if name in records]
    ids = records[key].astype(str)
    return dict(zip(ids, records[shown].to_dict("records"), strict=True))


def _cell(value: Any) -> str:
    """Return a value as a cell that no spreadsheet takes for a formula."""
    text = "" if value is None or value != value else str(value)  # noqa: PLR0124, NaN
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text
