"""Persons over all sources, from run to run: only what is new or has changed is compared."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import dagster as dg
import pandas as pd
import pyarrow as pa

from agm_platform.contracts import agm, peak, reviews
from agm_platform.contracts import persons as contracts
from agm_platform.contracts.model import Table, Type
from agm_platform.defs.customers.matching_model import MatchingModel
from agm_platform.defs.table import asset_key, table_out
from agm_platform.matching.clusters import APART, JOIN
from agm_platform.matching.model import Model
from agm_platform.matching.persons import MEMBERS, Known, nothing_known, persons
from agm_platform.matching.prepare import COLUMNS, prepare
from agm_platform.matching.review_decisions import digests, valid
from agm_platform.quality.checks import POOL
from agm_platform.warehouse.engine import Engine
from agm_platform.warehouse.tables import kept_rows
from agm_platform.warehouse.types import empty_relation

RECORDS = ["record_id", "source", *COLUMNS]
FREQUENCIES = ["field", "value", "share"]
GROWN_ANEW = 2.0
"""All is compared anew, values counted anew, when there are this many times the records counted.

Rare names tell more than common ones; how rare is known badly from a first day's few records.
"""
# Records go last: they tell the next run what is done, if this one ends between two tables.
WRITTEN = (
    contracts.PERSON_EVENTS,
    contracts.PERSONS,
    contracts.PERSON_PAIRS,
    contracts.PERSON_FREQUENCIES,
    contracts.PERSON_RECORDS,
)


@dataclass(frozen=True)
class State:
    """What the warehouse remembers: Known, and what its pairs and frequencies were made with.

    decided          the decisions that hold: left_id < right_id, decision
    model_version    label of the model, empty before the first run
    counted_records  the records that the frequencies were counted in
    """

    known: Known
    decided: pd.DataFrame
    model_version: str = ""
    counted_records: int = 0


@dg.multi_asset(
    name="persons",
    ins={
        "peak_customers": dg.AssetIn(asset_key(peak.CLEAN_CUSTOMERS)),
        "agm_customers": dg.AssetIn(asset_key(agm.CLEAN_CUSTOMERS)),
        "review_decisions": dg.AssetIn(asset_key(reviews.REVIEW_DECISIONS)),
    },
    outs={contract.name: table_out(contract) for contract in WRITTEN},
    pool=POOL,
)
def persons_of_all_sources(
    engine: Engine,
    matching_model: MatchingModel,
    peak_customers: pd.DataFrame,
    agm_customers: pd.DataFrame,
    review_decisions: pd.DataFrame,
) -> Iterator[dg.Output]:
    """Compare what is new or changed since the last run with all there is; ids stay."""
    stored = {contract.name: _stored(engine, contract) for contract in WRITTEN}
    customers = {"peak": peak_customers, "agm": agm_customers}
    now = pd.concat(
        [prepared_records(frame, source) for source, frame in customers.items()], ignore_index=True
    )
    last = peak_customers["last_order_date"].max()
    as_of = None if pd.isna(last) else str(pd.Timestamp(last).date())
    decisions = holding(review_decisions, now)
    state = advance(state_of(stored), now, decisions, matching_model.load(), as_of)
    tables = tables_of(state)
    for contract in WRITTEN:
        yield dg.Output(tables[contract.name], contract.name)


def advance(
    before: State, now: pd.DataFrame, decisions: pd.DataFrame, model: Model, as_of: str | None
) -> State:
    """Return the state after matching `now`, all prepared records there are (see RECORDS).

    `decisions` (left_id, right_id, decision) are those that hold, by record_id. Records that are
    as they were are not compared again, unless the model is another or there are GROWN_ANEW times
    as many as the frequencies were counted in; persons keep their ids then too.
    """
    known, counted = before.known, before.counted_records
    gone = set(known.records["record_id"]) - set(now["record_id"])
    is_anew = before.model_version != model.label or len(now) >= GROWN_ANEW * counted
    if is_anew:
        fresh = nothing_known(now, model)
        known = replace(fresh, members=known.members, events=known.events)
        received, counted = now, len(now)
    else:
        both = pd.concat([known.records[RECORDS], now[RECORDS]])
        differing = set(both.drop_duplicates(keep=False)["record_id"])
        # A decision that was taken back leaves its two records to the model again.
        taken_back = before.decided.merge(decisions, how="left", indicator=True)
        taken_back = taken_back[taken_back["_merge"] == "left_only"]
        differing |= {*taken_back["left_id"], *taken_back["right_id"]}
        received = now[now["record_id"].isin(differing)]
    after = persons(received, known, model, str(as_of), gone=gone, decisions=decisions)
    events = after.events.drop_duplicates(ignore_index=True)
    return State(replace(after, events=events), decisions, model.label, counted)


def prepared_records(customers: pd.DataFrame, source: str) -> pd.DataFrame:
    """Return clean customers as they are compared, with record_id (agm:17) and source."""
    records = prepare(customers)
    records["record_id"] = source + ":" + records["record_id"].astype(str)
    return _texts(records.assign(source=source)[RECORDS])


def holding(review_decisions: pd.DataFrame, records: pd.DataFrame) -> pd.DataFrame:
    """Return the decisions about records that say what they said then: left_id < right_id."""
    store = review_decisions.assign(
        left_id="peak:" + review_decisions["left_id"].astype(str),
        right_id="agm:" + review_decisions["right_id"].astype(str),
    )
    decided = records[records["record_id"].isin({*store["left_id"], *store["right_id"]})]
    found = digests(decided) if len(decided) else {}
    held = valid(store, found, found) if len(store) else store
    pairs = held.assign(left_id=held["right_id"], right_id=held["left_id"])
    return _texts(pairs[["left_id", "right_id", "decision"]]).sort_values(
        ["left_id", "right_id"], ignore_index=True
    )


def state_of(stored: dict[str, pd.DataFrame]) -> State:
    """Return the state from its tables by name; what is not there yet is empty."""
    pairs = stored[contracts.PERSON_PAIRS.name]
    events = stored[contracts.PERSON_EVENTS.name].copy()
    events["as_of"] = _dates(events["as_of"])
    frequencies = stored[contracts.PERSON_FREQUENCIES.name]
    by_model = pairs["says"].isin([JOIN, APART])
    decided = pairs[~by_model].rename(columns={"says": "decision"})
    known = Known(
        stored[contracts.PERSON_RECORDS.name],
        pairs[by_model].reset_index(drop=True).astype({"match_weight": float}),
        stored[contracts.PERSONS.name][list(MEMBERS)],
        events,
        frequencies[FREQUENCIES],
    )
    if frequencies.empty:
        return State(known, decided[["left_id", "right_id", "decision"]])
    model_version, counted = frequencies[["model_version", "counted_records"]].iloc[0]
    return State(
        known, decided[["left_id", "right_id", "decision"]], str(model_version), int(counted)
    )


def tables_of(state: State) -> dict[str, pd.DataFrame]:
    """Return the state as its tables, in an order of rows that depends on their content only."""
    known = state.known
    by_people = state.decided.rename(columns={"decision": "says"}).assign(match_weight=float("nan"))
    parts = [each for each in (known.pairs, by_people) if len(each)]
    pairs = pd.concat(parts) if parts else known.pairs
    customer_id = known.members["record_id"].str.replace(r"^[^:]*:", "", n=1, regex=True)
    events = known.events.assign(
        as_of=pd.to_datetime(known.events["as_of"], errors="coerce").dt.date
    )
    frames = (
        (contracts.PERSONS, known.members.assign(customer_id=customer_id)),
        (contracts.PERSON_EVENTS, events),
        (contracts.PERSON_RECORDS, known.records),
        (contracts.PERSON_PAIRS, pairs),
        (
            contracts.PERSON_FREQUENCIES,
            known.frequencies.assign(
                model_version=state.model_version, counted_records=state.counted_records
            ),
        ),
    )
    return {
        contract.name: frame[list(contract.column_names)].sort_values(
            list(contract.key or contract.column_names), ignore_index=True
        )
        for contract, frame in frames
    }


def _stored(engine: Engine, contract: Table) -> pd.DataFrame:
    """Return a table of the last run; it could not be told again from others."""
    rows = kept_rows(engine.connection, contract)
    found = empty_relation(engine.connection, contract) if rows is None else rows
    frame = found.df()
    texts = [column.name for column in contract.columns if column.type is Type.TEXT]
    return frame.assign(**_texts(frame[texts]))


def _texts(frame: pd.DataFrame) -> pd.DataFrame:
    """Return texts as Arrow's: equal values are equal wherever they come from, and fast to find."""
    return frame.astype(object).astype(pd.ArrowDtype(pa.string()))


def _dates(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return dates as ISO text."""
    return pd.to_datetime(column).dt.strftime("%Y-%m-%d").astype(object)
