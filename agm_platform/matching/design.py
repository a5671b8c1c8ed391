"""What a matching model looks at: comparisons with their levels, and blocking. Data, no engine."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cached_property


@dataclass(frozen=True)
class Level:
    """One degree of agreement between two records, tried in order; the first that holds counts.

    `condition` is SQL over <column>_l and <column>_r in functions that DuckDB and Spark share.
    `words` say it in a report; they may name {left} and {right}, which are filled in only where
    personal values are wanted. `frequencies` names the column whose rare values say more.
    `conflict` marks a level at which the two cannot be one person, whatever else agrees;
    `elsewhere` one at which they live in different places: they may be one person who moved.
    """

    name: str
    condition: str
    words: str
    is_null: bool = False
    frequencies: str | None = None
    conflict: bool = False
    elsewhere: bool = False


@dataclass(frozen=True)
class Comparison:
    """The levels of one subject; `shown` is the column whose values a reviewer wants to see."""

    name: str
    levels: tuple[Level, ...]
    shown: str = ""


@dataclass(frozen=True)
class Design:
    """Comparisons and blocking rules over prepared columns.

    A blocking rule is a tuple of columns: two records that agree on all of them are compared.
    `columns` are the text columns that the engine needs, `lists` those that are text between bars
    ("|bob|robert|") and become lists.
    """

    name: str
    comparisons: tuple[Comparison, ...]
    blocking: tuple[tuple[str, ...], ...]
    columns: tuple[str, ...]
    lists: tuple[str, ...] = ()

    @cached_property
    def fingerprint(self) -> str:
        """A digest of the comparisons, on which parameters depend; a model holds for one only."""
        text = json.dumps([asdict(each) for each in self.comparisons], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def frequency_columns(self) -> tuple[str, ...]:
        """The columns whose values are weighed by how rare they are."""
        found = {
            level.frequencies
            for comparison in self.comparisons
            for level in comparison.levels
            if level.frequencies
        }
        return tuple(sorted(found))

    def comparison(self, name: str) -> Comparison:
        """Return the comparison of that name; KeyError if there is none."""
        return {each.name: each for each in self.comparisons}[name]

    def level(self, comparison: str, name: str) -> Level:
        """Return the level of that name; KeyError if there is none."""
        return {each.name: each for each in self.comparison(comparison).levels}[name]


def missing(*columns: str) -> Level:
    """Return the level of a subject that one of the records does not have: it says nothing."""
    either = " or ".join(f"{column}_l is null or {column}_r is null" for column in columns)
    return Level("missing", either, "", is_null=True)


def other(words: str, *, conflict: bool = False, elsewhere: bool = False) -> Level:
    """Return the last level, which always holds."""
    return Level("other", "ELSE", words, conflict=conflict, elsewhere=elsewhere)


def same(column: str, words: str, name: str = "same", *, frequencies: bool = True) -> Level:
    """Return the level of equal values, rare ones saying more than common ones."""
    condition = f"{column}_l = {column}_r"
    return Level(name, condition, words, frequencies=column if frequencies else None)


def within(column: str, edits: int, words: str, name: str = "alike") -> Level:
    """Return the level of values that differ by at most so many letters (Levenshtein)."""
    return Level(name, f"levenshtein({column}_l, {column}_r) <= {edits}", words)
