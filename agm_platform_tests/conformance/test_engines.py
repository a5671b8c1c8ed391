"""Where engines are known to disagree: the same small frame on DuckDB and on Spark, by theme."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import narwhals as nw
import pytest

from agm_platform.conformance.compare import same
from agm_platform.conformance.sides import missing, on_duckdb, on_spark, start_duckdb, start_spark
from agm_platform.defs.insights.calendar import day_number, weekday
from agm_platform.defs.insights.purchases import moments
from agm_platform.landing.casts import iso_date, trimmed, truth, usd_cents, whole_number
from agm_platform.privacy.suppression import with_hidden_cells

pytestmark = [
    pytest.mark.skipif(missing() is not None, reason=str(missing())),
    pytest.mark.filterwarnings("ignore"),
]
Function = Callable[[nw.LazyFrame], nw.LazyFrame]
Both = Callable[[str, Function], tuple[list[Any], list[Any]]]


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    session = start_spark()
    yield session
    session.stop()


@pytest.fixture
def both(spark: Any, tmp_path: Path) -> Iterator[Both]:
    """Run a function on the rows of a query on both engines; rows in order of their text."""
    with start_duckdb() as connection:

        def run(query: str, function: Function) -> tuple[list[Any], list[Any]]:
            path = tmp_path / "frame.parquet"
            connection.sql(query).write_parquet(str(path))
            ours = function(on_duckdb(connection, path)).to_native().fetchall()
            theirs = function(on_spark(spark, path)).collect("pyarrow").rows()
            return sorted(ours, key=repr), sorted(theirs, key=repr)

        yield run


def alike(sides: tuple[list[Any], list[Any]]) -> list[Any]:
    """Return the rows if both engines gave the same."""
    ours, theirs = sides
    assert len(ours) == len(theirs)
    for one, other in zip(ours, theirs, strict=True):
        assert all(same(a, b) for a, b in zip(one, other, strict=True)), (one, other)
    return ours


WEEK = "select unnest(range(date '2020-11-23', date '2020-11-30', interval 1 day))::date as day"


def test_weekdays_are_one_to_seven_on_both(both: Both) -> None:
    rows = alike(both(WEEK, lambda f: f.select("day", number=weekday("day").cast(nw.Int64))))
    assert [number for _, number in rows] == [1, 2, 3, 4, 5, 6, 7]


def test_narwhals_own_weekday_is_still_another_one_on_sunday(both: Both) -> None:
    ours, theirs = both(WEEK, lambda f: f.select("day", number=nw.col("day").dt.weekday()))
    assert (ours[-1][1], theirs[-1][1]) == (7, 0)


def test_days_between_two_dates_are_whole_days(both: Both) -> None:
    query = "select date '2020-03-01' as late, date '2020-02-28' as early"
    days = (day_number("late") - day_number("early")).cast(nw.Int64)
    assert alike(both(query, lambda f: f.select(days=days))) == [(2,)]


def test_a_null_is_a_group_of_its_own_and_joins_nothing(both: Both) -> None:
    query = "select * from (values ('a', 1), (null, 2), (null, 3)) as t(k, n)"

    def counted(frame: nw.LazyFrame) -> nw.LazyFrame:
        sums = frame.group_by("k").agg(total=nw.col("n").sum().cast(nw.Int64))
        return frame.join(sums, on="k", how="left").select("k", "n", "total")

    assert alike(both(query, counted)) == [("a", 1, 1), (None, 2, None), (None, 3, None)]
    rows = alike(both(query, lambda f: f.group_by("k").agg(n=nw.len().cast(nw.Int64))))
    assert rows == [("a", 1), (None, 2)]


@pytest.mark.parametrize("descending", [False, True])
def test_ranks_of_known_values_do_not_depend_on_nulls_in_the_column(
    both: Both, descending: bool
) -> None:
    query = "select * from (values (3), (null), (1)) as t(n)"
    place = nw.col("n").rank("ordinal", descending=descending).cast(nw.Int64)
    ranks = dict(alike(both(query, lambda f: f.select("n", p=place))))
    assert ranks == ({3: 1, 1: 2, None: None} if descending else {1: 1, 3: 2, None: None})


def test_sums_over_no_rows_are_filled_alike(both: Both) -> None:
    query = "select 1 as n where false"
    total = nw.col("n").sum().fill_null(0).cast(nw.Int64)
    rows = alike(both(query, lambda f: f.select(total=total, rows=nw.len().cast(nw.Int64))))
    assert rows == [(0, 0)]
    empty = both(
        "select 'a' as k, 1.0::double as v where false",
        lambda f: moments(f, {"k": nw.col("k")}, "v"),
    )
    assert alike(empty) == []


def test_text_that_is_not_money_or_a_day_is_null_on_both(both: Both) -> None:
    query = (
        "select unnest(['12', '12.5', '12.345', '-3', '', '1e3']) as t, "
        "unnest(['2020-02-29', '2021-02-29', 'x', '2020-13-01', null, '2020-01-05 10:00']) as d"
    )
    rows = alike(
        both(
            query,
            lambda f: f.select(
                "t", cents=usd_cents("t"), whole=whole_number("t"), day=iso_date("d")
            ),
        )
    )
    assert {text: cents for text, cents, *_ in rows}["12.5"] == 1250
    assert {day for *_, day in rows} == {None, date(2020, 1, 5), date(2020, 2, 29)}


def test_money_is_rounded_to_the_same_cent(both: Both) -> None:
    query = "select unnest(['0.285', '1.005', '0.07', '4.35', '1001.10', '999999999.99']) as t"
    rows = alike(both(query, lambda f: f.select("t", cents=usd_cents("t"))))
    assert dict(rows) == {
        "0.285": None,
        "1.005": None,
        "0.07": 7,
        "4.35": 435,
        "1001.10": 100_110,
        "999999999.99": 99_999_999_999,
    }


@pytest.mark.parametrize("value", [0.5, 1.5, 2.5, -0.5, -1.5])
def test_a_half_is_rounded_the_same_way(both: Both, value: float) -> None:
    alike(both(f"select {value}::double as v", lambda f: f.select(r=nw.col("v").round())))


def test_whole_numbers_divide_alike(both: Both) -> None:
    query = "select unnest([7, 8, 9, 0]) as n"
    rows = alike(
        both(
            query,
            lambda f: f.select(
                "n",
                whole=(nw.col("n") // 2).cast(nw.Int64),
                rest=(nw.col("n") % 2).cast(nw.Int64),
                exact=nw.col("n") / 2,
            ),
        )
    )
    assert (7, 3, 1, 3.5) in rows


def test_letters_beyond_ascii_are_kept_folded_and_trimmed_alike(both: Both) -> None:
    query = "select unnest([' Müller ', 'ÉCLAIR', 'naïve', '東京', ' ', 'ß']) as t"
    rows = alike(
        both(
            query,
            lambda f: f.select(
                "t",
                trimmed=trimmed("t"),
                lower=nw.col("t").str.to_lowercase(),
                size=nw.col("t").str.len_chars().cast(nw.Int64),
                start=nw.col("t").str.slice(0, 2),
            ),
        )
    )
    assert (" Müller ", "Müller", " müller ", 8, " M") in rows
    assert ("東京", "東京", "東京", 2, "東京") in rows


def test_words_for_true_and_false_are_read_alike(both: Both) -> None:
    query = "select unnest(['Yes', ' no', 'TRUE', '0', 'perhaps', null]) as t"
    rows = alike(both(query, lambda f: f.select("t", truth=truth("t"))))
    assert dict(rows)[" no"] is False
    assert dict(rows)["perhaps"] is None


def test_the_same_cells_are_hidden(both: Both) -> None:
    query = "select unnest(['a', 'b', 'c', 'd']) as cell, unnest([5, 20, 20, 0]) as n"
    rows = alike(both(query, lambda f: with_hidden_cells(f, [], "n", 10, cell_columns=["cell"])))
    assert [row[0] for row in rows if row[-1]] == ["a", "b"]
