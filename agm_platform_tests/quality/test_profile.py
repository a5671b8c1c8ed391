"""What a table holds: rows and missing values, of the whole and by partition, on each engine."""

from collections.abc import Sequence
from datetime import date

import narwhals as nw
import pytest

from agm_platform.contracts.model import Column, Rule, Table, Type
from agm_platform.quality.evaluate import evaluate
from agm_platform.quality.profile import (
    Counts,
    Profile,
    profile_of,
    profiles_by_partition,
)
from agm_platform_tests.quality.frames import Make

FIRST, SECOND, THIRD = date(2020, 10, 3), date(2020, 10, 4), date(2020, 10, 5)
UNIQUE = Rule("id__unique", "expect_column_values_to_be_unique", {"column": "id"}, "once")
POSITIVE = Rule(
    "cents__positive",
    "expect_column_values_to_be_between",
    {"column": "cents", "min_value": 1},
    "positive",
)
FULL = Rule("day__not_null", "expect_column_values_to_not_be_null", {"column": "day"}, "there")
SALES = Table(
    "shop",
    "sales",
    "Sales.",
    (
        Column("day", Type.DATE, "Day."),
        Column("id", Type.TEXT, "Number."),
        Column("cents", Type.NUMBER, "Amount."),
    ),
    rules=(UNIQUE, POSITIVE, FULL),
    partition_column="day",
)


@pytest.fixture
def sales(frame: Make) -> nw.LazyFrame:
    return frame(
        {
            "day DATE": [FIRST, FIRST, FIRST, SECOND, SECOND],
            "id VARCHAR": ["a", "b", None, "a", "c"],
            "cents DOUBLE": [5.0, 0.0, float("nan"), None, 7.0],
        }
    )


def test_a_whole_table_has_its_rows_and_the_missing_values_of_each_column(
    sales: nw.LazyFrame,
) -> None:
    assert profile_of(SALES, sales) == Profile("", 5, {"id": 1, "cents": 2})


def by_partition(
    frame: nw.LazyFrame, rules: Sequence[Rule] = SALES.rules, days: Sequence[date] = ()
) -> list[Profile]:
    results = evaluate(frame, rules)
    return profiles_by_partition(SALES, frame, results, [day.isoformat() for day in days])


def test_each_partition_has_its_rows_missing_values_and_counts_of_failed_rules(
    sales: nw.LazyFrame,
) -> None:
    assert by_partition(sales) == [
        Profile(
            "2020-10-03",
            3,
            {"id": 1, "cents": 1},
            {"id__unique": Counts(3, 1, 1), "cents__positive": Counts(3, 1, 1)},
        ),
        Profile(
            "2020-10-04",
            2,
            {"cents": 1},
            {"id__unique": Counts(2, 0, 1), "cents__positive": Counts(2, 1, 0)},
        ),
    ]


def test_partitions_sum_up_to_what_the_checks_of_the_run_counted(sales: nw.LazyFrame) -> None:
    profiles = by_partition(sales)
    for result in evaluate(sales, SALES.rules):
        if result.unexpected_count:
            days = [profile.counts[result.name] for profile in profiles]
            assert sum(day.unexpected for day in days) == result.unexpected_count
            assert sum(day.elements for day in days) == result.element_count


def test_a_partition_of_the_run_without_rows_is_told_as_empty(sales: nw.LazyFrame) -> None:
    profiles = by_partition(sales, days=[FIRST, THIRD])
    assert [(one.partition, one.rows) for one in profiles] == [
        ("2020-10-03", 3),
        ("2020-10-04", 2),
        ("2020-10-05", 0),
    ]


def test_an_empty_table_has_a_profile_of_nothing(frame: Make) -> None:
    empty = frame({"day DATE": [], "id VARCHAR": [], "cents DOUBLE": []})
    assert by_partition(empty, days=[FIRST]) == [Profile("2020-10-03", 0)]
    assert profile_of(SALES, empty) == Profile("", 0)


def test_a_table_that_is_not_kept_by_partition_has_none(sales: nw.LazyFrame) -> None:
    whole = Table("shop", "sales", "Sales.", SALES.columns)
    with pytest.raises(ValueError, match=r"shop\.sales is not kept by partition"):
        profiles_by_partition(whole, sales, [], [])
