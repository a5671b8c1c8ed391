"""The review page: how every check stands and how it came there, as one HTML file.

Made from the journal alone, so it never opens the warehouse and can be made while a run holds it.
It holds figures, rules and queries; values of the data only where the journal has them, which are
never those of personal columns.
"""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agm_platform.quality.dimensions import Dimension, scores
from agm_platform.quality.journal import Journal
from agm_platform.quality.sparkline import sparkline, states_in_words
from agm_platform.quality.usual import EXPECTATION as USUAL

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from agm_platform.quality.dimensions import Score

TREND_RUNS = 20
"""How many judgings of a table a trend shows."""
SCORED_DAYS = 30
"""Over how many of its newest days a table's scores are summed up."""
WRONG = ("crashed", "failed")
OFF = "off"
SHAPE = "table_shape"
TEMPLATE = "review.html.jinja"

LATEST = (
    "with ranked as (select *, row_number() over"
    " (partition by source, table_name order by step_id desc) as age from steps)"
    " select s.step_id, s.run_id, s.judged_at, s.partitions, s.first_partition, s.last_partition,"
    " s.age, u.source, u.table_name, u.check_name, u.expectation, u.column_name, u.severity,"
    " u.on_failure, u.words, u.expected, r.state, r.element_count, r.missing_count,"
    " r.unexpected_count, r.observed, r.sentence, r.query, r.duration_ms"
    " from ranked as s join results as r using (step_id) join rules as u using (rule_id)"
    " where s.age <= ? order by s.step_id"
)
STREAK = (
    "select s.run_id, s.judged_at, count(*) over () as length from steps as s"
    " join results as r using (step_id) join rules as u using (rule_id)"
    " where u.source = ? and u.table_name = ? and u.check_name = ?"
    " and r.state in ('failed', 'crashed') and s.step_id > coalesce((select max(r2.step_id)"
    "   from results as r2 join rules as u2 using (rule_id) where u2.source = u.source"
    "   and u2.table_name = u.table_name and u2.check_name = u.check_name"
    "   and r2.state not in ('failed', 'crashed')), 0) order by s.step_id limit 1"
)


@dataclass
class Check:
    """One check: its newest result, and its results in the last judgings of its table."""

    newest: dict[str, Any]
    states: list[str]
    shares: list[float]
    is_current: bool
    since: dict[str, Any] | None = None

    @property
    def anchor(self) -> str:
        """Where on the page it stands, which is its name in full."""
        return f"{self.newest['source']}.{self.newest['table_name']}.{self.newest['check_name']}"

    @property
    def state(self) -> str:
        """passed, failed, crashed or off."""
        return str(self.newest["state"])

    @property
    def blocks(self) -> bool:
        """Whether a failure stops what is downstream."""
        return bool(self.newest["on_failure"] == "block")

    @property
    def is_alarm(self) -> bool:
        """Whether it compares a table with its own history."""
        return bool(self.newest["expectation"] == USUAL)

    @property
    def trend(self) -> str:
        """The sparkline as SVG: a bar a judging."""
        return sparkline(self.states, self.shares)

    @property
    def trend_words(self) -> str:
        """The same in words."""
        return states_in_words(self.states)

    @property
    def consequence(self) -> str:
        """What it means for whatever is downstream, in words."""
        if self.state == OFF:
            return "Not judged: nothing is known of this rule in this run."
        if self.state not in WRONG:
            return "None."
        if self.blocks:
            return (
                "Stops what is downstream: later tables kept their earlier rows, and readers keep"
                " the earlier snapshot, until this holds again."
            )
        if self.state == "crashed":
            return (
                "Downstream went on, but nothing is known of this rule: the check itself has to be"
                " mended."
            )
        if self.newest["on_failure"] == "quarantine":
            return "The failing rows were set aside; downstream went on without them."
        return "Downstream went on: the figures made from this table hold these rows."

    @property
    def rows(self) -> str:
        """How many of the rows judged fail."""
        elements, failing = self.newest["element_count"], self.newest["unexpected_count"]
        if elements is None or failing is None:
            return self.newest["observed"] or "–"
        return f"{failing:,} of {elements - (self.newest['missing_count'] or 0):,}"


@dataclass
class TableReview:
    """One table: when it was judged last, its checks and its scores."""

    name: str
    checks: list[Check]
    judged_at: str
    partitions: str
    scores: Mapping[Dimension, tuple[int, int]] = field(default_factory=dict)

    @property
    def worst(self) -> str:
        """The state to show for the table as a whole."""
        states = {check.state for check in self.checks if check.is_current}
        return next((state for state in (*WRONG, "passed") if state in states), OFF)


