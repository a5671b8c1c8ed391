"""What the delivery trial did to the pick-up takings of its store, against the other stores."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from agm_platform.contracts import agm, peak
from agm_platform.contracts.business import TRIAL_STORE_ZIP
from agm_platform.contracts.forecasts import TRIAL_EFFECT
from agm_platform.defs.table import table
from agm_platform.statistics import trial_effect as statistics
from agm_platform.warehouse.rows import records

Row = dict[str, Any]


@table(
    TRIAL_EFFECT,
    reads={"pickups": agm.ORDERS, "deliveries": peak.ORDERS, "stores": agm.STORES},
    duckdb_only="differences of weekly means and their intervals are computed from rows in Python",
)
def trial_effect(
    pickups: nw.LazyFrame, deliveries: nw.LazyFrame, stores: nw.LazyFrame
) -> pd.DataFrame:
    """Compare the store on trial with the others, in whole weeks counted from its first delivery.

    The trial lasts from the first delivery to the last; weeks that it does not fill are left out.
    """
    on_trial = records(
        stores.filter(nw.col("zip") == TRIAL_STORE_ZIP).select("store_id").sort("store_id")
    )
    by_day = nw.col("subtotal_usd_cents").sum()
    sold = records(pickups.group_by("store_id", "order_date").agg(usd_cents=by_day))
    brought = records(
        deliveries.group_by("order_date").agg(net_usd_cents=nw.col("net_usd_cents").sum())
    )
    store = on_trial[0]["store_id"] if len(on_trial) == 1 else None
    return pd.DataFrame(
        effects(sold, brought, store), columns=list(TRIAL_EFFECT.column_names)
    ).astype(object)


def effects(sold: Sequence[Row], brought: Sequence[Row], store: str | None) -> list[Row]:
    """Return the rows of TRIAL_EFFECT: the store on trial first, then the others.

    Parameters: takings by store_id and order_date; net_usd_cents of deliveries by order_date; the
    store on trial. Without sales or deliveries there is no row; where an effect cannot be told the
    only row says why.
    """
    if not sold or not brought:
        return []
    if store is None:
        return [_untold("?", "AGM's stores file does not say which store is on trial")]
    began = min(row["order_date"] for row in brought)
    ended = min(max(row["order_date"] for row in brought), max(row["order_date"] for row in sold))
    weekly, before = _weekly(sold, began, ended)
    found = statistics.effect(weekly, store, before) if weekly else None
    if found is None:
        during = max(0, ((ended - began).days + 1) // 7)
        return [
            _untold(
                store,
                f"{statistics.LEAST_WEEKS} whole weeks of sales at two stores or more are needed "
                f"before the trial and in it; there are {before} before and {during} in it",
            )
        ]
    counted = [
        row["net_usd_cents"]
        for row in brought
        if 0 <= (row["order_date"] - began).days < found.weeks_during * 7
    ]
    weeks = {"weeks_before": found.weeks_before, "weeks_during": found.weeks_during}
    told = {
        "store_id": store,
        "is_on_trial": True,
        "effect": found.value,
        "low": found.low,
        "high": found.high,
        "p_value": found.p_value,
        "placebo_p": found.placebo_p if found.placebos else None,
        **weeks,
        "pickup_usd_cents": round(float(weekly[store][found.weeks_before :].sum())),
        "delivery_net_usd_cents": sum(counted),
    }
    return [
        told,
        *(
            {
                "store_id": name,
                "is_on_trial": False,
                "effect": value,
                **weeks,
                "pickup_usd_cents": round(float(weekly[name][found.weeks_before :].sum())),
            }
            for name, value in found.placebos.items()
        ),
    ]


def _weekly(sold: Sequence[Row], began: date, ended: date) -> tuple[dict[str, np.ndarray], int]:
    """Return takings by store and whole week, and how many of the weeks lie before the trial.

    Stores that sold nothing in one of the weeks were not there all the time and are left out.
    """
    first = min(row["order_date"] for row in sold)
    before, during = (began - first).days // 7, ((ended - began).days + 1) // 7
    if before < 1 or during < 1:
        return {}, max(0, before)
    weekly: dict[str, np.ndarray] = {}
    for row in sold:
        week = (row["order_date"] - began).days // 7 + before
        if 0 <= week < before + during:
            totals = weekly.setdefault(row["store_id"], np.zeros(before + during))
            totals[week] += row["usd_cents"]
    return {name: weekly[name] for name in sorted(weekly) if (weekly[name] > 0).all()}, before


def _untold(store: str, why_not: str) -> Row:
    return {"store_id": store, "is_on_trial": True, "why_not": why_not}
