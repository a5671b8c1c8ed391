"""No name and no street of a customer leaves the tables that are marked personal."""

from __future__ import annotations

import pytest

from agm_platform_tests.end_to_end.fault_story import FaultStory
from agm_platform_tests.end_to_end.one_platform import Platform


@pytest.fixture(scope="module")
def texts(fault_story: FaultStory) -> set[str]:
    """Last names and streets of everybody, but for names that are public places too."""
    people = fault_story.world.connection.sql(
        "select last_name, street from agm.customers"
        " union select last_name, street from truth.peak_versions"
    ).fetchall()
    places = fault_story.platform.query("from reference.public_zip_places")
    found = {text for person in people for text in person if len(text) >= 6}
    return found - found_in(repr(places), found)


def found_in(content: str, texts: set[str]) -> set[str]:
    return {text for text in texts if text in content}


def stored(platform: Platform, *, published: bool) -> str:
    return "\n".join(repr(rows) for rows in platform.tables(published=published).values())


def test_the_warehouse_holds_what_is_looked_for(fault_story: FaultStory, texts: set[str]) -> None:
    assert len(texts) > 200
    assert len(found_in(stored(fault_story.platform, published=False), texts)) > len(texts) * 0.9


def test_nothing_published_holds_a_name_or_a_street(
    fault_story: FaultStory, texts: set[str]
) -> None:
    assert found_in(stored(fault_story.platform, published=True), texts) == set()
    files = [path for path in fault_story.platform.published.rglob("*") if path.is_file()]
    assert files
    for path in files:
        assert found_in(path.read_bytes().decode(errors="replace"), texts) == set()


def test_neither_the_journal_of_checks_nor_its_page_holds_a_name_or_a_street(
    fault_story: FaultStory, texts: set[str]
) -> None:
    files = {path.name: path for path in (fault_story.platform.data / "quality").iterdir()}
    assert {"journal.sqlite", "review.html"} <= files.keys()
    for path in files.values():
        assert found_in(path.read_bytes().decode(errors="replace"), texts) == set(), path


def test_neither_the_run_history_nor_the_console_holds_a_name_or_a_street(
    fault_story: FaultStory, texts: set[str]
) -> None:
    home = fault_story.platform.data / "dagster"
    files = [path for path in home.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) > 1_000_000
    for path in files:
        assert found_in(path.read_bytes().decode(errors="replace"), texts) == set(), path
    for output in fault_story.platform.output:
        assert found_in(output, texts) == set()


def test_the_same_person_has_the_same_pseudonym_in_every_table(fault_story: FaultStory) -> None:
    for orders, people in (("peak.orders", "peak.clean_customers"), ("agm.orders", "agm.segments")):
        strangers = fault_story.platform.query(
            f"from {orders} anti join {people} using (customer_id)", published=True
        )
        assert strangers == []


def test_every_published_place_is_shared_by_ten_and_every_figure_is_of_ten(
    fault_story: FaultStory,
) -> None:
    for table in ("peak.clean_customers", "agm.clean_customers"):
        few = fault_story.platform.query(
            f"select state, zip from {table} where zip is not null group by all"
            " having count(*) < 10",
            published=True,
        )
        assert few == []
    for table in ("peak.delivery_insights", "agm.sales_insights"):
        small = fault_story.platform.query(
            f"from {table} where dimension <> 'total' and customers between 1 and 9",
            published=True,
        )
        assert small == []
    assert fault_story.platform.query(
        "select count(*) > 0 from peak.delivery_insights where customers between 1 and 9"
    ) == [(True,)]
