"""Persons from run to run: only changes are compared, ids stay, decisions are followed."""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import narwhals as nw
import pandas as pd
import pytest

from agm_platform.contracts import agm, peak, reviews
from agm_platform.contracts import persons as contracts
from agm_platform.contracts.model import Table
from agm_platform.defs.customers import persons as asset
from agm_platform.defs.customers.matching_model import MatchingModel
from agm_platform.defs.table import table
from agm_platform.matching.model import load_model
from agm_platform.matching.persons import Known
from agm_platform.matching.prepare import COLUMNS
from agm_platform.matching.record_quality import scored
from agm_platform.matching.review_decisions import STORE_COLUMNS, digests
from agm_platform.quality.evaluate import evaluate_table
from agm_platform.quality.results import State
from agm_platform.warehouse.connection import Claim
from agm_platform.warehouse.engine import Engine
from agm_platform.warehouse.io_manager import Warehouse
from agm_platform_tests.defs.conftest import Make

Customer = tuple[str, str, str, str, str]
BELL: Customer = ("1", "Robert", "Bell", "5 Elm Street", "94609")
LORENTZ: Customer = ("2", "Clemens", "Lorentz", "12 Oak Lane", "94705")
WEAVING: Customer = ("3", "Robb", "Weaving", "3 Elm Court", "94705")
NAMES = [f"{a}{b}{c}" for a in "bdf" for b in "aeiou" for c in ("rk", "lm", "nst")]
STRANGERS = tuple(
    (
        str(100 + place),
        f"{name}o".title(),
        f"{name[::-1]}son".title(),
        f"{place} High Road",
        "94110",
    )
    for place, name in enumerate(NAMES)
)
OWN = (BELL, LORENTZ, WEAVING, *STRANGERS)
BOB: Customer = ("70", "Bob", "Bell", "5 Elm St", "94609")
MOVED: Customer = ("80", "Clemens", "Lorentz", "990 Birch Road", "94705")
PARTNER = (BOB, MOVED)
Tables = dict[str, pd.DataFrame]
NEVER_RUN = {
    contract.name: pd.DataFrame({name: pd.Series(dtype=object) for name in contract.column_names})
    for contract in contracts.TABLES
}


@cache
def clean(customers: tuple[Customer, ...]) -> pd.DataFrame:
    columns = ["customer_id", "first_name", "last_name", "street", "zip"]
    frame = pd.DataFrame(list(customers), columns=columns, dtype=object)
    return scored(frame.assign(city="Oakland", state="CA"))


@cache
def prepared(customers: tuple[Customer, ...], source: str) -> pd.DataFrame:
    return asset.prepared_records(clean(customers), source)


def decided(left: Customer, right: Customer, decision: str) -> pd.DataFrame:
    """The store after one decision about a pair as it is."""
    ours, theirs = digests(prepared((left,), "peak")), digests(prepared((right,), "agm"))
    row = (left[0], right[0], decision, *ours.values(), *theirs.values(), "ann", "2020-10-05", 1)
    return pd.DataFrame([row], columns=list(STORE_COLUMNS))


NOTHING_DECIDED = pd.DataFrame({name: pd.Series(dtype=object) for name in STORE_COLUMNS})


def run(
    before: Tables,
    partner: tuple[Customer, ...] = PARTNER,
    store: pd.DataFrame = NOTHING_DECIDED,
    as_of: str = "2020-10-05",
    own: tuple[Customer, ...] = OWN,
) -> Tables:
    """One run over the tables that the run before left."""
    now = pd.concat([prepared(own, "agm"), prepared(partner, "peak")], ignore_index=True)
    decisions = asset.holding(store, now)
    state = asset.advance(asset.state_of(before), now, decisions, load_model(), as_of)
    return asset.tables_of(state)


@cache
def first_run() -> Tables:
    return run(NEVER_RUN)


def same(one: Tables, other: Tables) -> bool:
    return all(one[name].astype(str).equals(other[name].astype(str)) for name in NEVER_RUN)


