"""Segments by frozen edges: what names mean, and when the sizes say to learn them anew."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
import pytest

from agm_platform.value.segmentation import (
    LABELS,
    Edges,
    edges_from,
    meaning,
    shares,
    stability_index,
    train_segments,
    with_segment,
)
from agm_platform.value.training import TooLittleDataError

EDGES = Edges(quiet_after_days=20, lapsed_after_days=50, frequent_from=4, high_spend_from=9000.0)


def label(**customer: Any) -> str:
    known = {"purchase_days": 5, "since_last_days": 3, "days_in_90": 5, "value_in_90": 100.0}
    frame = nw.from_native(pd.DataFrame([known | customer])).lazy()
    return str(with_segment(frame, EDGES).collect()["segment"][0])


@pytest.mark.parametrize(
    ("customer", "name"),
    [
        ({"value_in_90": 9000.0}, "frequent_high_spend"),
        ({"value_in_90": 8999.0}, "frequent"),
        ({"days_in_90": 3, "value_in_90": 99999.0}, "occasional"),
        ({"purchase_days": 1, "days_in_90": 1}, "new"),
        ({"since_last_days": 20}, "frequent"),
        ({"since_last_days": 21}, "quiet_repeat"),
        ({"since_last_days": 21, "purchase_days": 1}, "quiet_once"),
        ({"since_last_days": 50}, "quiet_repeat"),
        ({"since_last_days": 51}, "lapsed_repeat"),
        ({"since_last_days": 51, "purchase_days": 1}, "lapsed_once"),
    ],
)
def test_a_name_says_what_a_segment_is(customer: dict[str, Any], name: str) -> None:
    assert label(**customer) == name
    assert name in LABELS


def features(customers: int) -> dict[str, np.ndarray]:
    place = np.arange(customers, dtype=float)
    return {
        "purchase_days": 1 + place % 5,
        "since_last_days": place % 40,
        "days_in_90": 1 + place % 5,
        "value_in_90": 100 * place,
    }


def test_edges_come_from_the_waits_and_are_said_in_words() -> None:
    waits = {"gap": np.array([60.0, 7.0, 30.0]), "times": np.array([1.0, 977.0, 22.0])}
    model = train_segments("shop", 1, 200, waits, features(400), version=3)
    found = edges_from(model.parameters)
    assert (found.quiet_after_days, found.lapsed_after_days) == (30, 31)
    assert model.label == "shop_segments_v3"
    assert meaning(found) == model.verdict
    assert "quiet: nothing for more than 30 days" in model.verdict


def test_too_few_customers_have_no_edges() -> None:
    waits = {"gap": np.array([7.0]), "times": np.array([9.0])}
    with pytest.raises(TooLittleDataError, match="there are 99, 79 and 200"):
        train_segments("shop", 1, 200, waits, features(99), version=1)


def test_sizes_that_stay_have_no_index_and_sizes_that_turn_a_large_one() -> None:
    then = shares({"frequent": 60, "occasional": 30, "lapsed_repeat": 10})
    assert sum(then.values()) == pytest.approx(1)
    assert stability_index(then, then) == 0
    slightly = shares({"frequent": 57, "occasional": 32, "lapsed_repeat": 11})
    turned = shares({"frequent": 10, "occasional": 30, "lapsed_repeat": 60})
    assert stability_index(then, slightly) < 0.02
    assert stability_index(then, turned) > 0.25
