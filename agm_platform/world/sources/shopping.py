"""Invented shopping trends: one row a customer and one purchase, with planted effects or none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from agm_platform.contracts import shopping_rules as known
from agm_platform.contracts.regions import STATES
from agm_platform.world.draws import weighted
from agm_platform.world.sources import Generator

if TYPE_CHECKING:
    from pathlib import Path

NAME = "shopping_trends"
FIFTY = np.array(sorted(set(STATES) - {"District of Columbia"}))  # no customer lives in the capital
TRUE_CUSTOMERS, TRUE_MEN, TRUE_DISCOUNTS, TRUE_SUBSCRIPTIONS = 3_900, 2_652, 1_677, 1_053
TITLES = {
    "customer_id": "Customer ID",
    "age": "Age",
    "gender": "Gender",
    "item": "Item Purchased",
    "category": "Category",
    "amount": "Purchase Amount (USD)",
    "state": "Location",
    "size": "Size",
    "color": "Color",
    "season": "Season",
    "rating": "Review Rating",
    "subscribed": "Subscription Status",
    "payment": "Payment Method",
    "shipping": "Shipping Type",
    "discount": "Discount Applied",
    "promo_code": "Promo Code Used",
    "previous": "Previous Purchases",
    "preferred": "Preferred Payment Method",
    "frequency": "Frequency of Purchases",
}


@dataclass(frozen=True)
class ShoppingSize:
    """How many customers, and the effects that are planted; all 0 is the owner's file as it is.

    `discount_dollars` is added to amounts with a discount; `season_tilt` is the share of purchases
    in summer that are footwear whatever else they were (0 to 1); with `discounts_at_random` 1
    discounts and subscriptions are dealt to anybody, else to the first men of the file, as the
    owner's are. `wrong_rows` at the end of the file break a rule each. Raises ValueError for
    numbers that cannot be made.
    """

    customers: int = 600
    discount_dollars: float = 0.0
    season_tilt: float = 0.0
    discounts_at_random: int = 0
    wrong_rows: int = 0

    def __post_init__(self) -> None:
        if self.customers < 1 or not 0 <= self.wrong_rows <= self.customers:
            msg = "at least one customer, and no more wrong rows than customers"
            raise ValueError(msg)
        if not 0 <= self.season_tilt <= 1:
            msg = f"season_tilt is a share from 0 to 1, not {self.season_tilt}"
            raise ValueError(msg)


def trends(size: ShoppingSize, seed: int) -> pd.DataFrame:
    """Return the file's rows, columns by the keys of TITLES; amounts in whole dollars."""
    rng = np.random.default_rng(seed)
    rows = size.customers
    place = np.arange(rows)
    item_category = [(i, c) for c, items in known.ITEMS_OF_CATEGORY.items() for i in items]
    items = np.array([item for item, _ in item_category])
    categories = np.array([category for _, category in item_category])
    drawn = rng.integers(0, len(items), rows)
    seasons = np.array(known.SEASONS)[rng.integers(0, len(known.SEASONS), rows)]
    tilted = (seasons == "Summer") & (rng.random(rows) < size.season_tilt)
    footwear = np.flatnonzero(categories == "Footwear")
    drawn[tilted] = footwear[rng.integers(0, len(footwear), rows)][tilted]
    men = place < round(rows * TRUE_MEN / TRUE_CUSTOMERS)
    if size.discounts_at_random:
        discount = rng.random(rows) < TRUE_DISCOUNTS / TRUE_CUSTOMERS
        subscribed = rng.random(rows) < TRUE_SUBSCRIPTIONS / TRUE_CUSTOMERS
    else:
        discount = place < round(rows * TRUE_DISCOUNTS / TRUE_CUSTOMERS)
        subscribed = place < round(rows * TRUE_SUBSCRIPTIONS / TRUE_CUSTOMERS)
    amount = rng.integers(20, 101, rows) + np.where(discount, round(size.discount_dollars), 0)
    frame = pd.DataFrame(
        {
            "customer_id": place + 1,
            "age": rng.integers(18, 71, rows),
            "gender": np.where(men, "Male", "Female"),
            "item": items[drawn],
            "category": categories[drawn],
            "amount": amount,
            "state": FIFTY[rng.integers(0, len(FIFTY), rows)],
            "size": np.array(known.SIZES)[weighted(rng, [17, 45, 27, 11], rows)],
            "color": np.array(known.COLORS)[rng.integers(0, len(known.COLORS), rows)],
            "season": seasons,
            "rating": [f"{tenths // 10}.{tenths % 10}" for tenths in rng.integers(25, 51, rows)],
            "subscribed": _yes(subscribed),
            "payment": _any_of(rng, known.PAYMENT_METHODS, rows),
            "shipping": _any_of(rng, known.SHIPPING_TYPES, rows),
            "discount": _yes(discount),
            "promo_code": _yes(discount),
            "previous": rng.integers(1, 51, rows),
            "preferred": _any_of(rng, known.PAYMENT_METHODS, rows),
            "frequency": _any_of(rng, known.FREQUENCY_WORDS, rows),
        },
        columns=list(TITLES),
    )
    wrong = frame.iloc[: size.wrong_rows].copy()
    wrong["payment"] = "Cheque"
    wrong["customer_id"] = rows + 1 + np.arange(size.wrong_rows)
    return pd.concat([frame, wrong], ignore_index=True)


def write_files(size: ShoppingSize, seed: int, folder: Path) -> list[Path]:
    """Write shopping/shopping_trends.csv with the owner's header and line ends."""
    path = folder / "shopping" / f"{NAME}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    trends(size, seed).rename(columns=TITLES).to_csv(path, index=False, lineterminator="\r\n")
    return [path]


def write_truth(size: ShoppingSize, seed: int, folder: Path) -> list[Path]:
    """Write shopping_effects.csv: what was planted, and sums over the rows without a fault."""
    frame = trends(size, seed).iloc[: size.customers]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "shopping_effects.csv"
    truth = {
        "customers": size.customers,
        "revenue_dollars": int(frame["amount"].sum()),
        "discount_dollars": round(size.discount_dollars),
        "season_tilt": size.season_tilt,
        "discounts": int((frame["discount"] == "Yes").sum()),
        "subscriptions": int((frame["subscribed"] == "Yes").sum()),
        "men": int((frame["gender"] == "Male").sum()),
        "wrong_rows": size.wrong_rows,
    }
    pd.DataFrame([truth]).to_csv(path, index=False)
    return [path]


def _yes(flags: Any) -> Any:
    return np.where(flags, "Yes", "No")


def _any_of(rng: np.random.Generator, words: tuple[str, ...], rows: int) -> Any:
    return np.array(words)[rng.integers(0, len(words), rows)]


GENERATOR = Generator(
    ShoppingSize(), ShoppingSize(customers=TRUE_CUSTOMERS), 41, write_files, write_truth
)
