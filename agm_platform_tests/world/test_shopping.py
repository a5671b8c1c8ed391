"""The invented shopping trends: the owner's shape, known truth, the same bytes every time."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from agm_platform.world.__main__ import main
from agm_platform.world.sources.shopping import ShoppingSize, write_files, write_truth


def test_the_command_writes_files_and_truth_that_agree(tmp_path: Path) -> None:
    main(
        [
            *("shopping", "--out", str(tmp_path / "in"), "--truth", str(tmp_path / "truth")),
            *("--customers", "300", "--wrong-rows", "2"),
        ]
    )
    content = (tmp_path / "in" / "shopping" / "shopping_trends.csv").read_bytes()
    assert content.count(b"\r\n") == content.count(b"\n") == 303
    rows = pd.read_csv(tmp_path / "in" / "shopping" / "shopping_trends.csv")
    truth = pd.read_csv(tmp_path / "truth" / "shopping_effects.csv").iloc[0]
    good = rows.head(300)
    assert good["Purchase Amount (USD)"].sum() == truth["revenue_dollars"]
    assert (good["Discount Applied"] == "Yes").sum() == truth["discounts"]
    assert good["Customer ID"].is_unique
    assert list(rows["Payment Method"].tail(2)) == ["Cheque", "Cheque"]


def test_the_owners_size_has_the_owners_counts(tmp_path: Path) -> None:
    truth = pd.read_csv(write_truth(ShoppingSize(customers=3900), 1, tmp_path)[0]).iloc[0]
    assert (truth["men"], truth["discounts"], truth["subscriptions"]) == (2652, 1677, 1053)


def test_a_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    one = write_files(ShoppingSize(), 3, tmp_path / "a")[0].read_bytes()
    assert one == write_files(ShoppingSize(), 3, tmp_path / "b")[0].read_bytes()
    assert one != write_files(ShoppingSize(), 4, tmp_path / "c")[0].read_bytes()


@pytest.mark.parametrize("wrong", [{"customers": 0}, {"season_tilt": 1.5}, {"wrong_rows": 601}])
def test_a_size_that_cannot_be_made_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"customer|season_tilt"):
        ShoppingSize(**wrong)
