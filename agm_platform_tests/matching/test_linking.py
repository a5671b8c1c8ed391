"""Links between two lists: who is found, what is kept apart, what is said about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from agm_platform.matching.customer_design import CUSTOMERS
from agm_platform.matching.evaluation import blocking_recall, evaluate
from agm_platform.matching.linking import LINK_COLUMNS, link
from agm_platform.matching.prepare import prepare

if TYPE_CHECKING:
    from agm_platform_tests.matching.conftest import SmallWorld

COLUMNS = ["customer_id", "first_name", "last_name", "street", "city", "state", "zip"]
OAKLAND = ("Oakland", "CA", "94609")

# What AGM has, then what Peak's customer typed.
FOUND = {
    "equal": (("Darrel", "Dohring", "46 Farwell Terrace"),) * 2,
    "nickname": (
        ("Robert", "Greenwald", "8803 Delaware Crossing"),
        ("Bob", "Greenwald", "8803 Delaware Crossing"),
    ),
    "initial": (("Moria", "Hinch", "17 Becker Lane"), ("M.", "Hinch", "17 Becker Lane")),
    "short_suffix": (
        ("Cordula", "Penhal", "902 Sunfield Parkway"),
        ("Cordula", "Penhal", "902 Sunfield Pkwy."),
    ),
    "split_street": (
        ("Ansel", "Wether", "310 Stonebrook Court"),
        ("Ansel", "Wether", "310 Stone Brook Court"),
    ),
    "joined_name": (
        ("Brice", "Mac Donnell", "5 Luding Way"),
        ("Brice", "Macdonnell", "5 Luding Way"),
    ),
    "apostrophe": (("Siobhan", "O'Reardon", "71 Elm Hill"), ("Siobhan", "OReardon", "71 Elm Hill")),
    "sounds_alike": (
        ("Klemens", "Farragut", "12532 Ridgeview Lane"),
        ("Klemens", "Faragut", "12532 Ridgeview Lane"),
    ),
}
APART = {
    "household": (
        ("Garvin", "Tollemach", "2210 Vine Street"),
        ("Martha", "Tollemach", "2210 Vine Street"),
    ),
    "moved": (
        ("Odile", "Vantonger", "77 Harbor Point"),
        ("Odile", "Vantonger", "8120 Sutter Lane"),
    ),
}


@pytest.fixture(scope="module")
def cases(small_world: SmallWorld) -> pd.DataFrame:
    """One link a case; AGM's list holds the cases among many others."""
    ours, theirs = [], []
    for case, (known, typed) in {**FOUND, **APART}.items():
        place = ("Berkeley", "CA", "94705") if case == "moved" else OAKLAND
        theirs.append((case, *known, *OAKLAND))
        ours.append((case, *typed, *place))
    others = small_world.customers[COLUMNS]
    return link(
        pd.DataFrame(ours, columns=COLUMNS),
        pd.concat([others, pd.DataFrame(theirs, columns=COLUMNS)], ignore_index=True),
    )


@pytest.mark.parametrize("case", list(FOUND))
def test_a_misspelt_customer_is_found(cases: pd.DataFrame, case: str) -> None:
    found = cases.set_index("left_id").loc[case]
    assert (found["right_id"], found["band"]) == (case, "accept")


def test_another_first_name_in_a_household_is_another_person(cases: pd.DataFrame) -> None:
    found = cases.set_index("left_id").loc["household"]
    assert found["band"] == "reject"
    assert "another first name" in found["explanation"]


def test_who_may_have_moved_is_told_apart_and_never_accepted(cases: pd.DataFrame) -> None:
    found = cases.set_index("left_id")
    assert found.loc["moved", "band"] != "accept"
    assert not found.loc["moved", "same_zip"]
    assert found.loc["equal", "same_zip"]


def test_reasons_are_words_without_a_personal_value(cases: pd.DataFrame) -> None:
    said = cases.set_index("left_id")["explanation"]
    assert said["nickname"] == (
        "same last name; same street and number; same ZIP; "
        "first name of one and first name of the other are forms of one name"
    )
    assert not said.str.contains("Robert|Greenwald|Farwell|94609", case=False).any()


def test_precision_recall_and_calibration_hold_on_a_world(
    small_world: SmallWorld, links: pd.DataFrame
) -> None:
    found = evaluate(links, small_world.matches)
    assert found.precision.value == 1
    assert found.recall.value >= 0.95
    assert found.calibration_error < 0.05
    assert found.precision.low < found.precision.value


def test_blocking_loses_nobody_with_or_without_places(small_world: SmallWorld) -> None:
    left, right = prepare(small_world.accounts), prepare(small_world.customers)
    for theirs in (right, right.assign(city=None, zip=None)):
        assert blocking_recall(left, theirs, small_world.matches, CUSTOMERS).value >= 0.99


def test_links_are_the_same_from_either_side_and_in_any_order(
    small_world: SmallWorld, links: pd.DataFrame
) -> None:
    turned = link(small_world.customers.iloc[::-1], small_world.accounts.iloc[::-1])
    both = links.merge(
        turned, left_on=["left_id", "right_id"], right_on=["right_id", "left_id"], how="inner"
    )
    accepted = (links["band"] == "accept").sum()
    assert ((both["band_x"] == "accept") & (both["band_y"] == "accept")).sum() == accepted


def test_nobody_has_two_partners_that_are_accepted(links: pd.DataFrame) -> None:
    accepted = links[links["band"] == "accept"]
    assert accepted["left_id"].is_unique
    assert accepted["right_id"].is_unique


def test_an_empty_list_has_no_links_but_all_columns(small_world: SmallWorld) -> None:
    empty = link(small_world.accounts.iloc[:0], small_world.customers.iloc[:5])
    assert len(empty) == 0
    assert tuple(empty.columns) == LINK_COLUMNS


def test_twins_in_the_other_list_are_a_matter_for_people() -> None:
    one = pd.DataFrame([("1", "Ada", "Quill", "12 Oak Lane", *OAKLAND)], columns=COLUMNS)
    twins = pd.concat([one, one.assign(customer_id="2")])
    (found,) = link(one, twins).to_dict("records")
    assert found["band"] == "review"
    assert found["margin"] == 0


@pytest.mark.parametrize("ids", [["1", "1"], ["1", None]])
def test_an_id_that_names_no_record_is_refused(ids: list[str | None]) -> None:
    with pytest.raises(ValueError, match="name every record once"):
        prepare(pd.DataFrame({"customer_id": ids, "first_name": ["Ada", "Bea"]}))
