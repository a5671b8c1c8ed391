"""The same rules on the same rows give the same results on Spark as on DuckDB.

Runs where PySpark and Java are: local mode, ANSI, UTC. There Great Expectations runs rules in SQL
too, so that its count can be compared with ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import narwhals as nw
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings

from agm_platform.contracts.model import Rule
from agm_platform.quality.evaluate import evaluate
from agm_platform.quality.layout import Layout
from agm_platform.quality.measures import plan
from agm_platform.quality.results import Result, State, to_gx_json
from agm_platform.quality.suites import expectation
from agm_platform_tests.quality.frames import Columns, duckdb_frame
from agm_platform_tests.quality.test_gx_form import IN_SQL
from agm_platform_tests.quality.test_parity import (
    NO_ROWS,
    ONLY_GAPS,
    ROWS,
    RULES,
    frame_of,
    same,
)

pyspark = pytest.importorskip("pyspark")
pytestmark = pytest.mark.filterwarnings("ignore")

SPARK_TYPES = {"VARCHAR": "STRING", "TIMESTAMP": "TIMESTAMP_NTZ"}


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    from pyspark.sql import SparkSession

    session = (
        SparkSession.builder.master("local[1]")
        .config("spark.sql.ansi.enabled", "true")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .getOrCreate()
    )
    yield session
    session.stop()


def spark_frame(session: Any, columns: Columns) -> nw.LazyFrame:
    """Make the same frame as `duckdb_frame`, and the view `frame` for rules in SQL."""
    kinds = [declared.split() for declared in columns]
    schema = ", ".join(f"{name} {SPARK_TYPES.get(kind, kind)}" for name, kind in kinds)
    native = session.createDataFrame(list(zip(*columns.values(), strict=True)), schema)
    native.createOrReplaceTempView("frame")
    return nw.from_native(native)


def told(result: Result) -> dict[str, Any]:
    return {
        "state": result.state,
        "rows": result.element_count,
        "missing": result.missing_count,
        "failed": result.unexpected_count,
        "observed": result.observed,
        **({} if result.state is State.CRASHED else to_gx_json(result)["result"]),
    }


@settings(
    max_examples=2,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@example(NO_ROWS)
@example(ONLY_GAPS)
@given(ROWS)
def test_spark_says_what_duckdb_says(spark, rows):
    columns = frame_of(rows)
    rules = [*RULES, *IN_SQL]
    on_duckdb = evaluate(duckdb_frame(columns), rules, order=["o"])
    on_spark = evaluate(spark_frame(spark, columns), rules, order=["o"])
    found = {
        (one.rule.expectation, str(dict(one.rule.kwargs))): (one.description, other.description)
        for one, other in zip(on_duckdb, on_spark, strict=True)
        if not same(told(other), told(one))
    }
    assert found == {}
    assert [one.name for one in on_spark if one.state is State.CRASHED] == ["gone__crash"]
    assert [view.name for view in spark.catalog.listTables()] == ["frame"]


def test_spark_itself_judges_every_rule_that_duckdb_does(spark):
    layout = Layout.of(spark_frame(spark, frame_of(ONLY_GAPS)), ["o"])
    assert [plan(rule, layout).rule for rule in RULES] == RULES


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM {batch} WHERE k > 1",
        "SELECT child.k FROM {batch} AS child ANTI JOIN parents AS parent ON parent.k = child.k",
    ],
)
def test_great_expectations_on_spark_counts_the_same_unexpected_rows(spark, query):
    import great_expectations as gx
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    columns = frame_of([(None,) * 3 + (k,) + (None,) * 4 + (True,) for k in (0, 1, 2, 12, 12)])
    spark.createDataFrame([(1,), (2,)], "k BIGINT").createOrReplaceTempView("parents")
    frame = spark_frame(spark, columns)
    rule = Rule(
        "rows__none", "unexpected_rows_expectation", {"unexpected_rows_query": query}, "none"
    )
    (result,) = evaluate(frame, [rule])
    context: Any = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_spark("frames").add_dataframe_asset("frame")
    batch = asset.add_batch_definition_whole_dataframe("whole").get_batch(
        {"dataframe": frame.to_native()}
    )
    suite = gx.ExpectationSuite(
        name="sql", expectations=[ExpectationConfiguration(**expectation(rule))]
    )
    (theirs,) = batch.validate(suite).results
    assert theirs.result["observed_value"] == result.observed == 3
    assert theirs.success is (result.state is State.PASSED) is False
    spark.catalog.dropTempView("parents")


def test_an_error_on_spark_is_told_without_a_value(spark):
    frame = spark_frame(spark, {"t VARCHAR": ["7 Elm"]})
    query = "SELECT 1 FROM {batch} WHERE CAST(t AS BIGINT) > 1"
    rule = Rule("t__odd", "unexpected_rows_expectation", {"unexpected_rows_query": query}, "")
    (result,) = evaluate(frame, [rule])
    assert result.state is State.CRASHED
    assert "Elm" not in result.description
