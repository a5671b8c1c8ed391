"""Small groups: hidden, and not to be computed from what is published."""

from __future__ import annotations

from typing import Any

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agm_platform.privacy.suppression import (
    suppress,
    with_hidden_cells,
    with_hidden_cells_within,
)
from agm_platform.warehouse.rows import records

K = 10


def shown(*counts: int, k: int = K, least: dict[str, int] | None = None) -> list[bool]:
    """Return for cells of one group, named by their place, whether each may be published."""
    rows = pd.DataFrame(
        {"group": "day", "cell": [f"{i:03}" for i in range(len(counts))], "customers": counts}
    )
    flagged = with_hidden_cells(
        nw.from_native(duckdb.from_df(rows)).lazy(),
        ["group"],
        "customers",
        k,
        cell_columns=["cell"],
        least=least,
    )
    by_cell = {row["cell"]: not row["suppressed"] for row in records(flagged)}
    return [by_cell[cell] for cell in sorted(by_cell)]


def test_cells_of_ten_and_more_are_all_shown() -> None:
    assert shown(10, 11, 500) == [True, True, True]


def test_one_small_cell_takes_the_next_smallest_with_it() -> None:
    assert shown(3, 40, 25, 60) == [False, True, False, True]


def test_two_small_cells_with_too_few_customers_together_take_a_third() -> None:
    assert shown(2, 3, 12, 50) == [False, False, False, True]


def test_two_small_cells_with_enough_customers_together_cover_each_other() -> None:
    assert shown(6, 7, 12, 50) == [False, False, True, True]


def test_a_cell_without_anybody_is_shown_and_covers_nothing() -> None:
    assert shown(0, 4, 30, 50) == [True, False, False, True]


def test_a_group_that_is_small_as_a_whole_is_hidden_whole() -> None:
    assert shown(2, 3, 1) == [False, False, False]


def test_more_cells_are_hidden_where_more_equations_are_known() -> None:
    assert shown(6, 7, 12, 50, least={"day": 3}) == [False, False, False, True]


def test_figures_are_emptied_and_the_flag_says_where() -> None:
    rows = pd.DataFrame({"zip": ["1", "2", "3"], "customers": [3, 30, 90], "cents": [1, 2, 3]})
    frame = nw.from_native(rows).lazy()
    found = suppress(frame, [], "customers", ["customers", "cents"], K, cell_columns=["zip"])
    by_zip = {row["zip"]: row for row in found.collect().rows(named=True)}
    assert [bool(by_zip[zip_code]["suppressed"]) for zip_code in "123"] == [True, True, False]
    assert pd.isna(by_zip["1"]["cents"])
    assert pd.isna(by_zip["2"]["customers"])
    assert by_zip["3"]["cents"] == 3


@pytest.mark.parametrize("reverse", [False, True])
def test_equals_are_decided_by_the_cell_whatever_the_order_of_rows(reverse: bool) -> None:
    rows = pd.DataFrame({"cell": ["a", "b", "c"], "customers": [3, 20, 20]})
    frame = nw.from_native(rows[::-1] if reverse else rows).lazy()
    found = with_hidden_cells(frame, [], "customers", K, cell_columns=["cell"]).collect()
    assert {r["cell"]: bool(r["suppressed"]) for r in found.rows(named=True)} == {
        "a": True,
        "b": True,
        "c": False,
    }


def recoverable(equations: list[list[int]], hidden: list[int]) -> set[int]:
    """Return the hidden cells that linear arithmetic tells, given equations over all cells.

    A cell is told when its unit vector lies in the row space of the equations over hidden cells.
    """
    if not hidden:
        return set()
    known = np.array(equations, dtype=float)[:, hidden]
    rank = np.linalg.matrix_rank(known)
    units = np.eye(len(hidden))
    return {
        cell
        for cell, unit in zip(hidden, units, strict=True)
        if np.linalg.matrix_rank(np.vstack([known, unit])) == rank
    }


@settings(max_examples=40)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=12), st.integers(2, 15))
def test_no_hidden_cell_is_the_total_less_its_siblings(counts: list[int], k: int) -> None:
    hidden = [place for place, seen in enumerate(shown(*counts, k=k)) if not seen]
    assert {place for place, count in enumerate(counts) if 0 < count < k} <= set(hidden)
    if sum(counts) < k:
        return  # the total is a cell of its own and as small: readers do not have it
    assert recoverable([[1] * len(counts)], hidden) == set()
    assert not hidden or sum(counts[place] for place in hidden) >= k