def write_review(journal: Path, page: Path, now: datetime | None = None) -> None:
    """Make the page anew, in one step: a reader sees the old one or the new one.

    Raises what `Journal` raises, and OSError when the page cannot be written.
    """
    text = review_html(Journal(journal), now or datetime.now(UTC))
    page.parent.mkdir(parents=True, exist_ok=True)
    aside = page.with_name(f".{page.name}.{os.getpid()}")
    aside.write_text(text, encoding="utf-8")
    aside.replace(page)


def review_html(journal: Journal, now: datetime) -> str:
    """Return the page as of `now` (aware)."""
    from jinja2 import Environment, FileSystemLoader

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    tables = _tables(journal)
    current = [check for table in tables for check in table.checks if check.is_current]
    wrong = sorted(
        (check for check in current if check.state in WRONG),
        key=lambda check: (not check.blocks, WRONG.index(check.state), check.anchor),
    )
    return environment.get_template(TEMPLATE).render(
        now=now.astimezone(UTC),
        runs=_runs(journal),
        tables=tables,
        wrong=[check for check in wrong if not check.is_alarm],
        alarms=[check for check in wrong if check.is_alarm],
        watched=[check for check in current if check.is_alarm],
        off=[check for check in current if check.state == OFF],
        passed=sum(check.state == "passed" for check in current),
        current=len(current),
        blocking=sum(check.blocks for check in wrong),
        dimensions=[dimension for dimension in Dimension if dimension is not Dimension.TIMELINESS],
        trend_runs=TREND_RUNS,
        scored_days=SCORED_DAYS,
    )


def _tables(journal: Journal) -> list[TableReview]:
    by_check: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    # A check run alone does not make those of its table old; the shape is judged with all.
    whole: dict[str, int] = {}
    for row in journal.query(LATEST, (TREND_RUNS,)):
        name = f"{row['source']}.{row['table_name']}"
        by_check[name, row["check_name"]].append(row)
        if row["expectation"] == SHAPE:
            whole[name] = row["age"]
    by_table: dict[str, list[Check]] = defaultdict(list)
    for (name, _), results in by_check.items():
        by_table[name].append(_check(journal, results, whole.get(name, 1)))
    totals = _scores(scores(journal, required={}))
    return [
        TableReview(
            name,
            sorted(checks, key=lambda check: (check.state not in WRONG, check.anchor)),
            newest["judged_at"],
            _span(newest),
            totals.get(name, {}),
        )
        for name, checks in sorted(by_table.items())
        for newest in [max((check.newest for check in checks), key=lambda row: row["step_id"])]
    ]


def _check(journal: Journal, results: Sequence[dict[str, Any]], whole: int) -> Check:
    """Return a check from its results, oldest first; all were last judged `whole` steps ago."""
    newest = results[-1]
    shares = [
        (row["unexpected_count"] or 0) / row["element_count"] if row["element_count"] else 0.0
        for row in results
    ]
    check = Check(newest, [row["state"] for row in results], shares, newest["age"] <= whole)
    if check.state in WRONG:
        names = (newest["source"], newest["table_name"], newest["check_name"])
        check.since = journal.query(STREAK, names)[0]
    return check


def _scores(found: Iterable[Score]) -> dict[str, dict[Dimension, tuple[int, int]]]:
    """Return right and judged values by table and dimension, over a table's newest days."""
    days: dict[str, dict[str, list[Score]]] = defaultdict(lambda: defaultdict(list))
    for score in found:
        days[f"{score.source}.{score.table}"][score.day].append(score)
    totals: dict[str, dict[Dimension, tuple[int, int]]] = {}
    for table, by_day in days.items():
        sums: dict[Dimension, tuple[int, int]] = {}
        for day in sorted(by_day)[-SCORED_DAYS:]:
            for score in by_day[day]:
                passed, judged = sums.get(score.dimension, (0, 0))
                sums[score.dimension] = passed + score.passed, judged + score.judged
        totals[table] = sums
    return totals


def _runs(journal: Journal) -> list[dict[str, Any]]:
    """Return the newest runs, newest first, with how many checks passed and did not."""
    return journal.query(
        "select s.run_id, min(s.judged_at) as started_at,"
        " sum(r.state = 'passed') as passed, sum(r.state = 'failed') as failed,"
        " sum(r.state = 'crashed') as crashed, sum(r.state = 'off') as off"
        " from steps as s join results as r using (step_id) where s.run_id in"
        " (select run_id from steps group by run_id order by max(step_id) desc limit ?)"
        " group by s.run_id order by max(s.step_id) desc",
        (TREND_RUNS,),
    )


def _span(row: Mapping[str, Any]) -> str:
    if row["first_partition"] is None:
        return "the whole table"
    if row["first_partition"] == row["last_partition"]:
        return str(row["first_partition"])
    return f"{row['first_partition']} to {row['last_partition']}"
