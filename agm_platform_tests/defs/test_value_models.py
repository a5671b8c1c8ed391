"""Models of customers from orders to answers: trained once, pinned, judged, told in words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import pytest

from agm_platform.contracts import loyalty
from agm_platform.contracts.customer_value import (
    BY_SEGMENT,
    CARDS,
    CHANGES,
    CUSTOMER_VALUE,
    KINDS,
    NEXT_PURCHASE,
)
from agm_platform.contracts.model import Table
from agm_platform.contracts.registry import TABLES, find_table
from agm_platform.defs.answers.value_answers import PREFIX, value_answers, value_reads
from agm_platform.defs.insights import customer_value as values
from agm_platform.defs.insights.next_purchase import NEXT_PURCHASES
from agm_platform.defs.insights.purchase_histories import EngineHistories, purchase_days
from agm_platform.defs.insights.segment_changes import SEGMENT_CHANGES
from agm_platform.defs.insights.value_models import (
    MODEL_CARDS,
    ValueModels,
    cards,
    chosen,
    train_value_models,
)
from agm_platform.defs.privacy import Privacy
from agm_platform.defs.table import Declared, declared
from agm_platform.value.store import ModelFileError, Store
from agm_platform.warehouse.engine import Engine
from agm_platform.warehouse.rows import records
from agm_platform.warehouse.types import conform, create_statement
from agm_platform.world.purchases import BuyerSize, orders

PRIVACY = Privacy(keys_path="none", smallest_group=10)
SOURCES = [table.source for table in TABLES if table.name == CARDS]


def function_of(assets: list[dg.AssetsDefinition], source: str) -> Declared:
    (found,) = (d for a in assets if (d := declared(a)) and d.contract.source == source)
    return found


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse with the points programme's orders: a year of customers who come and leave."""
    path = tmp_path_factory.mktemp("value") / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        orders(connection, BuyerSize(700, r=0.6, later_weeks=10), 8, "bought")
        for table in TABLES:
            if table.name == "orders":
                connection.execute(f"create schema if not exists {table.source}")
                connection.execute(create_statement(table))
        connection.execute(
            "insert into loyalty.orders (order_id, customer_id, order_date, subtotal_usd_cents)"
            " select customer_id || '-' || row_number() over (), customer_id, order_date,"
            " subtotal_usd_cents from bought"
        )
        connection.execute("drop table bought")
    return path


@pytest.fixture
def connection(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(warehouse), read_only=True) as opened:
        yield opened


@pytest.fixture(scope="module")
def folder(warehouse: Path) -> Path:
    """The models that the first run trains."""
    folder = warehouse.parent / "models"
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        list(cards("loyalty", days_of(connection), Store(folder)))
    return folder


def days_of(connection: duckdb.DuckDBPyConnection) -> nw.LazyFrame:
    return purchase_days(nw.from_native(connection.table("loyalty.orders")), "subtotal_usd_cents")


def made(
    connection: duckdb.DuckDBPyConnection, folder: Path, source: str = "loyalty"
) -> dict[str, nw.LazyFrame]:
    """Return the five tables of a source as its assets make them."""
    resource = ValueModels(folder=str(folder))
    given: dict[str, nw.LazyFrame] = {
        "orders": nw.from_native(connection.table(f"{source}.orders"))
    }
    steps = (
        (MODEL_CARDS, CARDS),
        (values.CUSTOMER_VALUES, CUSTOMER_VALUE),
        (values.VALUES_BY_SEGMENT, BY_SEGMENT),
        (NEXT_PURCHASES, NEXT_PURCHASE),
        (SEGMENT_CHANGES, CHANGES),
    )
    for assets, name in steps:
        told = function_of(assets, source)
        needs: dict[str, Any] = {}
        for frame, contract in told.frames.items():
            if frame in given:
                needs[frame] = given[frame]
            else:
                needs[frame] = nw.from_native(connection.table(_empty(connection, contract)))
        extra = {"value_models": resource, "privacy": PRIVACY}
        wanted = set(told.function.__annotations__)
        found = told.function(**needs, **{k: v for k, v in extra.items() if k in wanted})
        # In the same connection: frames of two cannot be joined.
        connection.register("made", conform(found, told.contract))
        connection.execute(f"create or replace temp table {source}_{name} as from made")
        stored = nw.from_native(connection.table(f"{source}_{name}"))
        given[name] = conform(stored, told.contract)
    return given


def _empty(connection: duckdb.DuckDBPyConnection, contract: Table) -> str:
    name = f"empty_{contract.source}_{contract.name}"
    columns = ", ".join(f'"{each.name}" {each.type.value}' for each in contract.columns)
    connection.execute(f"create or replace temp table {name} ({columns})")
    return name


@pytest.fixture
def tables(connection: duckdb.DuckDBPyConnection, folder: Path) -> dict[str, list[dict[str, Any]]]:
    return {name: records(frame) for name, frame in made(connection, folder).items()}


