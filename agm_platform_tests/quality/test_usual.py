"""What is usual for a table: bands of its own history, and few alarms where nothing is wrong."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agm_platform.contracts.model import Column, Table, Type
from agm_platform.quality.profile import Profile
from agm_platform.quality.results import Result, State
from agm_platform.quality.usual import (
    MINIMUM_HISTORY,
    band_of_rows,
    band_of_shares,
    usual_result,
)
from agm_platform.world import WorldSize, generate

FIRST = date(2020, 10, 5)  # a Monday
DAYS = Table(
    "shop",
    "raw_sales",
    "Sales.",
    (Column("day", Type.DATE, "Day."), Column("zip", Type.TEXT, "ZIP.")),
    partition_column="day",
)
FILES = Table("shop", "raw_stores", "Stores.", (Column("zip", Type.TEXT, "ZIP."),))


def days(rows: Sequence[int], missing: Sequence[int] = (), first: date = FIRST) -> list[Profile]:
    filled = [*missing, *[0] * (len(rows) - len(missing))]
    return [
        Profile((first + timedelta(days=number)).isoformat(), count, {"zip": gaps} if gaps else {})
        for number, (count, gaps) in enumerate(zip(rows, filled, strict=True))
    ]


def given_history(*profiles: Profile) -> Callable[[str | None], list[Profile]]:
    return lambda before: [one for one in profiles if before is None or one.partition < before]


def judge(history: list[Profile], *new: Profile, table: Table = DAYS) -> Result:
    return usual_result(table, new, given_history(*history))


def test_too_little_history_passes_and_says_so() -> None:
    *before, new = days([80, 82, 79, 5])
    result = judge(before, new)
    assert result.state is State.PASSED
    assert result.description.startswith("cannot tell yet (3 of 8 days)")


def test_a_usual_day_tells_its_rows_and_the_band() -> None:
    *before, new = days([80, 85, 75, 82, 78, 81, 79, 80, 83])
    result = judge(before, new)
    assert result.state is State.PASSED
    assert result.description.startswith("83 rows; usual 45 to 124 on 8 earlier days")


@pytest.mark.parametrize("rows", [0, 20, 1204])
def test_a_day_outside_the_band_is_told_with_value_band_and_days(rows: int) -> None:
    *before, new = days([80, 85, 75, 82, 78, 81, 79, 80, rows])
    result = judge(before, new)
    assert result.state is State.FAILED
    assert result.description.startswith(
        f"2020-10-13: {rows:,} rows; usual 45 to 124 on 8 earlier days"
    )


def test_a_weekday_is_compared_with_its_own_kind_once_eight_are_known() -> None:
    weekly = [400, 400, 400, 400, 400, 100, 100]
    *before, saturday = days((weekly * 9)[: 7 * 8 + 6])
    assert judge(before, saturday).description.startswith(
        "100 rows; usual 61 to 149 on 8 earlier Saturdays"
    )
    busy = judge(before, Profile(saturday.partition, 400))
    assert busy.state is State.FAILED
    assert "400 rows; usual 61 to 149 on 8 earlier Saturdays" in busy.description


def test_a_column_that_goes_empty_is_told() -> None:
    *before, new = days([80] * 9, [1, 0, 2, 0, 1, 0, 0, 1, 24])
    result = judge(before, new)
    assert result.state is State.FAILED
    assert "zip missing in 30% of 80 rows; usual 0% to " in result.description
    assert "on 8 earlier days" in result.description


def test_a_column_that_is_filled_for_once_is_told_too() -> None:
    *before, new = days([80] * 9, [40, 41, 39, 40, 42, 38, 40, 41, 0])
    assert "zip missing in 0% of 80 rows" in judge(before, new).description


def test_a_run_of_many_days_judges_each_by_the_days_before_it() -> None:
    run = days([80, 82, 78, 80, 81, 79, 80, 80, 80, 1000, 80])
    result = judge([], *run)
    assert result.state is State.FAILED
    assert result.description.startswith("2020-10-14: 1,000 rows")
    assert result.description.count("usual") == 1
    quiet = judge([], *days([80] * 11))
    assert quiet.description.startswith(
        "3 of 11 days are as usual, cannot tell for 8 with too little history"
    )


def test_on_a_federal_holiday_rows_are_not_compared_but_missing_values_are() -> None:
    before = days([80] * 12, first=date(2020, 11, 14))
    closed = judge(before, Profile("2020-11-26", 0))
    assert closed.state is State.PASSED
    assert closed.description.startswith("0 rows on a holiday")
    assert judge(before, Profile("2020-11-26", 80, {"zip": 60})).state is State.FAILED


def test_deliveries_of_a_whole_table_are_compared_with_each_other() -> None:
    before = [Profile("", rows) for rows in (500, 505, 510, 515, 520, 525, 530, 535)]
    assert judge(before, Profile("", 540), table=FILES).state is State.PASSED
    lost = judge(before, Profile("", 250), table=FILES)
    assert lost.state is State.FAILED
    assert "on 8 earlier deliveries" in lost.description


@given(st.lists(st.integers(0, 5000), min_size=MINIMUM_HISTORY, max_size=56), st.integers(1, 20))
def test_the_band_of_rows_holds_its_median_and_scales_with_the_counts(
    counts: list[int], factor: int
) -> None:
    likes = [0] * (len(counts) + 1)
    band = band_of_rows(counts, likes)
    assert 0 <= band.low <= float(np.median(counts)) <= band.high
    larger = band_of_rows([count * factor for count in counts], likes)
    assert larger.high >= band.high


@given(
    st.lists(
        st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
        min_size=MINIMUM_HISTORY,
        max_size=56,
    ),
    st.integers(1, 500),
)
def test_the_band_of_shares_lies_in_0_to_1_and_is_never_narrower_than_agreed(
    counts: list[tuple[int, int]], rows: int
) -> None:
    band = band_of_shares(counts, rows)
    middle = float(np.median([missing / size for missing, size in counts]))
    assert 0 <= band.low <= middle <= band.high <= 1
    assert band.high >= min(1, middle + 0.05) - 1e-9


@pytest.fixture(scope="module")
def generated() -> list[Profile]:
    """The sales of 90 generated days, at the size of Peak's real first day."""
    size = WorldSize(
        customers=400,
        first_day=date(2020, 10, 3),
        days=90,
        pickup_sales=50,
        peak_sales_per_day=100,
        peak_accounts=400,
        new_people=0.95,
    )
    rows = generate(size, seed=5).connection.sql("from truth.peak_days order by sale_date")
    return [Profile(day.isoformat(), sales) for day, sales, *_ in rows.fetchall()]


def test_90_generated_days_without_faults_give_at_most_one_alarm(generated: list[Profile]) -> None:
    alarms = _alarms(generated)
    assert len(generated) == 90
    assert len(alarms) <= 0.01 * len(generated), alarms


def _alarms(profiles: list[Profile]) -> list[str]:
    return [
        one.partition
        for number, one in enumerate(profiles)
        if judge(profiles[:number][-56:], one).state is State.FAILED
    ]


def test_half_the_rows_of_a_generated_day_missing_is_found(generated: list[Profile]) -> None:
    whole = generated[30:50]
    found = [
        judge(generated[: 30 + number], Profile(one.partition, one.rows // 2)).state
        for number, one in enumerate(whole)
    ]
    assert found.count(State.FAILED) >= 0.9 * len(whole)
