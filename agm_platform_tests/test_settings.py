"""The settings: defaults, what the environment may say, and what it may not."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from agm_platform.contracts.categories import Unseen
from agm_platform.settings import REPOSITORY, Settings, get_settings


def test_without_a_variable_everything_lies_under_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = get_settings()
    assert settings.landing == str(tmp_path / "data" / "landing")
    assert settings.data == tmp_path / "data"
    assert settings.warehouse_path == tmp_path / "data" / "warehouse" / "warehouse.duckdb"
    assert settings.sensors_default_running is True


def test_everything_a_run_writes_moves_with_data_and_the_landing_folder_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGM_DATA", str(tmp_path))
    settings = get_settings()
    written = [
        settings.warehouse_path,
        settings.ledger_path,
        settings.published_path,
        settings.snapshots_path,
        settings.benchmarks_path,
        settings.dagster_home,
    ]
    assert all(path.is_relative_to(tmp_path) for path in written)
    assert len(set(written)) == len(written)
    assert settings.landing == str(Path.cwd() / "data" / "landing")


def test_reference_data_is_the_repositorys_wherever_the_results_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert get_settings().reference_path == REPOSITORY / "data" / "reference"
    assert (REPOSITORY / "pyproject.toml").is_file()


@pytest.mark.parametrize("url", ["s3://bucket/landing", "memory://landing", "file:///landing"])
def test_a_landing_url_is_kept_as_it_is(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGM_LANDING", url)
    assert get_settings().landing == url


def test_a_relative_landing_folder_is_absolute_before_anything_changes_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AGM_LANDING", "../elsewhere")
    assert Path(get_settings().landing).resolve() == tmp_path.parent / "elsewhere"


def test_the_home_folder_is_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGM_DATA", "~/agm")
    assert get_settings().data == Path.home() / "agm"


def test_the_environment_is_read_again_on_every_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGM_MAX_NEW_FILES_PER_TICK", "7")
    assert get_settings().max_new_files_per_tick == 7
    monkeypatch.setenv("AGM_MAX_NEW_FILES_PER_TICK", "8")
    assert get_settings().max_new_files_per_tick == 8


def test_an_empty_variable_counts_as_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGM_LANDING", "")
    assert get_settings() == Settings()
    assert get_settings().landing.endswith("landing")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("settle_seconds", "-1"),
        ("settle_seconds", "soon"),
        ("max_new_files_per_tick", "0"),
        ("sensors_default_running", "perhaps"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_the_name_of_its_setting(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"AGM_{name.upper()}", value)
    with pytest.raises(ValidationError, match=name):
        get_settings()


def test_the_dotenv_example_names_every_setting_and_repeats_its_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = (REPOSITORY / ".env.example").read_text(encoding="utf-8").splitlines()
    example = tmp_path / "example.env"
    example.write_text("\n".join(line.removeprefix("# ") for line in lines if "=" in line))
    named = {line.split("=")[0] for line in example.read_text().splitlines()}
    assert named == {f"AGM_{field.upper()}" for field in Settings.model_fields}
    monkeypatch.setitem(Settings.model_config, "env_file", example)
    assert get_settings() == Settings(_env_file=None)


def test_unreviewed_spellings_are_left_to_the_contracts_unless_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert get_settings().unknown_spellings is None
    monkeypatch.setenv("AGM_UNKNOWN_SPELLINGS", "quarantine")
    assert get_settings().unknown_spellings is Unseen.QUARANTINE
    monkeypatch.setenv("AGM_UNKNOWN_SPELLINGS", "drop")
    with pytest.raises(ValidationError, match="unknown_spellings"):
        get_settings()
