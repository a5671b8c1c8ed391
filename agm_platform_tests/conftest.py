"""What holds for every test: the environment of whoever starts it does not reach it."""

import os

import pytest
from hypothesis import settings

from agm_platform.settings import Settings

# How long an example takes depends on who else uses the machine; it says nothing about the code.
settings.register_profile("agm_platform", deadline=None)
settings.load_profile("agm_platform")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No AGM_* or DAGSTER_* variable, and no .env file, is seen by a test."""
    for name in os.environ:
        if name.upper().startswith(("AGM_", "DAGSTER_")):
            monkeypatch.delenv(name)
    monkeypatch.setitem(Settings.model_config, "env_file", None)
