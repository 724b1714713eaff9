"""Our chat widget beside two public ones in Chromium: `python -m bench.other_widgets`. Its table: docs/widget.md.

Each stands alone on a page, once without and once with a strict content security policy. The others come from npm at
the versions below, without their install scripts, into build/other-widgets; their servers are not there, so that only
what the page itself shows is compared. Needs Chromium and npm.
"""

from __future__ import annotations

import gzip
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, sync_playwright

from bench import report
from bench.browser import launch, violations
from bench.widget import DOCUMENT
from isobot.channels.pages import DIST, assets
from isobot.cli.stack import LOOPBACK, Stack
from isobot.content.clinic import CLINIC_FILE
from isobot.content.reference import ROOT

FOLDER = ROOT / "build" / "other-widgets"
SETTLED_MS = 3_000
# Everything below a page, shadow roots included.
_ALL = (
    "(() => { const found = []; const walk = root => root.querySelectorAll('*').forEach(e => { found.push(e);"
    " if (e.shadowRoot) walk(e.shadowRoot) }); walk(document); return found })()"
)
LIVE = f"{_ALL}.filter(e => e.ariaLive || ['log', 'status', 'alert'].includes(e.getAttribute('role'))).length"
FIELDS = f"{_ALL}.filter(e => e.matches('textarea, input, [contenteditable=true]')).length"
HEARD = "window.refused = 0; document.addEventListener('securitypolicyviolation', () => window.refused++)"


@dataclass(frozen=True)
class Widget:
    """A widget under test.

    Attributes:
        name: with its version.
        body: the HTML that puts it on a page.
        bundle: its script.
        package: its npm package, or None.
    """

    name: str
    body: str
    bundle: Path
    package: str | None = None


OTHERS = (
    Widget(
        "deep-chat 2.4.2",
        '<deep-chat demo="true"></deep-chat><script type="module" src="/deep-chat/dist/deepChat.bundle.js"></script>',
        FOLDER / "node_modules" / "deep-chat" / "dist" / "deepChat.bundle.js",
        "deep-chat@2.4.2",
    ),
    Widget(
        "rasa-webchat 1.0.1",
        '<div id="webchat"></div><script src="/rasa-webchat/lib/index.js"></script><script src="/start.js"></script>',
        FOLDER / "node_modules" / "rasa-webchat" / "lib" / "index.js",
        "rasa-webchat@1.0.1",
    ),
)
START = (
    "WebChat.default({socketUrl: location.origin, title: 'Chat', embedded: true}, document.querySelector('#webchat'))"
)


@contextmanager
def site(pages: dict[str, tuple[str, str]]) -> Iterator[str]:
    """Serve pages (path: HTML and policy) and the packages; give the origin."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            html, policy = pages.get(self.path, ("", ""))
            file = FOLDER / "node_modules" / self.path.lstrip("/")
            script = START.encode() if self.path == "/start.js" else file.read_bytes() if file.suffix == ".js" else b""
            self.send_response(200 if html or script else 404)
            self.send_header("Content-Type", "text/html" if html else "text/javascript")
            if policy:
                self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(html.encode() or script)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer((LOOPBACK, 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://{LOOPBACK}:{server.server_port}"
    finally:
        server.shutdown()


def policy_for(host: str) -> str:
    """Return the strict policy: scripts and requests of one host, and no HTML from strings but through two policies."""
    return (
        f"default-src 'none'; script-src {host}; connect-src {host}; base-uri 'none'; "
        "require-trusted-types-for 'script'; trusted-types lit-html dompurify"
    )


def row(browser: Browser, widget: Widget, free: str, strict: str, own: set[str]) -> list[str]:
    """Return a line of the table.

    Args:
        browser: Chromium.
        widget: what stands on the pages.
        free: the page without a policy.
        strict: the page with one.
        own: the hosts that it may speak to.
    """
    hosts: set[str] = set()
    context = browser.new_context()
    context.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    page = context.new_page()
    page.goto(free)
    page.wait_for_timeout(SETTLED_MS)
    live, objections = page.evaluate(LIVE), len(violations(page))
    context.close()
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script(HEARD)
    page.goto(strict)
    page.wait_for_timeout(SETTLED_MS)
    refused, fields = page.evaluate("window.refused"), page.evaluate(FIELDS)
    context.close()
    size = len(gzip.compress(widget.bundle.read_bytes(), 9, mtime=0)) / 1024
    others = sorted(host for host in hosts - own if host)
    shown = "works" if fields and not refused else "does not appear"
    return [
        widget.name,
        f"{size:.0f} KB",
        ", ".join(others) or "none",
        "yes" if live else "none",
        str(objections),
        f"{refused}, {shown}",
    ]


def page_of(body: str) -> str:
    """Return a small page with a widget on it."""
    return f'<!doctype html><html lang="en"><title>Clinic</title><body><main><h1>Clinic</h1></main>{body}'


def main() -> int:
    """Fetch the others, measure, show and keep the table; return the exit code."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    if not all(widget.bundle.exists() for widget in OTHERS):
        report.say("Fetching the other widgets from npm ...")
        packages = [widget.package for widget in OTHERS if widget.package]
        command = ["npm", "install", "--prefix", str(FOLDER), "--ignore-scripts", "--no-audit", "--no-fund", *packages]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    pages: dict[str, tuple[str, str]] = {}
    with site(pages) as origin, tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        clinic = Path(folder) / "clinic.yml"
        clinic.write_text(f'{CLINIC_FILE.read_text(encoding="utf-8")}\nwebsites: ["{origin}"]\n', encoding="utf-8")
        with Stack(database=Path(folder) / "c.db", environment={"ISOBOT_CLINIC": str(clinic)}) as stack:
            stack.wait_until_ready()
            body = f'<script type="module" src="{stack.url}/chat.js"></script><isobot-chat open></isobot-chat>'
            ours = Widget("this", body, DIST / "assets" / next(iter(assets())))
            browser = launch(playwright)
            rows = []
            for widget in (ours, *OTHERS):
                host = stack.url if widget is ours else origin
                pages["/free"] = page_of(widget.body), ""
                pages["/strict"] = page_of(widget.body), policy_for(host)
                own = {urlsplit(origin).netloc, urlsplit(stack.url).netloc}
                rows.append(row(browser, widget, f"{origin}/free", f"{origin}/strict", own))
            browser.close()
    table = report.Table(
        "Our chat widget beside others",
        ["", "script, gzip", "asks other hosts", "live region", "axe violations", "refused by a strict policy"],
        rows,
    )
    report.show(table)
    report.keep(table, "other-widgets", "python -m bench.other_widgets", DOCUMENT)
    return 0


if __name__ == "__main__":
    sys.exit(main())
