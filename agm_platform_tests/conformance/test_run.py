"""Functions are found in the definitions, and what cannot be compared says why."""

from pathlib import Path

import dagster as dg
import duckdb
import narwhals as nw
import pandas as pd
import pytest

from agm_platform.cli import conformance as command
from agm_platform.conformance.run import CANNOT_RUN, NOT_NEUTRAL, Outcome, functions_of_frames
from agm_platform.conformance.run import _outcome as outcome_of
from agm_platform.conformance.sides import exported, on_duckdb, rows_of, start_duckdb
from agm_platform.contracts import agm
from agm_platform.definitions import defs
from agm_platform.defs.table import declared, table


@table(agm.STORES)
def of_stores(raw_stores: nw.LazyFrame) -> nw.LazyFrame:
    """Fail on any engine."""
    return raw_stores.select("no_such_column")


@table(agm.STORES, duckdb_only="it is a test")
def of_duckdb(raw_stores: nw.LazyFrame) -> nw.LazyFrame:
    """Run on DuckDB only."""
    return raw_stores


@table(agm.STORES)
def of_context(context: dg.AssetExecutionContext, raw_stores: nw.LazyFrame) -> nw.LazyFrame:
    """Take what only Dagster gives."""
    return raw_stores


@table(agm.STORES)
def of_pandas(raw_stores: pd.DataFrame) -> pd.DataFrame:
    """Take pandas frames."""
    return raw_stores


def outcome(asset: dg.AssetsDefinition, folder: Path) -> Outcome:
    told = declared(asset)
    assert told is not None
    path = folder / "raw_stores.parquet"
    with start_duckdb() as connection:
        names = ", ".join(f"null as {name}" for name in agm.RAW_STORES.column_names)
        connection.sql(f"select {names}").write_parquet(str(path))
        return outcome_of(told, {"agm.raw_stores": path}, connection, None)


def test_an_error_of_an_engine_is_its_report(tmp_path: Path) -> None:
    found = outcome(of_stores, tmp_path)
    assert found.state == CANNOT_RUN
    assert found.words[0].startswith("DuckDB: ColumnNotFoundError")


def test_a_mark_says_why_a_function_is_not_compared(tmp_path: Path) -> None:
    assert outcome(of_duckdb, tmp_path) == Outcome("agm.stores", NOT_NEUTRAL, ("it is a test",))


def test_a_function_that_takes_more_than_frames_has_to_say_so(tmp_path: Path) -> None:
    found = outcome(of_context, tmp_path)
    assert found.state == CANNOT_RUN
    assert "takes context" in found.words[0]


def test_a_table_that_the_warehouse_lacks_is_named() -> None:
    told = declared(of_stores)
    assert told is not None
    with start_duckdb() as connection:
        found = outcome_of(told, {}, connection, None)
    assert found.words == ("the warehouse has no agm.raw_stores",)


def test_functions_are_found_in_definitions_unless_they_take_no_frames_of_an_engine() -> None:
    found = functions_of_frames(dg.Definitions(assets=[of_pandas, of_stores]))
    assert [told.function.__name__ for told in found] == ["of_stores"]
    names = {told.contract.full_name for told in functions_of_frames(defs(), "[ap]*.*")}
    assert {"agm.orders", "peak.orders", "answers.answers"} <= names
    assert "shopping.orders" not in names
    assert "agm.raw_sales" not in names


def test_every_function_takes_frames_and_settings_or_says_that_it_is_of_duckdb() -> None:
    with start_duckdb() as connection:
        found = [
            outcome_of(told, {}, connection, None)
            for told in functions_of_frames(defs())
            if not told.frames or told.duckdb_only
        ]
    assert found
    assert {each.state for each in found} == {NOT_NEUTRAL}


def test_tables_that_are_there_are_exported_with_their_types(tmp_path: Path) -> None:
    database = tmp_path / "warehouse.duckdb"

    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "create schema agm; create table agm.holidays as select "
            "date '2020-11-26' as holiday_date, 'é' as holiday_name, "
            "true as is_closed"
        )
    paths = exported(database, [agm.HOLIDAYS, agm.STORES], tmp_path)
    assert list(paths) == ["agm.holidays"]
    with start_duckdb() as connection:
        types, rows = rows_of(on_duckdb(connection, paths["agm.holidays"]), agm.HOLIDAYS)
    assert types == {"holiday_date": "Date", "holiday_name": "String", "is_closed": "Boolean"}
    assert [row[1:] for row in rows] == [("é", True)]


def test_without_spark_the_command_says_so_and_is_content(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "missing", lambda: "there is no Java")
    assert command.conformance(None, "*") == 0
    assert "there is no Java. Nothing was checked." in capsys.readouterr().out
