"""The schedule: once a day everything that is not kept by day is read, computed and published."""

import dagster as dg

from agm_platform.defs.automation.jobs import refresh_tables
from agm_platform.defs.automation.when_to_publish import PUBLISHED_AT, TRIAL_TIME_ZONE
from agm_platform.settings import get_settings

daily_publish = dg.ScheduleDefinition(
    name="daily_publish",
    job=refresh_tables,
    cron_schedule=PUBLISHED_AT,
    execution_timezone=TRIAL_TIME_ZONE,
    default_status=(
        dg.DefaultScheduleStatus.RUNNING
        if get_settings().sensors_default_running
        else dg.DefaultScheduleStatus.STOPPED
    ),
    description=(
        "Three hours after Peak's file is due: judges and publishes anew, also on a day without "
        "files, so that what readers have is never older than a day."
    ),
)
