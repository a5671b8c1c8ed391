"""Checks that a run is told not to judge, by a tag of the run: for a backfill, say.

The tag holds patterns, separated by commas, of `source.table.check`: `peak.orders.*`. Nothing is
lost from sight: a check that is off says so, and publishing judges its blocking rules all the same.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from agm_platform.contracts.model import Table

CHECKS_OFF = "agm/checks_off"


def patterns_of(tags: Mapping[str, str]) -> list[str]:
    """Return the patterns in the tags of a run; none without the tag."""
    return [part.strip() for part in tags.get(CHECKS_OFF, "").split(",") if part.strip()]


def is_off(table: Table, check: str, patterns: Iterable[str]) -> bool:
    """Whether one of the patterns names this check of the table."""
    return any(fnmatchcase(f"{table.full_name}.{check}", pattern) for pattern in patterns)


def without_a_check(checks: Iterable[str], patterns: Iterable[str]) -> list[str]:
    """Return the patterns that name none of `checks` (each `source.table.check`): misspelt."""
    names = list(checks)
    return [one for one in patterns if not any(fnmatchcase(name, one) for name in names)]
