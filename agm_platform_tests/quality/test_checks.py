"""Asset checks as Dagster runs them: what is reported, what stops a run, what partitions see."""

import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import dagster as dg
import duckdb
import narwhals as nw
import pytest

from agm_platform.contracts.model import Column, OnFailure, Rule, Severity, Table, Type
from agm_platform.contracts.rules import refers_to
from agm_platform.quality import checks as checks_module
from agm_platform.quality.checks import check_results, checks_for
from agm_platform_tests.quality.frames import duckdb_frame

ORDERS = Table(
    "shop",
    "orders",
    "Orders.",
    (
        Column("order_id", Type.TEXT, "Number."),
        Column("day", Type.DATE, "Day."),
        Column("cents", Type.INTEGER, "Amount."),
        Column("street", Type.TEXT, "Street.", personal=True),
    ),
    key=("order_id",),
    rules=(
        Rule(
            "order_id__unique",
            "expect_column_values_to_be_unique",
            {"column": "order_id"},
            "an order stands once",
        ),
        Rule(
            "cents__positive",
            "expect_column_values_to_be_between",
            {"column": "cents", "min_value": 1},
            "an amount is positive",
            OnFailure.QUARANTINE,
            source="staging",
        ),
        Rule(
            "street__not_null",
            "expect_column_values_to_not_be_null",
            {"column": "street"},
            "there is a street.",
            OnFailure.WARN,
            Severity.WARNING,
        ),
    ),
    partition_column="day",
)
NAMES = ["orders__shape", "order_id__unique", "cents__positive", "street__not_null"]
GOOD = "values ('a', date '2020-10-03', 5, 'Elm'), ('b', date '2020-10-04', 7, 'Oak')"
BAD = (
    "values ('a', date '2020-10-03', 5, 'Elm'), ('a', date '2020-10-04', 7, 'Oak'),"
    " ('c', date '2020-10-04', 0, null)"
)
DAYS = dg.DynamicPartitionsDefinition(name="days")
DEFINITION = "(order_id varchar, day date, cents bigint, street varchar)"


