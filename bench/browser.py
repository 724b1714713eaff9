"""Chromium for benchmarks and tests, without the calls home that a closed network would only refuse; and axe-core."""

from __future__ import annotations

import shutil

from playwright.sync_api import Browser, Page, Playwright

from isobot.content.reference import ROOT

_AXE = ROOT / "widget" / "node_modules" / "axe-core" / "axe.min.js"
_STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run", "--disable-quic",
]  # fmt: skip


def launch(playwright: Playwright) -> Browser:
    """Start Chromium."""
    return playwright.chromium.launch(executable_path=shutil.which("chromium"), args=_FLAGS)


def violations(page: Page) -> list[str]:
    """Return what axe-core objects to on the page as it is, a line for each place."""
    page.evaluate(_AXE.read_text(encoding="utf-8"))
    found = page.evaluate("tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", _STANDARDS)
    return [f"{v['id']}: {n['target']} {n['failureSummary']}" for v in found["violations"] for n in v["nodes"]]
