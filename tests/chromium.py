"""Headless Chromium with the network cut, which keeps what a page asked for and complained of."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, TimeoutError, sync_playwright

# the shell has no window of its own: a page costs half the processor time that it costs in the whole browser
BROWSERS = ("chromium-headless-shell", "chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-client-side-phishing-detection",
    # one process draws all the pages of a window: to start another costs as much as to open a page
    "--process-per-site",
    "--renderer-process-limit=1",
    "--host-resolver-rules=MAP * ~NOTFOUND",
]
# of the rest axe tells one example: it need not write down all that it found right
AXE_OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],
}
DESKTOP = (1440, 900)
PHONE = (390, 844)
SETTLED_MS = 120
READY_MS = 60_000  # a limit for a machine that does other work: what is ready is not waited for


def executable() -> str | None:
    """Return the browser of the system that starts fastest, ``None`` for that of playwright."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=executable(), headless=True, args=FLAGS)
        yield browser
        browser.close()


def new_window(browser: Browser, *, size: tuple[int, int], script: bool, **options: Any) -> BrowserContext:
    width, height = size
    return browser.new_context(
        viewport={"width": width, "height": height}, offline=True, java_script_enabled=script, **options
    )


class Windows:
    """The windows that pages of several tests share, by what they ask of it; each keeps its process alive.

    Our pages store nothing, so that a new page of a window knows nothing of those before it.
    """

    MOST = 4  # each holds the memory of a process

    def __init__(self) -> None:
        self.kept: dict[str, tuple[BrowserContext, Page]] = {}

    def window(self, browser: Browser, **options: Any) -> BrowserContext:
        key = repr((id(browser), sorted(options.items())))
        if key not in self.kept:
            context = new_window(browser, **options)
            context.on("close", lambda: self.kept.pop(key, None))
            self.kept[key] = context, context.new_page()
        self.kept[key] = self.kept.pop(key)  # the last one used stands last
        return self.kept[key][0]

    def clear(self, browser: Browser) -> None:
        """Close every page but the blank ones, the windows that are not shared, and the oldest shared."""
        for context, _ in list(self.kept.values())[: -self.MOST]:
            context.close()
        blank = dict(self.kept.values())
        for context in browser.contexts:
            if context not in blank:
                context.close()
                continue
            for page in context.pages:
                if page is not blank[context]:
                    page.close()


windows = Windows()


class Opened:
    """A ``page``, the ``requests`` it made, the ``complaints`` of its console.

    It has a window of its own, or one that it shares with the pages that ask for the same.
    """

    def __init__(
        self, browser: Browser, *, size: tuple[int, int], script: bool, shared: bool = False, **options: Any
    ):
        opening = windows.window if shared else new_window
        self.context = opening(browser, size=size, script=script, **options)
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page: Page = self.context.new_page()
        self.page.on("request", self._note_request)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._note_console)
        self.script = script

    def _note_request(self, request: Any) -> None:
        if not request.url.startswith(("data:", "blob:")):
            self.requests.append(request.url)

    def _note_console(self, message: Any) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def goto(self, file: Path, address: str = "") -> Page:
        self.page.goto(file.resolve().as_uri() + address)
        if self.script:
            # not wait_for_function: the policy of the page forbids eval
            try:
                self.page.wait_for_selector("html[data-ready]", state="attached", timeout=READY_MS)
            except TimeoutError as error:
                raise AssertionError(f"the page is not ready: {self.complaints}") from error
            self.page.wait_for_timeout(SETTLED_MS)
        return self.page


def open_page(
    browser: Browser,
    file: Path,
    address: str = "",
    *,
    size: tuple[int, int] = DESKTOP,
    script: bool = True,
    **options: Any,
) -> Opened:
    opened = Opened(browser, size=size, script=script, shared=True, **options)
    opened.goto(file, address)
    return opened


def axe_faults(page: Page) -> list[tuple[str, str]]:
    """Rules of WCAG 2.2 AA that axe finds broken, each with the first node that breaks it."""
    violations = Axe().run(page, options=AXE_OPTIONS).response["violations"]
    return [(violation["id"], violation["nodes"][0]["html"][:120]) for violation in violations]
