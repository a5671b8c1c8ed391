"""What a value model is judged by, when it is shown, and when nothing can be learnt."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from agm_platform.value.backtest import Customers
from agm_platform.value.store import ModelFileError, Store, TrainedModel
from agm_platform.value.training import TooLittleDataError, fit_from, train_value

FIRST = 737_000


@dataclass
class Days:
    """Purchases as arrays: who, on which day, for how much."""

    who: np.ndarray
    day: np.ndarray
    value: np.ndarray

    @property
    def first_day(self) -> int | None:
        return int(self.day.min()) if len(self.day) else None

    @property
    def last_day(self) -> int | None:
        return int(self.day.max()) if len(self.day) else None

    def customers(self, day: int, horizon_days: int) -> Customers:
        past = self.day <= day
        ids = np.unique(self.who[past])
        place = np.searchsorted(ids, self.who)
        known = np.isin(self.who, ids)
        rows = np.zeros((6, len(ids)))
        first, last = np.full(len(ids), np.inf), np.zeros(len(ids))
        np.minimum.at(first, place[past], self.day[past])
        np.maximum.at(last, place[past], self.day[past])
        np.add.at(rows[0], place[past], 1)
        repeat = past & known
        repeat[repeat] = self.day[repeat] > first[place[repeat]]
        np.add.at(rows[3], place[repeat], self.value[repeat])
        after = known & (self.day > day) & (self.day <= day + horizon_days)
        np.add.at(rows[4], place[after], 1)
        np.add.at(rows[5], place[after], self.value[after])
        frequency = rows[0] - 1
        return Customers(
            frequency, last - first, day - first, rows[3] / np.maximum(frequency, 1), *rows[4:]
        )


def bought(customers: int, seed: int, days: int = 180, *, alike: bool = False) -> Days:
    """Customers who buy at rates of their own and leave; or all at one rate, and stay."""
    rng = np.random.default_rng(seed)
    rate = np.full(customers, 0.05) if alike else rng.gamma(0.7, 0.08, customers)
    leaves = np.zeros(customers) if alike else rng.beta(1.0, 4.0, customers)
    rows = []
    for who in range(customers):
        day, mean = float(rng.integers(0, 60)), rng.gamma(3.0, 500)
        while day < days:
            rows.append((who, int(day), rng.gamma(5.0, mean / 5)))
            if len(rows) > 1 and rng.random() < leaves[who]:
                break
            day += 1 + rng.exponential(1 / max(rate[who], 1e-6))
    table = np.array(rows)
    return Days(table[:, 0], FIRST + table[:, 1].astype(int), table[:, 2])


@pytest.fixture(scope="module")
def trained() -> TrainedModel:
    return train_value("shop", bought(900, 1), version=1)


def test_a_model_of_customers_who_differ_and_leave_beats_the_plain_rates(
    trained: TrainedModel,
) -> None:
    assert trained.is_shown
    (month,) = (s for s in trained.scores if (s["of"], s["horizon_days"]) == ("purchases", 30))
    assert month["origins"] == 3
    assert month["squared_error"] < month["naive_squared_error"]
    assert month["squared_error"] < month["alike_squared_error"]
    assert "beats the naive rate" in trained.verdict
    assert trained.data["customers"] == 900
    assert fit_from(trained.parameters["purchases"]).log_likelihood < 0


def test_where_customers_are_all_alike_no_model_is_shown() -> None:
    model = train_value("shop", bought(300, 2, alike=True), version=1)
    assert not model.is_shown
    assert "cannot be told to beat" in model.verdict


def test_the_same_data_give_the_same_model(trained: TrainedModel) -> None:
    again = bought(900, 1)
    order = np.random.default_rng(0).permutation(len(again.who))
    # Rows of a table come in any order; Customers are told apart by their history alone.
    shuffled = Days(again.who[order], again.day[order], again.value[order])
    model = train_value("shop", shuffled, version=1)
    assert model.data["sha256"] == trained.data["sha256"]
    assert model.parameters["purchases"] == trained.parameters["purchases"]


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (
            Days(np.zeros(0), np.zeros(0), np.zeros(0)),
            "there are no orders; it needs 100 customers",
        ),
        (bought(40, 1), "there are 40 customers"),
        (bought(300, 1, days=50), "and 50 days"),
    ],
)
def test_with_too_little_it_says_what_is_needed(days: Days, said: str) -> None:
    with pytest.raises(TooLittleDataError, match=said):
        train_value("shop", days, version=1)


def test_a_model_is_kept_by_version_pinned_or_the_newest(
    trained: TrainedModel, tmp_path: Path
) -> None:
    from dataclasses import replace

    store = Store(tmp_path / "models")
    assert store.chosen("shop", "value") is None
    assert store.next_version("shop", "value") == 1
    store.save(trained)
    assert store.chosen("shop", "value") == trained
    with pytest.raises(FileExistsError, match="a changed model is a new version"):
        store.save(trained)
    store.save(replace(trained, version=10))
    assert store.next_version("shop", "value") == 11
    newest, pinned = store.chosen("shop", "value"), Store(tmp_path / "models", "shop_value_v1")
    assert newest is not None
    assert newest.label == "shop_value_v10"
    assert pinned.chosen("shop", "value") == trained
    assert pinned.chosen("shop", "return") is None


def test_a_damaged_or_missing_file_is_named(trained: TrainedModel, tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"no model shop_value_v3\.json"):
        Store(tmp_path, "shop_value_v3").chosen("shop", "value")
    (tmp_path / "shop_value_v1.json").write_text("{", encoding="utf-8")
    with pytest.raises(ModelFileError, match="is no model file"):
        Store(tmp_path).chosen("shop", "value")
    (tmp_path / "shop_value_v1.json").unlink()
    path = Store(tmp_path).save(trained)
    path.rename(tmp_path / "shop_value_v2.json")
    with pytest.raises(ModelFileError, match="holds the model shop_value_v1"):
        Store(tmp_path).chosen("shop", "value")
