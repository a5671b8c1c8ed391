"""A figure as data: the question, the query, and how its rows are drawn; and its rows."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

NAME = re.compile(r"[a-z][a-z0-9_]*\Z")


class Kind(StrEnum):
    """How a figure is drawn."""

    BAR = "bar"
    LINE = "line"
    HEAT = "heat"
    INTERVAL = "interval"
    SCATTER = "scatter"


class Form(StrEnum):
    """How the values of a column are written."""

    TEXT = "text"
    DATE = "date"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DOLLARS = "dollars"
    PERCENT = "percent"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure, from which a chart, a table, a sheet and words are made.

    `sql` reads insights.duckdb and names its columns as people read them; every other field that
    names a column means one of those. A bar, line or scatter has x and y, an interval x (what is
    compared) and y between `low` and `high`, a heat map x and y (both categories) and `colour` (the
    number). `colour` of the other kinds parts the rows into series. `dollars` and `rates` are
    columns in US dollars and fractions. `rings` are circles about the origin of a scatter, drawn
    to the same scale both ways. `evidence` are the tables that it rests on, `answers` the answers
    that it illustrates, with * for any letters, `note` what a reader must know. Raises ValueError
    for a name that is no anchor, and for an interval without ends.
    """

    name: str
    title: str
    question: str
    evidence: tuple[str, ...]
    sql: str
    kind: Kind
    x: str
    y: str
    low: str | None = None
    high: str | None = None
    colour: str | None = None
    dollars: tuple[str, ...] = ()
    rates: tuple[str, ...] = ()
    sideways: bool = False
    rings: tuple[float, ...] = ()
    answers: tuple[str, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        """Refuse what cannot be drawn."""
        if not NAME.match(self.name):
            msg = f"figure {self.name!r}: lower case letters, digits and underscores only"
            raise ValueError(msg)
        if (self.kind is Kind.INTERVAL or self.low or self.high) and not (self.low and self.high):
            msg = f"figure {self.name}: an interval has two ends"
            raise ValueError(msg)
        if self.kind is Kind.HEAT and not self.colour:
            msg = f"figure {self.name}: a heat map needs the number that it colours"
            raise ValueError(msg)

    def illustrates(self, answer_id: str) -> bool:
        """Whether the figure shows what an answer says."""
        return any(fnmatchcase(answer_id, pattern) for pattern in self.answers)

    @property
    def number(self) -> str:
        """The column whose values are drawn: y, of a heat map the colour."""
        return self.colour if self.kind is Kind.HEAT and self.colour else self.y

    @property
    def drawn(self) -> tuple[str, ...]:
        """The columns that the chart needs."""
        named = (self.x, self.y, self.low, self.high, self.colour)
        return tuple(dict.fromkeys(name for name in named if name))


@dataclass(frozen=True, slots=True)
class Rows:
    """A table as people see it: columns, how each is written, and rows without NaN."""

    columns: tuple[str, ...]
    forms: tuple[Form, ...]
    rows: tuple[tuple[Any, ...], ...]

    def column(self, name: str) -> list[Any]:
        """Return the values of a column; ValueError if there is none of that name."""
        place = self.columns.index(name)
        return [row[place] for row in self.rows]

    def form(self, name: str) -> Form:
        """Return how a column is written."""
        return self.forms[self.columns.index(name)]

    def where_shown(self, name: str) -> Rows:
        """Return the rows that have a value in a column."""
        place = self.columns.index(name)
        kept = tuple(row for row in self.rows if row[place] is not None)
        return Rows(self.columns, self.forms, kept)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A figure with its rows; those that hold a number may be fewer."""

    figure: Figure
    table: Rows

    @property
    def shown(self) -> Rows:
        """The rows that can be drawn."""
        return self.table.where_shown(self.figure.number)

    @property
    def hidden(self) -> int:
        """How many rows have no number: too few customers, or nothing to estimate from."""
        return len(self.table.rows) - len(self.shown.rows)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A figure that cannot be drawn from this snapshot, and why."""

    figure: Figure
    reason: str


def rows_of(
    columns: Sequence[str],
    values: Sequence[Sequence[Any]],
    *,
    dollars: Sequence[str] = (),
    rates: Sequence[str] = (),
) -> Rows:
    """Return a table; a column's form is told by its name, else by its values."""
    plain = tuple(tuple(_plain(value) for value in row) for row in values)
    forms = []
    for place, name in enumerate(columns):
        if name in dollars:
            forms.append(Form.DOLLARS)
        elif name in rates:
            forms.append(Form.PERCENT)
        else:
            forms.append(_form([row[place] for row in plain]))
    return Rows(tuple(columns), tuple(forms), plain)


def _form(values: Sequence[Any]) -> Form:
    kinds = {type(value) for value in values if value is not None}
    if kinds and kinds <= {date, datetime}:
        return Form.DATE
    if kinds and kinds <= {int}:
        return Form.INTEGER
    return Form.DECIMAL if kinds and kinds <= {int, float} else Form.TEXT


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or isinstance(value, int | str | date):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return float(value) if hasattr(value, "as_tuple") else str(value)
