"""A real browser for pages: Debian's Chromium, driven by Playwright, without a network."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-quic",
)  # fmt: skip


@dataclass
class Visit:
    """A page that was opened, and all that it asked for and said.

    Attributes
    ----------
    asked : addresses, the page's own included
    complaints : errors and warnings on its console, and errors in its scripts
    """

    page: Page
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@contextmanager
def visit(address: str, width: int = 1200) -> Iterator[Visit]:
    """Open an address of this machine in a browser that has no network."""
    chromium = next(filter(None, map(shutil.which, NAMES)), None)
    assert chromium, "no Chromium on this machine: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        context = browser.new_context(offline=True, viewport={"width": width, "height": 900})
        seen = Visit(context.new_page())
        seen.page.on("request", lambda request: seen.asked.append(request.url))
        seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        seen.page.on(
            "console",
            lambda said: (
                seen.complaints.append(said.text) if said.type in ("error", "warning") else None
            ),
        )
        seen.page.goto(address)
        yield seen
        browser.close()
