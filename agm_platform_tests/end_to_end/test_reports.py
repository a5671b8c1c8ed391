"""What people read of a real run: every figure, in pages that are light, and nobody's name."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest

from agm_platform.reports.catalogue import chapters
from agm_platform.reports.report import Report, gather
from agm_platform.reports.site import MOST_BYTES, pages
from agm_platform_tests.end_to_end.fault_story import FaultStory

RARE = {"peak_new_customers"}
"""Figures whose every group may be too small in a month of a few hundred invented customers."""


@pytest.fixture(scope="module")
def published(fault_story: FaultStory) -> Path:
    return fault_story.platform.published


@pytest.fixture(scope="module")
def report(published: Path) -> Report:
    return gather(published)


def test_every_figure_of_every_source_is_drawn(report: Report) -> None:
    left_out = {
        one.figure.name: one.reason for section in report.sections for one in section.left_out
    }
    assert {name: why for name, why in left_out.items() if name not in RARE} == {}
    assert {section.source for section in report.sections} == {c.source for c in chapters()}


def test_what_a_figure_says_it_illustrates_is_an_answer(report: Report) -> None:
    ids = [answer.answer_id for answer in report.answers]
    idle = [
        (drawn.figure.name, pattern)
        for drawn in report.drawn
        for pattern in drawn.figure.answers
        if not any(re.fullmatch(pattern.replace("*", ".*"), one) for one in ids)
    ]
    assert idle == []


def test_the_published_site_is_what_its_snapshot_says(published: Path, report: Report) -> None:
    texts = pages(report)
    assert {path.name for path in (published / "site").iterdir()} == texts.keys()
    for name, text in texts.items():
        assert (published / "site" / name).read_text(encoding="utf-8") == text


def test_every_page_is_light(published: Path) -> None:
    sizes = {path.name: path.stat().st_size for path in (published / "site").iterdir()}
    assert max(sizes.values()) <= MOST_BYTES


def test_the_run_says_where_site_and_workbook_are(fault_story: FaultStory) -> None:
    said = fault_story.platform.output[-1].replace("\n", "")
    assert "site/index.html" in said
    assert "insights.xlsx" in said


def test_the_workbook_holds_no_name_and_no_street(fault_story: FaultStory) -> None:
    people = fault_story.world.connection.sql(
        "select last_name, street from agm.customers"
        " union select last_name, street from truth.peak_versions"
    ).fetchall()
    places = repr(fault_story.platform.query("from reference.public_zip_places"))
    texts = {text for person in people for text in person if len(text) >= 6 and text not in places}
    assert len(texts) > 200
    with zipfile.ZipFile(fault_story.platform.published / "insights.xlsx") as book:
        content = "\n".join(book.read(name).decode(errors="replace") for name in book.namelist())
    assert {text for text in texts if text in content} == set()
