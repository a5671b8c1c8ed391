"""The pages: one HTML file each, that opens from disk and needs neither script nor network."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agm_platform.contracts.business import CONFIDENCE
from agm_platform.contracts.lineage import origin
from agm_platform.contracts.quality import DIMENSION_MEANINGS
from agm_platform.reports.charts import svg
from agm_platform.reports.figure import Form, Rows
from agm_platform.reports.report import gather
from agm_platform.reports.written import after_number, form_of_unit, written

if TYPE_CHECKING:
    from collections.abc import Mapping

    import jinja2

    from agm_platform.reports.report import Report

TEMPLATES = Path(__file__).parent / "templates"
MOST_ROWS = 100
"""Rows of a table that a page shows; the workbook has the others."""
MOST_BYTES = 1_500_000
"""What a page may weigh: opened from disk on an old laptop it appears at once."""
NUMBERS = {Form.INTEGER, Form.DECIMAL, Form.DOLLARS, Form.PERCENT}


class TooHeavyError(ValueError):
    """A page is larger than `MOST_BYTES`."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page in the navigation: its file and its name."""

    file: str
    name: str


def write_site(published: Path, target: Path) -> dict[str, int]:
    """Write all pages of a published folder into `target`, a new folder; return file to bytes.

    Raises TooHeavyError for a page that would be too heavy, and what `report.gather` raises; then
    `target` is not made.
    """
    report = gather(published)
    return write_pages(report, charts_of(report), target)


def charts_of(report: Report) -> dict[str, str]:
    """Return the figures that could be drawn as SVG, by name."""
    return {drawn.figure.name: svg(drawn) for drawn in report.drawn}


def write_pages(report: Report, charts: Mapping[str, str], target: Path) -> dict[str, int]:
    """Do as `write_site` with what was gathered and drawn."""
    texts = pages(report, charts)
    sizes = {name: len(text.encode()) for name, text in texts.items()}
    heavy = [f"{name} ({size:,} bytes)" for name, size in sizes.items() if size > MOST_BYTES]
    if heavy:
        msg = f"more than {MOST_BYTES:,} bytes: {', '.join(heavy)}"
        raise TooHeavyError(msg)
    target.mkdir(parents=True)
    for name, text in texts.items():
        (target / name).write_text(text, encoding="utf-8")
    return sizes


def pages(report: Report, charts: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return file name to HTML of every page; the same report gives the same text.

    `charts` are what `charts_of` returns, if that is there already.
    """
    drawn = charts_of(report) if charts is None else charts
    environment = _environment()
    sources = [Page(f"{section.source}.html", section.title) for section in report.sections]
    menu = [
        Page("index.html", "Answers"),
        *sources,
        Page("quality.html", "Quality"),
        Page("models.html", "Models"),
        Page("methods.html", "Methods"),
        Page("dictionary.html", "Dictionary"),
    ]

    def rendered(template: str, page: Page, **given: Any) -> str:
        return environment.get_template(template).render(
            page=page, menu=menu, report=report, charts=drawn, **given
        )

    texts = {
        page.file: rendered(f"{page.file}.jinja", page) for page in menu if page not in sources
    }
    for page, section in zip(sources, report.sections, strict=True):
        texts[page.file] = rendered("source.html.jinja", page, section=section)
    return texts


def _environment() -> jinja2.Environment:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "style": (TEMPLATES / "style.css").read_text(encoding="utf-8"),
        "most_rows": MOST_ROWS,
        "confidence": f"{CONFIDENCE:.0%}".replace("%", " %"),
        "form_of_unit": form_of_unit,
        "after_number": after_number,
        "strip": _strip,
        "meanings": DIMENSION_MEANINGS,
        "origin": origin,
    }
    environment.filters |= {"written": written, "cells": _cells}
    environment.tests |= {"number": lambda form: form in NUMBERS}
    return environment


def _cells(table: Rows) -> list[list[tuple[Any, Form]]]:
    """Return the rows that a page shows, each value with how it is written."""
    return [list(zip(row, table.forms, strict=True)) for row in table.rows[:MOST_ROWS]]


def _strip(row: dict[str, Any]) -> dict[str, float] | None:
    """Return value and interval as percentages of a strip; None if they are not shares of 1."""
    ends = [row.get(name) for name in ("low", "value", "high")]
    if any(end is None or not 0 <= end <= 1 for end in ends):
        return None
    if form_of_unit(row.get("unit"), row["value"]) is not Form.PERCENT:
        return None
    return {name: round(100 * row[name], 2) for name in ("low", "value", "high")}