def person(tables: Tables, record_id: str) -> str:
    persons = tables["persons"]
    return str(persons.set_index("record_id")["person_id"][record_id])


def events(tables: Tables) -> list[tuple[object, ...]]:
    found = tables["person_events"].astype(object)
    return list(found.itertuples(index=False, name=None))


def test_the_records_kept_are_those_that_the_design_compares() -> None:
    assert contracts.PERSON_RECORDS.column_names == ("record_id", "source", *COLUMNS)


def test_a_partners_customer_is_the_person_of_our_own_record() -> None:
    tables = first_run()
    assert person(tables, "peak:70") == person(tables, "agm:1")
    assert person(tables, "peak:80") != person(tables, "agm:2")
    assert len(tables["persons"]) == len(OWN) + len(PARTNER)
    bob = tables["persons"].set_index("record_id").loc["peak:70"]
    assert (bob["source"], bob["customer_id"]) == ("peak", "70")
    assert events(tables) == []


def test_a_new_record_joins_the_person_who_keeps_the_id_and_only_it_is_compared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    received: list[list[str]] = []
    persons = asset.persons

    def noted(records: pd.DataFrame, *rest: Any, **more: Any) -> Known:
        received.append(records["record_id"].tolist())
        return persons(records, *rest, **more)

    monkeypatch.setattr(asset, "persons", noted)
    before = first_run()
    received.clear()
    after = run(before, (*PARTNER, ("90", "Robb", "Weaving", "3 Elm Ct", "94705")))
    assert person(after, "peak:90") == person(before, "agm:3")
    assert events(after) == []
    assert same(run(after, (*PARTNER, ("90", "Robb", "Weaving", "3 Elm Ct", "94705"))), after)
    assert received == [["peak:90"], []]


def test_a_decision_merges_two_persons_and_taking_it_back_splits_them() -> None:
    before = first_run()
    yes = decided(MOVED, LORENTZ, "yes")
    kept, ended = sorted([person(before, "agm:2"), person(before, "peak:80")])
    joined = run(before, store=yes, as_of="2020-10-06")
    assert person(joined, "agm:2") == person(joined, "peak:80") == kept
    assert events(joined) == [(date(2020, 10, 6), "merge", kept, ended, 1)]
    assert same(run(joined, store=yes, as_of="2020-10-07"), joined)
    parted = run(joined, as_of="2020-10-07")
    assert person(parted, "agm:2") != person(parted, "peak:80")
    assert [row[:2] for row in events(parted)] == [
        (date(2020, 10, 6), "merge"),
        (date(2020, 10, 7), "split"),
    ]


def test_a_decision_against_the_model_keeps_two_records_apart() -> None:
    tables = run(first_run(), store=decided(BOB, BELL, "no"))
    assert person(tables, "peak:70") != person(tables, "agm:1")


def test_a_decision_about_a_record_that_is_another_now_does_not_hold() -> None:
    store = decided(MOVED, LORENTZ, "yes")
    joined = run(first_run(), store=store)
    again = ("80", "Clemens", "Lorentz", "77 Pine Road", "94705")
    tables = run(joined, (BOB, again), store)
    assert person(tables, "peak:80") != person(tables, "agm:2")


def test_a_vanished_record_is_forgotten_and_the_person_stays() -> None:
    before = first_run()
    after = run(before, (MOVED,))
    assert person(after, "agm:1") == person(before, "agm:1")
    for name in ("persons", "person_records"):
        assert "peak:70" not in set(after[name]["record_id"])
    assert "peak:70" not in {*after["person_pairs"]["left_id"], *after["person_pairs"]["right_id"]}


def test_another_model_compares_all_anew_and_keeps_the_ids() -> None:
    before = first_run()
    older = before["person_frequencies"].assign(model_version="older")
    lost = before["person_pairs"].iloc[:0]
    assert same(run({**before, "person_frequencies": older, "person_pairs": lost}), before)


