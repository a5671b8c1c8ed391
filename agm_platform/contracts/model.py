"""What a table, a rule and a feed promise: the vocabulary of every contract.

Pure data. Typed empty tables, Dagster column schemas, Great Expectations suites, asset checks and
the data dictionary are derived from these declarations elsewhere; nothing here does I/O.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*\Z")


class Type(StrEnum):
    """The closed list of column types; the value is the DuckDB type."""

    TEXT = "VARCHAR"
    INTEGER = "BIGINT"
    NUMBER = "DOUBLE"
    BOOLEAN = "BOOLEAN"
    DATE = "DATE"
    TIMESTAMP = "TIMESTAMP"


class Severity(StrEnum):
    """Great Expectations' own three severities."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


class OnFailure(StrEnum):
    """What a failed rule does: stop what is downstream, tell, or set the failing rows aside."""

    BLOCK = "block"
    WARN = "warn"
    QUARANTINE = "quarantine"


class Owner(StrEnum):
    """Who answers for a table, as Dagster writes it."""

    ENGINEERING = "team:data-engineering"
    ANALYTICS = "team:analytics"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: name, type, meaning in words, unit, and what may be done with it.

    `required` is about arriving files: an optional column may be absent from a file and is then
    null, and its absence is told unless it is the rule (`usual` is false). `aliases` are other
    names that senders give to the same thing; `if_absent` is told when a file is refused because
    the required column is not there. `personal` columns never leave the tables marked personal.
    Values of a `harmless` column that break a rule may be shown to those who review checks;
    ValueError for a personal one. `identity` says whose numbers the column holds (peak,
    peak_order): what is published of it is a pseudonym, the same for the same number everywhere.
    """

    name: str
    type: Type
    description: str
    unit: str | None = None
    nullable: bool = True
    personal: bool = False
    required: bool = True
    usual: bool = True
    aliases: tuple[str, ...] = ()
    if_absent: str = ""
    harmless: bool = False
    identity: str | None = None

    def __post_init__(self) -> None:
        """Refuse to show what must never be shown."""
        if self.harmless and (self.personal or self.identity):
            msg = f"column {self.name}: a personal column is never harmless"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class SmallGroups:
    """What is hidden, where a table is published, of rows that describe too few customers.

    The Boolean column `flag` marks such rows and those that would give them away; there the columns
    `figures` are published empty. The warehouse keeps them.
    """

    figures: tuple[str, ...]
    flag: str = "suppressed"


@dataclass(frozen=True, slots=True)
class Rule:
    """One Great Expectations expectation on one table, with what its failure means.

    `name` is `column__rule` and is the asset check's name, so history hangs on it.
    `source` says where the rule or threshold comes from. `reads` names other tables, `source.name`,
    that have to be up to date before the rule is judged.
    """

    name: str
    expectation: str
    kwargs: Mapping[str, Any]
    description: str
    on_failure: OnFailure = OnFailure.BLOCK
    severity: Severity = Severity.CRITICAL
    source: str = ""
    reads: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Freeze the arguments and refuse a name that Dagster would refuse later."""
        if not IDENTIFIER.match(self.name):
            msg = f"rule name {self.name!r} must be lower case letters, digits and underscores"
            raise ValueError(msg)
        object.__setattr__(self, "kwargs", MappingProxyType(dict(self.kwargs)))


