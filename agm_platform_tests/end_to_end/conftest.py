"""The runs that all tests here look at: each takes seconds, so each is done once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy

from agm_platform.settings import REPOSITORY
from agm_platform.world import World, WorldSize, generate, write, write_truth
from agm_platform_tests.end_to_end.fault_story import FaultStory
from agm_platform_tests.end_to_end.one_platform import Platform, Rows

SMALL = WorldSize(
    customers=200, first_day=date(2020, 11, 20), days=12, peak_days=8, peak_sales_per_day=10
)
LONG = WorldSize(customers=200, first_day=date(2020, 11, 9), days=30, peak_sales_per_day=10)


@pytest.fixture(scope="session", autouse=True)
def quick_event_log() -> Iterator[None]:
    """Let SQLite not wait for the disk: only a power cut could tell the difference."""

    def do_not_wait(connection: Any, _record: Any) -> None:
        if type(connection).__module__ == "sqlite3":
            connection.execute("pragma synchronous = off")

    sqlalchemy.event.listen(sqlalchemy.Engine, "connect", do_not_wait)
    yield
    sqlalchemy.event.remove(sqlalchemy.Engine, "connect", do_not_wait)


@pytest.fixture(scope="session")
def fault_story(tmp_path_factory: pytest.TempPathFactory) -> FaultStory:
    """A month in which every fault happens on a day of its own, in two runs."""
    folder = tmp_path_factory.mktemp("faults")
    story = FaultStory(generate(LONG, seed=7), folder)
    story.tell()
    return story


@pytest.fixture(scope="session")
def at_once(fault_story: FaultStory, tmp_path_factory: pytest.TempPathFactory) -> Platform:
    """All files that the fault story ended with, read in one run."""
    platform = Platform(fault_story.platform.landing, tmp_path_factory.mktemp("at_once"))
    assert platform.run() == 0, platform.output
    return platform


@pytest.fixture(scope="session")
def everybody(tmp_path_factory: pytest.TempPathFactory) -> Platform:
    """The samples of all senders, read in one run."""
    samples, data = REPOSITORY / "data" / "samples", tmp_path_factory.mktemp("everybody")
    platform = Platform(samples, data, reports=True)
    assert platform.run() == 0, platform.output
    return platform


@dataclass
class Clean:
    """A small world without faults, read in one run, and what it left behind."""

    world: World
    truth: Path
    platform: Platform
    answers: bytes
    warehouse: dict[str, Rows]


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Clean:
    folder = tmp_path_factory.mktemp("clean")
    world = generate(SMALL, seed=3)
    write(world, folder / "landing")
    write_truth(world, folder / "truth")
    platform = Platform(folder / "landing", folder / "data", reports=True)
    assert platform.run() == 0, platform.output
    answers = (platform.published / "answers.json").read_bytes()
    return Clean(world, folder / "truth", platform, answers, platform.tables())


@pytest.fixture
def copied(clean: Clean, tmp_path: Path) -> Platform:
    """What the clean platform wrote, to be written to; the landing folder is the same."""
    shutil.copytree(clean.platform.data, tmp_path / "data", symlinks=True)
    return Platform(clean.platform.landing, tmp_path / "data", reports=True)