class Tables(dg.IOManager):
    """The smallest warehouse: lazy tables of one connection, cut to the run's partitions."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def handle_output(self, context: dg.OutputContext, obj: object) -> None:
        """Leave the tables as the test made them."""

    def load_input(self, context: dg.InputContext) -> nw.LazyFrame:
        frame = nw.from_native(self.connection.table(".".join(context.asset_key.path)))
        if not context.has_asset_partitions:
            return frame
        keys = list(context.asset_partition_keys)
        return frame.filter(nw.col("day").cast(nw.String).is_in(keys))


def stored(rows: str = GOOD, definition: str = DEFINITION) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(f"create schema shop; create table shop.orders {definition}")
    connection.execute(f"insert into shop.orders {rows}")
    return connection


def run(
    connection: duckdb.DuckDBPyConnection,
    *,
    partitions: dg.PartitionsDefinition[str] | None = None,
    more: Sequence[dg.AssetsDefinition] = (),
    **arguments: Any,
) -> dg.ExecuteInProcessResult:
    @dg.asset(
        key=[ORDERS.source, ORDERS.name],
        partitions_def=partitions,
        backfill_policy=dg.BackfillPolicy.single_run() if partitions else None,
    )
    def orders() -> None:
        """Stand for the table under test."""

    @dg.asset(deps=[orders])
    def report() -> None:
        """Stand for what is downstream."""

    return dg.materialize(
        [orders, report, checks_for(ORDERS, partitions), *more],
        resources={"io_manager": Tables(connection)},
        raise_on_error=False,
        **arguments,
    )


def told(result: dg.ExecuteInProcessResult) -> dict[str, dg.AssetCheckEvaluation]:
    return {one.check_name: one for one in result.get_asset_check_evaluations()}


def metadata(evaluation: dg.AssetCheckEvaluation) -> dict[str, Any]:
    return {name: value.value for name, value in evaluation.metadata.items()}


def downstream_ran(result: dg.ExecuteInProcessResult) -> bool:
    return any(event.step_key == "report" for event in result.get_step_success_events())


def test_specs_say_in_words_what_is_checked_and_block_where_the_contract_blocks():
    checks = checks_for(ORDERS)
    specs = {spec.name: spec for spec in checks.check_specs}
    assert list(specs) == NAMES
    assert [spec.blocking for spec in specs.values()] == [True, True, False, False]
    assert specs["cents__positive"].description == (
        "an amount is positive; otherwise the row is set aside. Source: staging."
    )
    assert checks.op.pool == "duckdb"


def test_a_clean_table_passes_every_check_and_the_run_goes_on():
    result = run(stored())
    assert result.success
    assert {name: one.passed for name, one in told(result).items()} == dict.fromkeys(NAMES, True)
    assert downstream_ran(result)


def test_a_failed_blocking_check_stops_what_is_downstream_and_shows_the_query():
    connection = stored(BAD)
    result = run(connection)
    assert not result.success
    assert not downstream_ran(result)
    evaluation = told(result)["order_id__unique"]
    assert evaluation.severity is dg.AssetCheckSeverity.ERROR
    assert evaluation.description == "2 of 3 rows (66.7 %) fail: an order stands once"
    found = metadata(evaluation)
    assert (found["state"], found["rows_checked"], found["rows_failed"]) == ("failed", 3, 2)
    assert found["percent_failed"] == 66.6667
    assert found["suite"] == "shop.orders"
    assert found["expected"] == "expect_column_values_to_be_unique(column='order_id')"
    assert connection.execute(found["query"]).fetchall() == [("a",), ("a",)]


def test_a_failed_rule_that_only_warns_lets_the_run_go_on():
    result = run(stored("values ('a', date '2020-10-03', 0, null)"))
    assert result.success
    assert downstream_ran(result)
    failed = {name: one.severity for name, one in told(result).items() if not one.passed}
    assert failed == dict.fromkeys(NAMES[2:], dg.AssetCheckSeverity.WARN)


def test_no_value_of_a_personal_table_is_told():
    result = run(stored(BAD))
    for evaluation in told(result).values():
        everything = f"{evaluation.description} {metadata(evaluation)}"
        assert "Elm" not in everything
        assert "Oak" not in everything
    assert metadata(told(result)["street__not_null"])["query"] == (
        'SELECT "order_id" FROM "shop"."orders" WHERE ((NOT (NOT ("street" IS NULL))))'
    )


@pytest.mark.parametrize(
    ("definition", "difference"),
    [
        ("(order_id varchar, day date, cents bigint)", "column street is missing"),
        (DEFINITION.replace("cents", "cent"), "column cent is not in the contract"),
        (DEFINITION.replace("cents bigint", "cents double"), "column cents is Float64"),
        (DEFINITION.replace("cents bigint", "cents integer"), "column cents is Int32"),
    ],
)
def test_a_wrong_shape_blocks_and_leaves_the_rows_unjudged(definition, difference):
    rows = "select null" + ", null" * definition.count(",") + " where false"
    result = run(stored(rows, definition))
    assert not result.success
    assert not downstream_ran(result)
    shape, *rules = (told(result)[name] for name in NAMES)
    assert (shape.passed, shape.severity) == (False, dg.AssetCheckSeverity.ERROR)
    assert difference in shape.description
    assert metadata(shape)["state"] == "failed"
    for rule in rules:
        assert (rule.passed, rule.severity) == (False, dg.AssetCheckSeverity.ERROR)
        assert metadata(rule)["state"] == "crashed"
        assert "the shape of the table is wrong" in rule.description


def test_an_empty_table_reports_every_check():
    result = run(stored("select null, null, null, null where false"))
    assert result.success
    assert {name: one.passed for name, one in told(result).items()} == dict.fromkeys(NAMES, True)
    assert "no rows to judge" in told(result)["cents__positive"].description


def test_a_table_that_cannot_be_loaded_does_not_let_the_run_go_on():
    result = run(duckdb.connect())
    assert not result.success
    assert not downstream_ran(result)


def test_a_selected_check_is_judged_alone():
    asset = dg.AssetKey(["shop", "orders"])
    selection = dg.AssetSelection.checks(dg.AssetCheckKey(asset, "cents__positive"))
    result = run(stored(BAD), selection=selection)
    assert list(told(result)) == ["cents__positive"]
    assert not told(result)["cents__positive"].passed


def test_a_partitioned_check_looks_at_the_day_of_the_run_only():
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("days", ["2020-10-03", "2020-10-04"])
        good, bad = (
            run(stored(BAD), partitions=DAYS, partition_key=day, instance=instance)
            for day in ("2020-10-03", "2020-10-04")
        )
    assert all(one.passed for one in told(good).values())
    failed = told(bad)["cents__positive"]
    assert failed.description == "1 of 2 rows (50.0 %) fail: an amount is positive"
    assert metadata(failed)["partitions"] == "2020-10-04"
    assert "(\"day\" = '2020-10-04'::DATE)" in metadata(failed)["query"]


def test_a_whole_table_is_checked_whole_in_a_run_of_one_day():
    @dg.asset(partitions_def=DAYS)
    def raw() -> None:
        """Make the run one of a day."""

    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("days", ["2020-10-03"])
        result = run(stored(BAD), more=[raw], partition_key="2020-10-03", instance=instance)
    found = metadata(told(result)["cents__positive"])
    assert found["rows_checked"] == 3
    assert "partitions" not in found


def test_many_days_in_one_run_are_judged_together_and_listed():
    days = [f"2020-10-{day:02}" for day in range(1, 32)]
    tags = {
        "dagster/asset_partition_range_start": days[2],
        "dagster/asset_partition_range_end": days[-1],
    }
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("days", days)
        result = run(stored(BAD), partitions=DAYS, tags=tags, instance=instance)
    found = metadata(told(result)["cents__positive"])
    assert (found["rows_checked"], found["rows_failed"]) == (3, 1)
    assert found["partitions"] == "29 partitions, 2020-10-03 to 2020-10-31"


def results(table: Table, frame: nw.LazyFrame, names: Sequence[str]) -> list[tuple[Any, ...]]:
    found = check_results(table, frame, set(names))
    return [(one.check_name, one.passed, one.severity.value, one.description) for one in found]


def test_nothing_passes_when_the_evaluation_itself_breaks(monkeypatch):
    def broken(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(checks_module, "evaluate_table", broken)
    frame = nw.from_native(stored().table("shop.orders"))
    assert [one[:3] for one in results(ORDERS, frame, NAMES)] == [
        ("orders__shape", True, "ERROR"),
        *((name, False, "ERROR") for name in NAMES[1:]),
    ]


def test_a_table_that_cannot_be_seen_is_reported_as_crashed():
    connection = stored()
    frame = nw.from_native(connection.table("shop.orders"))
    connection.close()
    assert [one[1] for one in results(ORDERS, frame, NAMES)] == [False] * 4


@pytest.mark.parametrize("broken", ["patterns_of", "check_results", "in_partitions"])
def test_whatever_breaks_every_selected_check_is_reported_as_crashed(monkeypatch, broken):
    def breaks(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(checks_module, broken, breaks)
    result = run(stored())
    assert not result.success
    assert not downstream_ran(result)
    assert {
        name: (one.passed, one.severity.value, metadata(one)["state"])
        for name, one in told(result).items()
    } == dict.fromkeys(NAMES, (False, "ERROR", "crashed"))


def test_days_that_do_not_exist_crash_every_check():
    days = ["2020-10-03", "2020-10-04"]
    tags = {
        "dagster/asset_partition_range_start": days[0],
        "dagster/asset_partition_range_end": days[1],
    }
    other = dg.DynamicPartitionsDefinition(name="other")
    asset = dg.AssetKey(["shop", "orders"])
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("days", days)
        result = dg.materialize(
            [checks_for(ORDERS, other), dg.AssetSpec(asset)],
            selection=dg.AssetSelection.checks_for_assets(asset),
            resources={"io_manager": Tables(stored())},
            tags=tags,
            instance=instance,
            raise_on_error=False,
        )
    assert {metadata(one)["state"] for one in told(result).values()} == {"crashed"}


def test_a_failing_query_or_example_leaves_the_verdict(monkeypatch):
    def breaks(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(checks_module, "rows_sql", breaks)
    monkeypatch.setattr(checks_module, "failing_values", breaks)
    failed = told(run(stored(BAD)))["cents__positive"]
    assert metadata(failed)["state"] == "failed"
    assert metadata(failed)["query"] == "no query: MemoryError"


BUYERS = Table("shop", "buyers", "Buyers.", (Column("buyer_id", Type.TEXT, ""),))
SALES = Table(
    "shop",
    "sales",
    "Sales.",
    (Column("buyer_id", Type.TEXT, ""),),
    rules=(refers_to("buyer_id", BUYERS, "buyer_id", "the buyer is known"),),
)


def test_a_reference_is_judged_after_the_table_that_it_refers_to():
    connection = duckdb.connect()
    connection.execute("create schema shop; create table shop.sales as select 'a' as buyer_id")

    @dg.asset(key=["shop", "sales"])
    def sales() -> None:
        """Stand for the table under test."""

    @dg.asset(key=["shop", "buyers"])
    def buyers() -> None:
        connection.execute("create table shop.buyers as select 'a' as buyer_id")

    checks = checks_for(SALES)
    (spec,) = (one for one in checks.check_specs if one.name == "buyer_id__in_buyers")
    assert [dep.asset_key.to_user_string() for dep in spec.additional_deps] == ["shop/buyers"]
    result = dg.materialize(
        [sales, buyers, checks], resources={"io_manager": Tables(connection)}, raise_on_error=False
    )
    assert result.success
    assert metadata(told(result)["buyer_id__in_buyers"])["state"] == "passed"


def test_a_rule_that_crashes_blocks_although_it_would_only_warn():
    odd = Rule(
        "cents__odd",
        "expect_multicolumn_sum_to_equal",
        {"column_list": ["cents", "more"], "sum_total": 1},
        "",
        OnFailure.WARN,
    )
    columns = (Column("cents", Type.INTEGER, ""), Column("more", Type.INTEGER, ""))
    table = Table("shop", "sums", "", columns, rules=(odd,))
    frame = duckdb_frame({"cents BIGINT": [2**62], "more BIGINT": [2**62]})
    ((name, passed, severity, words),) = results(table, frame, ["cents__odd"])
    assert (name, passed, severity) == ("cents__odd", False, "ERROR")
    assert words.startswith("could not be judged")


def test_loading_checks_imports_neither_great_expectations_nor_pandas_nor_scipy():
    script = (
        "import sys\n"
        "import agm_platform.quality.checks, agm_platform.quality.suites\n"
        "print(sorted({'great_expectations', 'pandas', 'scipy', 'numpy'} & set(sys.modules)))\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert found.stdout == "[]\n"
