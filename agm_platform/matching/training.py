"""Training, apart from scoring: m, u and prior from Splink, floors, calibration on known truth."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from agm_platform.matching import engine
from agm_platform.matching.calibration import fit_curve, identity_curve
from agm_platform.matching.customer_design import CUSTOMERS
from agm_platform.matching.drift import shape_of, tenths
from agm_platform.matching.linking import candidates, choose
from agm_platform.matching.model import SMALLEST_M, SMALLEST_U, Model

if TYPE_CHECKING:
    import pandas as pd

    from agm_platform.matching.design import Design

SAMPLED_PAIRS = 5e6
SEED = 20_20
LIBRARIES = ("splink", "duckdb", "sqlglot")


class TrainingError(RuntimeError):
    """No usable model came out; whatever model was pinned stays."""


class Lists(NamedTuple):
    """Two prepared lists to learn from (`right` None: one list with itself) and the true pairs.

    `matches` has the columns left_id and right_id; None where nobody knows.
    """

    left: pd.DataFrame
    right: pd.DataFrame | None
    matches: pd.DataFrame | None


def train(
    lists: Sequence[Lists],
    design: Design = CUSTOMERS,
    *,
    name: str = "customers",
    number: int = 1,
    em_blocking: Sequence[Sequence[str]] = (),
    prior: float | None = None,
) -> Model:
    """Return a model learnt from lists: parameters from the first, calibration from all.

    With known matches m is their share at each level; without, Splink's expectation maximisation
    finds m, once for each of `em_blocking` (tuples of columns), and `prior` must be given. u is the
    share among random pairs of the first lists. All are kept above the floors. Raises
    TrainingError whenever no usable model comes out, ValueError for arguments that do not fit.
    """
    first = lists[0]
    if first.matches is None and (prior is None or not em_blocking):
        msg = "without known matches training needs a prior and blocking rules for EM"
        raise ValueError(msg)
    if prior is None:
        assert first.matches is not None
        prior = len(first.matches) / _pairs(first)
    try:
        parameters = _parameters(first, design, prior, em_blocking)
    except Exception as error:  # whatever the library raises, the outcome is the same
        msg = f"training failed: {type(error).__name__}"
        raise TrainingError(msg) from error
    model = Model(
        name,
        number,
        design,
        prior,
        parameters,
        {"all": identity_curve()},
        trained_on=datetime.now(UTC).date().isoformat(),
        libraries={library: version(library) for library in LIBRARIES},
        data=_fingerprint(lists),
    )
    model.check()
    try:
        return _calibrated(model, lists)
    except ValueError as error:
        msg = f"the model cannot be calibrated: {error}"
        raise TrainingError(msg) from error


def _calibrated(model: Model, lists: Sequence[Lists]) -> Model:
    """Return the model with a curve for each group of pairs and the shape of its links."""
    import pandas as pd

    scored = []
    for each in lists:
        found = candidates(each.left, each.right, model)
        if each.matches is not None:
            found = found.assign(is_match=is_match(found, each.matches))
        scored.append(found)
    known = [found for found in scored if "is_match" in found]
    curves = model.curves
    if known:
        pairs = pd.concat(known, ignore_index=True)
        curves = {
            str(group): fit_curve(of["match_weight"], of["is_match"])
            for group, of in pairs.groupby("group")
        }
        curves["all"] = fit_curve(pairs["match_weight"], pairs["is_match"])
    model = replace(model, curves=curves)
    links = choose(
        candidates(lists[0].left, lists[0].right, model),
        model,
        one_to_one=lists[0].right is not None,
    )
    return replace(model, shape=shape_of(links, model.design), weights=tenths(links))


def is_match(pairs: pd.DataFrame, matches: pd.DataFrame) -> np.ndarray:
    """Return whether each pair (left_id, right_id) is among the matches."""
    true = set(zip(matches["left_id"], matches["right_id"], strict=True))
    return np.array(
        [pair in true for pair in zip(pairs["left_id"], pairs["right_id"], strict=True)], dtype=bool
    )


def _parameters(
    lists: Lists, design: Design, prior: float, em_blocking: Sequence[Sequence[str]]
) -> dict[str, dict[str, tuple[float, float]]]:
    """Return m and u of every level, above the floors."""
    from splink import block_on

    # One thread: a seeded sample is the same on every machine.
    with engine.engine(threads=1) as connection, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        linker = engine.linker(connection, design, lists.left, lists.right, prior, None, None)
        linker.training.estimate_u_using_random_sampling(max_pairs=SAMPLED_PAIRS, seed=SEED)
        if lists.matches is not None:
            labels = lists.matches.assign(
                source_dataset_l=engine.LEFT,
                source_dataset_r=engine.LEFT if lists.right is None else engine.RIGHT,
            ).rename(columns={"left_id": "record_id_l", "right_id": "record_id_r"})
            connection.register("labels", labels)
            linker.training.estimate_m_from_pairwise_labels("labels")
        else:
            for columns in em_blocking:
                linker.training.estimate_parameters_using_expectation_maximisation(
                    block_on(*columns), estimate_without_term_frequencies=True
                )
        trained = linker.misc.save_model_to_json(out_path=None)
    found: dict[str, dict[str, tuple[float, float]]] = {}
    for comparison in trained["comparisons"]:
        levels = found.setdefault(comparison["output_column_name"], {})
        for level in comparison["comparison_levels"]:
            if not level.get("is_null_level"):
                m = level.get("m_probability") or 0.0
                u = level.get("u_probability") or 0.0
                levels[level["label_for_charts"]] = (_within(m, SMALLEST_M), _within(u, SMALLEST_U))
    return found


def _within(value: Any, floor: float) -> float:
    """Return the probability between its floor and as far below 1."""
    return float(f"{min(max(float(value), floor), 1 - floor):.6g}")


def _pairs(lists: Lists) -> float:
    n = len(lists.left)
    return n * (n - 1) / 2 if lists.right is None else float(n * len(lists.right))


def _fingerprint(lists: Sequence[Lists]) -> dict[str, Any]:
    """Return how much was learnt from, and a digest of it that tells no value."""
    import pandas as pd

    digest = hashlib.sha256()
    for each in lists:
        for frame in (each.left, each.right, each.matches):
            if frame is not None:
                values = pd.util.hash_pandas_object(frame.astype(str), index=False).to_numpy()
                digest.update(values.tobytes())
    return {
        "sha256": digest.hexdigest(),
        "lists": len(lists),
        "left_records": sum(len(each.left) for each in lists),
        "right_records": sum(len(each.right) for each in lists if each.right is not None),
        "matches": sum(len(each.matches) for each in lists if each.matches is not None),
    }
