"""AGM's five stores and eight meals, read from the reference files that the project carries."""

from __future__ import annotations

import csv
from pathlib import Path

REFERENCE = Path(__file__).resolve().parents[2] / "data" / "reference" / "agm"
MEAL_CENTS = 1_200  # every meal costs $12, picked up or delivered
MEAL_DOLLARS = MEAL_CENTS // 100
TRIAL_STORE = 1  # Berkeley: the only store that Peak delivers from


def stores() -> list[dict[str, str]]:
    """Return the rows of stores.csv: store_id, street, city, state, zip, latitude, longitude."""
    return _rows("stores.csv")


def products() -> list[dict[str, str]]:
    """Return the rows of products.csv: product_id, description."""
    return _rows("products.csv")


def _rows(name: str) -> list[dict[str, str]]:
    with (REFERENCE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
