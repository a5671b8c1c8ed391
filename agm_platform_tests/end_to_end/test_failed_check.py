"""A blocking check that fails stops what is downstream, and readers keep what they had."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from agm_platform.world.faults import MAPPING
from agm_platform_tests.end_to_end.conftest import Clean
from agm_platform_tests.end_to_end.one_platform import Platform

CHECK = "peak.product_map peak_product_id__one_product"
# Written before the check looks at it; nothing downstream reads it in this run.
WRITTEN = {"peak.raw_product_map", "peak.raw_map_files", "peak.product_map", "landing.ledger"}


@pytest.fixture
def ambiguous(copied: Platform) -> Iterator[Platform]:
    """The clean platform after a map came in which one Peak product is two of AGM's."""
    good = copied.landing / MAPPING
    again = good.with_name(f"{good.stem} (2).csv")
    again.write_text(good.read_text(encoding="utf-8") + "2,42314677\n", encoding="utf-8")
    yield copied
    again.unlink()


def test_an_ambiguous_product_map_stops_the_run_and_keeps_the_snapshot(
    clean: Clean, ambiguous: Platform
) -> None:
    before = ambiguous.published.resolve()
    insights = (before / "insights.duckdb").read_bytes()

    assert ambiguous.run() == 1

    assert ambiguous.published.resolve() == before
    assert (ambiguous.published / "answers.json").read_bytes() == clean.answers
    assert (ambiguous.published / "insights.duckdb").read_bytes() == insights
    after = ambiguous.tables()
    assert {name for name, rows in after.items() if rows != clean.warehouse[name]} == WRITTEN
    said = " ".join(ambiguous.output[0].split())
    assert "failed peak.product_map peak_product_id__one_product" in said
    assert "in one version a Peak product stands for one AGM product" in said
    assert "of the last snapshot that passed" in said
    failed = {each.check for each in ambiguous.evaluations() if not each.passed}
    assert CHECK in failed - clean.platform.failed_checks()
    page = (ambiguous.data / "quality" / "review.html").read_text(encoding="utf-8")
    row = page.partition(f'<tr id="{CHECK.replace(" ", ".")}">')[2].partition("</tr>")[0]
    assert ", 1 run, from run" in row
    assert "Stops what is downstream" in row
    assert "SELECT" in row
