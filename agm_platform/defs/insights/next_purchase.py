"""How long until the next purchase, when for some it has not come yet: by its number, by segment.

A segment of today knows who came back since, so a comparison by it would be a circle: customers are
put into segments as of an earlier day and watched from there.
"""

from typing import Any

import dagster as dg
import narwhals as nw
import pandas as pd

from agm_platform.contracts.customer_value import NEXT_PURCHASE, money_of
from agm_platform.contracts.model import Table
from agm_platform.contracts.registry import TABLES
from agm_platform.defs.insights.customer_value import ALL, cards_of, hidden
from agm_platform.defs.insights.purchase_histories import EngineHistories, as_of, purchase_days
from agm_platform.defs.insights.value_models import NUMPY, ValueModels, chosen, orders_of
from agm_platform.defs.privacy import Privacy
from agm_platform.defs.table import table
from agm_platform.statistics.survival import kaplan_meier, median_time, survival_at
from agm_platform.value.segmentation import LABELS, Edges, edges_from, with_segment
from agm_platform.warehouse.rows import records

MOST_PURCHASES = 10
"""Purchases after which drop-off is told: later ones are reached by few."""
WAIT_DAYS = 30
"""The wait after which to look. Source: a month, as for the value of customers."""
MOST_WATCHED_DAYS = 90

NUMBER, SEGMENT = "purchase_number", "segment"
Row = dict[str, Any]


def spells(days: nw.LazyFrame, last: int) -> nw.LazyFrame:
    """Count customers by number of the purchase, days to the next or to the end, and which."""
    following = nw.col("day").shift(-1).over("customer_id", order_by="day")
    number = nw.col("day").cum_count().over("customer_id", order_by="day")
    return (
        days.with_columns(member=number, following=following)
        .filter(nw.col("member") <= MOST_PURCHASES)
        .with_columns(
            wait=nw.coalesce("following", nw.lit(last)) - nw.col("day"),
            returned=~nw.col("following").is_null(),
        )
        .group_by("member", "wait", "returned")
        .agg(customers=nw.len())
    )


def spells_by_segment(days: nw.LazyFrame, edges: Edges, landmark: int, last: int) -> nw.LazyFrame:
    """Count customers by their segment on day `landmark`, days from it to a purchase or the end."""
    known = with_segment(as_of(days, landmark), edges).select("customer_id", member="segment")
    following = (
        days.filter(nw.col("day") > landmark)
        .group_by("customer_id")
        .agg(following=nw.col("day").min())
    )
    return (
        known.join(following, on="customer_id", how="left")
        .with_columns(
            wait=nw.coalesce("following", nw.lit(last)) - landmark,
            returned=~nw.col("following").is_null(),
        )
        .group_by("member", "wait", "returned")
        .agg(customers=nw.len())
    )


def next_purchase(days: nw.LazyFrame, edges: Edges | None) -> pd.DataFrame:
    """Return one row a purchase number, and one a segment and for all of a landmark day."""
    histories = EngineHistories(days)
    first, last = histories.first_day, histories.last_day
    if first is None or last is None:
        return pd.DataFrame(columns=["dimension", "member", "place", "customers"])
    rows = _curves(NUMBER, records(spells(days, last)), WAIT_DAYS)
    watched = min(MOST_WATCHED_DAYS, (last - first + 1) // 3)
    if edges is not None and watched >= 1:
        found = records(spells_by_segment(days, edges, last - watched, last))
        everybody = [{**row, "member": ALL} for row in found]
        wait = min(WAIT_DAYS, watched)
        rows += _curves(SEGMENT, everybody, wait) + _curves(SEGMENT, found, wait)
    return pd.DataFrame(rows)


def _curves(dimension: str, counts: list[Row], wait: int) -> list[Row]:
    """Return a row a member, from its Kaplan-Meier curve."""
    members: dict[Any, list[Row]] = {}
    for row in counts:
        members.setdefault(row["member"], []).append(row)
    return [
        {"dimension": dimension, "member": str(member), "place": _place(member), "wait_days": wait}
        | _curve(members[member], wait)
        for member in sorted(members, key=_place)
    ]


def _place(member: Any) -> int:
    if isinstance(member, str):
        return LABELS.index(member) + 1 if member in LABELS else 0
    return int(member)


def _curve(counts: list[Row], wait: int) -> Row:
    spelled: dict[int, list[int]] = {}
    for row in counts:
        spell = spelled.setdefault(int(row["wait"]), [0, 0])
        spell[not row["returned"]] += int(row["customers"])
    steps = kaplan_meier((days, came, stayed) for days, (came, stayed) in spelled.items())
    at_wait = survival_at(steps, wait)
    watched = any(step.time >= wait for step in steps)
    return {
        "customers": sum(map(sum, spelled.values())),
        "came_back": sum(came for came, _ in spelled.values()),
        "not_back": at_wait.survival if at_wait and watched else None,
        "not_back_low": at_wait.low if at_wait and watched else None,
        "not_back_high": at_wait.high if at_wait and watched else None,
        "median_days": median_time(steps),
    }


def next_purchase_asset(contract: Table) -> dg.AssetsDefinition:
    """Return the asset of one source."""
    orders_contract = orders_of(contract)

    @table(
        contract,
        reads={"orders": orders_contract, "model_cards": cards_of(contract)},
        duckdb_only=NUMPY,
    )
    def of_source(
        orders: nw.LazyFrame,
        model_cards: nw.LazyFrame,
        value_models: ValueModels,
        privacy: Privacy,
    ) -> pd.DataFrame:
        """Kaplan's and Meier's curves, Greenwood's intervals; days count between purchase days."""
        models = chosen(model_cards, value_models.store())
        edges = edges_from(models["segments"].parameters) if "segments" in models else None
        found = next_purchase(purchase_days(orders, money_of(orders_contract)), edges)
        return marked(found, privacy.smallest_group).reindex(columns=list(contract.column_names))

    return of_source


def marked(found: pd.DataFrame, smallest: int) -> pd.DataFrame:
    """Mark rows of too few customers: of a number also all later ones, which tell by difference."""
    if not len(found):
        return found.assign(suppressed=pd.Series(dtype=bool))
    stayed = found["customers"] - found["came_back"]
    small = (
        found["customers"].between(1, smallest - 1)
        | found["came_back"].between(1, smallest - 1)
        | stayed.between(1, smallest - 1)
    )
    numbers = found[found["dimension"] == NUMBER].assign(
        suppressed=small[found["dimension"] == NUMBER].cummax()
    )
    whole = (found["dimension"] == SEGMENT) & (found["member"] == ALL)
    total = found[whole].assign(suppressed=small[whole])
    parts = found[(found["dimension"] == SEGMENT) & ~whole]
    parts = hidden(parts, ["dimension"], ["member"], smallest)
    if len(parts):
        own = small.reindex(parts.index) if parts.index.isin(small.index).all() else None
        parts = parts.assign(suppressed=parts["suppressed"] | (own if own is not None else False))
    kept = [part for part in (numbers, total, parts) if len(part)]
    return pd.concat(kept)


NEXT_PURCHASES = [next_purchase_asset(each) for each in TABLES if each.name == NEXT_PURCHASE]
