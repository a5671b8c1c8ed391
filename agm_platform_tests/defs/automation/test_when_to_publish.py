"""Readers' snapshot follows a repair whose checks have passed, and never what published itself."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
from dagster._core.definitions.freshness import CronFreshnessPolicy
from dagster._utils.schedules import schedule_execution_time_iterator

from agm_platform.definitions import defs
from agm_platform.defs.automation.repairs import publish_after_repair
from agm_platform.defs.automation.schedules import daily_publish
from agm_platform.defs.automation.when_to_publish import (
    AFTER_REPAIR,
    DUE_BY,
    PUBLISHED_DAILY,
    TRIAL_TIME_ZONE,
    WITH_SNAPSHOT,
)
from agm_platform.defs.publish.reports import site, workbook
from agm_platform.defs.publish.snapshot import snapshot

DAYS = dg.DynamicPartitionsDefinition(name="days")
good = {"orders": True, "table": True, "snapshot": True}
"""What goes well in the next run: the check of orders, the table, the snapshot."""


@dg.asset(partitions_def=DAYS, backfill_policy=dg.BackfillPolicy.single_run())
def orders() -> None: ...


@dg.asset
def customers() -> None:
    if not good["table"]:
        raise dg.Failure("a test wants it", allow_retries=False)


@dg.asset_check(asset=orders, blocking=True)
def orders_known() -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=good["orders"])


@dg.asset_check(asset=customers)
def customers_complete() -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=False, severity=dg.AssetCheckSeverity.WARN)


@dg.asset(key="shown", deps=[orders, customers], automation_condition=AFTER_REPAIR)
def shown() -> None:
    if not good["snapshot"]:
        raise dg.Failure("a test wants it", allow_retries=False)


@dg.asset(key="pages", deps=[shown], automation_condition=WITH_SNAPSHOT)
def pages() -> None: ...


CHECKS = [orders_known, customers_complete]
TABLES = [orders, customers]
DEFINITIONS = dg.Definitions([*TABLES, shown, pages], asset_checks=CHECKS)


class Story:
    """Runs, one after the other, and what the sensor asks for after each."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self._instance = instance
        self._cursor = None

    def run(self, *assets: dg.AssetsDefinition, **bad: bool) -> None:
        good.update(dict.fromkeys(good, True) | bad)
        is_daily = orders in assets
        dg.materialize(
            [*TABLES, shown, pages, *CHECKS],
            selection=dg.AssetSelection.assets(*assets),
            instance=self._instance,
            partition_key="monday" if is_daily else None,
            raise_on_error=False,
        )

    def asked(self) -> set[str]:
        told = dg.evaluate_automation_conditions(DEFINITIONS, self._instance, cursor=self._cursor)
        self._cursor = told.cursor
        return {name for name in ("shown", "pages") if told.get_num_requested(dg.AssetKey(name))}


@pytest.fixture
def story() -> Iterator[Story]:
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("days", ["monday"])
        told = Story(instance)
        assert told.asked() == set()
        told.run(orders)
        told.run(customers, shown, pages)
        told.asked()
        yield told


def test_nothing_is_published_while_nothing_is_made(story: Story) -> None:
    assert story.asked() == set()


def test_a_table_made_anew_is_published_once_with_its_pages(story: Story) -> None:
    story.run(customers)
    assert story.asked() == {"shown", "pages"}
    assert story.asked() == set()


def test_a_run_that_publishes_itself_is_no_reason_to_publish_again(story: Story) -> None:
    story.run(customers, shown, pages)
    assert story.asked() == set()


def test_publishing_waits_for_blocking_checks_and_for_no_others(story: Story) -> None:
    story.run(orders, orders=False)
    assert story.asked() == set()
    story.run(orders)
    assert story.asked() == {"shown", "pages"}


def test_a_table_that_failed_holds_publishing_back_until_it_is_made(story: Story) -> None:
    story.run(customers, table=False)
    story.run(orders)
    assert story.asked() == set()
    story.run(customers)
    assert story.asked() == {"shown", "pages"}


def test_a_publication_that_failed_is_not_tried_again_for_nothing(story: Story) -> None:
    story.run(customers)
    assert story.asked() == {"shown", "pages"}
    story.run(shown, snapshot=False)
    assert story.asked() == set()
    story.run(customers)
    assert story.asked() == {"shown", "pages"}


def test_the_assets_have_what_was_tried_here() -> None:
    wanted = {snapshot: AFTER_REPAIR, site: WITH_SNAPSHOT, workbook: WITH_SNAPSHOT}
    for asset, condition in wanted.items():
        (spec,) = asset.specs
        assert spec.automation_condition == condition
        assert spec.freshness_policy == PUBLISHED_DAILY


def test_the_sensor_starts_by_hand_only_and_asks_for_what_is_published_alone() -> None:
    assert publish_after_repair.default_status is dg.DefaultSensorStatus.STOPPED
    graph = defs().resolve_asset_graph()
    keys = publish_after_repair.asset_selection.resolve(graph)
    assert keys == {asset.key for asset in (snapshot, site, workbook)}
    conditions = {key for key in graph.get_all_asset_keys() if graph.get(key).automation_condition}
    assert conditions == keys


@pytest.mark.parametrize("month", [1, 3, 7, 11])
def test_what_the_schedule_publishes_is_fresh_at_the_hour_it_is_due(month: int) -> None:
    assert isinstance(PUBLISHED_DAILY, CronFreshnessPolicy)
    zone = ZoneInfo(TRIAL_TIME_ZONE)
    noon = datetime(2021, month, 6, 12, tzinfo=zone).timestamp()

    def ticks(cron: str) -> Iterator[datetime]:
        return schedule_execution_time_iterator(noon, cron, TRIAL_TIME_ZONE)

    pairs = zip(ticks(str(daily_publish.cron_schedule)), ticks(DUE_BY), strict=True)
    for published, due in islice(pairs, 10):
        assert timedelta() < due - published < PUBLISHED_DAILY.lower_bound_delta
