"""The Dagster instance: one history, whichever command opens it."""

from pathlib import Path

import dagster as dg
import pytest
from dagster._core.instance.ref import InstanceRef

from agm_platform.instance import prepare_dagster_home
from agm_platform.settings import REPOSITORY, get_settings


@pytest.fixture
def as_dagster_dev(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> InstanceRef:
    """The instance of `dagster dev` in a folder with the repository's dagster.yaml.

    Without DAGSTER_HOME it takes the file of the current folder and a temporary home.
    """
    monkeypatch.chdir(tmp_path)
    temporary_home = tmp_path / "temporary_home"
    temporary_home.mkdir()
    return InstanceRef.from_dir(str(temporary_home), config_dir=str(REPOSITORY))


def test_history_written_by_dagster_dev_is_seen_in_the_prepared_home(
    as_dagster_dev: InstanceRef, tmp_path: Path
) -> None:
    with dg.DagsterInstance.from_ref(as_dagster_dev) as instance:
        instance.add_dynamic_partitions("days", ["2020-10-03"])
    home = prepare_dagster_home(get_settings().dagster_home)
    with dg.DagsterInstance.from_config(str(home)) as instance:
        assert instance.get_dynamic_partitions("days") == ["2020-10-03"]
    assert list((tmp_path / "temporary_home").iterdir()) == []


def test_artifacts_and_logs_of_both_lie_in_the_same_folders(
    as_dagster_dev: InstanceRef, tmp_path: Path
) -> None:
    home = prepare_dagster_home(get_settings().dagster_home)
    prepared = InstanceRef.from_dir(str(home))
    for place in ("storage_data", "local_artifact_storage_data", "compute_logs_data"):
        of_dev = getattr(as_dagster_dev, place).config_dict["base_dir"]
        of_home = getattr(prepared, place).config_dict["base_dir"]
        assert tmp_path / of_dev == Path(of_home)


def test_the_prepared_home_runs_one_thing_at_a_time_and_frees_slots(tmp_path: Path) -> None:
    home = prepare_dagster_home(tmp_path / "home with a blank")
    with dg.DagsterInstance.from_config(str(home)) as instance:
        concurrency = instance.get_concurrency_config()
        assert concurrency.run_queue_config is not None
        assert concurrency.run_queue_config.max_concurrent_runs == 1
        assert concurrency.pool_config.default_pool_limit == 1
        assert instance.run_monitoring_enabled
        assert instance.run_monitoring_settings["free_slots_after_run_end_seconds"] == 300
        assert not instance.telemetry_enabled
        assert not instance.nux_enabled


def test_preparing_again_keeps_the_history(tmp_path: Path) -> None:
    home = prepare_dagster_home(tmp_path / "home")
    with dg.DagsterInstance.from_config(str(home)) as instance:
        instance.add_dynamic_partitions("days", ["2020-10-03"])
    prepare_dagster_home(home)
    with dg.DagsterInstance.from_config(str(home)) as instance:
        assert instance.get_dynamic_partitions("days") == ["2020-10-03"]
