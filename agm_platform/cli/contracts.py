"""`make contracts`: the files made from the contracts, written or checked for drift."""

from __future__ import annotations

from agm_platform.contracts.dictionary import markdown
from agm_platform.contracts.registry import TABLES
from agm_platform.quality.suites import stale_suites, write_suites
from agm_platform.settings import REPOSITORY

SUITES = REPOSITORY / "agm_platform" / "contracts" / "suites"
DICTIONARY = REPOSITORY / "docs" / "reference" / "tables.md"


def contracts(*, check_only: bool) -> int:
    """Write suites and data dictionary; with `check_only` name what is stale and return 1."""
    page = markdown(TABLES)
    if not check_only:
        write_suites(TABLES, SUITES)
        DICTIONARY.parent.mkdir(parents=True, exist_ok=True)
        DICTIONARY.write_text(page, encoding="utf-8")
        return 0
    stale = list(stale_suites(TABLES, SUITES))
    if not DICTIONARY.exists() or DICTIONARY.read_text(encoding="utf-8") != page:
        stale.append(str(DICTIONARY.relative_to(REPOSITORY)))
    for name in stale:
        print(f"not what the contracts say: {name}; run make contracts")  # noqa: T201
    return 1 if stale else 0
