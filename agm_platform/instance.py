"""Dagster's instance: its settings from the repository's dagster.yaml, its history under DATA."""

from pathlib import Path

import yaml

from agm_platform.settings import REPOSITORY

# Without these, Dagster keeps both in DAGSTER_HOME itself.
PLACES = ("local_artifact_storage", "compute_logs")


def prepare_dagster_home(home: Path) -> Path:
    """Make `home` fit to be `DAGSTER_HOME`, which must be absolute, and return it.

    Its dagster.yaml is written anew each time, so that an edit of the repository's counts.
    """
    config = yaml.safe_load((REPOSITORY / "dagster.yaml").read_text(encoding="utf-8"))
    config["storage"]["custom"]["config"]["base_dir"] = str(home)
    home.mkdir(parents=True, exist_ok=True)
    (home / "dagster.yaml").write_text(
        yaml.safe_dump({key: value for key, value in config.items() if key not in PLACES}),
        encoding="utf-8",
    )
    return home