@settings(max_examples=40)
@given(st.lists(st.integers(0, 30), min_size=1, max_size=10), st.integers(2, 12))
def test_orders_and_meals_together_do_not_tell_a_hidden_basket(counts: list[int], k: int) -> None:
    hidden = [p for p, seen in enumerate(shown(*counts, k=k, least={"day": 3})) if not seen]
    filled = sum(1 for count in counts if count)
    if filled < 3 or sum(counts) < k:
        return  # two baskets are all there are: see the test of a dimension of two
    meals = list(range(1, len(counts) + 1))
    assert recoverable([[1] * len(counts), meals], hidden) == set()


Days = list[list[int]]


def nested(days: Days, k: int) -> tuple[list[tuple[str, str]], dict[tuple[str, str], bool]]:
    """Return the cells of days and weekdays, and which are hidden; days[w] are those of w."""
    rows: list[dict[str, Any]] = []
    for weekday, counts in enumerate(days):
        name = f"w{weekday}"
        rows.append(
            {"dimension": "weekday", "member": name, "parent": None, "customers": sum(counts)}
        )
        rows += [
            {"dimension": "day", "member": f"{name}d{i}", "parent": name, "customers": count}
            for i, count in enumerate(counts)
        ]
    total = sum(map(sum, days))
    rows.append({"dimension": "total", "member": "all", "parent": None, "customers": total})
    frame = nw.from_native(duckdb.from_df(pd.DataFrame(rows))).lazy()
    flagged = with_hidden_cells(frame, ["dimension"], "customers", k, cell_columns=["member"])
    both = with_hidden_cells_within(flagged, "dimension", "member", "parent", {"day": "weekday"}, k)
    hidden = {(row["dimension"], row["member"]): row["suppressed"] for row in records(both)}
    return [(row["dimension"], row["member"]) for row in rows], hidden


def test_a_hidden_day_has_another_hidden_day_on_the_same_weekday() -> None:
    _, hidden = nested([[3, 50, 40], [60, 70]], K)
    assert [name for (_, name), flag in sorted(hidden.items()) if flag] == ["w0d0", "w0d2"]


def test_a_hidden_weekday_is_not_the_sum_of_its_days() -> None:
    _, hidden = nested([[4, 2], [12, 13], [50, 60]], K)
    names = [name for (_, name), flag in sorted(hidden.items()) if flag]
    assert names == ["w0d0", "w0d1", "w1d0", "w0", "w1"]


@settings(max_examples=40)
@given(
    st.lists(st.lists(st.integers(0, 30), min_size=1, max_size=5), min_size=1, max_size=5),
    st.integers(2, 12),
)
def test_days_and_weekdays_together_tell_no_small_cell(days: Days, k: int) -> None:
    cells, hidden = nested(days, k)
    if hidden["total", "all"]:
        assert all(hidden[cell] for cell in cells if cell[0] == "total")
        return
    place = {cell: number for number, cell in enumerate(cells)}

    def equation(whole: tuple[str, str], parts: list[tuple[str, str]]) -> list[int]:
        row = [0] * len(cells)
        row[place[whole]] = -1
        for part in parts:
            row[place[part]] = 1
        return row

    every = {name: [cell for cell in cells if cell[0] == name] for name in ("day", "weekday")}
    equations = [equation(("total", "all"), every["day"])]
    equations.append(equation(("total", "all"), every["weekday"]))
    for weekday in every["weekday"]:
        parts = [cell for cell in every["day"] if cell[1].startswith(f"{weekday[1]}d")]
        equations.append(equation(weekday, parts))
    unknown = [place[cell] for cell in cells if hidden[cell]]
    # A day hidden to cover another one may be its weekday's only one: it is not small itself.
    counts = [sum(map(sum, days))] * len(cells)
    for weekday, of_weekday in enumerate(days):
        counts[place["weekday", f"w{weekday}"]] = sum(of_weekday)
        for number, count in enumerate(of_weekday):
            counts[place["day", f"w{weekday}d{number}"]] = count
    small = {number for number, count in enumerate(counts) if 0 < count < k}
    assert small <= set(unknown)
    assert recoverable(equations, unknown) & small == set()
