"""Splink on DuckDB: the only place that knows either. Scoring never trains, training never scores.

Another backend of Splink needs another `Engine` here and nothing elsewhere.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    from splink import Linker, SettingsCreator

    from agm_platform.matching.design import Design

RECORD_ID = "record_id"
PREFIX = "level_"
PAIRS = ("left_id", "right_id", "match_weight")
LEFT, RIGHT = "a_left", "b_right"  # Splink puts the name that sorts first on the left

Parameters = Mapping[str, Mapping[str, tuple[float, float]]]
"""By comparison and level: m, the share of matches at that level, and u, that of other pairs."""


@contextmanager
def engine(threads: int | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open an in-memory engine for one piece of work; logs of Splink below warnings are dropped."""
    import duckdb

    logging.getLogger("splink").setLevel(logging.ERROR)
    with duckdb.connect(config={"threads": threads} if threads else {}) as connection:
        connection.execute("set enable_progress_bar = false")
        yield connection


def register(connection: duckdb.DuckDBPyConnection, name: str, frame: pd.DataFrame) -> None:
    """Let SQL call a frame by name; Arrow's texts are scanned where they are, without a copy."""
    import pandas as pd

    if any(isinstance(dtype, pd.ArrowDtype) for dtype in frame.dtypes):
        import pyarrow as pa

        connection.register(name, pa.Table.from_pandas(frame, preserve_index=False))
    else:
        connection.register(name, frame)


OVERLAP = {"duckdb": "list_has_any(", "spark": "arrays_overlap("}
"""What backends call the question whether two lists share a value; designs say it as Spark does."""


def settings(
    design: Design,
    link_type: str,
    prior: float,
    parameters: Parameters | None,
    backend: str = "duckdb",
) -> SettingsCreator:
    """Return the design in Splink's terms, with pinned parameters if there are any.

    `backend` is duckdb or spark: the same model scores the same pairs alike on both.
    """
    from splink import SettingsCreator, block_on

    comparisons: list[Any] = []
    for comparison in design.comparisons:
        levels: list[dict[str, Any]] = []
        for level in comparison.levels:
            entry: dict[str, Any] = {
                "sql_condition": level.condition.replace(OVERLAP["spark"], OVERLAP[backend]),
                "label_for_charts": level.name,
                "is_null_level": level.is_null,
            }
            if level.frequencies:
                entry["tf_adjustment_column"] = level.frequencies
            if parameters is not None and not level.is_null:
                m, u = parameters[comparison.name][level.name]
                entry |= {"m_probability": m, "u_probability": u}
            levels.append(entry)
        comparisons.append({"output_column_name": comparison.name, "comparison_levels": levels})
    return SettingsCreator(
        link_type=link_type,  # type: ignore[arg-type]
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=[block_on(*rule) for rule in design.blocking],
        probability_two_random_records_match=prior,
        unique_id_column_name=RECORD_ID,
        retain_matching_columns=True,  # else the levels are dropped with them
        retain_intermediate_calculation_columns=False,
        linker_uid="matching",
    )


def linker(
    connection: duckdb.DuckDBPyConnection,
    design: Design,
    left: Any,
    right: Any,
    prior: float,
    parameters: Parameters | None,
    frequencies: pd.DataFrame | None,
) -> Linker:
    """Return Splink's linker over prepared records; without `right` those of `left` themselves.

    `left` and `right` are pandas frames or names of tables of the connection. `frequencies`
    (columns field, value, share) weighs rare values; without it they are counted in the records.
    """
    from splink import DuckDBAPI, Linker

    api = DuckDBAPI(connection)
    inputs = []
    for name, records in ((LEFT, left), (RIGHT, right)):
        if records is not None:
            _receive(connection, design, name, records)
            inputs.append(api.register(name, dataset_display_name=name))
    link_type = "dedupe_only" if right is None else "link_only"
    made = Linker(
        inputs if right is not None else inputs[0],
        settings(design, link_type, prior, parameters),
        log_level=None,
        validate_settings=False,
    )
    if frequencies is not None:
        connection.register("given_frequencies", frequencies)
        for column in design.frequency_columns:
            connection.execute(
                f"create or replace table frequencies_{column} as select value as {column}, "
                f"share as tf_{column} from given_frequencies where field = '{column}'"
            )
            table = api.register(f"frequencies_{column}", table_name=f"given_{column}")
            made.table_management.register_term_frequency_lookup(table, column)
        connection.unregister("given_frequencies")
    return made


