"""Who buys again within so many days: a logistic regression, calibrated, judged on later days.

Learnt as of one day, calibrated as of a later one, judged as of a third: what happens after a day
is never in a feature, and never in what an earlier step learnt from. scikit-learn trains; the
model's file holds numbers only, so that scoring needs numpy alone and a file cannot run code.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from agm_platform.contracts.business import CONFIDENCE
from agm_platform.statistics.ranking import area_under_curve
from agm_platform.value.store import TrainedModel
from agm_platform.value.training import (
    FEWEST_CUSTOMERS,
    FEWEST_DAYS_BEFORE,
    TooLittleDataError,
    day_text,
    libraries,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Array = npt.NDArray[np.float64]

RETURN_DAYS = (30, 14)
"""How far ahead: the first for which the days suffice. Source: a month, else AGM's two weeks."""
MOST_CUSTOMERS = 50_000
"""Customers that it is learnt from at most, evenly taken: more change no digit that is shown."""
FEWEST_OF_EACH = 25
"""Who came back, and who did not, that each step needs."""
PENALTY = 1.0
LEAST_GAIN = 0.01
"""Share of the error of saying the same for all that has to be saved: less is of no use."""
METHOD = (
    "logistic regression on logarithms of the purchase history, their squares and products; "
    "Platt's calibration on later customers; judged on still later days"
)


@dataclass(frozen=True, slots=True)
class AsOf:
    """Features of customers as of a day (name to array) and whether they bought in the days after.

    `naive` and `fitted` are the chances by each customer's own rate and by the value model.
    """

    features: Mapping[str, Array]
    returned: Array
    naive: Array
    fitted: Array | None = None


def train_return(
    source: str,
    first: int | None,
    last: int | None,
    as_of: Callable[[int, int], AsOf],
    version: int,
) -> TrainedModel:
    """Return the model; `as_of(day, horizon)` gives customers as of a day number.

    The scores are those of a model trained by the same steps three horizons before the end.
    Raises TooLittleDataError.
    """
    if first is None or last is None:
        msg = f"there are no orders; it needs {_needs()}"
        raise TooLittleDataError(msg)
    days = last - first + 1
    fitting = [each for each in RETURN_DAYS if days >= FEWEST_DAYS_BEFORE + 3 * each]
    if not fitting:
        msg = f"it needs {_needs()}; there are {days:,} days"
        raise TooLittleDataError(msg)
    horizon = fitting[0]
    learn, calibrate, judge = (as_of(last - number * horizon, horizon) for number in (3, 2, 1))
    judged = _fit(learn, calibrate)
    base = float(calibrate.returned.mean())
    score = _score(judge, probabilities(judged, judge.features), base, horizon)
    parameters = _fit(calibrate, judge) | {"horizon_days": horizon}
    told = score["naive_gain_low"] > 0 and score["alike_gain_low"] > 0
    shown = told and score["alike_gain"] >= LEAST_GAIN * score["alike_brier"]
    words = "beats" if shown else "cannot be told to beat"
    return TrainedModel(
        source,
        "return",
        version,
        day_text(last),
        METHOD,
        parameters,
        [score],
        {
            "customers": len(judge.returned),
            "came_back": int(judge.returned.sum()),
            "first_day": day_text(first),
            "last_day": day_text(last),
        },
        shown,
        f"over {horizon} days it {words} the naive rate and the same chance for all: Brier score "
        f"{score['brier']:.4f} against {score['naive_brier']:.4f} and {score['alike_brier']:.4f}"
        + (
            f", and {score['fitted_brier']:.4f} of BG/NBD"
            if score["fitted_brier"] is not None
            else ""
        ),
        libraries("scikit-learn", "numpy"),
    )


def probabilities(parameters: Mapping[str, Any], features: Mapping[str, Array]) -> Array:
    """Return the calibrated chance of a purchase of each customer; features as when trained."""
    columns = _columns(features, parameters["features"])
    scaled = (columns - np.array(parameters["means"])) / np.array(parameters["scales"])
    score = _products(scaled) @ np.array(parameters["weights"]) + parameters["intercept"]
    slope, shift = parameters["calibration"]
    return _chance(slope * score + shift)


