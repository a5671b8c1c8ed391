"""A trained model as a versioned file: parameters, calibration, where it comes from, its scores."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agm_platform.matching.calibration import Curve, curve_from
from agm_platform.matching.customer_design import CUSTOMERS

if TYPE_CHECKING:
    from agm_platform.matching.design import Design

MODELS = Path(__file__).parent / "models"
DEFAULT_MODEL = "customers_v1"

SMALLEST_M = 0.001
"""Floor of m: no single disagreement weighs more than about ten bits, none is impossible."""
SMALLEST_U = 0.000001
"""Floor of u: no single agreement weighs more than twenty bits."""


class ModelError(ValueError):
    """The file is no model, or one for other comparisons than the code has."""


@dataclass(frozen=True)
class Model:
    """Everything that scoring needs, and what tells how it came about.

    `parameters`: comparison -> level -> (m, u). `prior`: the share of all pairs that are matches.
    `curves`: calibration by group of pairs (see linking.group). `shape`: comparison -> level ->
    share of the training's links, which drift is measured against; `weights`: tenths of their
    match weights. `scores`: figures on data that training did not see.
    """

    name: str
    version: int
    design: Design
    prior: float
    parameters: dict[str, dict[str, tuple[float, float]]]
    curves: dict[str, Curve]
    shape: dict[str, dict[str, float]] = field(default_factory=dict)
    weights: tuple[float, ...] = ()
    trained_on: str = ""
    libraries: dict[str, str] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    scores: dict[str, Any] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """What links carry as model_version."""
        return f"{self.name}_v{self.version}"

    def check(self) -> None:
        """Raise ModelError unless every level has an m and a u between the floors and 1."""
        for comparison in self.design.comparisons:
            for level in comparison.levels:
                if level.is_null:
                    continue
                try:
                    m, u = self.parameters[comparison.name][level.name]
                except (KeyError, TypeError, ValueError):
                    msg = f"{self.label} has no m and u for {comparison.name}.{level.name}"
                    raise ModelError(msg) from None
                if not (SMALLEST_M <= m < 1 and SMALLEST_U <= u < 1):
                    msg = f"{self.label}: m or u of {comparison.name}.{level.name} is out of range"
                    raise ModelError(msg)
        if not 0 < self.prior < 1 or not self.curves:
            msg = f"{self.label} needs a prior between 0 and 1 and a calibration"
            raise ModelError(msg)


def save_model(model: Model, path: str | Path | None = None) -> Path:
    """Write the model as JSON, by default where `load_model` looks; return the path.

    A version that is there is never overwritten with other content: FileExistsError.
    """
    model.check()
    content = {key: value for key, value in asdict(model).items() if key != "design"} | {
        "design": model.design.name,
        "design_fingerprint": model.design.fingerprint,
    }
    text = json.dumps(content, indent=1, sort_keys=True) + "\n"
    path = MODELS / f"{model.label}.json" if path is None else Path(path)
    if path.exists() and path.read_text(encoding="utf-8") != text:
        msg = f"{path.name} is there already: a changed model is a new version"
        raise FileExistsError(msg)
    path.write_text(text, encoding="utf-8")
    return path


def load_model(name: str | Path = DEFAULT_MODEL, design: Design = CUSTOMERS) -> Model:
    """Return a model by its label ("customers_v1") or path.

    Raises ModelError if the file is missing, damaged, or trained for other comparisons.
    """
    path = name if isinstance(name, Path) else MODELS / f"{name}.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        trained_for = content.pop("design"), content.pop("design_fingerprint")
        if trained_for != (design.name, design.fingerprint):
            msg = f"{path.name} was trained for other comparisons than {design.name} has now"
            raise ModelError(msg)
        model = Model(
            **content
            | {
                "design": design,
                "curves": {key: curve_from(each) for key, each in content["curves"].items()},
                "weights": tuple(content["weights"]),
                "parameters": {
                    comparison: {level: (float(m), float(u)) for level, (m, u) in levels.items()}
                    for comparison, levels in content["parameters"].items()
                },
            }
        )
    except ModelError:
        raise
    except FileNotFoundError:
        msg = f"there is no model {path.name}"
        raise ModelError(msg) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        msg = f"{path.name} is no model file: {type(error).__name__}"
        raise ModelError(msg) from error
    model.check()
    return model
