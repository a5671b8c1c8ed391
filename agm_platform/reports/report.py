"""Everything that pages and workbook show, gathered once from a published folder.

Both are made from this, so that they show the same numbers.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agm_platform.contracts.quality import DIMENSION_MEANINGS
from agm_platform.contracts.registry import FEEDS
from agm_platform.reports.catalogue import chapters
from agm_platform.reports.figure import Drawn, LeftOut, Rows, rows_of
from agm_platform.reports.model_cards import ModelCard, model_cards
from agm_platform.reports.published import Described, Published
from agm_platform.reports.terms import Term, business_terms

if TYPE_CHECKING:
    from pathlib import Path

UNANSWERED = "Cannot be answered"
"""How the answer begins to a question that the data cannot answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer as published, its details as a table, and how to look it up."""

    row: dict[str, Any]
    details: Rows
    figures: tuple[str, ...]
    query: str
    lineage: tuple[str, ...]

    @property
    def answer_id(self) -> str:
        """`source.short_name`."""
        return str(self.row["answer_id"])

    @property
    def is_answered(self) -> bool:
        """Whether the data can answer it."""
        return not str(self.row["answer"]).startswith(UNANSWERED)


@dataclass(frozen=True, slots=True)
class Section:
    """One source: its answers, the figures that could be drawn and those that could not."""

    source: str
    title: str
    about: str
    answers: tuple[Answer, ...]
    drawn: tuple[Drawn, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def as_of(self) -> str | None:
        """The last business date in its answers, in ISO form; None without dates."""
        return max((str(a.row["as_of"]) for a in self.answers if a.row["as_of"]), default=None)


@dataclass(frozen=True, slots=True)
class Quality:
    """What the published tables tell of quality."""

    checks: Rows
    reconciliation: Rows
    quarantine: Rows
    files: Rows
    scores: Rows
    shortfalls: Rows


@dataclass(frozen=True, slots=True)
class Report:
    """The content of all pages and sheets."""

    as_of: str | None
    sections: tuple[Section, ...]
    tables: dict[str, Described]
    quality: Quality
    terms: tuple[Term, ...]
    models: tuple[ModelCard, ...] = ()

    @property
    def drawn(self) -> tuple[Drawn, ...]:
        """All figures that could be drawn, by source."""
        return tuple(drawn for section in self.sections for drawn in section.drawn)

    @property
    def answers(self) -> tuple[Answer, ...]:
        """All answers, by source."""
        return tuple(answer for section in self.sections for answer in section.answers)


def gather(folder: Path) -> Report:
    """Read a published folder; FileNotFoundError if it is none.

    A figure whose table is missing or empty is left out, with the reason. duckdb.Error for one
    that asks for a column that its table does not have.
    """
    with Published(folder) as published:
        sections = []
        named = {chapter.source: chapter for chapter in chapters()}
        told = {str(row["source"]) for row in published.answers}
        for source in [*named, *sorted(told - named.keys())]:
            chapter = named.get(source)
            results = [published.draw(figure) for figure in chapter.figures] if chapter else []
            section = Section(
                source,
                chapter.title if chapter else source.capitalize(),
                chapter.about if chapter else "",
                tuple(
                    _answer(row, results, published)
                    for row in published.answers
                    if row["source"] == source
                ),
                tuple(one for one in results if isinstance(one, Drawn)),
                tuple(one for one in results if isinstance(one, LeftOut)),
            )
            if section.answers or section.drawn:
                sections.append(section)
        return Report(
            published.as_of,
            tuple(sections),
            published.tables,
            _quality(published),
            tuple(business_terms()),
            tuple(model_cards(published)),
        )


def _answer(row: dict[str, Any], results: list[Drawn | LeftOut], published: Published) -> Answer:
    records = row.get("details") or []
    columns = list(dict.fromkeys(name for record in records for name in record))
    values = [[_cell(record.get(name)) for name in columns] for record in records]
    figures = [
        one.figure
        for one in results
        if isinstance(one, Drawn) and one.figure.illustrates(row["answer_id"])
    ]
    evidence = row.get("evidence")
    if figures:
        query = figures[0].sql
    else:
        query = f"from {evidence}" if evidence and published.has(evidence) else ""
    return Answer(
        row,
        rows_of(columns, values),
        tuple(figure.name for figure in figures),
        query,
        tuple(_lineage(row, published)),
    )


def _lineage(row: dict[str, Any], published: Published) -> list[str]:
    """Return the steps from files to answer, in words."""
    source, evidence = str(row["source"]), row.get("evidence")
    feeds = [feed for feed in FEEDS if feed.source == source]
    steps = []
    if feeds:
        names = ", ".join(feed.name for feed in feeds)
        steps.append(
            f"Files of {source} ({names}) are read whole, judged row by row, and what breaks a rule"
            " is set aside and counted."
        )
    steps.append(f"Accepted rows become {source}'s tables of the shared model.")
    if evidence and published.has(evidence):
        table = published.tables[evidence]
        passed = published.manifest.get("tables", {}).get(evidence, {})
        checks = len(passed.get("blocking_checks_passed", ()))
        steps.append(
            f"{evidence} is computed from them: {table.description} It has {table.rows:,} rows and"
            f" passed {checks} blocking checks."
        )
    elif evidence:
        steps.append(f"{evidence} is computed from them; it is not published.")
    steps.append(f"answers.answers holds the answer as the row {row['answer_id']}.")
    return steps


def _quality(published: Published) -> Quality:
    tables = published.manifest.get("tables", {})
    checks = [
        (name, facts.get("rows"), len(facts.get("blocking_checks_passed", ())))
        for name, facts in sorted(tables.items())
    ]
    balances = [name for name in published.tables if name.endswith(".reconciliation")]
    parts = [
        f"select '{name.partition('.')[0]}' as source, table_name, received, accepted,"
        f" quarantined, superseded, unaccounted from {name}"
        for name in balances
    ]
    return Quality(
        rows_of(["Table", "Rows", "Blocking checks passed"], checks),
        _or_none(
            published,
            balances,
            'select source as "Source", table_name as "Table", sum(received)::bigint as "Received",'
            ' sum(accepted)::bigint as "Accepted", sum(quarantined)::bigint as "Set aside",'
            ' sum(superseded)::bigint as "Superseded", sum(unaccounted)::bigint as "Unaccounted"'
            f" from ({' union all '.join(parts)}) group by all order by 1, 2",
        ),
        _or_none(
            published,
            ["quality.quarantine_summary"],
            'select source as "Source", table_name as "Table", rule as "Rule",'
            ' sum(waiting)::bigint as "Waiting", sum(released)::bigint as "Released",'
            ' sum(superseded)::bigint as "Superseded", max(waiting_days) as "Oldest waits, days"'
            " from quality.quarantine_summary group by all order by 4 desc, 1, 2, 3",
        ),
        _or_none(
            published,
            ["landing.ledger"],
            'select source as "Source", feed as "Feed", file_name as "File",'
            ' business_date as "Business date", state as "State", rows_received as "Rows",'
            ' size_bytes as "Bytes", needs_attention as "Needs attention",'
            ' file_sha256 as "SHA-256" from landing.ledger order by source, feed, delivery_id',
        ),
        _or_none(
            published,
            ["quality.scores"],
            'select source as "Source", table_name as "Table",'
            + ", ".join(
                f"sum({name}_passed)::double / nullif(sum({name}_judged), 0) as"
                f' "{name.capitalize()}"'
                for name in DIMENSION_MEANINGS
            )
            + " from quality.scores group by all order by 1, 2",
            rates=tuple(name.capitalize() for name in DIMENSION_MEANINGS),
        ),
        _or_none(
            published,
            ["quality.scores"],
            'select source as "Source", table_name as "Table", column_name as "Column",'
            ' dimension as "Dimension", sum(judged - passed)::bigint as "Not as they must be",'
            ' sum(judged)::bigint as "Judged", sum(passed) / sum(judged) as "Share right" from ('
            + " union all ".join(
                f"select source, table_name, column_name, '{name}' as dimension,"
                f" {name}_judged as judged, {name}_passed as passed from quality.scores"
                for name in DIMENSION_MEANINGS
            )
            + ") where judged > passed group by all order by 5 desc, 1, 2, 3, 4",
            rates=("Share right",),
        ),
    )


def _or_none(published: Published, tables: list[str], sql: str, **forms: tuple[str, ...]) -> Rows:
    """Return the rows of a query; no row and no column where its tables are not published."""
    if not tables or not all(map(published.has, tables)):
        return Rows((), (), ())
    return published.query(sql, **forms)


def _cell(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value
