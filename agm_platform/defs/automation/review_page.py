"""The review page is written anew when a run of the daemon has ended, well or not."""

import dagster as dg

from agm_platform.quality.review import write_review
from agm_platform.settings import get_settings

RUNNING = (
    dg.DefaultSensorStatus.RUNNING
    if get_settings().sensors_default_running
    else dg.DefaultSensorStatus.STOPPED
)


@dg.run_status_sensor(
    run_status=dg.DagsterRunStatus.SUCCESS,
    name="review_after_success",
    default_status=RUNNING,
    description="Writes the review page of the checks after a run that succeeded.",
)
def review_after_success(context: dg.RunStatusSensorContext) -> None:
    """Write the page from the journal."""
    _write(context)


@dg.run_failure_sensor(
    name="review_after_failure",
    default_status=RUNNING,
    description="Writes the review page of the checks after a run that failed.",
)
def review_after_failure(context: dg.RunFailureSensorContext) -> None:
    """Write the page from the journal, which holds what was judged before the failure."""
    _write(context)


def _write(context: dg.RunStatusSensorContext) -> None:
    settings = get_settings()
    write_review(settings.journal_path, settings.review_path)
    context.log.info("%s tells of run %s", settings.review_path, context.dagster_run.run_id)
