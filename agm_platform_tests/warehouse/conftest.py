"""The bench, and processes of their own for what only another process can do."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import pytest

import agm_platform
from agm_platform_tests.warehouse.bench import KNOWN_DAYS, Bench


@pytest.fixture(scope="session")
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("test_days", KNOWN_DAYS)
        yield instance


@pytest.fixture
def bench(tmp_path: Path, instance: dg.DagsterInstance) -> Bench:
    return Bench(tmp_path / "warehouse" / "warehouse.duckdb", instance)


@pytest.fixture
def start_python() -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Start a script that may import the package; whatever still runs is ended with the test."""
    started = []

    def start(script: str, *arguments: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-c", script, *arguments],
            cwd=Path(agm_platform.__file__).parents[1],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()
