"""The check step keeps what it found: before the run stops, and whatever becomes of the journal."""

import sqlite3
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import narwhals as nw
import pytest

from agm_platform.contracts.model import Column, OnFailure, Rule, Severity, Table, Type
from agm_platform.quality.checks import checks_for
from agm_platform.quality.journal import Journal

SALES = Table(
    "shop",
    "sales",
    "Sales.",
    (
        Column("sale_id", Type.TEXT, "Number."),
        Column("day", Type.DATE, "Day."),
        Column("street", Type.TEXT, "Street.", personal=True),
    ),
    key=("sale_id",),
    rules=(
        Rule("sale_id__unique", "expect_column_values_to_be_unique", {"column": "sale_id"}, "once"),
        Rule(
            "street__not_null",
            "expect_column_values_to_not_be_null",
            {"column": "street"},
            "there is a street",
            OnFailure.WARN,
            Severity.WARNING,
        ),
    ),
    partition_column="day",
)
DAYS = dg.DynamicPartitionsDefinition(name="days")
FIRST = date(2020, 11, 2)
PAGE = "http://127.0.0.1:3001/review.html"


class KnownHistory(dg.ConfigurableResource):
    path: str
    review_url: str = PAGE

    def journal(self) -> Journal:
        return Journal(self.path)

    def delivery(self, table: Table) -> str | None:
        return None if table.partition_column else "file"


class Shop:
    """A table of days, its checks, and what is downstream, on an instance of its own."""

    def __init__(self, folder: Path) -> None:
        self.connection = duckdb.connect()
        self.connection.execute("create schema shop")
        self.connection.execute(
            "create table shop.sales (sale_id varchar, day date, street varchar)"
        )
        self.path = folder / "quality" / "journal.sqlite"
        self.instance = dg.DagsterInstance.ephemeral()
        self.downstream: list[str] = []

    def fill(self, rows_by_day: Sequence[int], *, street: str | None = "1 Elm Street") -> list[str]:
        days = [FIRST + timedelta(days=number) for number in range(len(rows_by_day))]
        for day, count in zip(days, rows_by_day, strict=True):
            self.connection.execute(
                "insert into shop.sales select ? || '-' || range, ?, ? from range(?)",
                [day.isoformat(), day, street, count],
            )
        keys = [day.isoformat() for day in days]
        self.instance.add_dynamic_partitions("days", keys)
        return keys

    def run(self, **tags: str) -> dg.ExecuteInProcessResult:
        shop = self

        class Tables(dg.IOManager):
            def handle_output(self, context: dg.OutputContext, obj: object) -> None:
                """Leave the table as it is."""

            def load_input(self, _context: dg.InputContext) -> nw.LazyFrame:
                return nw.from_native(shop.connection.table("shop.sales"))

        @dg.asset(
            key=["shop", "sales"],
            partitions_def=DAYS,
            backfill_policy=dg.BackfillPolicy.single_run(),
        )
        def sales() -> None: ...

        @dg.asset(deps=[sales])
        def report() -> None:
            shop.downstream.append("made")

        job = dg.Definitions(
            assets=[sales, report],
            asset_checks=[checks_for(SALES, DAYS, history="known", watched=True)],
            jobs=[dg.define_asset_job("all", dg.AssetSelection.all())],
            resources={"io_manager": Tables(), "known": KnownHistory(path=str(self.path))},
            executor=dg.in_process_executor,
        ).resolve_job_def("all")
        return job.execute_in_process(instance=self.instance, tags=tags, raise_on_error=False)

    def results(self, run: dg.ExecuteInProcessResult) -> dict[str, str]:
        return {
            row["check_name"]: row["state"]
            for row in Journal(self.path).query(
                "select check_name, state from results join steps using (step_id)"
                " join rules using (rule_id) where run_id = ?",
                (run.run_id,),
            )
        }


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def metadata(run: dg.ExecuteInProcessResult, check: str) -> dict[str, Any]:
    (found,) = [one for one in run.get_asset_check_evaluations() if one.check_name == check]
    return {name: value.value for name, value in found.metadata.items()}


def range_of(keys: Sequence[str]) -> dict[str, str]:
    return {
        "dagster/asset_partition_range_start": keys[0],
        "dagster/asset_partition_range_end": keys[-1],
    }


