"""What each customer and each segment is expected to buy, by the models that the cards name.

No source is named here: whatever has the contract has the tables, made from its dated orders.
"""

from typing import TYPE_CHECKING

import dagster as dg
import narwhals as nw
import numpy as np
import pandas as pd

from agm_platform.contracts.customer_value import BY_SEGMENT, CARDS, CUSTOMER_VALUE, money_of
from agm_platform.contracts.model import Table
from agm_platform.contracts.registry import TABLES, find_table
from agm_platform.defs.insights.purchase_histories import (
    FEATURES,
    EngineHistories,
    as_of,
    purchase_days,
)
from agm_platform.defs.insights.value_models import NUMPY, ValueModels, chosen, orders_of
from agm_platform.defs.privacy import Privacy
from agm_platform.defs.table import table
from agm_platform.privacy.suppression import with_hidden_cells
from agm_platform.value.segmentation import LABELS, edges_from, with_segment
from agm_platform.value.store import TrainedModel
from agm_platform.warehouse.rows import as_pandas

if TYPE_CHECKING:
    from agm_platform.value.outlook import History

ALL = "all"
Models = dict[str, TrainedModel]


def known_customers(days: nw.LazyFrame, models: Models) -> pd.DataFrame:
    """Return customers as of the last day, by number: FEATURES, mean_value, segment."""
    last = EngineHistories(days).last_day
    known = as_of(days, last or 0)
    if "segments" in models:
        known = with_segment(known, edges_from(models["segments"].parameters))
    else:
        known = known.with_columns(segment=nw.lit(None, dtype=nw.String))
    found = as_pandas(known.select("customer_id", *FEATURES, "segment").sort("customer_id"))
    repeats = found["purchase_days"] - 1
    return found.assign(mean_value=found["repeat_value"] / repeats.clip(lower=1))


def customer_value(days: nw.LazyFrame, models: Models) -> pd.DataFrame:
    """Return one row a customer: history, segment, and what the models that are shown expect."""
    customers = known_customers(days, models)
    found = customers[["customer_id", "purchase_days", "since_last_days", "age_days", "segment"]]
    repeated = customers["purchase_days"] > 1
    found = found.assign(mean_value_usd_cents=customers["mean_value"].where(repeated))
    value = _shown(models, "value")
    if value is not None and len(customers):
        from agm_platform.value.outlook import of_customers

        found = found.assign(**of_customers(value, history_of(customers)), value_model=value.label)
    returns = _shown(models, "return")
    if returns is not None and len(customers):
        from agm_platform.value.returning import probabilities

        features = {name: customers[name].to_numpy(float) for name in FEATURES}
        found = found.assign(
            return_probability=probabilities(returns.parameters, features),
            return_days=returns.parameters["horizon_days"],
            return_model=returns.label,
        )
    return found


def value_by_segment(days: nw.LazyFrame, models: Models) -> pd.DataFrame:
    """Return one row a segment and horizon, and for all: what they will buy; none if not shown."""
    value = _shown(models, "value")
    customers = known_customers(days, models) if value is not None else pd.DataFrame()
    if value is None or not len(customers):
        return pd.DataFrame(columns=["segment", "horizon_days", "customers"])
    from agm_platform.value.outlook import horizons, of_groups

    history = history_of(customers)
    labels = [label for label in LABELS if (customers["segment"] == label).any()]
    place = customers["segment"].map({label: n for n, label in enumerate(labels)})
    parts = []
    for horizon in horizons(value):
        everybody = of_groups(value, history, np.zeros(len(customers), dtype="int64"), horizon)
        parts.append(pd.DataFrame(everybody).assign(segment=ALL, horizon_days=horizon))
        if labels:
            groups = of_groups(value, history, place.to_numpy(dtype=np.int64), horizon)
            parts.append(pd.DataFrame(groups).assign(segment=labels, horizon_days=horizon))
    return pd.concat(parts, ignore_index=True)


def history_of(customers: pd.DataFrame) -> "History":
    """Return what the value model needs of customers."""
    from agm_platform.value.outlook import History

    return History(
        customers["purchase_days"].to_numpy(float) - 1,
        customers["first_to_last_days"].to_numpy(float),
        customers["age_days"].to_numpy(float),
        customers["mean_value"].to_numpy(float),
    )


def hidden(frame: pd.DataFrame, groups: list[str], cells: list[str], smallest: int) -> pd.DataFrame:
    """Add `suppressed`; rows of one group add up to a total that readers know."""
    if not len(frame):
        return frame.assign(suppressed=pd.Series(dtype=bool))
    flagged = with_hidden_cells(
        nw.from_native(frame).lazy(), groups, "customers", smallest, cell_columns=cells
    )
    found: pd.DataFrame = flagged.collect().to_native()
    return found


def _shown(models: Models, kind: str) -> TrainedModel | None:
    model = models.get(kind)
    return model if model is not None and model.is_shown else None


def customer_value_asset(contract: Table) -> dg.AssetsDefinition:
    """Return the asset with a row a customer."""
    orders_contract, model_cards_contract = orders_of(contract), cards_of(contract)

    @table(
        contract,
        reads={"orders": orders_contract, "model_cards": model_cards_contract},
        duckdb_only=NUMPY,
    )
    def of_source(
        orders: nw.LazyFrame, model_cards: nw.LazyFrame, value_models: ValueModels
    ) -> pd.DataFrame:
        """Score every customer with the models of the cards; never trains."""
        days = purchase_days(orders, money_of(orders_contract))
        found = customer_value(days, chosen(model_cards, value_models.store()))
        return found.reindex(columns=list(contract.column_names))

    return of_source


def by_segment_asset(contract: Table) -> dg.AssetsDefinition:
    """Return the asset with a row a segment and horizon."""
    orders_contract, model_cards_contract = orders_of(contract), cards_of(contract)

    @table(
        contract,
        reads={"orders": orders_contract, "model_cards": model_cards_contract},
        duckdb_only=NUMPY,
    )
    def of_source(
        orders: nw.LazyFrame,
        model_cards: nw.LazyFrame,
        value_models: ValueModels,
        privacy: Privacy,
    ) -> pd.DataFrame:
        """Add up what the value model expects, with prediction intervals of the totals."""
        days = purchase_days(orders, money_of(orders_contract))
        found = value_by_segment(days, chosen(model_cards, value_models.store()))
        whole = found["segment"] == ALL
        parts = hidden(found[~whole], ["horizon_days"], ["segment"], privacy.smallest_group)
        total = found[whole].assign(suppressed=found["customers"] < privacy.smallest_group)
        both = pd.concat([part for part in (total, parts) if len(part)] or [total])
        return both.reindex(columns=list(contract.column_names))

    return of_source


def cards_of(contract: Table) -> Table:
    """Return the contract of the same source's model cards; ValueError if it has none."""
    found = find_table(contract.source, CARDS)
    if found is None:
        msg = f"{contract.full_name}: the source has no {CARDS}"
        raise ValueError(msg)
    return found


CUSTOMER_VALUES = [customer_value_asset(each) for each in TABLES if each.name == CUSTOMER_VALUE]
VALUES_BY_SEGMENT = [by_segment_asset(each) for each in TABLES if each.name == BY_SEGMENT]
