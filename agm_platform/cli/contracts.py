"""`make contracts`: files made from contracts and functions, written or checked for drift."""

from __future__ import annotations

import json

from agm_platform.contracts.dictionary import markdown
from agm_platform.contracts.lineage import PATH, lineage, origin
from agm_platform.contracts.registry import TABLES
from agm_platform.quality.suites import stale_suites, write_suites
from agm_platform.settings import REPOSITORY

SUITES = REPOSITORY / "agm_platform" / "contracts" / "suites"
DICTIONARY = REPOSITORY / "docs" / "reference" / "tables.md"


def contracts(*, check_only: bool) -> int:
    """Write suites, lineage and data dictionary; with `check_only` name what is stale, return 1."""
    earlier = PATH.read_text(encoding="utf-8") if PATH.exists() else ""
    if not _is_json(earlier):  # not there, or merged by hand: the definitions read it as they load
        if check_only:
            print(f"not what the contracts say: {PATH.name}; run make contracts")  # noqa: T201
            return 1
        earlier = "{}"
        PATH.write_text(earlier, encoding="utf-8")
    from agm_platform.definitions import defs
    from agm_platform.lineage.tables import lineage_of_tables

    traced = lineage_of_tables(defs(), earlier)
    if not check_only:
        write_suites(TABLES, SUITES)
        PATH.write_text(traced, encoding="utf-8")
        lineage.cache_clear()
        origin.cache_clear()
        DICTIONARY.parent.mkdir(parents=True, exist_ok=True)
        DICTIONARY.write_text(markdown(TABLES), encoding="utf-8")
        return 0
    stale = list(stale_suites(TABLES, SUITES))
    if traced != earlier:
        stale.append(str(PATH.relative_to(REPOSITORY)))
    if not DICTIONARY.exists() or DICTIONARY.read_text(encoding="utf-8") != markdown(TABLES):
        stale.append(str(DICTIONARY.relative_to(REPOSITORY)))
    for name in stale:
        print(f"not what the contracts say: {name}; run make contracts")  # noqa: T201
    return 1 if stale else 0


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except json.JSONDecodeError:
        return False
    return True
