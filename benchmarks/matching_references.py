"""Two public sets of records with known truth: FEBRL 4 (two lists) and fake_1000 (one list)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agm_platform.matching.bands import REJECT, Costs
from agm_platform.matching.design import Comparison, Design, Level, missing, other, same, within
from agm_platform.matching.linking import candidates, choose
from agm_platform.matching.model import Model
from agm_platform.matching.training import Lists, train

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

LIKELY = 0.5
"""A pair counts as a match from this probability on; set before anything was measured."""


def _subject(column: str, *edits: int, swapped: str = "", rare: bool = True) -> Comparison:
    """Return a text subject: equal, in another column, within so many letters, other."""
    levels = [missing(column), same(column, f"same {column}", frequencies=rare)]
    if swapped:
        cross = f"{column}_l = {swapped}_r and {swapped}_l = {column}_r"
        levels.append(Level("swapped", cross, "names swapped"))
    levels += [within(column, n, f"{column} differs by {n}", f"within_{n}") for n in edits]
    return Comparison(column, (*levels, other(f"another {column}")))


FEBRL = Design(
    name="febrl4",
    comparisons=(
        _subject("given_name", 1, 3, swapped="surname"),
        _subject("surname", 1, 3, swapped="given_name"),
        _subject("date_of_birth", 1, 2, rare=False),
        _subject("street_number", 1, rare=False),
        _subject("address_1", 2, 5),
        _subject("address_2", 2, 5),
        _subject("suburb", 2, 5),
        _subject("postcode", 1, rare=False),
        _subject("state", rare=False),
    ),
    blocking=(
        ("date_of_birth",),
        ("given_name", "surname"),
        ("surname", "state"),
        ("given_name", "state"),
        ("address_1",),
        ("address_2",),
        ("suburb", "state"),
        ("postcode",),
        ("street_number", "birth_year"),
        ("birth_month_day",),
    ),
    columns=(
        "given_name",
        "surname",
        "street_number",
        "address_1",
        "address_2",
        "suburb",
        "postcode",
        "state",
        "date_of_birth",
        "birth_year",
        "birth_month_day",
    ),
)
FEBRL_EM = (("date_of_birth",), ("surname", "given_name"), ("postcode", "address_1"))

FAKE = Design(
    name="fake_1000",
    comparisons=(
        _subject("first_name", 1, 2, swapped="surname"),
        _subject("surname", 1, 2, swapped="first_name"),
        _subject("dob", 1, 2, rare=False),
        _subject("city", 2),
        _subject("email", 2, 4),
    ),
    blocking=(
        ("first_name",),
        ("surname",),
        ("dob",),
        ("email",),
        ("city", "birth_year"),
        ("birth_month_day",),
    ),
    columns=("first_name", "surname", "dob", "city", "email", "birth_year", "birth_month_day"),
)
FAKE_EM = (("dob",), ("first_name", "surname"))


def febrl(folder: Path) -> Lists:
    """Return both lists of FEBRL 4 without soc_sec_id; the number in rec_id is the truth."""
    import pandas as pd

    sides = []
    for name in ("dataset4a", "dataset4b"):
        records = pd.read_csv(folder / f"{name}.csv", dtype=str, skipinitialspace=True)
        records.columns = [column.strip() for column in records.columns]
        records = records.apply(lambda values: values.str.strip()).replace({"": None})
        born = records["date_of_birth"]
        sides.append(
            records.drop(columns="soc_sec_id").assign(
                record_id=records["rec_id"],
                birth_year=born.str[:4],
                birth_month_day=born.str[4:],
            )
        )
    number = [side["rec_id"].str.extract(r"rec-(\d+)-")[0] for side in sides]
    both = pd.merge(
        pd.DataFrame({"number": number[0], "left_id": sides[0]["rec_id"]}),
        pd.DataFrame({"number": number[1], "right_id": sides[1]["rec_id"]}),
        on="number",
    )
    return Lists(sides[0], sides[1], both[["left_id", "right_id"]])


def fake(folder: Path) -> Lists:
    """Return fake_1000; all pairs of one cluster are true."""
    import pandas as pd

    records = pd.read_csv(folder / "fake_1000.csv", dtype=str)
    born = records["dob"]
    records = records.assign(
        record_id=records["unique_id"], birth_year=born.str[:4], birth_month_day=born.str[5:]
    )
    both = records.merge(records, on="cluster", suffixes=("_l", "_r"))
    both = both[both["record_id_l"] < both["record_id_r"]]
    matches = both.rename(columns={"record_id_l": "left_id", "record_id_r": "right_id"})
    return Lists(records, None, matches[["left_id", "right_id"]].reset_index(drop=True))


def febrl_model(lists: Lists) -> Model:
    """Train without looking at the truth; every record is expected to have one partner."""
    blind = Lists(lists.left, lists.right, None)
    return train([blind], FEBRL, name="febrl4", em_blocking=FEBRL_EM, prior=1 / len(lists.left))


def fake_model(lists: Lists) -> Model:
    """Train without looking at the truth; a record is expected to have one other on average."""
    blind = Lists(lists.left, None, None)
    return train([blind], FAKE, name="fake", em_blocking=FAKE_EM, prior=1 / len(lists.left))


def febrl_links(lists: Lists) -> pd.DataFrame:
    """Return the one-to-one links of FEBRL 4 from LIKELY on."""
    model = febrl_model(lists)
    costs = Costs(false_link=1 / (1 - LIKELY), missed_link=1 / LIKELY)
    links = choose(candidates(lists.left, lists.right, model), model, costs=costs)
    return links[links["band"] != REJECT]


def likely(pairs: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return the pairs that count as matches."""
    return pairs[pairs[column] >= LIKELY]
