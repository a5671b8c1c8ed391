"""The sensor as a state machine: what it asks for when files and runs come, change and fail.

How files are told apart is tested with `agm_platform.landing`; here it is what Dagster is asked.
"""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from agm_platform.contracts.registry import FEEDS, SENDERS, TABLES
from agm_platform.definitions import defs
from agm_platform.defs.automation.landing_sensor import RUN_KEY, landing_files
from agm_platform.defs.landing_resource import Landing
from agm_platform.landing.delivery import State
from agm_platform.landing.ledger import Ledger


class Desk:
    """A landing zone, a ledger and a Dagster instance, ticked by hand."""

    def __init__(self, folder: Path, instance: dg.DagsterInstance) -> None:
        self.folder = folder
        self.instance = instance
        self.landing = Landing(
            zone_url=str(folder / "landing"),
            ledger_path=str(folder / "ledger.sqlite"),
            cache_path=str(folder / "cache"),
            reference_path=str(folder / "reference"),
        )

    @property
    def ledger(self) -> Ledger:
        return self.landing.ledger()

    def drop(self, source: str, name: str, content: str = "x", second: int = 0) -> Path:
        """Put a file in the landing zone, last written at a given second."""
        path = self.folder / "landing" / source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        os.utime(path, (1_600_000_000 + second, 1_600_000_000 + second))
        return path

    def drop_day(self, day: str, content: str = "{}", second: int = 0) -> Path:
        return self.drop("peak", f"peak_sales_{day.replace('-', '_')}.json", content, second)

    def tick(self) -> dg.SensorResult:
        """Look once, as the daemon does, and add the partitions that were asked for."""
        with dg.build_sensor_context(
            instance=self.instance, resources={"landing": self.landing}
        ) as context:
            result = landing_files(context)
        for request in result.dynamic_partitions_requests or []:
            self.instance.add_dynamic_partitions("peak_days", list(request.partition_keys))
        return result

    def launched(self, request: dg.RunRequest, status: dg.DagsterRunStatus) -> None:
        """Record a run of this request, as it stands."""
        self.instance.add_run(
            dg.DagsterRun(
                job_name=str(request.job_name), tags={RUN_KEY: str(request.run_key)}, status=status
            )
        )

    def conclude(self) -> None:
        """Let everything that waits have been read."""
        for delivery in self.ledger.pending():
            self.ledger.accept(delivery.delivery_id, 1, "run")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("AGM_SETTLE_SECONDS", "5")
    with dg.DagsterInstance.ephemeral() as instance:
        yield Desk(tmp_path, instance)


def asked(result: dg.SensorResult) -> list[tuple[str | None, dict[str, Any]]]:
    return [(request.job_name, dict(request.tags)) for request in result.run_requests or []]


def test_an_empty_zone_asks_for_nothing_and_says_so(desk: Desk) -> None:
    result = desk.tick()
    assert asked(result) == []
    assert result.skip_reason is not None
    assert "peak: no files" in str(result.skip_reason)


def test_a_new_day_asks_for_its_run_and_its_partition(desk: Desk) -> None:
    desk.drop_day("2020-10-03")
    result = desk.tick()
    assert asked(result) == [("refresh_days", {"dagster/partition": "2020-10-03"})]
    assert desk.instance.get_dynamic_partitions("peak_days") == ["2020-10-03"]


def test_a_year_of_days_is_one_run(desk: Desk) -> None:
    for day in range(1, 29):
        for month in range(1, 13):
            desk.drop_day(f"2020-{month:02}-{day:02}")
    assert asked(desk.tick()) == [
        (
            "refresh_days",
            {
                "dagster/asset_partition_range_start": "2020-01-01",
                "dagster/asset_partition_range_end": "2020-12-28",
            },
        )
    ]


def test_what_is_not_kept_by_day_is_one_run_before_the_days(desk: Desk) -> None:
    desk.drop_day("2020-10-03")
    desk.drop("agm", "sales.csv")
    desk.drop("agm", "customers.csv")
    desk.drop("peak", "peak_product_mapping.csv")
    jobs = [job for job, _ in asked(desk.tick())]
    assert jobs == ["refresh_tables", "refresh_days"]


@pytest.mark.parametrize(
    ("source", "name"), [("agm", "sales.csv"), ("peak", "peak_product_mapping.csv")]
)
def test_what_came_from_one_sender_is_read_by_its_own_job(
    desk: Desk, source: str, name: str
) -> None:
    desk.drop(source, name)
    assert asked(desk.tick()) == [(f"refresh_{source}", {})]


def test_unchanged_files_ask_for_nothing_once_they_are_read(desk: Desk) -> None:
    desk.drop_day("2020-10-03")
    desk.tick()
    desk.conclude()
    assert asked(desk.tick()) == []


def test_a_touched_file_asks_for_nothing(desk: Desk) -> None:
    desk.drop_day("2020-10-03")
    desk.tick()
    desk.conclude()
    desk.drop_day("2020-10-03", second=9)
    assert asked(desk.tick()) == []
    assert desk.ledger.history()[-1].state is State.DUPLICATE


def test_a_corrected_and_then_restored_day_is_asked_for_each_time_under_a_new_key(
    desk: Desk,
) -> None:
    keys = []
    for second, content in enumerate(["A", "B", "A"]):
        desk.drop_day("2020-10-03", json.dumps(content), second)
        (request,) = desk.tick().run_requests or []
        keys.append(request.run_key)
        desk.conclude()
    assert len(set(keys)) == 3
    current = desk.ledger.current("peak", "daily_sales", desk.ledger.history()[0].business_date)
    assert current is not None
    assert current.generation == 3


