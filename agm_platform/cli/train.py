"""`make train`: the models of customers are trained anew and written as the next versions."""

from __future__ import annotations

import os

import dagster as dg
from rich.console import Console

from agm_platform.definitions import defs
from agm_platform.instance import prepare_dagster_home
from agm_platform.settings import get_settings

OP = "train_models"


def train(sources: str = "") -> int:
    """Train from what is in the warehouse; 1 if that failed, or no run has made a warehouse.

    `sources` names some, comma between; the next run scores with the new models.
    """
    console, settings = Console(), get_settings()
    if not settings.warehouse_path.exists():
        console.print(f"Nothing to learn from: {settings.warehouse_path} is not there; make run")
        return 1
    named = [name.strip() for name in sources.split(",") if name.strip()]
    os.environ["DAGSTER_HOME"] = str(prepare_dagster_home(settings.dagster_home))
    config = {
        "ops": {OP: {"config": {"sources": named}}},
        "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
    }
    with console.status("training"), dg.DagsterInstance.get() as instance:
        result = (
            defs()
            .resolve_job_def("train_value_models")
            .execute_in_process(run_config=config, instance=instance, raise_on_error=False)
        )
    if not result.success:
        for event in result.all_events:
            if event.is_step_failure and event.step_failure_data.error:
                error = event.step_failure_data.error
                console.print((error.cause or error).message.strip(), highlight=False)
        return 1
    labels = result.output_for_node(OP)
    console.print(
        f"{len(labels)} models in {settings.models_path}: {', '.join(labels) or 'none'}.\n"
        "The next run scores with them and says how they did; AGM_VALUE_MODELS pins others.",
        highlight=False,
    )
    return 0
