"""The schedule: when it ticks and what it runs."""

from datetime import datetime
from zoneinfo import ZoneInfo

import dagster as dg
from dagster._utils.schedules import schedule_execution_time_iterator

from agm_platform.defs.automation.schedules import TRIAL_TIME_ZONE, daily_publish


def test_the_daily_publish_ticks_at_five_in_the_store_s_time_summer_and_winter() -> None:
    zone = ZoneInfo(TRIAL_TIME_ZONE)
    for month in (1, 7):
        noon = datetime(2021, month, 10, 12, tzinfo=zone)
        ticks = schedule_execution_time_iterator(
            noon.timestamp(), str(daily_publish.cron_schedule), daily_publish.execution_timezone
        )
        tick = next(iter(ticks))
        assert tick.astimezone(zone).isoformat()[:16] == f"2021-{month:02}-11T05:00"


def test_the_daily_publish_runs_what_is_not_kept_by_day() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_schedule_context(
            instance=instance,
            scheduled_execution_time=datetime(2021, 1, 11, 13, tzinfo=ZoneInfo("UTC")),
        )
        data = daily_publish.evaluate_tick(context)
    assert daily_publish.job_name == "refresh_tables"
    assert len(data.run_requests or []) == 1
