"""The models of customers that a run scores with, their cards, and the job that trains new ones.

Scoring never trains. A run trains only where there is no model at all, so that the first run has
one; from then on customers are judged by the same file until the job has written another.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import dagster as dg
import narwhals as nw
import pandas as pd
from pydantic import Field

from agm_platform.contracts.customer_value import CARDS, KINDS, money_of
from agm_platform.contracts.model import Table
from agm_platform.contracts.registry import TABLES, find_table
from agm_platform.defs.insights.purchase_histories import (
    FEATURES,
    EngineHistories,
    as_of,
    gaps,
    purchase_days,
)
from agm_platform.defs.table import table
from agm_platform.quality.checks import POOL
from agm_platform.value.segmentation import (
    LARGE_DRIFT,
    edges_from,
    shares,
    stability_index,
    train_segments,
    with_segment,
)
from agm_platform.value.store import Store, TrainedModel
from agm_platform.value.training import TooLittleDataError, train_value
from agm_platform.warehouse.engine import Engine
from agm_platform.warehouse.rows import arrays, records
from agm_platform.warehouse.tables import read_table

HOW_TO_TRAIN = "make train"
LEAST_DAYS_SINCE = 14
"""Days after training before what came is held against what was expected: two weeks."""
NUMPY = "models are trained and looked up in numpy"


class ValueModels(dg.ConfigurableResource):
    """Where models of customers are kept, and which are pinned."""

    folder: str = Field(description="Folder of the models that training writes.")
    pinned: str = Field(default="", description="Labels to use instead of the newest, by comma.")

    def store(self) -> Store:
        """Return the files."""
        return Store(self.folder, self.pinned)


def trained(
    source: str, kind: str, days: nw.LazyFrame, store: Store, value_model: TrainedModel | None
) -> TrainedModel:
    """Train the next version of one kind from all purchase days; TooLittleDataError if it cannot.

    `value_model` is what a return model is compared with.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # so few numbers: threads would only wait for each other
        return _trained(source, kind, days, store, value_model)


def _trained(
    source: str, kind: str, days: nw.LazyFrame, store: Store, value_model: TrainedModel | None
) -> TrainedModel:
    histories = EngineHistories(days)
    version = store.next_version(source, kind)
    first, last = histories.first_day, histories.last_day
    if kind == "value":
        return train_value(source, histories, version)
    if kind == "return":
        from agm_platform.defs.insights.return_features import customers_as_of
        from agm_platform.value.returning import train_return

        return train_return(
            source,
            first,
            last,
            lambda day, horizon: customers_as_of(
                days, day, horizon, compare=value_model is not None
            ),
            version,
        )
    known = as_of(days, last or 0)
    model = train_segments(
        source, first, last, arrays(gaps(days, last or 0)), arrays(known.select(*FEATURES)), version
    )
    now = labels(with_segment(known, edges_from(model.parameters)))
    return replace(model, parameters={**model.parameters, "shares": shares(now)})


def labels(customers: nw.LazyFrame) -> dict[str, int]:
    """Count customers by `segment`."""
    counted = records(customers.group_by("segment").agg(customers=nw.len()))
    return {row["segment"]: int(row["customers"]) for row in counted}


def cards(source: str, days: nw.LazyFrame, store: Store) -> Iterator[dict[str, Any]]:
    """Yield a card for each kind of model, trained now if there is none."""
    last = EngineHistories(days).last_day
    value_model = None
    for kind in KINDS:
        model = store.chosen(source, kind)
        if model is None:
            try:
                model = trained(source, kind, days, store, value_model)
            except TooLittleDataError as missing:
                yield {"kind": kind, "is_shown": False, "verdict": f"no model yet: {missing}"}
                continue
            store.save(model)
        if kind == "value":
            value_model = model
        yield _card(model) | _drift(model, days, last)


def _card(model: TrainedModel) -> dict[str, Any]:
    return {
        "kind": model.kind,
        "label": model.label,
        "method": model.method,
        "trained_through": pd.Timestamp(model.trained_through),
        "customers": model.data["customers"],
        "is_shown": model.is_shown,
        "verdict": model.verdict,
        **{
            name: json.dumps(getattr(model, name), sort_keys=True)
            for name in ("scores", "parameters", "data", "libraries")
        },
    }


