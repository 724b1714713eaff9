"""A browser context whose pages must neither complain nor speak to anybody but those that they may."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page


class Watched:
    """A browser context whose pages must neither complain nor speak to anybody but those that they may."""

    def __init__(self, context: BrowserContext, hosts: set[str]) -> None:
        self.context = context
        self._hosts = hosts
        self.complaints: list[str] = []
        self.expected: tuple[str, ...] = ()
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        context.on("console", lambda message: self._note(message.type, message.text))
        context.on("request", lambda request: self._asked(request.url))

    def _note(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(text)

    def _asked(self, url: str) -> None:
        if urlsplit(url).scheme in ("http", "https") and urlsplit(url).netloc not in self._hosts:
            self.complaints.append(f"asked {url}")

    def open(self, url: str) -> Page:
        """Return a new page at `url`."""
        page = self.context.new_page()
        page.goto(url)
        return page

    def check(self) -> None:
        """Fail where a page complained of something that the test did not bring about."""
        unexpected = [c for c in self.complaints if not any(words in c for words in self.expected)]
        assert not unexpected, unexpected
