"""Which matching model runs score with, and the job that trains another one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from agm_platform.defs.customers.matching_model import MatchingModel, train_matching_model
from agm_platform.matching.labelled import LEARN, SCORE, LabelledListsError, write_lists
from agm_platform.matching.model import MODELS, ModelError, load_model
from agm_platform.matching.training import TrainingError
from agm_platform.world import WorldSize, generate
from benchmarks.matching_worlds import people


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as the training job reads it, with two small worlds."""
    folder = tmp_path_factory.mktemp("labelled")
    for part, seed in ((LEARN, 1), (SCORE, 2)):
        world = generate(WorldSize(customers=600, pickup_sales=0, misspelt=0.3), seed)
        write_lists(folder / part / "world", *people(world))
    return folder


def few(lists: tuple[pd.DataFrame, ...]) -> list[pd.DataFrame]:
    return [frame.head(3) for frame in lists]


def train(lists: Path, trained: Path, number: int = 7) -> str:
    config = {"lists": str(lists), "number": number}
    result = train_matching_model.execute_in_process(
        run_config={"ops": {"train_model": {"config": config}}},
        resources={"matching_model": MatchingModel(trained_path=str(trained))},
    )
    return str(result.output_for_node("train_model"))


def test_the_job_writes_a_scored_model_which_runs_use_once_it_is_pinned(
    labelled: Path, tmp_path: Path
) -> None:
    assert train(labelled, tmp_path) == "customers_v7"
    assert MatchingModel(trained_path=str(tmp_path)).load().label == "customers_v1"
    pinned = MatchingModel(pinned="customers_v7", trained_path=str(tmp_path)).load()
    assert pinned.version == 7
    assert pinned.scores["world"]["precision"] > 0.99
    assert pinned.data["lists"] == 1


def test_a_version_that_is_there_is_not_replaced(labelled: Path, tmp_path: Path) -> None:
    shutil.copyfile(MODELS / "customers_v1.json", tmp_path / "customers_v1.json")
    with pytest.raises(FileExistsError, match="a changed model is a new version"):
        train(labelled, tmp_path, number=1)
    assert MatchingModel(trained_path=str(tmp_path)).load() == load_model()


@pytest.mark.parametrize(
    ("lost", "said"),
    [(f"{LEARN}/world/matches.parquet", "lacks matches.parquet"), (SCORE, "no labelled lists")],
)
def test_the_job_says_what_is_missing_of_the_lists(
    labelled: Path, tmp_path: Path, lost: str, said: str
) -> None:
    lists = tmp_path / "lists"
    shutil.copytree(labelled, lists)
    gone = lists / lost
    shutil.rmtree(gone) if gone.is_dir() else gone.unlink()
    with pytest.raises(LabelledListsError, match=said):
        train(lists, tmp_path / "models")
    assert not (tmp_path / "models").exists()


def test_a_model_that_is_sure_of_nobody_is_not_written(labelled: Path, tmp_path: Path) -> None:
    world = generate(WorldSize(customers=600, pickup_sales=0, misspelt=0.3), seed=1)
    for part in (LEARN, SCORE):
        write_lists(tmp_path / part / "few", *few(people(world)))
    with pytest.raises(TrainingError):
        train(tmp_path, tmp_path / "models")
    assert not list((tmp_path / "models").glob("*"))


def test_a_path_can_be_pinned_and_a_label_that_nobody_trained_is_named(tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    shutil.copyfile(MODELS / "customers_v1.json", path)
    assert MatchingModel(pinned=str(path), trained_path="").load() == load_model()
    with pytest.raises(ModelError, match=r"no model customers_v99\.json"):
        MatchingModel(pinned="customers_v99", trained_path=str(tmp_path)).load()
