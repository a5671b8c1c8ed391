"""A Chromium that is on the machine, watched: what a page complains of and what it asks for."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Request, expect, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PATH = next(filter(None, map(shutil.which, NAMES)), None)
HERE = {"file", "data", "blob", "about"}
LOOPBACK = {"127.0.0.1", "localhost"}
GRAVE = {"serious", "critical"}
PATIENCE = 120_000
"""Milliseconds to wait for something on a page: a busy machine is no fault of the page."""
expect.set_options(timeout=PATIENCE)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the browser without a window; its sandbox needs rights that a container lacks."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=PATH, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@dataclass
class Watched:
    """A page, and what it did that it must not do."""

    page: Page
    errors: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on(
            "console", lambda told: self.errors.append(told.text) if told.type == "error" else None
        )
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", self._note)

    def grave_findings(self) -> list[str]:
        """Return what axe-core finds serious or critical on the page as it is now."""
        found: list[dict[str, Any]] = Axe().run(self.page).response["violations"]
        return [
            f"{one['id']} at {one['nodes'][0]['target']}, {len(one['nodes'])} places"
            for one in found
            if one["impact"] in GRAVE
        ]

    def _note(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in HERE and parts.hostname not in LOOPBACK:
            self.outside.append(request.url)


@contextmanager
def watched(browser: Browser, **options: Any) -> Iterator[Watched]:
    """Open a page of its own; `options` are those of a browser context (color_scheme, ...)."""
    context = browser.new_context(**options)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    yield Watched(page)
    context.close()
