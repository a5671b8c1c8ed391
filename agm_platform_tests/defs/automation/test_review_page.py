"""The review page is written after a run of the daemon, whether it succeeded or failed."""

from pathlib import Path

import dagster as dg
import pytest

from agm_platform.defs.automation.review_page import review_after_failure, review_after_success


@dg.op
def ends(context: dg.OpExecutionContext) -> None:
    if "fail" in context.run.tags:
        raise ValueError("on purpose")


@dg.job
def work() -> None:
    ends()


@pytest.mark.parametrize("fails", [False, True])
def test_the_page_is_written_after_every_run(
    fails: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGM_DATA", str(tmp_path))
    instance = dg.DagsterInstance.ephemeral()
    tags = {"fail": "yes"} if fails else {}
    result = work.execute_in_process(instance=instance, tags=tags, raise_on_error=False)
    assert result.success is not fails
    event = result.get_run_failure_event() if fails else result.get_run_success_event()
    context = dg.build_run_status_sensor_context(
        sensor_name="review",
        dagster_instance=instance,
        dagster_run=result.dagster_run,
        dagster_event=event,
    )
    if fails:
        review_after_failure(context.for_run_failure())
    else:
        review_after_success(context)
    page = (tmp_path / "quality" / "review.html").read_text(encoding="utf-8")
    assert "No check has been judged yet" in page
