"""What people see, in a real browser: the site from disk, the dashboard, Dagster's pages.

One file, so that one worker pays for the browser, the site and the servers.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from agm_platform.cli.dashboard import command
from agm_platform.instance import prepare_dagster_home
from agm_platform.reports.site import write_site
from agm_platform.settings import REPOSITORY, Settings
from agm_platform_tests.browser.chromium import PATH, chromium, watched
from agm_platform_tests.browser.servers import free_port, serving
from agm_platform_tests.reports.conftest import ANSWERS, ROWS
from agm_platform_tests.reports.snapshots import publish

pytestmark = pytest.mark.skipif(
    PATH is None, reason="no Chromium on this machine (on Debian: apt install chromium)"
)
STORES = [("s1", 1200), ("s2", 2400), ("s1", 3600)]
ORDERS = {
    "peak.orders": [
        {"order_id": f"o{n}", "business_date": f"2020-11-{24 + n}", "store_id": store}
        | {"subtotal_usd_cents": cents}
        for n, (store, cents) in enumerate(STORES)
    ]
}
# It stands in the way of nobody: whatever the server's own code asks for is written down.
AUDIT = """
import os, sys

def note(event, given):
    if event in {"socket.connect", "socket.getaddrinfo"}:
        told = given[1] if event == "socket.connect" else given[0]
        with open(os.environ["AUDIT"], "a") as file:
            print(event, repr(told), file=file)

