"""What holds for every test: the environment of whoever starts it does not reach it."""

import os

import pytest
from hypothesis import settings

from agm_platform.settings import Settings

# How long an example takes depends on who else uses the machine; it says nothing about the code.
settings.register_profile("agm_platform", deadline=None)
settings.load_profile("agm_platform")


# Folders whose tests share something dear: whole runs, Great Expectations, a generated world.
RUN_TOGETHER = ("end_to_end", "quality", "world")


# Before xdist reads the marks, or they come too late and every worker does the dear work.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep in one process what shares dear fixtures: such a folder, else the tests of a file."""
    for item in items:
        together = item.path.parent.name in RUN_TOGETHER
        name = item.path.parent.name if together else str(item.path)
        item.add_marker(pytest.mark.xdist_group(name))


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No AGM_* or DAGSTER_* variable, and no .env file, is seen by a test."""
    for name in os.environ:
        if name.upper().startswith(("AGM_", "DAGSTER_")):
            monkeypatch.delenv(name)
    monkeypatch.setitem(Settings.model_config, "env_file", None)
