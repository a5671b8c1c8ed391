"""Models as files: pinned, checked when read, never overwritten; training apart; drift told."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from agm_platform.matching.drift import FEWEST_LINKS, drift
from agm_platform.matching.model import (
    DEFAULT_MODEL,
    MODELS,
    SMALLEST_M,
    SMALLEST_U,
    ModelError,
    load_model,
    save_model,
)
from agm_platform.matching.prepare import prepare
from agm_platform.matching.training import Lists, TrainingError, train

if TYPE_CHECKING:
    from agm_platform.matching.model import Model
    from agm_platform_tests.matching.conftest import SmallWorld


@pytest.fixture(scope="module")
def lists(small_world: SmallWorld) -> Lists:
    return Lists(prepare(small_world.accounts), prepare(small_world.customers), small_world.matches)


@pytest.fixture(scope="module")
def trained(lists: Lists) -> Model:
    return train([lists], name="tried")


def test_the_default_model_tells_where_it_comes_from() -> None:
    model = load_model()
    assert model.label == DEFAULT_MODEL
    assert set(model.libraries) == {"splink", "duckdb", "sqlglot"}
    assert model.trained_on
    assert len(model.data["sha256"]) == 64
    assert all(each["precision"] > 0.99 for each in model.scores.values())


def test_training_keeps_every_parameter_above_its_floor(trained: Model) -> None:
    for levels in trained.parameters.values():
        for m, u in levels.values():
            assert SMALLEST_M <= m < 1
            assert SMALLEST_U <= u < 1


def test_training_is_the_same_twice(lists: Lists, trained: Model) -> None:
    again = train([lists], name="tried")
    assert again.parameters == trained.parameters
    assert again.curves == trained.curves


def test_a_model_comes_back_from_its_file(trained: Model, tmp_path: Path) -> None:
    assert load_model(save_model(trained, tmp_path / "tried_v1.json")) == trained


def test_a_version_is_never_overwritten_with_another(trained: Model, tmp_path: Path) -> None:
    path = save_model(trained, tmp_path / "tried_v1.json")
    save_model(trained, path)
    with pytest.raises(FileExistsError, match="new version"):
        save_model(replace(trained, prior=0.001), path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"design_fingerprint": "0"}, "other comparisons"),
        ({"parameters": {}}, "no m and u"),
        ({"prior": 0}, "prior"),
        ({"curves": {}}, "calibration"),
        ({"surprise": 1}, "no model file"),
        ({"curves": {"all": {}}}, "no model file"),
    ],
)
def test_a_damaged_file_is_refused(change: dict[str, object], message: str, tmp_path: Path) -> None:
    content = json.loads((MODELS / f"{DEFAULT_MODEL}.json").read_text(encoding="utf-8"))
    path = tmp_path / "model.json"
    path.write_text(json.dumps(content | change), encoding="utf-8")
    with pytest.raises(ModelError, match=message):
        load_model(path)


def test_a_parameter_of_one_is_refused(trained: Model) -> None:
    first_name = trained.parameters["first_name"] | {"same": (1.0, 0.1)}
    damaged = replace(trained, parameters=trained.parameters | {"first_name": first_name})
    with pytest.raises(ModelError, match=r"first_name\.same is out of range"):
        damaged.check()


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"design": "customers"'])
def test_what_is_no_model_is_refused(content: str, tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text(content, encoding="utf-8")
    with pytest.raises(ModelError):
        load_model(tmp_path / "model.json")
    with pytest.raises(ModelError, match="there is no model"):
        load_model("nobody_v1")


def test_training_that_fails_says_so_in_one_way(lists: Lists) -> None:
    nobody = lists.matches.assign(left_id="nobody")
    with pytest.raises(TrainingError, match="training failed"):
        train([Lists(lists.left.drop(columns="zip"), lists.right, nobody)])
    with pytest.raises(ValueError, match="needs a prior"):
        train([Lists(lists.left, lists.right, None)])


def test_links_like_those_of_training_are_no_drift(links: pd.DataFrame) -> None:
    model = load_model()
    usual = links[links["agreement"].str.startswith("first_name=same|last_name=same")]
    many = pd.concat([usual] * (1 + 2 * FEWEST_LINKS // len(usual)), ignore_index=True)
    levels = {c: n for c, n in model.shape.items() if c in {"last_name", "place"}}
    found = drift(many, replace(model, shape=levels, weights=()))
    assert found.warning == ""


def test_links_that_agree_otherwise_are_a_drift_with_a_warning(links: pd.DataFrame) -> None:
    accepted = links[links["band"] == "accept"]
    initials = pd.concat([accepted] * 10, ignore_index=True)
    initials["agreement"] = initials["agreement"].str.replace(
        r"first_name=\w+", "first_name=initial", regex=True
    )
    found = drift(initials, load_model())
    assert found.subject == "first_name"
    assert "customers_v1" in found.warning


def test_of_few_links_nothing_is_said(links: pd.DataFrame) -> None:
    found = drift(links.head(3), load_model())
    assert math.isnan(found.value)
    assert found.warning == ""


def test_loading_the_library_does_not_load_splink() -> None:
    code = (
        "import sys; from agm_platform.matching import linking, persons, review, training; "
        "assert not {'splink', 'scipy', 'duckdb', 'pandas'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