sys.addaudithook(note)
"""
PAGES = (
    "index",
    "peak",
    "agm",
    "loyalty",
    "instacart",
    "quality",
    "models",
    "methods",
    "dictionary",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as one:
        yield one


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish(tmp_path_factory.mktemp("first"), {**ROWS, **ORDERS}, ANSWERS)


@pytest.fixture(scope="module")
def site(snapshot: Path) -> Path:
    pages = write_site(snapshot, snapshot / "site")
    assert pages.keys() == {f"{name}.html" for name in PAGES}
    return snapshot / "site"


# The site.


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_the_site_is_fit_for_everybody(browser: Browser, site: Path, name: str) -> None:
    with watched(browser, color_scheme="light") as seen:
        seen.page.goto((site / f"{name}.html").as_uri())
        findings = {"light": seen.grave_findings()}
        seen.page.emulate_media(color_scheme="dark")
        findings["dark"] = seen.grave_findings()
        seen.page.emulate_media(color_scheme="dark", media="print")
        findings["print"] = seen.grave_findings()
        expect(seen.page.locator("nav")).to_be_hidden()
        expect(seen.page.locator("h1")).to_be_visible()
    assert findings == {"light": [], "dark": [], "print": []}
    assert (seen.errors, seen.outside) == ([], [])


def test_the_watch_sees_what_it_is_there_for(browser: Browser, tmp_path: Path) -> None:
    """A page with every fault at once: tests above that find nothing can find something."""
    bad = tmp_path / "bad.html"
    bad.write_text(
        "<title>x</title><p style='color:#ccc;background:#fff'>pale</p>"
        "<img src='http://192.0.2.1/pixel.png'><script>throw new Error('no')</script>"
    )
    with watched(browser) as seen:
        seen.page.goto(bad.as_uri(), wait_until="commit")
        seen.page.wait_for_selector("p")
        findings = " ".join(seen.grave_findings())
    assert "color-contrast" in findings
    assert "image-alt" in findings
    assert "no" in seen.errors
    assert seen.outside == ["http://192.0.2.1/pixel.png"]


def test_charts_are_there_without_scripts(browser: Browser, site: Path) -> None:
    with watched(browser, java_script_enabled=False) as seen:
        seen.page.goto((site / "peak.html").as_uri())
        chart = seen.page.get_by_role("img", name="Delivered sales by day")
        box = chart.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) > 100
        assert seen.page.locator("figure svg").count() >= 3


def test_the_keyboard_reaches_every_link_and_shows_where_it_is(
    browser: Browser, site: Path
) -> None:
    with watched(browser) as seen:
        seen.page.goto((site / "index.html").as_uri())
        wanted = set(
            seen.page.evaluate(
                "[...document.links].filter(a => a.checkVisibility()).map(a => a.href)"
            )
        )
        reached, unmarked = set(), []
        for _ in range(seen.page.evaluate("document.querySelectorAll('a, summary').length + 20")):
            seen.page.keyboard.press("Tab")
            link, outline = seen.page.evaluate(
                "(e => [e.href, getComputedStyle(e).outlineStyle])(document.activeElement)"
            )
            if link:
                reached.add(link)
                unmarked += [link] if outline == "none" else []
        assert wanted - reached == set()
        assert unmarked == []


def test_the_first_key_leads_past_the_menu(browser: Browser, site: Path) -> None:
    with watched(browser) as seen:
        seen.page.goto((site / "peak.html").as_uri())
        seen.page.keyboard.press("Tab")
        expect(seen.page.get_by_role("link", name="Skip to the content")).to_be_focused()
        seen.page.keyboard.press("Enter")
        assert seen.page.url.endswith("#content")


@pytest.mark.parametrize("name", ["index", "peak", "quality", "dictionary"])
def test_a_page_is_as_wide_as_a_telephone(browser: Browser, site: Path, name: str) -> None:
    with watched(browser, viewport={"width": 400, "height": 800}) as seen:
        seen.page.goto((site / f"{name}.html").as_uri())
        assert seen.page.evaluate("document.documentElement.scrollWidth") == 400


# The dashboard.


@pytest.fixture(scope="module")
def board(
    snapshot: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Path, Path]]:
    """The address of a dashboard, the link that it follows, and whom it spoke to."""
    data, spy = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("spy")
    (spy / "sitecustomize.py").write_text(AUDIT)
    audit, port = spy / "audit.txt", free_port()
    (data / "published").symlink_to(snapshot)
    environment = {"PYTHONPATH": f"{spy}:{REPOSITORY}", "AUDIT": str(audit), "HOME": str(spy)}
    with serving(command(Settings(data=data), port), "URL:", environment):
        yield f"http://127.0.0.1:{port}", data / "published", audit


def opened(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.get_by_role("button", name="Download CSV")).to_be_visible()
    settled(page)


def settled(page: Page) -> None:
    """Wait until the page has done what it was asked for: what was there before is gone."""
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()


def choose(page: Page, label: str, option: str, then: str) -> None:
    """Choose an option of a list and wait for the text that comes with it."""
    page.get_by_role("combobox", name=label, exact=True).click()
    page.get_by_role("option", name=option, exact=True).click()
    expect(page.get_by_text(then, exact=True).first).to_be_visible()
    settled(page)


def test_an_answer_leads_down_to_its_evidence(
    browser: Browser, board: tuple[str, Path, Path]
) -> None:
    with watched(browser, color_scheme="dark") as seen:
        opened(seen.page, board[0])
        expect(seen.page.get_by_text("Peak delivered 42 sales & <script>")).to_be_visible()
        expect(seen.page.get_by_role("img", name="Bar chart of Sales")).to_be_visible()
        choose(seen.page, "Dimension", "product", "2 rows.")
        choose(seen.page, "Question", "How many?", "Some.")
        assert seen.grave_findings() == []
    assert (seen.errors, seen.outside) == ([], [])


def test_filtered_rows_are_downloaded_as_they_are_shown(
    browser: Browser, board: tuple[str, Path, Path], tmp_path: Path
) -> None:
    with watched(browser, accept_downloads=True) as seen:
        opened(seen.page, board[0])
        seen.page.get_by_text("Table", exact=True).click()
        expect(seen.page.get_by_text("agm.sales_insights").first).to_be_visible()
        settled(seen.page)
        choose(seen.page, "Source", "Peak Deliveries", "peak.delivery_insights")
        choose(seen.page, "Table", "peak.orders", "3 rows.")
        choose(seen.page, "Store id", "s1", "2 rows.")
        seen.page.keyboard.press("Escape")  # the list stays open for more choices
        with seen.page.expect_download() as waiting:
            seen.page.get_by_role("button", name="Download CSV", exact=True).click()
        waiting.value.save_as(tmp_path / "rows.csv")
        assert waiting.value.suggested_filename == "peak.orders.csv"
    rows = list(csv.DictReader((tmp_path / "rows.csv").read_text().splitlines()))
    assert sorted((row["order_id"], row["subtotal_usd_cents"]) for row in rows) == [
        ("o0", "1200"),
        ("o2", "3600"),
    ]
    assert seen.outside == []


def test_a_new_snapshot_is_told_without_being_asked(
    browser: Browser, board: tuple[str, Path, Path], snapshot: Path, tmp_path: Path
) -> None:
    address, link, _ = board
    newer = publish(tmp_path / "second", {}, [{"answer_id": "agm.new", "question": "New?"}])
    with watched(browser) as seen:
        opened(seen.page, address)
        try:
            move(link, newer)
            expect(seen.page.get_by_text("A new snapshot is there.")).to_be_visible()
            seen.page.get_by_role("button", name="Show it").click()
            expect(seen.page.get_by_role("heading", name="New?")).to_be_visible()
        finally:
            move(link, snapshot)


def test_before_the_first_snapshot_the_page_waits_for_it(
    browser: Browser, board: tuple[str, Path, Path], snapshot: Path
) -> None:
    address, link, _ = board
    link.unlink()
    with watched(browser) as seen:
        seen.page.goto(address)
        expect(seen.page.get_by_text("Nothing is published yet.")).to_be_visible()
        link.symlink_to(snapshot)
        expect(seen.page.get_by_role("button", name="Download CSV")).to_be_visible()


def test_the_server_of_the_dashboard_spoke_to_nobody_else(
    browser: Browser, board: tuple[str, Path, Path]
) -> None:
    with watched(browser) as seen:
        opened(seen.page, board[0])
    said = board[2].read_text().splitlines() if board[2].exists() else []
    assert [line for line in said if not any(name in line for name in LOCAL)] == []


LOCAL = ("127.0.0.1", "localhost", "'::1'", "None")


def move(link: Path, target: Path) -> None:
    aside = link.with_name(".new")
    aside.symlink_to(target)
    aside.replace(link)


# Dagster's own pages.


@pytest.fixture(scope="module")
def dagster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    data, port = tmp_path_factory.mktemp("dagster"), free_port()
    home = prepare_dagster_home(data / "dagster")
    environment = {
        "DAGSTER_HOME": str(home),
        "AGM_DATA": str(data),
        "AGM_LANDING": str(data / "landing"),
    }
    workspace = str(REPOSITORY / "workspace.yaml")
    webserver = [sys.executable, "-m", "dagster_webserver", "-w", workspace]
    with serving([*webserver, "-h", "127.0.0.1", "-p", str(port)], "Serving", environment, port):
        yield f"http://127.0.0.1:{port}"


def test_the_lineage_of_an_insight_goes_back_to_the_file(browser: Browser, dagster: str) -> None:
    with watched(browser, viewport={"width": 1600, "height": 1000}) as seen:
        seen.page.goto(
            f"{dagster}/assets/peak/delivery_insights?view=lineage&lineageScope=upstream"
        )
        expect(seen.page.get_by_text("delivery_insights").first).to_be_visible()
        expect(seen.page.get_by_text("order_lines", exact=True).first).to_be_visible()


def test_every_rule_of_a_table_is_a_check_in_the_ui(browser: Browser, dagster: str) -> None:
    with watched(browser, viewport={"width": 1600, "height": 1000}) as seen:
        seen.page.goto(f"{dagster}/assets/peak/orders?view=checks")
        for name in ("orders__shape", "order_id__unique"):
            expect(seen.page.get_by_text(name, exact=True).first).to_be_visible()
