"""A trained model as a versioned file: parameters, what it was learnt from, how it was judged."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


class ModelFileError(ValueError):
    """The file is missing, or no model file."""


@dataclass(frozen=True)
class TrainedModel:
    """Everything that scoring needs, and what a reader must know of how it came about.

    `parameters` belong to the kind; `scores` are figures on days that the judged fits had not
    seen; `is_shown` whether they are good enough to be shown, with the reason in `verdict`. `data`
    tells what it was learnt from, with a digest of it.
    """

    source: str
    kind: str
    version: int
    trained_through: str
    method: str
    parameters: dict[str, Any]
    scores: list[dict[str, Any]] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)
    is_shown: bool = True
    verdict: str = ""
    libraries: dict[str, str] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """What a setting pins it by, and what scored rows carry."""
        return f"{self.source}_{self.kind}_v{self.version}"


class Store:
    """A folder of model files: a version that is there is never replaced."""

    def __init__(self, folder: str | Path, pinned: str = "") -> None:
        """Look in `folder`; `pinned` holds labels, comma between, that beat the newest version."""
        self._folder = Path(folder)
        self._pinned = [label.strip() for label in pinned.split(",") if label.strip()]

    def chosen(self, source: str, kind: str) -> TrainedModel | None:
        """Return the pinned model of a source and kind, else the newest; None if there is none.

        Raises ModelFileError if a pinned one is not there, or a file is damaged.
        """
        own = re.compile(rf"{re.escape(source)}_{kind}_v\d+\Z")
        pinned = [label for label in self._pinned if own.match(label)]
        versions = self._versions(source, kind)
        if not pinned and not versions:
            return None
        return self.load(pinned[0] if pinned else f"{source}_{kind}_v{versions[-1]}")

    def load(self, label: str) -> TrainedModel:
        """Return the model of a label; ModelFileError if it is missing or damaged."""
        path = self._folder / f"{label}.json"
        try:
            model = TrainedModel(**json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            msg = f"there is no model {path.name}"
            raise ModelFileError(msg) from None
        except (OSError, ValueError, TypeError) as error:
            msg = f"{path.name} is no model file: {type(error).__name__}"
            raise ModelFileError(msg) from error
        if model.label != label:
            msg = f"{path.name} holds the model {model.label}"
            raise ModelFileError(msg)
        return model

    def next_version(self, source: str, kind: str) -> int:
        """Return the number of the next version."""
        return max(self._versions(source, kind), default=0) + 1

    def save(self, model: TrainedModel) -> Path:
        """Write the model, whole or not at all; FileExistsError if the version is there."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{model.label}.json"
        text = json.dumps(asdict(model), indent=1, sort_keys=True, allow_nan=False) + "\n"
        if path.exists():
            msg = f"{path.name} is there already: a changed model is a new version"
            raise FileExistsError(msg)
        aside = path.with_suffix(".new")
        aside.write_text(text, encoding="utf-8")
        aside.replace(path)
        return path

    def _versions(self, source: str, kind: str) -> list[int]:
        own = re.compile(rf"{re.escape(source)}_{kind}_v(\d+)\.json\Z")
        names = [path.name for path in self._folder.glob("*.json")] if self._folder.is_dir() else []
        return sorted(int(found[1]) for name in names if (found := own.match(name)))
