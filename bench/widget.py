"""The figures of the chat widget in a real browser: `python -m bench.widget`. The table is kept in docs/widget.md.

Size of the bundle, first paint of our own page, and from Enter to the answer on the screen, beside the same questions
sent to the same server without a browser. Needs Chromium. `--pictures` also takes the pictures in docs/images.
"""

from __future__ import annotations

import argparse
import gzip
import io
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from bench import report
from bench.browser import launch
from isobot.channels.pages import assets
from isobot.channels.rate_limits import Allowed
from isobot.cli.stack import Stack
from isobot.content.reference import ROOT

DOCUMENT = ROOT / "docs" / "widget.md"
IMAGES = ROOT / "docs" / "images"
LOADS = 15
QUESTIONS = (
    "Can I drink alcohol?", "I missed a dose", "What helps with dry lips?", "Can I take ibuprofen?",
    "Does it cause hair loss?", "How long does it take to work?", "Can I wear contact lenses?", "Is it safe for teens?",
    "Can I get pregnant on it?", "How often are blood tests done?", "Can I go in the sun?", "Can I give blood?",
    "What is the purge?", "Can I exercise?", "Does acne come back after it?", "Can I wax my legs?",
    "Can I take vitamin A?", "Do I take it with food?", "Is tiredness normal?", "Can men father children on it?",
)  # fmt: skip
ROUNDS = 3


def percentile(values: list[float], share: float) -> float:
    """Return the value that `share` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def first_paints(browser: Browser, url: str) -> list[float]:
    """Return the milliseconds until something is painted, with an empty cache each time."""
    found = []
    for _ in range(LOADS):
        context = browser.new_context()
        page = context.new_page()
        page.goto(url)
        page.get_by_label("Your question").wait_for()
        found.append(float(page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")))
        context.close()
    return found


def in_the_browser(page: Page, question: str) -> float:
    """Return the milliseconds from Enter until the answer stands in the log."""
    field = page.get_by_label("Your question")
    field.fill(question)
    return float(
        page.evaluate(
            """() => new Promise(done => {
              const root = document.querySelector('isobot-chat').shadowRoot;
              const log = root.querySelector('[role=log]');
              const before = log.querySelectorAll('article').length;
              const begun = performance.now();
              new MutationObserver((_, watch) => {
                if (log.querySelectorAll("article").length === before) return;
                watch.disconnect();
                done(performance.now() - begun);
              }).observe(log, {childList: true, subtree: true});
              root.querySelector('form').requestSubmit();
            })"""
        )
    )


def without_a_browser(http: httpx.Client, question: str) -> float:
    """Return the milliseconds of the same question through the same server."""
    begun = time.perf_counter()
    http.post("/api/messages", json={"text": question}).raise_for_status()
    return 1000 * (time.perf_counter() - begun)


def hosts_asked(browser: Browser, url: str) -> set[str]:
    """Return the hosts that loading the page and asking a question speaks to."""
    context = browser.new_context()
    hosts: set[str] = set()
    context.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    page = context.new_page()
    page.goto(url)
    page.get_by_label("Your question").wait_for()
    in_the_browser(page, QUESTIONS[0])
    context.close()
    return hosts


def keep_picture(png: bytes, name: str) -> None:
    """Write a picture in few colours: a third of the size, and no difference to the eye."""
    Image.open(io.BytesIO(png)).convert("RGB").quantize(64).save(IMAGES / f"{name}.png", optimize=True)


SAID = {
    "answer": "Can I drink alcohol?",
    "picture": "70 kg, 20 mg for 30 days, then 40 mg for 60 days. What is my total so far?",
    "emergency": "i want to kill myself",
}
LOOKS: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "light": ({"viewport": {"width": 1100, "height": 900}}, ("answer", "picture", "emergency")),
    "dark": ({"viewport": {"width": 1100, "height": 900}, "color_scheme": "dark"}, ("answer",)),
    "phone": ({"viewport": {"width": 360, "height": 740}}, ("picture", "emergency")),
}


def take_pictures(browser: Browser, url: str) -> None:
    """Take the pictures in docs/images."""
    for look, (options, states) in LOOKS.items():
        context = browser.new_context(**options)
        page = context.new_page()
        page.goto(url)
        page.get_by_label("Your question").wait_for()
        if look == "light":
            keep_picture(page.screenshot(), "page")
        for state in states:
            in_the_browser(page, SAID[state])
            page.wait_for_timeout(600)  # until it has scrolled there
            keep_picture(page.locator("isobot-chat").screenshot(), f"widget-{look}-{state}")
        context.close()


def main(arguments: list[str] | None = None) -> int:
    """Measure, show and keep the table; return the exit code."""
    parser = argparse.ArgumentParser(prog="make bench-widget")
    parser.add_argument("--pictures", action="store_true", help="take the pictures in docs/images, too")
    options = parser.parse_args(arguments)
    (bundle,) = assets().values()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        credentials = Path(folder) / "credentials.yml"
        plenty = "".join(f"  {name}: 100000/minute\n" for name in vars(Allowed()))
        credentials.write_text(f"isobot.channels.web.WebChannel:\n{plenty}", encoding="utf-8")
        environment = {"ISOBOT_CREDENTIALS": str(credentials), "ISOBOT_OUTBOX": f"{folder}/outbox"}
        environment |= {
            "ISOBOT_ESCALATIONS": f"{folder}/escalations.jsonl",
            "ISOBOT_UNANSWERED": f"{folder}/notes.jsonl",
        }
        with Stack(database=Path(folder) / "conversations.db", environment=environment) as stack:
            stack.wait_until_ready()
            browser = launch(playwright)
            paints = first_paints(browser, stack.url)
            page = browser.new_page()
            page.goto(stack.url)
            page.get_by_label("Your question").wait_for()
            http = httpx.Client(base_url=stack.url, timeout=60)
            http.headers["authorization"] = f"Bearer {http.post('/api/sessions').json()['token']}"
            seen: list[float] = []
            alone: list[float] = []
            for question in QUESTIONS * ROUNDS:  # in turns, so that a busy machine slows both
                seen.append(in_the_browser(page, question))
                alone.append(without_a_browser(http, question))
            hosts = hosts_asked(browser, stack.url)
            if options.pictures:
                take_pictures(browser, stack.url)
            browser.close()
    table = report.Table(
        "The chat widget in Chromium",
        ["", "figure"],
        [
            ["bundle, gzip", f"{len(gzip.compress(bundle, 9, mtime=0)) / 1024:.1f} KB"],
            ["first paint of the page, median", f"{statistics.median(paints):.0f} ms"],
            ["answer on the screen, p50 / p95", f"{percentile(seen, 0.5):.0f} / {percentile(seen, 0.95):.0f} ms"],
            ["the same without a browser", f"{percentile(alone, 0.5):.0f} / {percentile(alone, 0.95):.0f} ms"],
            ["hosts spoken to", str(len(hosts))],
        ],
        f"{len(QUESTIONS) * ROUNDS} questions in one conversation each, in turns; {LOADS} loads with an empty cache.",
    )
    report.show(table)
    report.keep(table, "widget", "python -m bench.widget", DOCUMENT)
    return 0


if __name__ == "__main__":
    sys.exit(main())
