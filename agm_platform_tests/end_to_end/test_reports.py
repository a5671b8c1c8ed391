"""What people read of a real run: every figure, in pages that are light, and nobody's name."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

import pytest

from agm_platform.contracts.model import Table
from agm_platform.contracts.registry import TABLES
from agm_platform.reports.catalogue import chapters
from agm_platform.reports.report import Report, gather
from agm_platform.reports.site import MOST_BYTES, pages
from agm_platform_tests.end_to_end.one_platform import Platform
from agm_platform_tests.end_to_end.questions import IDS, WITHOUT_FIGURE

RARE = {
    "peak_new_customers",
    "agm_forecast",
    "agm_forecast_scores",
    "peak_trial_effect",
    *(f"{source}_product_sets" for source in ("agm", "peak", "instacart")),
    *(
        f"{source}_{figure}"
        for source in ("agm", "peak", "sales")
        for figure in ("value_by_segment", "habit_segments", "segment_moves", "not_back")
    ),
}
"""Figures whose every group may be too small, or that need more days, in a month of samples."""


@pytest.fixture(scope="module")
def published(everybody: Platform) -> Path:
    return everybody.published


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


def test_the_run_says_where_site_and_workbook_are(everybody: Platform) -> None:
    said = everybody.output[-1].replace("\n", "")
    assert "site/index.html" in said
    assert "insights.xlsx" in said


def test_the_workbook_holds_no_name_and_no_street(everybody: Platform) -> None:
    people = everybody.query(
        "select last_name, street from agm.raw_customers"
        " union select last_name, street from peak.raw_customers"
    )
    places = repr(everybody.query("from reference.public_zip_places"))
    texts = {
        text
        for person in people
        for text in person
        if text and len(text) >= 6 and text not in places
    }
    assert len(texts) > 200
    with zipfile.ZipFile(everybody.published / "insights.xlsx") as book:
        content = "\n".join(book.read(name).decode(errors="replace") for name in book.namelist())
    assert {text for text in texts if text in content} == set()


IDENTIFIED = [table for table in TABLES if table.published_columns and table.identities]


@pytest.mark.parametrize("table", IDENTIFIED, ids=lambda table: table.full_name)
def test_numbers_of_persons_and_orders_are_published_as_pseudonyms(
    everybody: Platform, table: Table
) -> None:
    columns = list(table.identities)
    own, told = (
        {
            (column, value)
            for row in everybody.query(
                f"select {', '.join(columns)} from {table.full_name}", published=published
            )
            for column, value in zip(columns, row, strict=True)
            if value is not None
        }
        for published in (False, True)
    )
    assert own
    assert len(told) == len(own)
    assert told & own == set()


def test_every_question_of_the_owners_is_answered_with_figures(everybody: Platform) -> None:
    told = json.loads((everybody.published / "answers.json").read_bytes())
    answers = {row["answer_id"]: row for row in told}
    assert [name for name in IDS if name not in answers] == []
    for name in IDS:
        row = answers[name]
        assert not row["answer"].startswith("Cannot be answered"), row["answer"]
        if name in WITHOUT_FIGURE:
            assert row["details"] or "Not computable here" in row["answer"], name
        else:
            assert row["value"] is not None, name
        assert row["method"] or "Not computable here" in row["answer"], name
        assert row["evidence"], name
