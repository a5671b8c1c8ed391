"""Can a purchase be foretold from who buys and when? Cross-validated, beside a guess."""

from collections.abc import Sequence
from typing import Any

import narwhals as nw
import pandas as pd

from agm_platform.statistics.prediction import Judged, coded, judged_categories, judged_numbers
from agm_platform.warehouse.rows import records

COLUMNS = (
    "target",
    "model",
    "guess",
    "measure",
    "model_value",
    "guess_value",
    "gain",
    "low",
    "high",
    "folds",
    "sample_size",
    "is_better",
)
MOST_ROWS = 50_000
"""Purchases that a model is judged on at most, evenly taken. Source: memory, and an interval of
half a percent is enough."""


def foretold(orders: nw.LazyFrame, features: Sequence[str], folds: int) -> pd.DataFrame:
    """Return one row each for the category and the amount of a purchase.

    Parameters: orders with order_id (a whole number as text), category, subtotal_usd_cents and
    the columns `features`, which are known before the purchase. Rows are taken in order of their
    number and dealt to the folds in turn, so that each fold has its part of every stretch.
    """
    named = [*features, "category", "subtotal_usd_cents"]
    numbered = (
        orders.filter(~nw.col("category").is_null() & ~nw.col("subtotal_usd_cents").is_null())
        .select(*named, _number=nw.col("order_id").cast(nw.Int64))
        .with_columns(_place=nw.col("_number").rank("ordinal"))
    )
    (size,) = records(numbered.select(rows=nw.len()))
    step = -(-int(size["rows"]) // MOST_ROWS) or 1
    kept = numbered.filter((nw.col("_place") - 1) % step == 0)
    rows = sorted(records(kept), key=lambda row: row["_number"])
    if not rows:
        return pd.DataFrame(columns=list(COLUMNS))
    codes = coded([[row[name] for row in rows] for name in features])
    category = judged_categories(codes, [row["category"] for row in rows], folds)
    amount = judged_numbers(codes, [float(row["subtotal_usd_cents"]) for row in rows], folds)
    told = [
        _row(
            "category",
            "logistic regression",
            "the most frequent category",
            "share of right guesses",
            category,
        ),
        _row("amount", "ridge regression", "the mean", "mean absolute error, USD cents", amount),
    ]
    return pd.DataFrame([row for row in told if row], columns=list(COLUMNS))


def _row(
    target: str, model: str, guess: str, measure: str, judged: Judged | None
) -> dict[str, Any] | None:
    if judged is None:
        return None
    return {
        "target": target,
        "model": model,
        "guess": guess,
        "measure": measure,
        "model_value": judged.model,
        "guess_value": judged.guess,
        "gain": judged.gain.value,
        "low": judged.gain.low,
        "high": judged.gain.high,
        "folds": judged.folds,
        "sample_size": judged.gain.sample_size,
        "is_better": judged.is_better,
    }
