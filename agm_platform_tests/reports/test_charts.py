"""Charts are pictures for everybody: with words, readable on light and dark, the same each time."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from agm_platform.reports.axes import PALETTE
from agm_platform.reports.charts import INK, svg
from agm_platform.reports.figure import Drawn, Figure, Kind, rows_of
from agm_platform.reports.report import Report
from agm_platform.reports.site import TEMPLATES

ROWS = rows_of(
    ["x", "y", "low", "high", "who", "n"],
    [
        ["a", 1.0, 0.5, 1.5, "<i>one</i> & co", 3],
        ["b", 2.0, 1.5, None, "<i>one</i> & co", 4],
        ["a", 3.0, 2.5, 3.5, "two", 5],
        ["b", None, None, None, "two", None],
    ],
)


def of_kind(kind: Kind, **more: object) -> Drawn:
    given = {"x": "x", "y": "y", "low": "low", "high": "high", "colour": "who"} | more
    return Drawn(Figure("one", "A & <b>", "Why?", ("a.b",), "", kind, **given), ROWS)


KINDS = [
    of_kind(Kind.BAR),
    of_kind(Kind.BAR, sideways=True, colour=None),
    of_kind(Kind.LINE),
    of_kind(Kind.INTERVAL),
    of_kind(Kind.INTERVAL, colour=None),
    of_kind(Kind.HEAT, y="who", colour="n", low=None, high=None),
    of_kind(Kind.SCATTER, x="low", rings=(2.0,)),
]


@pytest.mark.parametrize("drawn", KINDS, ids=lambda drawn: drawn.figure.kind.value)
def test_a_chart_is_a_picture_with_a_title_and_words(drawn: Drawn) -> None:
    root = ET.fromstring(svg(drawn))
    assert root.attrib["role"] == "img"
    named = {root[0].attrib["id"]: root[0].text, root[1].attrib["id"]: root[1].text}
    assert root.attrib["aria-labelledby"].split() == list(named)
    assert named["one-title"] == "A & <b>"
    assert "without a figure" in named["one-words"]


@pytest.mark.parametrize("drawn", KINDS, ids=lambda drawn: drawn.figure.kind.value)
def test_a_chart_takes_the_colour_of_the_text_and_loads_nothing(drawn: Drawn) -> None:
    text = svg(drawn)
    assert "currentColor" in text
    assert INK not in text
    assert re.findall(r"<script|http|@import|font-face|url\((?!#)", text) == []


def test_a_chart_is_the_same_each_time(report: Report) -> None:
    for drawn in report.drawn:
        assert svg(drawn) == svg(drawn)


def test_series_differ_by_shape_as_well_as_by_colour() -> None:
    text = svg(of_kind(Kind.INTERVAL))
    assert len(set(re.findall(r'd="(M[^"]*)" fill="#', text))) >= 2


def test_every_colour_can_be_seen_on_both_papers() -> None:
    style = (TEMPLATES / "style.css").read_text()
    papers = re.findall(r"--(?:paper|raise): (#[0-9a-f]+)", style.partition("@media print")[0])
    assert len(papers) == 4
    for paper in papers:
        for colour in PALETTE:
            assert contrast(colour, paper) >= 3, (colour, paper)


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours. Source: WCAG 2.2, relative luminance."""
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
