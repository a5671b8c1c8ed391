"""Places of persons: at least k rows share every combination that is left."""

from __future__ import annotations

from collections import Counter

import duckdb
import narwhals as nw
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from agm_platform.privacy.k_anonymity import generalise
from agm_platform.warehouse.rows import records

LEVELS = [["state"], ["city", "zip"]]
Place = tuple[str | None, str | None, str | None]


def places(*rows: Place, k: int) -> list[Place]:
    """Return the places of these customers as they may be published, in the order given."""
    frame = pd.DataFrame(rows, columns=["state", "city", "zip"], dtype="string")
    frame["number"] = range(len(rows))
    found = generalise(nw.from_native(duckdb.from_df(frame)).lazy(), LEVELS, k)
    ordered = sorted(records(found), key=lambda row: row["number"])
    return [(row["state"], row["city"], row["zip"]) for row in ordered]


OAKLAND, BERKELEY = ("CA", "Oakland", "94609"), ("CA", "Berkeley", "94705")
ALBANY, RENO = ("CA", "Albany", "94706"), ("NV", "Reno", "89501")
SOMEWHERE = ("CA", None, None)


def test_places_that_enough_customers_share_stay() -> None:
    assert places(OAKLAND, OAKLAND, BERKELEY, BERKELEY, k=2) == [OAKLAND] * 2 + [BERKELEY] * 2


def test_the_few_are_not_those_without_a_place() -> None:
    told = places(*[OAKLAND] * 4, *[BERKELEY] * 3, ALBANY, k=3)
    assert told == [OAKLAND] * 4 + [SOMEWHERE] * 4


def test_a_state_with_one_customer_goes_with_everything_finer() -> None:
    told = places(*[OAKLAND] * 3, RENO, k=2)
    assert told == [(None, None, None)] * 4


def test_fewer_customers_than_k_have_no_place_at_all() -> None:
    assert places(OAKLAND, OAKLAND, k=3) == [(None, None, None)] * 2


def test_a_customer_who_gave_no_place_is_a_combination_like_any_other() -> None:
    nowhere = (None, None, None)
    assert places(OAKLAND, OAKLAND, nowhere, nowhere, k=2) == [OAKLAND] * 2 + [nowhere] * 2


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["CA", "NV", None]),
            st.sampled_from(["A", "B", None]),
            st.sampled_from(["1", "2", "3"]),
        ),
        min_size=1,
        max_size=30,
    ),
    st.integers(2, 6),
)
def test_at_least_k_rows_share_whatever_is_left(rows: list[Place], k: int) -> None:
    told = places(*rows, k=k)
    assert len(told) == len(rows)
    shares = Counter(told)
    assert all(shares[place] >= k or place == (None, None, None) for place in told)
    assert len(rows) < k or min(shares.values()) >= k
    kept = [(before, after) for before, after in zip(rows, told, strict=True) if after[2]]
    assert all(before == after for before, after in kept)