@dataclass(frozen=True, slots=True)
class Table:
    """The contract of one table: DuckDB `source.name`, Dagster key `[source, name]`.

    Raises ValueError for a key, partition or rule column that the table does not have, so a typo
    is found when the module is imported. `one_row_a_person`: a row goes with the person that it is
    about; in other tables only what names the person goes. `quasi_identifiers` are sets of columns,
    from coarse to fine, that together may single out a person without naming one. A table that is
    not `stored` is a view: its query is kept, not its rows, which would be those of another table.
    """

    source: str
    name: str
    description: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    partition_column: str | None = None
    publish: bool = True
    group: str | None = None
    owner: Owner = Owner.ENGINEERING
    one_row_a_person: bool = False
    quasi_identifiers: tuple[tuple[str, ...], ...] = ()
    small_groups: tuple[SmallGroups, ...] = ()
    stored: bool = True
    _by_name: dict[str, Column] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Check the declaration against itself."""
        self._by_name.update({column.name: column for column in self.columns})
        if len(self._by_name) != len(self.columns):
            msg = f"{self.full_name}: two columns share a name"
            raise ValueError(msg)
        named = {*self.key, *([self.partition_column] if self.partition_column else [])}
        for rule in self.rules:
            named |= _columns_of(rule)
        for level in self.quasi_identifiers:
            named |= set(level)
        for hidden in self.small_groups:
            named |= {hidden.flag, *hidden.figures}
        unknown = sorted(named - set(self._by_name))
        if unknown:
            msg = f"{self.full_name}: no such column: {', '.join(unknown)}"
            raise ValueError(msg)
        if not self.stored and (self.publish or self.partition_column):
            msg = f"{self.full_name}: a view is neither published nor kept by partition"
            raise ValueError(msg)
        rule_names = [rule.name for rule in self.rules]
        if len(set(rule_names)) != len(rule_names):
            msg = f"{self.full_name}: two rules share a name"
            raise ValueError(msg)

    @property
    def full_name(self) -> str:
        """`source.name`, as written in SQL."""
        return f"{self.source}.{self.name}"

    @property
    def column_names(self) -> tuple[str, ...]:
        """The column names in order."""
        return tuple(column.name for column in self.columns)

    @property
    def personal(self) -> bool:
        """Whether any column is personal."""
        return any(column.personal for column in self.columns)

    @property
    def published_columns(self) -> tuple[Column, ...]:
        """What readers get of the table: its columns but the personal ones; empty if nothing."""
        if not self.publish:
            return ()
        return tuple(column for column in self.columns if not column.personal)

    @property
    def identities(self) -> dict[str, str]:
        """The columns that hold numbers of persons or their orders, and whose numbers they are."""
        return {column.name: column.identity for column in self.columns if column.identity}

    def column(self, name: str) -> Column:
        """Return the column called `name`; KeyError if there is none."""
        return self._by_name[name]

    def quarantine_rules(self) -> tuple[Rule, ...]:
        """Return the rules whose failing rows are set aside, in order of declaration."""
        return tuple(rule for rule in self.rules if rule.on_failure is OnFailure.QUARANTINE)


class Delivery(StrEnum):
    """How a sender delivers a file."""

    DAILY = "daily"  # one file a business date; a new one replaces that date
    SNAPSHOT = "snapshot"  # the whole table in one file; a new one replaces the table
    VERSIONED = "versioned"  # valid from a date on; a new one replaces the same version


@dataclass(frozen=True, slots=True)
class Feed:
    """One kind of file that a sender drops into `landing/<source>/`.

    `pattern` matches the whole file name. Its named groups `year`, `month`, `day` give the
    business date (DAILY: required; VERSIONED: the first day the version is valid, optional).
    """

    source: str
    name: str
    pattern: str
    delivery: Delivery
    description: str
    media_type: str

    def business_date(self, file_name: str) -> date | None:
        """Return the date in a matching file name, None where it has none.

        Raises ValueError when the name does not match or names a day that does not exist.
        """
        match = re.fullmatch(self.pattern, file_name)
        if match is None:
            msg = f"{file_name!r} is not a file of feed {self.source}/{self.name}"
            raise ValueError(msg)
        parts = match.groupdict()
        if not parts.get("year"):
            return None
        return date(int(parts["year"]), int(parts["month"]), int(parts["day"]))

    def matches(self, file_name: str) -> bool:
        """Whether the whole file name fits the pattern."""
        return re.fullmatch(self.pattern, file_name) is not None


def _columns_of(rule: Rule) -> set[str]:
    """Return the columns that an expectation's arguments name."""
    single = ("column", "column_A", "column_B")
    columns = {rule.kwargs[name] for name in single if name in rule.kwargs}
    return columns | set(rule.kwargs.get("column_list", ()))
