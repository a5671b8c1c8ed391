"""Peak's customers linked to AGM's, and what each way of exchanging details would find."""

from datetime import date
from pathlib import Path
from typing import Any

import narwhals as nw
import pandas as pd
import pytest

from agm_platform.contracts import agm, peak
from agm_platform.contracts.links import LINKS, MATCH_DRIFT, WITHHOLDING_VERDICT
from agm_platform.contracts.reviews import REVIEW_DECISIONS
from agm_platform.defs.customers.links import links as links_asset
from agm_platform.defs.customers.links import match_drift as drift_asset
from agm_platform.defs.customers.matching_model import MatchingModel
from agm_platform.defs.customers.withholding import with_hidden_figures
from agm_platform.defs.customers.withholding import withholding_verdict as verdict_asset
from agm_platform.defs.privacy import Privacy
from agm_platform.matching.prepare import prepare
from agm_platform.matching.record_quality import scored
from agm_platform.matching.review_decisions import digests
from agm_platform.warehouse.types import conform
from agm_platform_tests.defs.conftest import Make, rows_of

links = links_asset.node_def.compute_fn.decorated_fn
match_drift = drift_asset.node_def.compute_fn.decorated_fn
withholding_verdict = verdict_asset.node_def.compute_fn.decorated_fn

DETAILS = ("customer_id", "first_name", "last_name", "street", "city", "state", "zip")
OURS = [
    ("p1", "Darrelle", "Quuxmann", "46 Farwell Terrace", "Oakland", "CA", "94609"),
    ("p2", "Bob", "Zyvatski", "7 Plumbob Street", "Berkeley", "CA", "94705"),
    ("p3", "Nobody", "Elsewhere", "1 Unknown Road", "Berkeley", "CA", "94705"),
]
THEIRS = [
    ("1", "Darrelle", "Quuxmann", "46 Farwell Terrace", "Oakland", "CA", "94609"),
    ("2", "Robert", "Zyvatski", "7 Plumbob St", "Berkeley", "CA", "94705"),
    ("3", "Wilma", "Zyvatski", "7 Plumbob St", "Berkeley", "CA", "94705"),
    *(
        (str(n), f"Ann{n}", f"Smith{n}", f"{n} Oak St", "Berkeley", "CA", "94705")
        for n in range(4, 60)
    ),
]


PINNED = MatchingModel(trained_path="")


def customers(make: Make, people: list[tuple[str, ...]], contract: Any) -> Any:
    """Return clean customers: scored as the assets score them."""
    received = make(agm.CUSTOMERS, *(dict(zip(DETAILS, person, strict=True)) for person in people))
    frame = scored(received.select(*DETAILS))
    for column in contract.columns:
        if column.name not in frame:
            frame[column.name] = None
    return nw.from_native(conform(frame, contract)).lazy()


@pytest.fixture
def peak_customers(make: Make) -> Any:
    return customers(make, OURS, peak.CLEAN_CUSTOMERS)


@pytest.fixture
def agm_customers(make: Make) -> Any:
    return customers(make, THEIRS, agm.CLEAN_CUSTOMERS)


def test_a_nickname_is_linked_a_stranger_is_not_and_a_household_stays_apart(
    make: Make, peak_customers: Any, agm_customers: Any
) -> None:
    rows = rows_of(links(peak_customers, agm_customers, make(REVIEW_DECISIONS), PINNED), LINKS)
    found = {row["customer_id"]: (row["band"], row["agm_customer_id"]) for row in rows}
    assert found["p1"] == ("accept", "1")
    assert found["p2"] in {("accept", "2"), ("review", "2")}
    assert found["p3"][0] in {"none", "reject"}
    assert len(rows) == len(OURS)


def test_a_decision_beats_the_model_and_one_about_other_records_does_not(
    make: Make, peak_customers: Any, agm_customers: Any
) -> None:
    ours, theirs = digests(prepare(peak_customers)), digests(prepare(agm_customers))
    said = {"left_id": "p2", "right_id": "2", "decision": "no", "version": 1}
    who = {"decided_by": "reviewer", "decided_on": "2020-10-04"}
    held = {"left_digest": ours["p2"], "right_digest": theirs["2"]}

    def band(**change: str) -> str:
        decisions = make(REVIEW_DECISIONS, {**said, **who, **held, **change})
        rows = rows_of(links(peak_customers, agm_customers, decisions, PINNED), LINKS)
        return {row["customer_id"]: row["band"] for row in rows}["p2"]

    assert band() == "reject"
    assert band(decision="yes") == "accept"
    assert band(decision="yes", left_digest="another record") != "accept"


