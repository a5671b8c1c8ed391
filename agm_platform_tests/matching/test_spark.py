"""The pinned model scores the same pairs alike on Spark. Runs where PySpark and Java are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from agm_platform.matching import engine
from agm_platform.matching.linking import LEAST_WEIGHT
from agm_platform.matching.model import load_model
from agm_platform.matching.prepare import prepare
from agm_platform.world import WorldSize, generate
from benchmarks.matching_worlds import people

if TYPE_CHECKING:
    from agm_platform.matching.model import Model

pytest.importorskip("pyspark")
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def spark(tmp_path: Path) -> Iterator[Any]:
    from pyspark.sql import SparkSession
    from splink.internals.spark.jar_location import similarity_jar_location

    session = (
        SparkSession.builder.master("local[1]")
        .config("spark.jars", similarity_jar_location())
        .config("spark.sql.ansi.enabled", "true")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .getOrCreate()
    )
    session.sparkContext.setCheckpointDir(str(tmp_path))
    yield session
    session.stop()


def test_the_pinned_model_gives_the_same_weights_on_spark(spark: Any) -> None:
    accounts, customers, _ = people(
        generate(WorldSize(customers=300, pickup_sales=0, misspelt=0.4), seed=3)
    )
    left, right, model = prepare(accounts), prepare(customers), load_model()
    with engine.engine() as connection:
        frequencies = engine.count_frequencies(connection, model.design.frequency_columns, right)
        here = engine.score(
            connection,
            model.design,
            left,
            right,
            model.prior,
            model.parameters,
            frequencies,
            LEAST_WEIGHT,
        )
    there = scored_on(spark, left, right, model, frequencies)
    both = here.merge(there, on=["left_id", "right_id"], how="outer", indicator=True)
    assert len(here) > 30
    assert (both["_merge"] == "both").all()
    assert both["match_weight_x"].to_list() == pytest.approx(both["match_weight_y"].to_list())


def scored_on(
    spark: Any, left: pd.DataFrame, right: pd.DataFrame, model: Model, frequencies: pd.DataFrame
) -> pd.DataFrame:
    """Return left_id, right_id and match_weight of all pairs, found by Spark."""
    from pyspark.sql import functions
    from splink import Linker, SparkAPI

    def frame(records: pd.DataFrame) -> Any:
        columns = ["record_id", *model.design.columns]
        texts = records[columns].astype(object)
        rows = texts.where(texts.notna(), None).to_numpy().tolist()  # type: ignore[call-overload]
        made = spark.createDataFrame(rows, ", ".join(f"{name} string" for name in columns))
        for name in model.design.lists:
            split = functions.expr(f"filter(split({name}, '[|]'), part -> part <> '')")
            made = made.withColumn(name, split)
        return made

    api = SparkAPI(spark_session=spark)
    linker = Linker(
        [
            api.register(frame(records), dataset_display_name=name)
            for name, records in ((engine.LEFT, left), (engine.RIGHT, right))
        ],
        engine.settings(model.design, "link_only", model.prior, model.parameters, "spark"),
        log_level=None,
        validate_settings=False,
    )
    for column in model.design.frequency_columns:
        shares = frequencies.loc[frequencies["field"] == column, ["value", "share"]]
        table = spark.createDataFrame(
            shares.to_numpy().tolist(), f"{column} string, tf_{column} double"
        )
        linker.table_management.register_term_frequency_lookup(
            api.register(table, table_name=f"given_{column}"), column
        )
    found = linker.inference.predict(
        threshold_match_weight=LEAST_WEIGHT, warning_mode="never"
    ).as_pandas_dataframe()
    return found.rename(columns={"record_id_l": "left_id", "record_id_r": "right_id"})[
        ["left_id", "right_id", "match_weight"]
    ]