def test_a_late_day_is_a_run_of_its_own_and_leaves_its_neighbours_alone(desk: Desk) -> None:
    desk.drop_day("2020-10-01")
    desk.drop_day("2020-10-03")
    desk.tick()
    desk.conclude()
    desk.drop_day("2020-10-02")
    assert asked(desk.tick()) == [("refresh_days", {"dagster/partition": "2020-10-02"})]


def test_corrections_of_days_far_apart_are_runs_of_their_own(desk: Desk) -> None:
    for day in ("2020-10-01", "2020-10-02", "2020-10-03"):
        desk.drop_day(day)
    desk.tick()
    desk.conclude()
    desk.drop_day("2020-10-01", "corrected", second=5)
    desk.drop_day("2020-10-03", "corrected", second=5)
    assert asked(desk.tick()) == [
        ("refresh_days", {"dagster/partition": "2020-10-01"}),
        ("refresh_days", {"dagster/partition": "2020-10-03"}),
    ]


def test_a_growing_file_waits_until_it_has_settled(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = desk.drop_day("2020-10-03")
    path.write_text("{ still")  # written to now
    assert asked(desk.tick()) == []
    monkeypatch.setenv("AGM_SETTLE_SECONDS", "0")
    assert len(asked(desk.tick())) == 1


def test_a_removed_file_asks_for_nothing_and_its_day_stays_accepted(desk: Desk) -> None:
    path = desk.drop_day("2020-10-03")
    desk.tick()
    desk.conclude()
    path.unlink()
    assert asked(desk.tick()) == []
    assert [delivery.state for delivery in desk.ledger.history()] == [State.ACCEPTED]


@pytest.mark.parametrize("feed", [("peak", "peak_product_mapping.csv"), ("agm", "stores.csv")])
def test_a_new_map_or_store_judges_all_known_days_anew(desk: Desk, feed: tuple[str, str]) -> None:
    for day in ("2020-10-01", "2020-10-02"):
        desk.drop_day(day)
    desk.tick()
    desk.conclude()
    desk.drop(*feed)
    assert asked(desk.tick()) == [
        (
            "replay_days",
            {
                "dagster/asset_partition_range_start": "2020-10-01",
                "dagster/asset_partition_range_end": "2020-10-02",
            },
        )
    ]


def test_a_daemon_killed_before_the_launch_asks_again_under_the_same_key(desk: Desk) -> None:
    desk.drop_day("2020-10-03")
    (first,) = desk.tick().run_requests or []
    (again,) = desk.tick().run_requests or []
    assert again.run_key == first.run_key


def test_a_run_in_flight_is_waited_for(desk: Desk) -> None:
    desk.drop_day("2020-10-03")
    (request,) = desk.tick().run_requests or []
    desk.launched(request, dg.DagsterRunStatus.STARTED)
    assert asked(desk.tick()) == []


def test_a_failed_run_is_asked_for_again_three_times_and_then_left_to_people(desk: Desk) -> None:
    desk.drop_day("2020-10-03")
    keys = []
    for _ in range(3):
        (request,) = desk.tick().run_requests or []
        keys.append(request.run_key)
        desk.launched(request, dg.DagsterRunStatus.FAILURE)
    assert len(set(keys)) == 3
    assert asked(desk.tick()) == []
    assert [delivery.state for delivery in desk.ledger.pending()] == [State.RECEIVED]


def test_a_daemon_that_was_down_finds_what_came_meanwhile(desk: Desk) -> None:
    desk.drop_day("2020-10-03")
    desk.tick()
    desk.conclude()
    desk.drop_day("2020-10-04")
    fresh = Desk(desk.folder, desk.instance)  # nothing in memory is carried over
    assert asked(fresh.tick()) == [("refresh_days", {"dagster/partition": "2020-10-04"})]


def test_a_file_that_no_feed_knows_is_passed_over(desk: Desk) -> None:
    desk.drop("peak", "notes.txt")
    assert asked(desk.tick()) == []
    assert desk.ledger.history() == []


def test_every_feed_of_the_contracts_is_looked_for(desk: Desk) -> None:
    samples = Path(__file__).parents[3] / "data" / "samples"
    shutil.copytree(samples, desk.folder / "landing")
    for path in (desk.folder / "landing").rglob("*.*"):
        os.utime(path, (1_600_000_000, 1_600_000_000))
    desk.tick()
    assert {(delivery.source, delivery.feed) for delivery in desk.ledger.history()} == {
        (feed.source, feed.name) for feed in FEEDS
    }


SENDERS_OF_TABLES = ("loyalty", "instacart", "shopping", "sales")


@pytest.mark.parametrize("source", SENDERS_OF_TABLES)
def test_a_new_file_of_a_sender_computes_that_sender_alone_and_publishes(
    desk: Desk, source: str
) -> None:
    feed = next(feed for feed in FEEDS if feed.source == source)
    for other in {feed.source: feed for feed in FEEDS if feed.source in SENDERS_OF_TABLES}.values():
        desk.drop(other.source, f"{other.name}.csv")
    desk.tick()
    desk.conclude()
    desk.drop(source, f"{feed.name}.csv", "another")
    ((job, tags),) = asked(desk.tick())
    assert (job, tags) == (f"refresh_{source}", {})
    keys = defs().resolve_job_def(job).asset_layer.executable_asset_keys
    touched = {key.path[0] for key in keys}
    assert touched & set(SENDERS) == {source}
    assert {source, "landing", "quality", "answers", "publish"} <= touched
    answered = {key.path[1] for key in keys if key.path[0] == "answers"}
    assert answered == {source, "answers"}
    made = {key.path[1] for key in keys if key.path[0] == source}
    assert made == {table.name for table in TABLES if table.source == source}
