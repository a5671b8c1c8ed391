"""All contracts together: the one place that lists the sources.

A new source adds its module here and nowhere else.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from agm_platform.contracts import agm, answers, landing, peak, quality, reference

if TYPE_CHECKING:
    from agm_platform.contracts.model import Feed, Table

TABLES: tuple[Table, ...] = tuple(
    chain(agm.TABLES, peak.TABLES, reference.TABLES, landing.TABLES, answers.TABLES, quality.TABLES)
)
FEEDS: tuple[Feed, ...] = (*agm.FEEDS, *peak.FEEDS)

_BY_NAME = {(table.source, table.name): table for table in TABLES}


def find_table(source: str, name: str) -> Table | None:
    """Return the contract of `source.name`, None if there is none."""
    return _BY_NAME.get((source, name))
