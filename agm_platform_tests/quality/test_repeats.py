"""Repeated keys are counted exactly, whatever the numbers, by blocks on DuckDB as by groups."""

from collections import Counter

import narwhals as nw
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agm_platform.quality.repeats import repeated_rows
from agm_platform_tests.quality.frames import duckdb_frame

LEAST, MOST = -(2**63), 2**63 - 1
NUMBERS = st.none() | st.integers(-70, 70) | st.sampled_from([LEAST, LEAST + 63, MOST - 63, MOST])
KEYS = st.lists(st.tuples(st.sampled_from(["a", "b", None]), NUMBERS), max_size=40)


def repeated(keys: list[tuple[object, ...]]) -> int:
    return sum(times for times in Counter(keys).values() if times > 1)


@settings(max_examples=25, deadline=None)
@given(KEYS)
@example([("a", LEAST), ("a", LEAST), ("a", MOST), (None, None), (None, None), ("a", None)])
@example([("a", 0), ("a", 64), ("a", -64), ("b", 0)])
def test_blocks_find_what_counting_every_key_finds(keys):
    orders, lines = [key[0] for key in keys], [key[1] for key in keys]
    frame = duckdb_frame({"order_id VARCHAR": orders, "line_number BIGINT": lines})
    assert repeated_rows(frame, ["order_id", "line_number"], None) == repeated(keys)
    assert repeated_rows(frame, ["line_number"], None) == repeated([key[1:] for key in keys])
    filled = ~nw.col("line_number").is_null() & ~nw.col("order_id").is_null()
    whole = [key for key in keys if None not in key]
    assert repeated_rows(frame, ["line_number", "order_id"], filled) == repeated(whole)


@pytest.mark.parametrize("columns", [["k"], ["k", "n"], ["n"], ["n", "m"]])
def test_every_engine_counts_the_same(frame, columns):
    rows = {
        "k VARCHAR": ["a", "a", "b", "a", "b"],
        "n BIGINT": [1, 1, 1, 2, 1],
        "m BIGINT": [5, 6, 5, 5, 5],
    }
    values = dict(zip("knm", rows.values(), strict=True))
    keys = list(zip(*(values[name] for name in columns), strict=True))
    assert repeated_rows(frame(rows), columns, None) == repeated(keys)


def test_a_column_may_have_any_name():
    frame = duckdb_frame({'"order"" id" VARCHAR': ["a", "a"], '"line no" BIGINT': [1, 1]})
    assert repeated_rows(frame, ['order" id', "line no"], None) == 2