@pytest.mark.parametrize(("ours", "theirs"), [([], THEIRS), (OURS, []), ([], [])])
def test_lists_that_have_not_come_link_nobody(make: Make, ours: Any, theirs: Any) -> None:
    mine = customers(make, ours, peak.CLEAN_CUSTOMERS)
    rows = rows_of(
        links(mine, customers(make, theirs, agm.CLEAN_CUSTOMERS), make(REVIEW_DECISIONS), PINNED),
        LINKS,
    )
    assert [row["band"] for row in rows] == ["none"] * len(ours)
    frame = make(LINKS, *rows)
    (drift,) = rows_of(match_drift(frame, PINNED), MATCH_DRIFT)
    assert (drift["links"], drift["stability_index"], drift["warning"]) == (0, None, None)


def test_figures_that_give_few_customers_away_are_hidden() -> None:
    def flags(recognised: dict[str, int], overlap: int = 0) -> dict[str, tuple[bool, bool]]:
        verdict = pd.DataFrame(
            [
                {"policy": name, "customers": 97, "recognised": count, "also_pick_up": overlap}
                for name, count in recognised.items()
            ]
        )
        found = with_hidden_figures(verdict, 10)
        pairs = zip(found["suppressed"], found["overlap_suppressed"], strict=True)
        return dict(zip(found["policy"], pairs, strict=True))

    # 23 less 22 would be one customer.
    assert flags({"nothing": 0, "hashes": 22, "plain": 23}) == {
        "nothing": (False, False),
        "hashes": (True, False),
        "plain": (False, False),
    }
    # 97 less 90 would be seven; three pick up too.
    assert flags({"hashes": 60, "plain": 90}, 3) == {"hashes": (False, True), "plain": (True, True)}
    assert flags({"plain": 9}, 10) == {"plain": (True, False)}


def order(customer: str, number: int, cents: int, day: date, **more: Any) -> dict[str, Any]:
    return {
        "order_id": str(number),
        "order_date": day,
        "store_id": "1",
        "customer_id": customer,
        "subtotal_usd_cents": cents,
        **more,
    }


def test_the_verdict_counts_what_each_way_finds_and_what_it_gives_away(
    tmp_path: Path, make: Make, peak_customers: Any, agm_customers: Any
) -> None:
    day = date(2020, 10, 3)
    linked = links(peak_customers, agm_customers, make(REVIEW_DECISIONS), PINNED)
    frame = make(LINKS, *rows_of(linked, LINKS))
    deliveries = make(
        peak.ORDERS,
        order("p1", 1, 1200, day, business_date=day),
        order("p2", 2, 2400, day, business_date=day),
        order("p3", 3, 3600, day, business_date=day),
    )
    pick_ups = make(agm.ORDERS, order("1", 7, 1200, day), order("1", 8, 1200, date(2020, 10, 5)))
    rows = rows_of(
        withholding_verdict(
            frame,
            peak_customers,
            agm_customers,
            deliveries,
            pick_ups,
            Privacy(keys_path=str(tmp_path)),
        ),
        WITHHOLDING_VERDICT,
    )
    by_policy = {row["policy"]: row for row in rows}
    nothing, plain = by_policy["nothing_shared"], by_policy["plain_details"]
    assert (nothing["recognised"], nothing["orders"], nothing["precision"]) == (0, 0, None)
    recognised = [row for row in rows_of(linked, LINKS) if row["band"] == "accept"]
    assert plain["recognised"] == plain["orders"] == len(recognised) >= 1
    assert plain["gross_usd_cents"] == 1200 * len(recognised) * (len(recognised) + 1) // 2
    assert (plain["total_orders"], plain["total_gross_usd_cents"]) == (3, 7200)
    assert (plain["also_pick_up"], plain["days_in_both"], plain["pick_up_stores"]) == (1, 1, 1)
    assert plain["precision_low"] <= plain["precision"] <= plain["precision_high"]
    assert plain["new_low"] <= plain["new_customers"] <= plain["new_high"]
    assert 1 <= plain["new_customers"] < 2
    assert by_policy["keyed_hashes"]["recognised"] >= 1
    assert by_policy["private_encodings"]["recognised"] >= 1
    assert [row["policy"] for row in rows if row["is_list_shared"]] == [
        "keyed_hashes",
        "private_encodings",
    ]