def test_the_first_run_trains_and_later_ones_only_look_up(
    connection: duckdb.DuckDBPyConnection, folder: Path
) -> None:
    files = {path.stem: path.read_bytes() for path in folder.iterdir()}
    assert sorted(files) == sorted(f"loyalty_{kind}_v1" for kind in KINDS)
    again = list(cards("loyalty", days_of(connection), Store(folder)))
    assert [card["label"] for card in again] == [
        f"loyalty_{kind}_v1" for kind in ("value", "return", "segments")
    ]
    assert {path.stem: path.read_bytes() for path in folder.iterdir()} == files


def test_a_customer_s_figures_are_within_their_intervals_and_add_up(
    tables: dict[str, list[dict[str, Any]]],
) -> None:
    people = pd.DataFrame(tables[CUSTOMER_VALUE])
    assert len(people) == 700
    for name in ("alive", "purchases_30_days", "purchases_90_days"):
        known = people.dropna(subset=[name])
        assert len(known)
        assert (known[f"{name}_low"] <= known[name]).all()
        assert (known[name] <= known[f"{name}_high"]).all()
    assert people.loc[people["purchase_days"] == 1, "alive"].isna().all()
    assert people.loc[people["purchase_days"] > 1, "alive"].between(0, 1).all()
    assert (people["purchases_30_days"] < people["purchases_90_days"]).all()
    totals = pd.DataFrame(tables[BY_SEGMENT])
    whole = totals[totals["segment"] == "all"].set_index("horizon_days")
    for days in (30, 90):
        expected = people[f"purchases_{days}_days"].sum()
        assert whole.loc[days, "purchases"] == pytest.approx(expected)
        parts = totals[(totals["horizon_days"] == days) & (totals["segment"] != "all")]
        assert parts["purchases"].sum() == pytest.approx(expected)
        assert parts["customers"].sum() == 700
        assert whole.loc[days, "purchases_low"] < expected < whole.loc[days, "purchases_high"]
    assert set(people["segment"]) == set(totals["segment"]) - {"all"}


