"""Pages open from disk, load nothing, can be read by everybody, and are the same each time."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from agm_platform.reports import site
from agm_platform.reports.report import Report, gather
from agm_platform.reports.site import MOST_ROWS, TooHeavyError, pages, write_site
from agm_platform_tests.reports.conftest import ANSWERS, ROWS
from agm_platform_tests.reports.pages import Page
from agm_platform_tests.reports.snapshots import breakdown, publish

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
BESIDE = "../"
"""Links that lead out of the site: to files of the snapshot and to the review page."""


@pytest.fixture(scope="module")
def texts(report: Report) -> dict[str, str]:
    return pages(report)


@pytest.fixture(scope="module")
def parsed(texts: dict[str, str]) -> dict[str, Page]:
    return {name: Page(text) for name, text in texts.items()}


def test_there_is_a_page_a_source_and_one_for_each_purpose(texts: dict[str, str]) -> None:
    purposes = {"index.html", "quality.html", "models.html", "dictionary.html", "methods.html"}
    assert purposes < texts.keys()
    assert {"agm.html", "peak.html", "loyalty.html", "instacart.html"} < texts.keys()


def test_a_page_needs_no_script_and_loads_nothing(parsed: dict[str, Page]) -> None:
    for page in parsed.values():
        loading = {"script", "link", "iframe", "object", "embed", "img", "audio", "video", "base"}
        assert loading.isdisjoint(tag for tag, _ in page.tags)
        for _, given in page.tags:
            assert not [name for name in given if name.startswith("on") or name == "src"]
            for name in ("href", "xlink:href"):
                assert not (given.get(name) or "").startswith(("http:", "https:", "//", "data:"))
        assert re.findall(r"url\((?!#)|@import", page.text) == []


def test_headings_are_in_order_under_one_title(parsed: dict[str, Page]) -> None:
    for name, page in parsed.items():
        assert page.levels.count(1) == 1, name
        assert page.levels[0] == 1
        steps = zip(page.levels, page.levels[1:], strict=False)
        assert all(after <= before + 1 for before, after in steps), name


def test_every_link_leads_somewhere(parsed: dict[str, Page]) -> None:
    for name, page in parsed.items():
        for link in page.all("a"):
            target = link["href"] or ""
            if target.startswith(BESIDE):
                continue
            file, _, anchor = target.partition("#")
            there = parsed[file or name]
            assert not anchor or anchor in there.ids, (name, target)


def test_no_two_things_on_a_page_share_an_id(parsed: dict[str, Page]) -> None:
    for name, page in parsed.items():
        assert sorted(page.ids) == sorted(set(page.ids)), name


def test_the_keyboard_reaches_the_content_first(parsed: dict[str, Page]) -> None:
    for page in parsed.values():
        assert page.all("html") == [{"lang": "en"}]
        assert page.all("a")[0] == {"class": "skip", "href": "#content"}
        assert [link for link in page.all("a") if link.get("aria-current") == "page"]
        assert all(given.get("tabindex") in {None, "0"} for _, given in page.tags)


def test_what_answers_and_tables_say_is_text_and_never_markup(texts: dict[str, str]) -> None:
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in texts["index.html"]
    assert "Soup &lt;b&gt;&amp; more&lt;/b&gt;" in texts["peak.html"]
    assert "About &lt;peak.delivery_insights&gt; &amp; more." in texts["dictionary.html"]


def test_an_answer_stands_with_figure_interval_and_evidence(parsed: dict[str, Page]) -> None:
    page = parsed["index.html"]
    assert page.numbers["peak.radius"] == [2 / 3, 0.5, 0.8, 97]
    assert "66.7 %</data></strong> of Peak customers, 95 % interval" in page.text
    assert "peak.html#peak.radius" in {link["href"] for link in page.all("a")}


def test_what_cannot_be_answered_is_said_apart(texts: dict[str, str]) -> None:
    assert "1 question that the data cannot answer yet" in texts["index.html"]
    assert "2 of 3 questions are answered" in texts["index.html"]


def test_charts_left_out_are_said(texts: dict[str, str]) -> None:
    assert "Where Peak&#39;s customers are: " in texts["peak.html"]


def test_a_long_table_is_cut_and_the_page_says_so(tmp_path: Path) -> None:
    meals = [breakdown("meals_in_sale", str(number), 1000 - number) for number in range(1, 151)]
    published = publish(tmp_path, {"peak.delivery_insights": meals}, [{"answer_id": "peak.sales"}])
    page = Page(pages(gather(published))["peak.html"])
    (caption,) = (name for name in page.tables if name.startswith("Meals in a sale"))
    assert caption.endswith(f"the first {MOST_ROWS} of 150 rows; all of them are in the workbook")
    assert len(page.tables[caption]) == 1 + MOST_ROWS


def test_the_same_snapshot_gives_the_same_bytes(
    tmp_path: Path, published: Path, texts: dict[str, str]
) -> None:
    again = publish(tmp_path / "elsewhere", ROWS, ANSWERS)
    sizes = write_site(again, tmp_path / "site")
    assert sizes == {name: len(text.encode()) for name, text in texts.items()}
    for name, text in texts.items():
        assert (tmp_path / "site" / name).read_text(encoding="utf-8") == text


def test_no_page_tells_the_run(texts: dict[str, str]) -> None:
    assert not [name for name, text in texts.items() if "a-run" in text]


def test_a_page_that_would_be_too_heavy_is_not_written(
    published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "MOST_BYTES", 10_000)
    with pytest.raises(TooHeavyError, match=r"peak\.html"):
        write_site(published, tmp_path / "site")
    assert not (tmp_path / "site").exists()


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
@pytest.mark.parametrize("name", ["index.html", "peak.html"])
def test_a_browser_opens_a_page_from_disk_without_complaint(
    name: str, published: Path, tmp_path: Path
) -> None:
    write_site(published, tmp_path / "site")
    options = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--dump-dom")
    done = subprocess.run(
        [
            str(CHROMIUM),
            *options,
            "--enable-logging=stderr",
            f"--user-data-dir={tmp_path / 'profile'}",
            (tmp_path / "site" / name).as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "</footer>" in done.stdout
    assert "CONSOLE" not in done.stderr
