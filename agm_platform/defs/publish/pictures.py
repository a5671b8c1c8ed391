"""What the UI shows of a published table: its chart as the site has it, and its first rows.

Told as observations of the tables, which change nothing of what depends on them. All of it comes
from the published folder: hidden figures are hidden here too.
"""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Any

import dagster as dg

from agm_platform.contracts.model import Owner
from agm_platform.contracts.registry import TABLES
from agm_platform.defs.table import asset_key
from agm_platform.reports.published import first_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from agm_platform.contracts.model import Table
    from agm_platform.reports.report import Report

ROWS = 5
LONGEST_TEXT = 100
"""Letters of a text that a row shows."""
LARGEST = 20_000
"""Bytes of a picture that every run keeps in its history; larger ones are on the site alone."""
WIDTH = 640
INK = "#6b7780"
"""Read on the UI's light and dark paper: inside a picture there is no colour around it."""
NOT_DRAWN = re.compile(
    r"<title.*?</title>|<desc.*?</desc>|"
    r' (?:aria-[a-z]+|role|class|pointer-events)="[^"]*"| opacity="1"|'
    r'<path d="M0,0h0v0h0Z"\s*/>|<path d="" display="none"\s*/>',
    re.DOTALL,
)
"""What a picture of its own has no use for: words for readers of a page, and empty shapes."""


def observations(
    snapshot: Path, shown: Path, report: Report, charts: Mapping[str, str]
) -> Iterator[dg.AssetObservation]:
    """Yield what there is to show of each table of a snapshot, with where the site tells more.

    `charts` are the site's figures by name; of several of one table the first is taken. `shown` is
    the folder as readers know it. Rows are shown of tables of analysts that tell of no single
    person, and of those behind a figure.
    """
    pictures: dict[str, tuple[str, str, str]] = {}
    for section in report.sections:
        for drawn in section.drawn:
            figure = drawn.figure
            place = f"{section.source}.html#figure-{figure.name}"
            text = picture(charts[figure.name])
            if len(text) <= LARGEST:
                pictures.setdefault(figure.evidence[0], (figure.title, text, place))
    with_rows = [table for table in TABLES if table.full_name in report.tables and _is_open(table)]
    wanted = [
        t.full_name for t in with_rows if t.owner is Owner.ANALYTICS or t.full_name in pictures
    ]
    rows = first_rows(snapshot, wanted, ROWS)
    for table in TABLES:
        name = table.full_name
        metadata: dict[str, Any] = {}
        if name in pictures:
            title, text, place = pictures[name]
            metadata["picture"] = dg.MetadataValue.md(f"![{title}]({text})")
            metadata["more"] = dg.MetadataValue.path(str(shown / "site" / place))
        if rows.get(name):
            metadata["first rows"] = _table(table, rows[name])
        if metadata:
            yield dg.AssetObservation(asset_key(table), metadata=metadata)


def picture(svg: str) -> str:
    """Return a figure of the site as a data URI: nothing is drawn a second time."""
    text = NOT_DRAWN.sub("", NOT_DRAWN.sub("", svg)).replace("currentColor", INK)
    text = re.sub(
        r'^<svg ([^>]*?)width="\d+"',
        rf'<svg xmlns="http://www.w3.org/2000/svg" \1width="{WIDTH}"',
        text,
    )
    return f"data:image/svg+xml;base64,{base64.b64encode(text.encode()).decode()}"


def _is_open(table: Table) -> bool:
    """Whether rows of a table may be looked at in passing: they tell of no single person."""
    return not (table.personal or table.identities or table.one_row_a_person)


def _table(table: Table, rows: list[dict[str, Any]]) -> dg.TableMetadataValue:
    schema = dg.TableSchema(
        [dg.TableColumn(c.name, c.type.name.lower()) for c in table.published_columns]
    )
    records = [{name: _shown(value) for name, value in row.items()} for row in rows]
    return dg.MetadataValue.table([dg.TableRecord(record) for record in records], schema)


def _shown(value: Any) -> str | int | float | bool | None:
    if value is None or isinstance(value, bool | int | float):
        return value
    text = str(value)
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"