def test_every_source_abstains_on_empty_tables(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    for source in sorted({*SOURCES} - {"loyalty"}):
        found = made(connection, tmp_path, source)
        assert [row["is_shown"] for row in records(found[CARDS])] == [False] * len(KINDS)
        for name in (CUSTOMER_VALUE, BY_SEGMENT, NEXT_PURCHASE, CHANGES):
            assert records(found[name]) == [], (source, name)
        told = value_answers(source, {PREFIX + name: found[name] for name in found}, None)
        assert [each.answer.split(":")[0] for each in told] == ["Cannot be answered yet"] * 5
        assert "make train" in told[0].answer
    assert list(tmp_path.iterdir()) == []
    assert {"agm", "peak", "loyalty", "sales"} <= set(SOURCES)


def answers(found: dict[str, nw.LazyFrame]) -> dict[str, Any]:
    frames = {PREFIX + name: frame for name, frame in found.items()}
    told = value_answers("loyalty", frames, date(2020, 12, 1))
    return {each.answer_id.partition(".")[2]: each for each in told}


def test_answers_hold_the_figures_of_their_tables(
    connection: duckdb.DuckDBPyConnection, folder: Path
) -> None:
    found = made(connection, folder)
    told = answers(found)
    assert value_reads("loyalty").keys() <= {PREFIX + name for name in found}
    (whole,) = (
        row
        for row in records(found[BY_SEGMENT])
        if row["segment"] == "all" and row["horizon_days"] == 90
    )
    worth, alive, segments = told["customer_value"], told["alive_share"], told["segment_changes"]
    assert worth.sample_size == 700
    assert worth.low < worth.value < worth.high
    assert f"{whole['purchases']:,.0f} times" in worth.answer
    assert alive.value == pytest.approx(whole["alive_share"])
    assert alive.sample_size == whole["repeaters"] < 700
    assert "Of 700 customers" in segments.answer
    assert "Brier score" in told["return_prediction"].answer
    first = next(
        row
        for row in records(found[NEXT_PURCHASE])
        if (row["dimension"], row["place"]) == ("purchase_number", 1)
    )
    assert told["next_purchase"].value == first["not_back"]


def test_a_model_that_is_no_better_than_a_plain_rate_is_not_shown_and_it_is_said(
    connection: duckdb.DuckDBPyConnection, folder: Path, tmp_path: Path
) -> None:
    for kind in KINDS:
        model = Store(folder).chosen("loyalty", kind)
        assert model is not None
        plain = {"30": {"purchases": False, "values": False}}
        parameters = {**model.parameters, **({"horizons": plain} if kind == "value" else {})}
        worse = replace(model, is_shown=kind == "segments", parameters=parameters)
        Store(tmp_path).save(replace(worse, verdict="it errs more"))
    found = made(connection, tmp_path)
    assert records(found[BY_SEGMENT]) == []
    people = pd.DataFrame(records(found[CUSTOMER_VALUE]))
    assert people[["alive", "purchases_30_days", "return_probability"]].isna().all(axis=None)
    assert people["value_model"].isna().all()
    told = answers(found)
    assert told["customer_value"].answer == (
        "Not shown, because no better than a plain rate: it errs more."
    )
    assert told["customer_value"].value is None
    assert "no customer's chance is shown" in told["return_prediction"].answer


def test_where_nobody_can_be_told_to_leave_the_answer_says_so(
    connection: duckdb.DuckDBPyConnection, folder: Path
) -> None:
    found = made(connection, folder)
    rows = records(found[CARDS])
    for row in rows:
        if row["kind"] == "value":
            parameters = json.loads(row["parameters"])
            parameters["purchases"]["at_bound"] = ["a", "b"]
            row["parameters"] = json.dumps(parameters)
    connection.register("bounded", pd.DataFrame(rows))
    told = answers({**found, CARDS: nw.from_native(connection.sql("from bounded"))})["alive_share"]
    assert told.answer.startswith("No leaving can be told from these data")
    assert told.low is None
    assert told.high is None


def test_customers_who_turned_since_training_raise_a_warning(
    connection: duckdb.DuckDBPyConnection, folder: Path, tmp_path: Path
) -> None:
    segments, value = (Store(folder).chosen("loyalty", kind) for kind in ("segments", "value"))
    assert segments is not None
    assert value is not None
    turned = dict.fromkeys(segments.parameters["shares"], 0.0) | {"new": 1.0}
    Store(tmp_path).save(replace(segments, parameters={**segments.parameters, "shares": turned}))
    # A model of far quicker buyers, trained a month ago: fewer purchases came than it expects.
    fit = value.parameters["purchases"]
    faster = {**fit, "values": [30 * fit["values"][0], *fit["values"][1:]]}
    last = EngineHistories(days_of(connection)).last_day
    assert last is not None
    Store(tmp_path).save(
        replace(
            value,
            parameters={**value.parameters, "purchases": faster},
            trained_through=date.fromordinal(last - 30).isoformat(),
        )
    )
    found = {row["kind"]: row for row in cards("loyalty", days_of(connection), Store(tmp_path))}
    assert found["segments"]["stability_index"] > 0.25
    assert "train anew (make train)" in found["segments"]["warning"]
    assert "were expected: train anew" in found["value"]["warning"]
    untouched = {row["kind"]: row for row in cards("loyalty", days_of(connection), Store(folder))}
    assert untouched["segments"]["warning"] is None


def test_the_job_writes_the_next_versions_and_a_label_can_be_pinned(
    warehouse: Path, folder: Path, tmp_path: Path
) -> None:
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    result = train_value_models.execute_in_process(
        run_config={"ops": {"train_models": {"config": {"sources": ["loyalty", "agm"]}}}},
        resources={
            "engine": Engine(database=str(warehouse)),
            "value_models": ValueModels(folder=str(tmp_path)),
        },
    )
    assert result.output_for_node("train_models") == [f"loyalty_{kind}_v2" for kind in KINDS]
    newest = ValueModels(folder=str(tmp_path)).store().chosen("loyalty", "value")
    pinned = ValueModels(folder=str(tmp_path), pinned="loyalty_value_v1, agm_value_v9").store()
    assert newest is not None
    assert newest.version == 2
    older = pinned.chosen("loyalty", "value")
    assert older is not None
    assert older.version == 1
    assert older.parameters == newest.parameters  # of the same data
    with pytest.raises(ModelFileError, match="agm_value_v9"):
        pinned.chosen("agm", "value")


def test_the_job_names_a_source_that_has_no_models(warehouse: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no models of shopping; there are models of agm"):
        train_value_models.execute_in_process(
            run_config={"ops": {"train_models": {"config": {"sources": ["shopping"]}}}},
            resources={
                "engine": Engine(database=str(warehouse)),
                "value_models": ValueModels(folder=str(tmp_path)),
            },
        )


def test_a_card_tells_what_the_model_was_learnt_from(
    tables: dict[str, list[dict[str, Any]]],
) -> None:
    found = {row["kind"]: row for row in tables[CARDS]}
    data = json.loads(found["value"]["data"])
    assert data["customers"] == found["value"]["customers"] == 700
    assert len(data["sha256"]) == 64
    assert {score["of"] for score in json.loads(found["value"]["scores"])} >= {"purchases"}
    assert np.isfinite(json.loads(found["value"]["parameters"])["purchases"]["log_likelihood"])
    card = find_table("loyalty", CARDS)
    assert card is not None
    assert card.column_names == tuple(tables[CARDS][0])
    assert loyalty.ORDERS.full_name == "loyalty.orders"


def test_cards_name_the_files_that_are_scored_with(
    connection: duckdb.DuckDBPyConnection, folder: Path
) -> None:
    found = made(connection, folder)
    assert {model.label for model in chosen(found[CARDS], Store(folder)).values()} == {
        f"loyalty_{kind}_v1" for kind in KINDS
    }