def test_twice_as_many_records_as_were_counted_are_counted_anew() -> None:
    few = run(NEVER_RUN, own=OWN[:10])
    assert set(few["person_frequencies"]["counted_records"]) == {12}
    many = run(few)
    assert set(many["person_frequencies"]["counted_records"]) == {len(OWN) + 2}
    for name in ("person_frequencies", "person_pairs", "person_records"):
        assert same({**first_run(), name: many[name]}, first_run())
    # A name that two of twelve have tells nothing; that two of many have it, joins them.
    assert [row[1] for row in events(many)] == ["merge"]


def test_a_run_that_ended_before_the_records_were_written_is_made_good() -> None:
    whole = first_run()
    records = whole["person_records"]
    assert same(run({**whole, "person_records": records[records["record_id"] != "peak:70"]}), whole)


def test_no_customers_give_empty_tables() -> None:
    tables = run(NEVER_RUN, (), own=())
    assert [len(table) for table in tables.values()] == [0] * len(tables)


def test_the_asset_keeps_all_in_the_warehouse_and_writes_the_same_again(tmp_path: Path) -> None:
    @table(agm.CLEAN_CUSTOMERS)
    def own_customers() -> pd.DataFrame:
        return clean(OWN)

    @table(peak.CLEAN_CUSTOMERS)
    def partner_customers() -> pd.DataFrame:
        known = clean(PARTNER).assign(last_order_date=date(2020, 10, 5))
        return known.reindex(columns=list(peak.CLEAN_CUSTOMERS.column_names))

    @table(reviews.REVIEW_DECISIONS)
    def review_decisions() -> pd.DataFrame:
        return decided(MOVED, LORENTZ, "yes")

    database = str(tmp_path / "warehouse.duckdb")
    assets = [own_customers, partner_customers, review_decisions, asset.persons_of_all_sources]
    stored = []
    for _ in range(2):
        resources = {
            "io_manager": Warehouse(database=database),
            "engine": Engine(database=database),
            "matching_model": MatchingModel(trained_path=""),
        }
        assert dg.materialize(assets, resources=resources).success
        with Claim(database) as claim:
            stored.append(
                [claim.connection.table(each.full_name).fetchall() for each in contracts.TABLES]
            )
    assert stored[0] == stored[1]
    assert [len(rows) > 0 for rows in stored[0]] == [True, False, True, True, True]


def failed(connection: duckdb.DuckDBPyConnection, contract: Table) -> list[str]:
    """The rules of a table that its rows break."""
    frame = nw.from_native(connection.table(contract.full_name))
    return [
        result.rule.name
        for result in evaluate_table(contract, frame, contract.rules)
        if result.state is not State.PASSED
    ]


def test_two_records_of_agm_in_one_person_stop_what_follows(
    make: Make, connection: duckdb.DuckDBPyConnection
) -> None:
    row = {"person_id": "P1", "source": "agm", "customer_id": "1", "record_id": "agm:1"}
    other = {**row, "customer_id": "2", "record_id": "agm:2"}
    make(contracts.PERSONS, row, {**other, "source": "peak"})
    assert failed(connection, contracts.PERSONS) == []
    make(contracts.PERSONS, row, other)
    assert failed(connection, contracts.PERSONS) == ["person_id__one_agm_record"]


@pytest.mark.parametrize(("persons", "told"), [(100, False), (99, True)])
def test_many_persons_changed_at_once_are_told(
    make: Make, connection: duckdb.DuckDBPyConnection, persons: int, told: bool
) -> None:
    ids = [f"P{number}" for number in range(persons)]
    make(
        contracts.PERSONS,
        *({"person_id": i, "source": "agm", "customer_id": i, "record_id": i} for i in ids),
    )
    event = {"event": "merge", "person_id": "P0", "other_person_id": "X", "records": 1}
    old = [{**event, "person_id": each, "as_of": date(2020, 10, 4)} for each in ids]
    make(contracts.PERSON_EVENTS, *old, {**event, "as_of": date(2020, 10, 5)})
    assert bool(failed(connection, contracts.PERSON_EVENTS)) == told