def _drift(model: TrainedModel, days: nw.LazyFrame, last: int | None) -> dict[str, Any]:
    """Say whether customers are still as when the model was trained."""
    if last is None:
        return {}
    if model.kind == "segments":
        now = labels(with_segment(as_of(days, last), edges_from(model.parameters)))
        index = round(stability_index(model.parameters["shares"], shares(now)), 6)
        large = index >= LARGE_DRIFT
        words = (
            f"segments have other sizes than when {model.label} was trained (population "
            f"stability index {index:.2f}): look at them, then train anew ({HOW_TO_TRAIN})"
        )
        return {"stability_index": index, "warning": words if large else None}
    if model.kind == "value" and model.is_shown:
        return {"warning": _value_drift(model, days, last)}
    return {}


def _value_drift(model: TrainedModel, days: nw.LazyFrame, last: int) -> str | None:
    """Hold what came since training against what was expected then."""
    then = date.fromisoformat(model.trained_through).toordinal()
    since = last - then
    if since < LEAST_DAYS_SINCE:
        return None
    from agm_platform.value.outlook import total_purchases

    customers = EngineHistories(days).customers(then, since)
    if not len(customers):
        return None
    found, came = total_purchases(model, customers, since), int(customers.later.sum())
    if found.low <= came <= found.high:
        return None
    return (
        f"since {model.label} was trained {came:,} purchases came in {since} days where "
        f"{found.value:,.0f} ({found.low:,.0f} to {found.high:,.0f}) were expected: train anew "
        f"({HOW_TO_TRAIN})"
    )


def cards_asset(contract: Table) -> dg.AssetsDefinition:
    """Return the asset with the models' cards of one source, from its orders."""
    orders_contract = orders_of(contract)

    @table(contract, reads={"orders": orders_contract}, duckdb_only=NUMPY, tells=_told)
    def of_source(orders: nw.LazyFrame, value_models: ValueModels) -> pd.DataFrame:
        """Look up the pinned or newest models; train the first ones where there are none."""
        days = purchase_days(orders, money_of(orders_contract))
        found = list(cards(contract.source, days, value_models.store()))
        return pd.DataFrame(found, columns=list(contract.column_names))

    return of_source


def orders_of(contract: Table) -> Table:
    """Return the contract of the orders of the same source; ValueError if it has none."""
    found = find_table(contract.source, "orders")
    if found is None:
        msg = f"{contract.full_name}: the source has no orders"
        raise ValueError(msg)
    return found


def chosen(model_cards: nw.LazyFrame, store: Store) -> dict[str, TrainedModel]:
    """Return the models that the cards name, by kind; no file is looked for that they do not."""
    named = records(model_cards.select("kind", "label"))
    return {row["kind"]: store.load(row["label"]) for row in named if row["label"]}


def _told(frame: pd.DataFrame) -> dict[str, Any]:
    rows = frame[["kind", "label", "verdict"]].itertuples(index=False)
    return {str(kind): f"{label}: {verdict}" for kind, label, verdict in rows}


class Training(dg.Config):
    """Whose models to train; none named: all."""

    sources: list[str] = Field(default=[], description="Sources, such as agm and loyalty.")


@dg.op(pool=POOL, description="Fit, judge and write the next version of each model.")
def train_models(
    context: dg.OpExecutionContext, config: Training, engine: Engine, value_models: ValueModels
) -> list[str]:
    """Return the labels of the new models; ValueError for a source without dated orders."""
    known = {contract.source: contract for contract in TABLES if contract.name == CARDS}
    unknown = sorted(set(config.sources) - set(known))
    if unknown:
        msg = f"no models of {', '.join(unknown)}; there are models of {', '.join(sorted(known))}"
        raise ValueError(msg)
    store, written, told = value_models.store(), [], {}
    for source in config.sources or sorted(known):
        orders = orders_of(known[source])
        frame = nw.from_native(read_table(engine.connection, orders))
        days = purchase_days(frame, money_of(orders))
        value_model = None
        for kind in KINDS:
            try:
                model = trained(source, kind, days, store, value_model)
            except TooLittleDataError as missing:
                told[f"{source}_{kind}"] = f"not trained: {missing}"
                continue
            value_model = model if kind == "value" else value_model
            store.save(model)
            written.append(model.label)
            told[f"{source}_{kind}"] = f"{model.label}: {model.verdict}"
    for name, words in told.items():
        context.log.info("%s: %s", name, words)
    context.add_output_metadata({**told, "pin_one_with": "AGM_VALUE_MODELS=<label>,<label>"})
    return written


@dg.job(
    description="Trains the models of customer value, return and segments from what is in the "
    "warehouse. The next run uses them, unless AGM_VALUE_MODELS pins others."
)
def train_value_models() -> None:
    """Write a new version of each model that the data suffice for."""
    train_models()


MODEL_CARDS = [cards_asset(contract) for contract in TABLES if contract.name == CARDS]
