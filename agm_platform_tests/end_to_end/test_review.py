"""Quality over time, of whole runs: nothing that was judged is missing; links lead somewhere."""

from __future__ import annotations

import json
import re

from agm_platform_tests.end_to_end.conftest import Clean
from agm_platform_tests.end_to_end.one_platform import Platform


def told(platform: Platform) -> set[str]:
    rows = platform.query(
        "select source || '.' || table_name || ' ' || check_name from quality.check_results"
    )
    return {name for (name,) in rows}


def test_the_table_of_results_has_every_check_of_its_own_run(clean: Clean) -> None:
    # So it was made after the last check of every other table.
    judged = {each.check for each in clean.platform.evaluations()}
    later = ("quality.check_results ", "quality.scores ")
    assert told(clean.platform) == {name for name in judged if not name.startswith(later)}


def test_scores_are_told_of_every_day_of_a_table_kept_by_day(clean: Clean) -> None:
    days = clean.platform.query(
        "select count(distinct score_date) from quality.scores"
        " where source = 'peak' and table_name = 'staged_orders'"
    )
    assert days == [(8,)]
    whole = clean.platform.query(
        "select count(*) from quality.scores where completeness < 0 or completeness > 1"
    )
    assert whole == [(0,)]


def test_every_answer_leads_to_its_table_on_the_page(clean: Clean) -> None:
    page = (clean.platform.published / ".." / "quality" / "review.html").resolve()
    anchors = set(
        re.findall(r' id="([^"]+)"', (clean.platform.data / "quality" / page.name).read_text())
    )
    answers = json.loads(clean.answers)
    links = [answer["review"] for answer in answers]
    assert all(link.startswith("../quality/review.html#") for link in links)
    assert {link.partition("#")[2] for link in links} <= anchors
