"""What the platform computes of a world without faults is what that world knows."""

from __future__ import annotations

import json

import pytest

from agm_platform.world.comparison import SAME, Comparison, compare
from agm_platform_tests.end_to_end.conftest import Clean


@pytest.fixture(scope="module")
def compared(clean: Clean) -> dict[str, Comparison]:
    return {each.name: each for each in compare(clean.platform.warehouse, clean.truth)}


@pytest.mark.parametrize("name", SAME)
def test_every_figure_that_the_world_knows_is_reported_to_the_cent(
    compared: dict[str, Comparison], name: str
) -> None:
    assert compared[name].rows > 0
    assert compared[name].differing == 0


def test_the_answers_are_the_sums_of_the_truth(clean: Clean) -> None:
    answers = {row["answer_id"]: row["value"] for row in json.loads(clean.answers)}
    sales, lines, meals, gross, fee, net = clean.world.connection.sql(
        "select sum(sales), sum(line_count), sum(meals), sum(gross_cents), sum(fee_cents),"
        " sum(net_cents) from truth.peak_days"
    ).fetchall()[0]
    agm_sales, agm_meals, agm_gross = clean.world.connection.sql(
        "select sum(sales), sum(meals), sum(gross_cents) from truth.agm_days"
    ).fetchall()[0]
    expected = {
        "peak.sales": sales,
        "peak.line_items": lines,
        "peak.meals": meals,
        "peak.gross_dollars": float(gross) / 100,
        "peak.peak_cut_dollars": float(fee) / 100,
        "peak.net_dollars": float(net) / 100,
        "agm.sales": agm_sales,
        "agm.meals": agm_meals,
        "agm.sales_dollars": float(agm_gross) / 100,
    }
    assert {name: answers[name] for name in expected} == expected


def test_a_clean_feed_sets_nothing_aside(clean: Clean) -> None:
    for table in ("peak.quarantine", "agm.quarantine", "landing.corrections"):
        assert clean.warehouse[table] == []


@pytest.mark.parametrize("wrong", ["agm_days", "peak_products", "peak_versions"])
def test_a_figure_that_is_not_true_is_noticed(clean: Clean, tmp_path, wrong: str) -> None:
    for path in clean.truth.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    change = {
        "agm_days": "* replace (gross_cents + 1 as gross_cents)",
        "peak_products": "* replace (meals + 1 as meals)",
        "peak_versions": "* replace (not is_exact as is_exact)",
    }[wrong]
    clean.world.connection.sql(f"select {change} from truth.{wrong}").write_parquet(
        str(tmp_path / f"{wrong}.parquet")
    )
    found = compare(clean.platform.warehouse, tmp_path)
    assert sum(each.differing for each in found) > 0