def _fit(learn: AsOf, calibrate: AsOf) -> dict[str, Any]:
    """Return the parameters learnt as of one day and calibrated as of a later one."""
    from sklearn.linear_model import LogisticRegression

    for each in (learn, calibrate):
        came = int(each.returned.sum())
        if (
            len(each.returned) < FEWEST_CUSTOMERS
            or min(came, len(each.returned) - came) < FEWEST_OF_EACH
        ):
            msg = (
                f"it needs {FEWEST_CUSTOMERS} customers at each step, {FEWEST_OF_EACH} of whom "
                f"came back and {FEWEST_OF_EACH} did not; there were {len(each.returned):,} and "
                f"{came:,} came back"
            )
            raise TooLittleDataError(msg)
    names = sorted(learn.features)
    columns = _columns(learn.features, names)
    means, scales = columns.mean(axis=0), np.maximum(columns.std(axis=0), 1e-9)
    model = LogisticRegression(C=PENALTY, solver="newton-cholesky")
    model.fit(_products((columns - means) / scales), learn.returned)
    found: dict[str, Any] = {
        "features": names,
        "means": means.tolist(),
        "scales": scales.tolist(),
        "weights": model.coef_[0].tolist(),
        "intercept": float(model.intercept_[0]),
        "calibration": [1.0, 0.0],
    }
    raw = probabilities(found, calibrate.features)
    odds = _odds(raw)[:, None]
    platt = LogisticRegression(C=1e6, solver="newton-cholesky")
    platt.fit(odds, calibrate.returned)
    return found | {"calibration": [float(platt.coef_[0][0]), float(platt.intercept_[0])]}


def _score(judge: AsOf, chance: Array, alike: float, horizon: int) -> dict[str, Any]:
    """Return Brier scores, areas under the curve and the calibration error, on unseen days."""
    truth = judge.returned
    z = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2)
    found: dict[str, Any] = {
        "horizon_days": horizon,
        "customers": len(truth),
        "came_back": float(truth.mean()),
        "brier": float(((chance - truth) ** 2).mean()),
        "area_under_curve": _area(chance, truth),
        "calibration_error": _calibration_error(chance, truth),
        "alike_brier": None,
        "fitted_brier": None,
        "fitted_area_under_curve": None,
        "fitted_gain": None,
        "fitted_gain_low": None,
        "fitted_gain_high": None,
    }
    ways = {"naive": judge.naive, "alike": np.full(len(truth), alike), "fitted": judge.fitted}
    for name, other in ways.items():
        if other is None:
            continue
        saved = (other - truth) ** 2 - (chance - truth) ** 2
        half = z * float(saved.std(ddof=1)) / sqrt(len(saved))
        found |= {
            f"{name}_brier": float(((other - truth) ** 2).mean()),
            f"{name}_area_under_curve": _area(other, truth),
            f"{name}_gain": float(saved.mean()),
            f"{name}_gain_low": float(saved.mean()) - half,
            f"{name}_gain_high": float(saved.mean()) + half,
        }
    return {
        name: round(value, 6) if isinstance(value, float) else value
        for name, value in found.items()
    }


def _area(chance: Array, truth: Array) -> float | None:
    came, stayed = chance[truth > 0], chance[truth == 0]
    if not len(came) or not len(stayed):
        return None
    return area_under_curve(came, stayed).value  # type: ignore[arg-type]


def _calibration_error(chance: Array, truth: Array, bins: int = 10) -> float:
    """Return the mean difference of told and true shares over tenths of the customers."""
    order = np.argsort(chance, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    return float(
        sum(len(part) * abs(chance[part].mean() - truth[part].mean()) for part in parts)
        / len(truth)
    )


def _columns(features: Mapping[str, Array], names: list[str]) -> Array:
    return np.column_stack([np.log1p(np.maximum(features[name], 0.0)) for name in names])


def _products(scaled: Array) -> Array:
    """Return the columns, their squares, and the product of each two."""
    first, second = np.triu_indices(scaled.shape[1])
    return np.hstack([scaled, scaled[:, first] * scaled[:, second]])


def _chance(odds: Array) -> Array:
    return 1 / (1 + np.exp(-np.clip(odds, -40, 40)))


def _odds(chance: Array) -> Array:
    inner = np.clip(chance, 1e-9, 1 - 1e-9)
    return np.log(inner / (1 - inner))


def _needs() -> str:
    return f"{FEWEST_CUSTOMERS} customers and {FEWEST_DAYS_BEFORE + 3 * min(RETURN_DAYS)} days"
