"""Chromium, driven by Playwright, and a clinic's own website to put the chat on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from watched import Watched

from bench.browser import launch
from isobot.cli.stack import Stack

ANSWER_MS = 15_000  # on a busy machine
expect.set_options(timeout=ANSWER_MS)


@pytest.fixture(scope="module")  # Playwright's event loop runs as long as it is open: no test beside it may need one
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def watch(browser: Browser, stack: Stack, other_site: str) -> Iterator[Callable[..., Watched]]:
    """Open a context (arguments as Playwright's `new_context`); at the end nothing may have complained."""
    hosts = {urlsplit(stack.url).netloc, urlsplit(other_site).netloc}
    opened: list[Watched] = []

    def new(**options: object) -> Watched:
        opened.append(Watched(browser.new_context(**options), hosts))  # type: ignore[arg-type]
        return opened[-1]

    yield new
    for watched in opened:
        watched.context.close()
        watched.check()


@pytest.fixture
def page(watch: Callable[..., Watched], stack: Stack) -> Page:
    """The assistant's own page."""
    return watch().open(stack.url)


@pytest.fixture(scope="session")
def clinic_site(stack: Stack, other_site: str) -> Iterator[Callable[[str, str], None]]:
    """A clinic's website at `other_site`; call it with the HTML of its page and its content security policy."""
    shown = {"html": "", "policy": ""}

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/" else 204)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Security-Policy", shown["policy"])
            self.end_headers()
            self.wfile.write(shown["html"].encode() if self.path == "/" else b"")

        def log_message(self, *_: object) -> None:
            pass

    def show(html: str, policy: str) -> None:
        shown.update(html=html, policy=policy)

    where = urlsplit(other_site)
    server = ThreadingHTTPServer((str(where.hostname), int(where.port or 0)), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield show
    server.shutdown()