def test_every_check_of_a_run_is_kept_and_leads_to_its_place_on_the_page(shop: Shop) -> None:
    keys = shop.fill([5, 6])
    run = shop.run(**range_of(keys))
    assert run.success
    assert shop.results(run) == dict.fromkeys(
        ["sales__shape", "sale_id__unique", "street__not_null", "sales__usual"], "passed"
    )
    for one in run.get_asset_check_evaluations():
        told = metadata(run, one.check_name)
        assert told["review"] == f"{PAGE}#shop.sales.{one.check_name}"
        assert "journal" not in told


def test_what_a_run_found_is_kept_although_the_run_stops_there(shop: Shop) -> None:
    (key,) = shop.fill([5])
    shop.connection.execute("insert into shop.sales from shop.sales limit 1")
    run = shop.run(**{"dagster/partition": key})
    assert not run.success
    assert shop.downstream == []
    assert shop.results(run)["sale_id__unique"] == "failed"
    (row,) = Journal(shop.path).query("select query from results where state = 'failed'")
    assert "\"day\" = '2020-11-02'::DATE" in row["query"]


def test_a_run_of_one_day_and_one_of_many_keep_the_same_profile(shop: Shop) -> None:
    keys = shop.fill([5, 7])
    shop.connection.execute("update shop.sales set street = null where sale_id like '%-0'")
    sql = "select partition, rows, missing from profiles where step_id = ? order by 1"
    shop.run(**range_of(keys))
    for key in keys:
        shop.run(**{"dagster/partition": key})
    many = Journal(shop.path).query(sql, (1,))
    assert many == Journal(shop.path).query(sql, (2,)) + Journal(shop.path).query(sql, (3,))
    assert many[0] == {"partition": "2020-11-02", "rows": 5, "missing": '{"street":1}'}


def test_a_day_is_compared_with_what_earlier_runs_kept(shop: Shop) -> None:
    *before, newest = shop.fill([80] * 8 + [10])
    first = shop.run(**range_of(before))
    assert metadata(first, "sales__usual")["state"] == "passed"
    run = shop.run(**{"dagster/partition": newest})
    assert run.success  # it warns, and what is downstream is made
    assert len(shop.downstream) == 2
    (told,) = [one for one in run.get_asset_check_evaluations() if one.check_name == "sales__usual"]
    assert not told.passed
    assert told.severity is dg.AssetCheckSeverity.WARN
    assert told.description is not None
    assert told.description.startswith("2020-11-10: 10 rows; usual 45 to 124 on 8 earlier days")


def test_a_journal_that_cannot_be_written_changes_no_verdict_and_is_told(shop: Shop) -> None:
    (key,) = shop.fill([5], street=None)
    shop.path.parent.parent.joinpath("quality").write_text("a file where the folder should be")
    run = shop.run(**{"dagster/partition": key})
    assert run.success
    states = {
        one.check_name: metadata(run, one.check_name)["state"]
        for one in run.get_asset_check_evaluations()
    }
    assert states == {
        "sales__shape": "passed",
        "sale_id__unique": "passed",
        "street__not_null": "failed",
        "sales__usual": "crashed",  # it rests on the journal, so it must not pass
    }
    assert "not in the journal: FileExistsError" in metadata(run, "street__not_null")["journal"]


def test_a_locked_journal_is_told_too(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agm_platform.quality.journal.BUSY_SECONDS", 0.01)
    (key,) = shop.fill([5])
    shop.run(**{"dagster/partition": key})
    with sqlite3.connect(shop.path, isolation_level=None) as other:
        other.execute("begin immediate")
        run = shop.run(**{"dagster/partition": key})
        other.execute("rollback")
    other.close()
    assert run.success
    assert "locked" in metadata(run, "sale_id__unique")["journal"]
    assert metadata(run, "sales__usual")["state"] == "passed"  # reading was possible


def test_no_personal_value_reaches_the_journal(shop: Shop) -> None:
    keys = shop.fill([5, 7])
    shop.connection.execute("insert into shop.sales from shop.sales limit 1")
    shop.run(**range_of(keys))
    kept = b"".join(path.read_bytes() for path in shop.path.parent.iterdir())
    assert b"street__not_null" in kept
    assert b"Elm" not in kept


def test_a_table_of_the_wrong_shape_is_kept_as_crashed_and_has_no_profile(shop: Shop) -> None:
    (key,) = shop.fill([5])
    shop.connection.execute("alter table shop.sales drop street")
    run = shop.run(**{"dagster/partition": key})
    assert shop.results(run) == {
        "sales__shape": "failed",
        "sale_id__unique": "crashed",
        "street__not_null": "crashed",
        "sales__usual": "crashed",
    }
    assert Journal(shop.path).query("select * from profiles") == []
