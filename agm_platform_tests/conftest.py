"""What holds for every test: the environment it sees, and which tests share a worker."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

from agm_platform.settings import Settings

# How long an example takes depends on who else uses the machine; it says nothing about the code.
settings.register_profile("agm_platform", deadline=None)
settings.load_profile("agm_platform")


TESTS = Path(__file__).parent

# By fixture, dearest first: tests that want one of a name's fixtures run in one worker, whatever
# file they are in, so that it is made once. All others run with those of their own file.
SHARED = {
    "clean": "stories",
    "fault_story": "stories",
    "at_once": "stories",
    "great_expectations_says": "great expectations",
}
FIRST = "end_to_end"
"""The folder whose tests begin first: what takes longest must not be what is waited for."""

LONG = (
    "benchmarks",
    "browser",
    "docs",
    "end_to_end/test_erasure.py",
    "end_to_end/test_faults.py",
    "end_to_end/test_quarantine_log.py",
    "end_to_end/test_reruns.py",
    "end_to_end/test_seeds.py",
    "end_to_end/test_variants.py",
    "defs/publish/test_bytes.py",
    "defs/publish/test_killed.py",
)
"""Folders and files whose tests tell long stories: `make test` leaves them to `make test-long`."""
LONG_FIXTURES = {"fault_story", "at_once"}
"""Fixtures that take minutes: so do all tests that want one."""


@pytest.hookimpl(tryfirst=True)  # before the selection by -m
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Say which tests belong together (`--dist loadgroup`), and let the longest begin."""
    for item in items:
        wanted = getattr(item, "fixturenames", ())
        shared = next((group for name, group in SHARED.items() if name in wanted), None)
        item.add_marker(pytest.mark.xdist_group(shared or item.location[0]))
        path = item.path.relative_to(TESTS)
        if any(path.is_relative_to(each) for each in LONG) or LONG_FIXTURES & set(wanted):
            item.add_marker(pytest.mark.long)
    items.sort(key=lambda item: FIRST not in item.path.parts)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No AGM_* or DAGSTER_* variable, and no .env file, is seen by a test."""
    for name in os.environ:
        if name.upper().startswith(("AGM_", "DAGSTER_")):
            monkeypatch.delenv(name)
    monkeypatch.setitem(Settings.model_config, "env_file", None)
