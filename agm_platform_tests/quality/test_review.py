"""The review page, made from a journal alone and read as a reviewer's browser reads it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from agm_platform.contracts.model import Column, OnFailure, Rule, Table, Type
from agm_platform.quality.journal import Journal, Step
from agm_platform.quality.profile import Profile
from agm_platform.quality.results import Judgement, Result, State, crashed, judged
from agm_platform.quality.review import review_html, write_review
from agm_platform.quality.sparkline import sparkline, states_in_words
from agm_platform.quality.usual import usual_rule

START = datetime(2026, 11, 1, 8, tzinfo=UTC)
SALES = Table("shop", "sales", "Sales.", (Column("sale_id", Type.TEXT, "Number."),))
SHAPE = Rule("sales__shape", "table_shape", {}, "columns are those of the contract")
UNIQUE = Rule(
    "sale_id__unique", "expect_column_values_to_be_unique", {"column": "sale_id"}, "stands once"
)
LENGTH = Rule(
    "sale_id__length",
    "expect_column_value_lengths_to_equal",
    {"column": "sale_id", "value": 3},
    "three <characters>",
    OnFailure.WARN,
)


class Page(HTMLParser):
    """What matters of a page: its text, ids, links, tags and attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.rows: dict[str, str] = {}
        self._row: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "tr":
            self._row = dict(attrs).get("id") or ""

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if self._row:
            self.rows[self._row] = self.rows.get(self._row, "") + data

    @property
    def text(self) -> str:
        return " ".join("".join(self.texts).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal.sqlite")


def unique(failing: int) -> Result:
    return judged(UNIQUE, Judgement(not failing, 10, 0, failing))


def runs(journal: Journal, *results: Sequence[Result]) -> None:
    for number, found in enumerate(results):
        step = Step(f"run-{number}", START + timedelta(days=number), SALES)
        shape = judged(SHAPE, Judgement(passed=True))
        query = {UNIQUE.name: 'SELECT * FROM shop.sales QUALIFY "twice"'}
        queries = query if any(one.rule is UNIQUE and one.unexpected_count for one in found) else {}
        journal.record(step, [shape, *found], [Profile("", 10)], queries)


def page(journal: Journal) -> Page:
    return Page(review_html(journal, START + timedelta(days=30)))


def test_before_the_first_run_the_page_says_that_there_is_nothing_to_review(
    journal: Journal,
) -> None:
    assert "No check has been judged yet" in page(journal).text


def test_when_all_passed_the_page_says_so(journal: Journal) -> None:
    runs(journal, [unique(0)])
    assert "Every check that was judged passed" in page(journal).text


def test_a_failure_tells_since_when_what_it_means_and_how_to_see_the_rows(
    journal: Journal,
) -> None:
    runs(journal, [unique(1)], [unique(0)], [unique(2)], [unique(3)])
    row = " ".join(page(journal).rows["shop.sales.sale_id__unique"].split())
    assert "3 of 10 rows (30.0 %) fail: stands once" in row
    assert "Since 2026-11-03 08:00, 2 runs, from run run-2" in row
    assert "Stops what is downstream" in row
    assert 'SELECT * FROM shop.sales QUALIFY "twice"' in row


def test_a_streak_goes_back_beyond_the_runs_of_the_trend(journal: Journal) -> None:
    runs(journal, [unique(0)], *[[unique(1)]] * 25)
    assert "Since 2026-11-02 08:00, 25 runs" in " ".join(
        page(journal).rows["shop.sales.sale_id__unique"].split()
    )
    pictures = [picture["aria-label"] for picture in page(journal).all("svg")]
    assert "last 20 runs: 20 failed; newest failed" in pictures


def test_a_check_that_crashed_is_told_apart_and_warnings_come_after_what_blocks(
    journal: Journal,
) -> None:
    runs(journal, [crashed(LENGTH, "no such column"), unique(1)])
    text = page(journal).text
    assert "the check itself has to be mended" in text
    assert text.index("shop.sales.sale_id__unique") < text.index("shop.sales.sale_id__length")


def test_an_alarm_stands_with_its_band_and_a_switched_off_check_under_its_own_heading(
    journal: Journal,
) -> None:
    alarm = Result(
        usual_rule(SALES), State.FAILED, "5 rows; usual 60 to 95 on 28 earlier deliveries"
    )
    runs(journal, [alarm])
    assert "5 rows; usual 60 to 95 on 28 earlier deliveries" in page(journal).text
    with journal._open() as db:  # states of a later version are shown as they are
        db.execute("update results set state = 'off'")
    text = page(journal).text
    assert "2 switched off" in text
    assert "0 not as usual" in text


def test_a_check_run_alone_does_not_hide_the_others(journal: Journal) -> None:
    runs(journal, [unique(1), judged(LENGTH, Judgement(True, 10, 0, 0))])
    step = Step("alone", START + timedelta(days=9), SALES)
    journal.record(step, [judged(LENGTH, Judgement(True, 10, 0, 0))])
    assert "1 failed or crashed" in page(journal).text


def test_a_rule_that_is_gone_is_not_counted_any_more_but_keeps_its_row(journal: Journal) -> None:
    runs(journal, [unique(1)], [])
    found = page(journal)
    assert "0 failed or crashed" in found.text
    assert "Not judged since 2026-11-01 08:00" in found.rows["shop.sales.sale_id__unique"]


def test_every_link_leads_somewhere_and_every_id_stands_once(journal: Journal) -> None:
    runs(journal, [unique(1), crashed(LENGTH, "x")])
    found = page(journal)
    ids = [attributes["id"] for _, attributes in found.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    targets = {str(link["href"]).removeprefix("#") for link in found.all("a")}
    assert targets <= set(ids)
    assert {"shop.sales", "shop.sales.sale_id__unique"} <= targets


def test_the_page_needs_no_network_and_no_script_and_text_is_escaped(journal: Journal) -> None:
    runs(journal, [crashed(LENGTH, "<b>bold</b>")])
    html = review_html(journal, START)
    found = Page(html)
    assert not {tag for tag, _ in found.tags} & {"script", "img", "link", "iframe", "b"}
    assert not [1 for _, attributes in found.tags if "src" in attributes or "style" in attributes]
    assert "http" not in html.replace("http-equiv", "")
    assert "three &lt;characters&gt;" in html


def test_tables_have_headings_and_pictures_have_words(journal: Journal) -> None:
    runs(journal, [unique(1), crashed(LENGTH, "x")])
    found = page(journal)
    assert found.all("html")[0]["lang"] == "en"
    assert all(heading.get("scope") in {"col", "row"} for heading in found.all("th"))
    pictures = found.all("svg")
    assert pictures
    assert all(picture["role"] == "img" and picture["aria-label"] for picture in pictures)


def test_the_page_is_replaced_whole_and_nothing_else_is_left(tmp_path: Path) -> None:
    target = tmp_path / "quality" / "review.html"
    journal = tmp_path / "quality" / "journal.sqlite"
    write_review(journal, target, START)
    first = target.read_text(encoding="utf-8")
    runs(Journal(journal), [unique(1)])
    write_review(journal, target, START)
    assert target.read_text(encoding="utf-8") != first
    assert not list(target.parent.glob(".*"))
    again = target.read_bytes()
    write_review(journal, target, START)
    assert target.read_bytes() == again


def test_a_trend_in_words_counts_and_names_the_newest() -> None:
    assert states_in_words(["passed", "failed", "failed"]) == (
        "last 3 runs: 2 failed, 1 passed; newest failed"
    )
    assert states_in_words(["passed"]) == "last run: 1 passed; newest passed"


def test_a_wrong_result_has_a_higher_bar_than_a_passed_one_by_its_share() -> None:
    picture = sparkline(["passed", "failed", "crashed"], [0.0, 0.5, 0.0])
    heights = [float(rect["height"] or 0) for rect in Page(picture).all("rect")]
    assert heights == [4, 13.5, 18]
