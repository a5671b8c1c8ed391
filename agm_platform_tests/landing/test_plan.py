"""Which runs are asked for: one for many days, the same again after a crash, three attempts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from agm_platform.landing.delivery import Delivery, State
from agm_platform.landing.plan import RunRequest, RunStatus, in_ranges, plan_runs

FIRST = date(2020, 10, 1)
NOW = datetime(2020, 10, 4, tzinfo=UTC)


def waiting(number: int, *, generation: int = 1, day: int | None = None) -> Delivery:
    """A delivery of the day with that number."""
    business_date = FIRST + timedelta(days=(number if day is None else day) - 1)
    return Delivery(
        number, "peak", "sales", f"{number}.json", business_date, f"sha{number}", 1, NOW,
        generation, State.RECEIVED,
    )  # fmt: skip


def claimed(request: RunRequest) -> list[Delivery]:
    """The deliveries of a request as the ledger gives them after the claim."""
    return [
        replace(d, run_key=request.run_key, attempts=request.attempt) for d in request.deliveries
    ]


def test_many_days_are_one_run() -> None:
    year = [waiting(number) for number in range(1, 366)]
    (request,) = plan_runs(year, {}, "ledger").requests
    assert request.run_key.startswith("peak/sales:2020-10-01..2021-09-30:g1:")
    assert request.run_key.endswith(":a1")
    assert request.business_dates == [d.business_date for d in year]


def test_one_day_names_its_run() -> None:
    (request,) = plan_runs([waiting(3, generation=2)], {}, "ledger").requests
    assert request.run_key.startswith("peak/sales:2020-10-03:g2:")


def test_each_feed_has_runs_of_its_own() -> None:
    stores = replace(waiting(2), feed="stores", business_date=None)
    requests = plan_runs([waiting(1), stores], {}, "ledger").requests
    assert [r.run_key.split(":")[:2] for r in requests] == [
        ["peak/sales", "2020-10-01"],
        ["peak/stores", "all"],
    ]


def test_nothing_waiting_asks_for_nothing() -> None:
    assert plan_runs([], {"old": RunStatus.FAILED}, "ledger") == ([], [], [])


def test_the_same_state_asks_under_the_same_key() -> None:
    days = [waiting(1), waiting(2)]
    assert plan_runs(days, {}, "ledger") == plan_runs(reversed(days), {}, "ledger")


def test_another_ledger_never_asks_under_the_same_key() -> None:
    keys = {plan_runs([waiting(1)], {}, name).requests[0].run_key for name in ("a", "b")}
    assert len(keys) == 2


def test_a_claimed_run_that_was_never_launched_is_asked_for_as_it_was() -> None:
    (request,) = plan_runs([waiting(1), waiting(2)], {}, "ledger").requests
    later = [*claimed(request), waiting(3)]
    again, new = plan_runs(later, {}, "ledger").requests
    assert (again.run_key, again.attempt) == (request.run_key, 1)
    assert [d.delivery_id for d in again.deliveries] == [1, 2]
    assert [d.delivery_id for d in new.deliveries] == [3]


def test_a_run_in_flight_is_waited_for() -> None:
    (request,) = plan_runs([waiting(1)], {}, "ledger").requests
    plan = plan_runs(claimed(request), {request.run_key: RunStatus.IN_FLIGHT}, "ledger")
    assert (plan.requests, [d.delivery_id for d in plan.waiting]) == ([], [1])


def test_a_failed_run_is_repeated_under_a_new_key_three_times_in_all() -> None:
    pending, runs, keys = [waiting(1)], {}, []
    while requests := plan_runs(pending, runs, "ledger").requests:
        keys.append(requests[0].run_key)
        runs[keys[-1]] = RunStatus.FAILED
        pending = claimed(requests[0])
    assert [key[-3:] for key in keys] == [":a1", ":a2", ":a3"]
    assert [d.delivery_id for d in plan_runs(pending, runs, "ledger").given_up] == [1]


def test_a_run_that_succeeded_without_recording_it_is_repeated() -> None:
    (request,) = plan_runs([waiting(1)], {}, "ledger").requests
    runs = {request.run_key: RunStatus.SUCCEEDED}
    assert plan_runs(claimed(request), runs, "ledger").requests[0].attempt == 2


def test_corrections_of_one_day_go_one_after_the_other() -> None:
    first, second = waiting(1, day=1), waiting(2, day=1, generation=2)
    plan = plan_runs([second, first, waiting(3)], {}, "ledger")
    assert [d.delivery_id for d in plan.requests[0].deliveries] == [1, 3]
    assert plan.waiting == [second]
    runs = {plan.requests[0].run_key: RunStatus.IN_FLIGHT}
    later = plan_runs([*claimed(plan.requests[0]), second], runs, "ledger")
    assert (later.requests, len(later.waiting)) == ([], 3)


def test_a_given_up_delivery_does_not_hold_back_its_correction() -> None:
    first = replace(waiting(1, day=1), run_key="key", attempts=3)
    second = waiting(2, day=1, generation=2)
    plan = plan_runs([first, second], {"key": RunStatus.FAILED}, "ledger")
    assert plan.given_up == [first]
    assert [r.deliveries for r in plan.requests] == [(second,)]


def test_partition_ranges_hold_neighbours_only() -> None:
    known = [FIRST + timedelta(days=n) for n in (4, 0, 1, 2)]
    days = [waiting(number) for number in (1, 2, 5, 7, 8)]
    requests = plan_runs(days, {}, "ledger", batches=in_ranges(known)).requests
    assert [[d.delivery_id for d in r.deliveries] for r in requests] == [[5, 1, 2], [7, 8]]
    assert len({r.run_key for r in requests}) == 2


@given(st.permutations(range(12)), st.integers(0, 12), st.sets(st.integers(0, 14), min_size=1))
def test_every_range_is_exactly_its_days(order: list[int], kept: int, wanted: set[int]) -> None:
    known = [FIRST + timedelta(days=n) for n in order[:kept]]
    deliveries = [waiting(n + 1) for n in wanted]
    new = sorted({d.business_date for d in deliveries if d.business_date} - set(known))
    keys = [*known, *new]
    runs = in_ranges(known)(deliveries)
    for run in runs:
        dates = [d.business_date for d in run if d.business_date]
        start = keys.index(dates[0])
        assert keys[start : start + len(dates)] == dates
    assert sorted(d.delivery_id for run in runs for d in run) == sorted(n + 1 for n in wanted)