def score(
    connection: duckdb.DuckDBPyConnection,
    design: Design,
    left: Any,
    right: Any,
    prior: float,
    parameters: Parameters,
    frequencies: pd.DataFrame | None,
    least_weight: float,
) -> pd.DataFrame:
    """Return the blocked pairs of at least this match weight (bits, the prior included).

    Columns left_id, right_id, match_weight and level_<comparison>: the number of the level in its
    comparison, counted from 0. Where the records of `left` are compared among themselves,
    left_id < right_id.
    """
    work = linker(connection, design, left, right, prior, parameters, frequencies)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = work.inference.predict(threshold_match_weight=least_weight, warning_mode="never")
    levels = ", ".join(
        f"{_position(comparison.name, [level.is_null for level in comparison.levels])} "
        f"as {PREFIX}{comparison.name}"
        for comparison in design.comparisons
    )
    scored = connection.sql(
        f"select {RECORD_ID}_l as left_id, {RECORD_ID}_r as right_id, match_weight, {levels} "
        f"from {found.physical_name}"
    ).df()
    work.table_management.delete_tables_created_by_splink_from_db()
    return scored


def blocked(
    connection: duckdb.DuckDBPyConnection, design: Design, left: Any, right: Any = None
) -> pd.DataFrame:
    """Return left_id and right_id of all pairs that are compared at all."""
    work = linker(connection, design, left, right, 0.5, None, None)
    found = work.inference.compute_blocked_pairs_for_predict()
    separator = "-__-"
    part = -1 if right is not None else 1
    return connection.sql(
        f"select string_split(join_key_l, '{separator}')[{part}] as left_id, "
        f"string_split(join_key_r, '{separator}')[{part}] as right_id from {found.physical_name}"
    ).df()


def count_frequencies(
    connection: duckdb.DuckDBPyConnection, columns: Sequence[str], records: Any
) -> pd.DataFrame:
    """Return field, value and share of the records that have one, for each of the columns."""
    if not isinstance(records, str):
        connection.register("counted", records)
    name = records if isinstance(records, str) else "counted"
    counts = " union all ".join(
        f"select '{column}' as field, {column} as value, "
        f"count(*) / sum(count(*)) over () as share from {name} "
        f"where {column} is not null group by {column}"
        for column in columns
    )
    found = connection.sql(f"select * from ({counts}) order by field, value").df()
    if not isinstance(records, str):
        connection.unregister("counted")
    return found


def _receive(
    connection: duckdb.DuckDBPyConnection, design: Design, name: str, records: Any
) -> None:
    """Create the table `name` with the columns of the design, texts between bars as lists."""
    source = records if isinstance(records, str) else f"given_{name}"
    if not isinstance(records, str):
        register(connection, source, records)
    listed = [
        f"list_filter(string_split({column}, '|'), lambda part: part <> '')::varchar[] as {column}"
        if column in design.lists
        else f"{column}::varchar as {column}"
        for column in design.columns
    ]
    connection.execute(
        f"create or replace table {name} as "
        f"select {RECORD_ID}::varchar as {RECORD_ID}, {', '.join(listed)} from {source}"
    )
    if not isinstance(records, str):
        connection.unregister(source)


def _position(comparison: str, nulls: Sequence[bool]) -> str:
    """Return SQL that turns Splink's number of a level into its place in the comparison.

    Splink counts down to 0 for the last level and gives -1 to a missing value.
    """
    last = len(nulls) - 1
    null = nulls.index(True) if True in nulls else 0
    return f"case when gamma_{comparison} < 0 then {null} else {last} - gamma_{comparison} end"
