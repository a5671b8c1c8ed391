"""Every fault touches what it says and nothing else."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from agm_platform.world.faults import DOCUMENT_FAULTS, FAULTS, Injected, Record, damage, inject

DAY = date(2020, 11, 10)
PATH = "peak/peak_sales_2020_11_10.json"
NEXT = "peak/peak_sales_2020_11_11.json"
LINES = "agm/line_items.csv"


def only(broken: Injected) -> bytes:
    ((_, content),) = broken.arrivals
    return content


def document(landing: Path) -> dict:
    return json.loads((landing / PATH).read_bytes())


def changed_sales(before: dict, after: dict) -> set[int]:
    """Return the ids of sales that are not the same, or not as often, in both documents."""
    one, other = (Counter(map(json.dumps, each["sales"])) for each in (before, after))
    return {json.loads(sale)["sale_id"] for sale in (one - other) | (other - one)}


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("seed", [0, 1])
def test_a_fault_is_the_same_for_the_same_seed_and_leaves_the_folder_alone(
    landing: Path, name: str, seed: int
) -> None:
    before = {path: path.read_bytes() for path in landing.rglob("*.*")}
    broken = inject(name, landing, DAY, seed)
    assert broken == inject(name, landing, DAY, seed)
    assert broken.arrivals
    assert broken.records
    assert {path: path.read_bytes() for path in landing.rglob("*.*")} == before


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_arrives_with_at_least_one_thing_that_was_not_expected(
    landing: Path, name: str
) -> None:
    arrivals = inject(name, landing, DAY).arrivals
    in_order = sorted(dict(arrivals)) == [path for path, _ in arrivals]
    good = all(
        (landing / path).exists() and (landing / path).read_bytes() == content
        for path, content in arrivals
    )
    assert not (in_order and good)


@pytest.mark.parametrize("name", DOCUMENT_FAULTS)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_fault_in_a_document_changes_exactly_the_sales_it_names(
    landing: Path, name: str, seed: int
) -> None:
    good = document(landing)
    broken, touched = damage(name, good, seed)
    assert good == document(landing)
    assert changed_sales(good, broken) == {sale for sale, _ in touched}
    assert {key: value for key, value in broken.items() if key != "sales"} == {
        key: value for key, value in good.items() if key != "sales"
    }


@pytest.mark.parametrize("name", DOCUMENT_FAULTS)
def test_a_day_without_sales_has_nothing_to_break(name: str) -> None:
    with pytest.raises((IndexError, ValueError)):
        damage(name, {"sales": []})


@pytest.mark.parametrize(
    ("name", "key"), [("missing_field", "quantity"), ("renamed_field", "quantity")]
)
def test_a_field_is_gone_in_the_named_lines_only(landing: Path, name: str, key: str) -> None:
    for fault in (name, f"{name}_everywhere"):
        broken, touched = damage(fault, document(landing))
        without = {
            (sale["sale_id"], position)
            for sale in broken["sales"]
            for position, line in enumerate(sale["line_items"], start=1)
            if key not in line
        }
        assert without == set(touched)
        lines = sum(len(sale["line_items"]) for sale in broken["sales"])
        assert len(without) == (lines if fault.endswith("everywhere") else 1)


@pytest.mark.parametrize("name", ["extra_field", "extra_field_everywhere"])
def test_an_extra_field_stands_in_the_named_sales(landing: Path, name: str) -> None:
    broken, touched = damage(name, document(landing))
    with_tip = [(sale["sale_id"], None) for sale in broken["sales"] if "tip" in sale]
    assert with_tip == touched
    assert (len(touched) == 1) is (name == "extra_field")


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("wrong_type", lambda _, line: line["quantity"] == "three"),
        ("unmapped_product", lambda _, line: line["product_id"] == 42314999),
        ("unknown_store", lambda sale, _: sale["pickup_from"]["location_id"] != 12573),
        ("bad_zip", lambda sale, _: len(sale["deliver_to"]["zip"]) == 4),
        ("unknown_zip", lambda sale, _: sale["deliver_to"]["zip"] == "00000"),
        ("blank_names", lambda sale, _: not sale["deliver_to"]["first_name"].strip()),
        ("arithmetic_off", lambda sale, _: sale["total_amount"] != sale["sub_total"]),
    ],
)
def test_the_named_record_is_wrong_in_the_named_way(landing: Path, name: str, wrong) -> None:
    broken, [(sale_id, position)] = damage(name, document(landing), seed=4)
    found = {
        (sale["sale_id"], number if position else None)
        for sale in broken["sales"]
        for number, line in enumerate(sale["line_items"], start=1)
        if wrong(sale, line)
    }
    assert found == {(sale_id, position)}


@pytest.mark.parametrize(("name", "versions"), [("sale_twice", 1), ("sale_twice_differing", 2)])
def test_a_sale_stands_twice(landing: Path, name: str, versions: int) -> None:
    broken, [(sale_id, _)] = damage(name, document(landing))
    copies = [json.dumps(sale) for sale in broken["sales"] if sale["sale_id"] == sale_id]
    assert (len(copies), len(set(copies))) == (2, versions)
    assert len(broken["sales"]) == len(document(landing)["sales"]) + 1
    for copy in map(json.loads, copies):
        assert copy["total_amount"] == 12 * sum(line["quantity"] for line in copy["line_items"])


def test_a_correction_changes_one_sale_withdraws_one_and_adds_one(landing: Path) -> None:
    broken = inject("corrected_file", landing, DAY)
    (first_path, first), (second_path, second) = broken.arrivals
    assert first_path == second_path == PATH
    before, after = (
        {sale["sale_id"] for sale in json.loads(each)["sales"]} for each in (first, second)
    )
    changed, withdrawn, added = (record.sale_id for record in broken.records)
    assert before - after == {withdrawn}
    assert after - before == {added}
    assert changed in before & after


def test_a_duplicate_is_the_same_bytes_under_another_name(landing: Path) -> None:
    (first, content), (second, again) = inject("duplicate_file", landing, DAY).arrivals
    assert (first, second) == (PATH, "peak/peak_sales_2020_11_10_copy.json")
    assert content == again == (landing / PATH).read_bytes()


def test_a_late_file_comes_after_the_next_day(landing: Path) -> None:
    broken = inject("late_file", landing, DAY)
    assert [path for path, _ in broken.arrivals] == [NEXT, PATH]
    assert broken.records == (Record(PATH),)


@pytest.mark.parametrize("name", ["truncated_file", "empty_file", "invalid_json"])
def test_a_file_that_is_no_json(landing: Path, name: str) -> None:
    broken = inject(name, landing, DAY)
    with pytest.raises(ValueError, match=r"Expecting|Unterminated|Invalid"):
        json.loads(only(broken))
    assert broken.records == (Record(PATH),)
    assert len(only(broken)) < len((landing / PATH).read_bytes())


def test_another_revision_of_the_mapping_leaves_five_products_unknown(landing: Path) -> None:
    broken = inject("mapping_of_another_revision", landing, DAY)
    ours = (landing / "peak/peak_product_mapping.csv").read_text().splitlines()
    theirs = only(broken).decode().splitlines()
    assert [a == b for a, b in zip(ours, theirs, strict=True)] == [True] * 4 + [False] * 5
    known = {int(row.split(",")[1]) for row in theirs[1:]}
    unknown = {
        Record(PATH, sale["sale_id"], position)
        for sale in document(landing)["sales"]
        for position, line in enumerate(sale["line_items"], start=1)
        if line["product_id"] not in known
    }
    assert set(broken.records) == unknown


def test_line_numbers_from_zero_and_no_line_numbers(landing: Path) -> None:
    good = [row.split(",") for row in (landing / LINES).read_text().splitlines()]
    shifted = only(inject("zero_based_lines", landing, DAY)).decode().splitlines()
    assert min(int(row.split(",")[2]) for row in shifted[1:]) == 0
    assert len(shifted) == len(good)
    without = only(inject("missing_line_order", landing, DAY)).decode().splitlines()
    assert without == [",".join(row[:2] + row[3:]) for row in good]


def test_an_unknown_fault_is_refused(landing: Path) -> None:
    with pytest.raises(KeyError):
        inject("no_such_fault", landing, DAY)
