"""Persons day by day: the same clusters as at once, ids that stay, and guards against chains."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agm_platform.matching.model import load_model
from agm_platform.matching.persons import Known, absorb, nothing_known, persons
from agm_platform.matching.prepare import prepare

if TYPE_CHECKING:
    from agm_platform_tests.matching.conftest import SmallWorld

RECORDS = [f"agm:{n}" for n in range(4)] + [f"peak:{n}" for n in range(8)]


def records(*ids: str) -> pd.DataFrame:
    return pd.DataFrame({"record_id": ids, "source": [each.split(":")[0] for each in ids]}).astype(
        object
    )


def pairs(*rows: tuple[str, str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["left_id", "right_id", "says", "match_weight"]).astype(
        {"left_id": object, "right_id": object, "says": object, "match_weight": float}
    )


def nothing() -> Known:
    frequencies = pd.DataFrame({"field": [], "value": [], "share": []})
    events = pd.DataFrame(
        {name: [] for name in ("as_of", "event", "person_id", "other_person_id", "records")}
    )
    members = pd.DataFrame({"record_id": [], "source": [], "person_id": []}).astype(object)
    return Known(records(), pairs(), members, events, frequencies)


def with_arrows_texts(known: Known) -> Known:
    frames = {each.name: getattr(known, each.name) for each in fields(known)}
    return Known(
        **{
            name: frame.astype(
                dict.fromkeys(frame.select_dtypes(object), pd.ArrowDtype(pa.string()))
            )
            for name, frame in frames.items()
        }
    )


def clusters(known: Known) -> set[frozenset[str]]:
    return {frozenset(of) for _, of in known.members.groupby("person_id")["record_id"]}


def person(known: Known, record_id: str) -> str:
    members = known.members.set_index("record_id")["person_id"]
    return str(members[record_id])


def found_with(day: list[str], before: list[str], graph: pd.DataFrame) -> pd.DataFrame:
    """The pairs that scoring finds when the records of a day arrive."""
    here = {*day, *before}
    left, right = graph["left_id"], graph["right_id"]
    inside = left.isin(here) & right.isin(here) & (left.isin(day) | right.isin(day))
    return graph[inside].reset_index(drop=True)


@st.composite
def graphs(draw: st.DrawFn) -> pd.DataFrame:
    chosen = draw(
        st.dictionaries(
            st.tuples(st.sampled_from(RECORDS), st.sampled_from(RECORDS)).filter(
                lambda pair: pair[0] < pair[1]
            ),
            st.tuples(st.sampled_from(["join", "join", "join", "apart"]), st.integers(1, 9)),
            max_size=25,
        )
    )
    return pairs(
        *((left, right, says, float(weight)) for (left, right), (says, weight) in chosen.items())
    )


def days() -> st.SearchStrategy[list[list[str]]]:
    """The records on days in any order."""
    return st.tuples(
        st.permutations(RECORDS), st.lists(st.integers(0, len(RECORDS)), max_size=3)
    ).map(
        lambda drawn: [
            drawn[0][start:end]
            for start, end in zip(
                [0, *sorted(drawn[1])], [*sorted(drawn[1]), len(RECORDS)], strict=True
            )
        ]
    )


@settings(max_examples=20, deadline=None)
@given(graph=graphs(), order=days())
def test_days_in_any_order_end_where_all_at_once_ends(
    graph: pd.DataFrame, order: list[list[str]]
) -> None:
    known, before = nothing(), []
    for number, day in enumerate(order):
        known = absorb(records(*day), found_with(day, before, graph), known, f"day {number}")
        before = [*before, *day]
    at_once = absorb(records(*RECORDS), graph, nothing(), "day 0")
    assert clusters(known) == clusters(at_once)


@settings(max_examples=20, deadline=None)
@given(graph=graphs(), order=days(), gone=st.sets(st.sampled_from(RECORDS), max_size=3))
def test_forgetting_records_ends_where_never_having_had_them_ends(
    graph: pd.DataFrame, order: list[list[str]], gone: set[str]
) -> None:
    known, before = nothing(), []
    for day in order:
        known = absorb(records(*day), found_with(day, before, graph), known, "day")
        before = [*before, *day]
    known = absorb(records(), pairs(), known, "last", gone=gone)
    rest = [each for each in RECORDS if each not in gone]
    assert clusters(known) == clusters(
        absorb(records(*rest), found_with(rest, [], graph), nothing(), "day")
    )


@settings(max_examples=20, deadline=None)
@given(graph=graphs())
def test_no_cluster_holds_two_agm_customers_or_a_pair_that_is_apart(graph: pd.DataFrame) -> None:
    known = absorb(records(*RECORDS), graph, nothing(), "day")
    apart = graph[graph["says"] == "apart"]
    for members in clusters(known):
        assert sum(each.startswith("agm:") for each in members) <= 1
        assert not any(
            {a, b} <= members for a, b in zip(apart["left_id"], apart["right_id"], strict=True)
        )


def test_an_id_stays_when_records_come_later() -> None:
    first = absorb(records("peak:5"), pairs(), nothing(), "day 1")
    link = pairs(("agm:1", "peak:5", "join", 20.0))
    second = absorb(records("agm:1"), link, first, "day 2")
    assert person(second, "agm:1") == person(first, "peak:5")
    assert second.events.empty


def test_two_persons_that_turn_out_to_be_one_are_merged_into_the_larger() -> None:
    couple = pairs(("peak:1", "peak:2", "join", 20.0))
    first = absorb(records("peak:1", "peak:2", "peak:3"), couple, nothing(), "day 1")
    bridge = pairs(("peak:2", "peak:4", "join", 20.0), ("peak:3", "peak:4", "join", 20.0))
    second = absorb(records("peak:4"), bridge, first, "day 2")
    kept, lost = person(first, "peak:1"), person(first, "peak:3")
    assert set(second.members["person_id"]) == {kept}
    assert second.events.to_dict("records") == [
        {
            "as_of": "day 2",
            "event": "merge",
            "person_id": kept,
            "other_person_id": lost,
            "records": 1,
        }
    ]


def test_a_person_that_loses_its_bridge_is_split_and_the_smaller_part_gets_a_new_id() -> None:
    chain = pairs(
        ("peak:1", "peak:2", "join", 20.0),
        ("peak:2", "peak:3", "join", 20.0),
        ("peak:3", "peak:4", "join", 20.0),
    )
    first = absorb(records("peak:1", "peak:2", "peak:3", "peak:4"), chain, nothing(), "day 1")
    second = absorb(records(), pairs(), first, "day 2", gone=["peak:3"])
    assert person(second, "peak:1") == person(second, "peak:2") == person(first, "peak:1")
    assert person(second, "peak:4") != person(first, "peak:4")
    assert second.events["event"].tolist() == ["split"]


def test_a_chain_between_two_agm_customers_breaks_at_its_weakest_pair() -> None:
    chain = pairs(
        ("agm:1", "peak:1", "join", 20.0),
        ("peak:1", "peak:2", "join", 12.0),
        ("agm:2", "peak:2", "join", 21.0),
    )
    known = absorb(records("agm:1", "agm:2", "peak:1", "peak:2"), chain, nothing(), "day")
    assert clusters(known) == {frozenset({"agm:1", "peak:1"}), frozenset({"agm:2", "peak:2"})}


def test_a_record_that_fits_two_agm_customers_alike_joins_neither() -> None:
    twins = pairs(("agm:1", "peak:1", "join", 20.0), ("agm:2", "peak:1", "join", 19.0))
    known = absorb(records("agm:1", "agm:2", "peak:1"), twins, nothing(), "day")
    assert len(clusters(known)) == 3


def test_what_a_person_decided_beats_the_model_and_keeps_beating_it() -> None:
    link = pairs(("agm:1", "peak:1", "join", 30.0))
    decisions = pd.DataFrame(
        {"left_id": ["peak:1", "peak:2"], "right_id": ["agm:1", "agm:1"], "decision": ["no", "yes"]}
    )
    here = records("agm:1", "peak:1", "peak:2")
    known = absorb(here, link, nothing(), "day 1", decisions=decisions)
    assert clusters(known) == {frozenset({"agm:1", "peak:2"}), frozenset({"peak:1"})}
    later = absorb(records("peak:9"), pairs(), known, "day 2", decisions=decisions)
    assert clusters(later) == {*clusters(known), frozenset({"peak:9"})}


def test_a_record_that_stands_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        absorb(records("peak:1", "peak:1"), pairs(), nothing(), "day")


def test_real_days_end_where_a_full_run_ends(small_world: SmallWorld) -> None:
    model = load_model()
    agm = prepare(small_world.customers).assign(source="agm")
    peak = prepare(small_world.accounts).assign(source="peak")
    for frame in (agm, peak):
        frame["record_id"] = frame["source"] + ":" + frame["record_id"]
    everything = pd.concat([agm, peak], ignore_index=True)
    start = nothing_known(everything, model)
    full = persons(everything, start, model, "day 0")
    known = persons(pd.concat([agm, peak[::2]]), start, model, "day 1")
    after = persons(peak[1::2], known, model, "day 2")
    assert clusters(after) == clusters(full)
    assert set(full.members.groupby("person_id").size()) == {1, 2}
    kept = persons(peak[1::2], with_arrows_texts(known), model, "day 2")
    assert clusters(kept) == clusters(full)
    assert isinstance(kept.records["record_id"].dtype, pd.ArrowDtype)
