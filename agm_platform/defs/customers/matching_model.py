"""The matching model that runs score with, and the job that trains another one.

No other job trains: a nightly run loads a file that was checked, and cannot die in training.
"""

from pathlib import Path
from typing import Any

import dagster as dg
from pydantic import Field

from agm_platform.matching.model import DEFAULT_MODEL, Model, load_model


class MatchingModel(dg.ConfigurableResource):
    """The pinned model: a label such as customers_v2, or the path of a file."""

    pinned: str = Field(default=DEFAULT_MODEL, description="Label or path of the model.")
    trained_path: str = Field(description="Folder of the models that the training job writes.")

    def load(self) -> Model:
        """Return the pinned model: trained here if it is, else one that the platform carries.

        Raises ModelError if there is none, or it is damaged or for other comparisons.
        """
        if self.pinned.endswith(".json"):
            return load_model(Path(self.pinned))
        trained = Path(self.trained_path) / f"{self.pinned}.json"
        return load_model(trained if trained.exists() else self.pinned)


class Training(dg.Config):
    """What to learn from, and the number of the version that comes out."""

    lists: str = Field(
        description="Folder with learn/<name>/ and score/<name>/, each with left.parquet, "
        "right.parquet (customers as received) and matches.parquet (left_id, right_id)."
    )
    number: int = Field(ge=1, description="Version: one that is there already is never replaced.")


@dg.op(description="Learn from labelled lists, score on others, write the model beside the pinned.")
def train_model(
    context: dg.OpExecutionContext, config: Training, matching_model: MatchingModel
) -> str:
    """Return the label of the new model; it is used only once it is pinned.

    Raises TrainingError, LabelledListsError or FileExistsError; the pinned model stays in any case.
    """
    from dataclasses import replace

    from agm_platform.matching.labelled import LEARN, SCORE, read_lists
    from agm_platform.matching.model import save_model
    from agm_platform.matching.training import train

    folder = Path(config.lists)
    learnt = read_lists(folder / LEARN)
    judged = read_lists(folder / SCORE)
    context.log.info("Learning from %d pairs of lists.", len(learnt))
    model = train(list(learnt.values()), number=config.number)
    scores = {name: _score(lists, model) for name, lists in judged.items()}
    model = replace(model, scores=scores)
    Path(matching_model.trained_path).mkdir(parents=True, exist_ok=True)
    path = save_model(model, Path(matching_model.trained_path) / f"{model.label}.json")
    context.add_output_metadata(
        {
            "model": model.label,
            "file": str(path),
            "pin_it_with": f"AGM_MATCHING_MODEL={model.label}",
            "scores": dg.MetadataValue.json(scores),
            "learnt_from": dg.MetadataValue.json(model.data),
        }
    )
    return model.label


@dg.job(
    description="Trains the matching model from lists with known pairs. The pinned model stays "
    "until AGM_MATCHING_MODEL names the new one."
)
def train_matching_model() -> None:
    """Train, score on lists that training did not see, write a versioned file."""
    train_model()


def _score(lists: Any, model: Model) -> dict[str, float | int]:
    """Return precision, recall and calibration error on lists whose true pairs are known."""
    from agm_platform.matching.bands import ACCEPT
    from agm_platform.matching.evaluation import evaluate
    from agm_platform.matching.linking import link
    from agm_platform.matching.training import TrainingError

    links = link(lists.left, lists.right, model)
    if not (links["band"] == ACCEPT).any():
        msg = f"{model.label} is sure of nobody: too few pairs to learn from"
        raise TrainingError(msg)
    found = evaluate(links, lists.matches)
    return {
        "precision": round(found.precision.value, 5),
        "recall": round(found.recall.value, 5),
        "calibration_error": round(found.calibration_error, 5),
        "links": found.precision.sample_size,
    }
