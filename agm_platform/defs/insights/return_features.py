"""Customers as of a day, as the return model learns from them: features, then what happened."""

import narwhals as nw
import numpy as np

from agm_platform.defs.insights.purchase_histories import FEATURES, with_later
from agm_platform.value import bg_nbd, prediction
from agm_platform.value.fitting import FitError
from agm_platform.value.histories import DAYS_A_UNIT
from agm_platform.value.returning import MOST_CUSTOMERS, AsOf
from agm_platform.warehouse.rows import arrays


def customers_as_of(days: nw.LazyFrame, day: int, horizon: int, *, compare: bool) -> AsOf:
    """Return features, truth and the chances by the naive rate; with `compare` BG/NBD's too.

    BG/NBD is fitted as of the same day, so that it knows no more. Of more than MOST_CUSTOMERS
    customers evenly many are taken, in order of their number.
    """
    numbered = with_later(days, day, horizon).with_columns(
        _place=nw.col("customer_id").rank("ordinal"), _all=nw.lit(1)
    )
    step = numbered.with_columns(
        _step=(nw.col("_all").sum().over("_all") + MOST_CUSTOMERS - 1) // MOST_CUSTOMERS
    )
    taken = step.filter((nw.col("_place") - 1) % nw.col("_step") == 0)
    found = arrays(taken.select("_place", *FEATURES, "later").sort("_place"))
    features = {name: found[name] for name in FEATURES}
    repeats = features["purchase_days"] - 1
    rate = repeats / np.maximum(features["age_days"], 1.0)
    return AsOf(
        features,
        (found["later"] > 0).astype(float),
        1 - np.exp(-rate * horizon),
        _fitted(features, horizon) if compare else None,
    )


def _fitted(features: dict[str, np.ndarray], horizon: int) -> np.ndarray | None:
    histories, place = prediction.grouped(
        features["purchase_days"] - 1, features["first_to_last_days"], features["age_days"]
    )
    try:
        logs = bg_nbd.fit(histories).logs
    except FitError:
        return None
    return bg_nbd.probability_of_purchase(logs, histories, horizon / DAYS_A_UNIT)[place]
