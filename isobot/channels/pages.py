"""The assistant's own page, and the chat widget's files, with the headers that keep both safe."""

from __future__ import annotations

import gzip
import html
import json as jsonlib
from functools import lru_cache
from pathlib import Path
from string import Template

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, raw

from isobot.channels.phones import dialled
from isobot.content.clinic import Clinic, clinic
from isobot.content.emergency import help_in
from isobot.content.reference import ROOT

DIST = ROOT / "widget" / "dist"
PAGE = Path(__file__).with_name("page")
_NO_PAGE = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_YEAR = 365 * 24 * 60 * 60
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
# What is no page: nothing may run or be framed from it, and nobody keeps it.
NO_PAGE = {**ALWAYS, "Content-Security-Policy": _NO_PAGE, "Cache-Control": "no-store"}


def page_policy(websites: tuple[str, ...]) -> str:
    """Return the content security policy of the assistant's own page; the clinic's websites may frame it."""
    return "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "connect-src 'self'",
            "img-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            " ".join(["frame-ancestors 'self'", *websites]),
            "require-trusted-types-for 'script'",
            "trusted-types lit-html dompurify",
        ]
    )


def page(about: Clinic) -> str:
    """Return the page's HTML, filled in with who runs the assistant."""
    whom = help_in(about.country or None)
    contact = html.escape(about.contact)
    if about.phone:
        number = html.escape(about.phone)
        contact = contact.replace(number, f'<a href="tel:{dialled(about.phone)}">{number}</a>')
    return Template((PAGE / "index.html").read_text(encoding="utf-8")).substitute(
        runs=html.escape(about.name) or "This copy has not been set up by a clinic yet",
        contact=contact,
        emergency=html.escape(whom.emergency),
        title=html.escape(about.name or "Isotretinoin assistant"),
    )


@lru_cache(maxsize=1)
def assets() -> dict[str, bytes]:
    """Return the widget's files by name: those that its manifest lists, read once.

    Raises:
        FileNotFoundError: when the bundle was not built.
    """
    names = jsonlib.loads((DIST / "manifest.json").read_text(encoding="utf-8")).values()
    return {Path(name).name: (DIST / name).read_bytes() for name in names}


@lru_cache(maxsize=4)
def compressed(name: str) -> bytes:
    """Return one of the widget's files, compressed by gzip."""
    return gzip.compress(assets()[name], 9, mtime=0)


def loader() -> str:
    """Return chat.js: it imports the bundle by its name with the hash, so that the bundle can be kept for a year."""
    manifest = jsonlib.loads((DIST / "manifest.json").read_text(encoding="utf-8"))
    return f'import "./{manifest["chat.js"]}";\n'


def pages_blueprint() -> Blueprint:
    """Return the routes of the page and of the widget's files."""
    routes = Blueprint("isobot_pages")

    @routes.get("/")
    async def home(request: Request) -> HTTPResponse:
        policy = page_policy(tuple(clinic().websites))
        return _file(page(clinic()), "text/html; charset=utf-8", 0, {"Content-Security-Policy": policy})

    @routes.get("/page.css")
    async def styles(request: Request) -> HTTPResponse:
        return _file((PAGE / "page.css").read_bytes(), "text/css; charset=utf-8", 300)

    @routes.get("/icon.svg")
    async def icon(request: Request) -> HTTPResponse:
        return _file((PAGE / "icon.svg").read_bytes(), "image/svg+xml", 300, {"Content-Security-Policy": _NO_PAGE})

    @routes.get("/chat.js")
    async def chat(request: Request) -> HTTPResponse:
        return _file(loader(), "text/javascript; charset=utf-8", 300, _EVERYWHERE)

    @routes.get("/assets/<name:str>")
    async def asset(request: Request, name: str) -> HTTPResponse:
        body = assets().get(name)
        if body is None:
            return raw(b"", 404, NO_PAGE)
        headers = {**_EVERYWHERE, "Vary": "Accept-Encoding"}
        if "gzip" in request.headers.get("accept-encoding", ""):
            body, headers = compressed(name), {**headers, "Content-Encoding": "gzip"}
        return _file(body, "text/javascript; charset=utf-8", _YEAR, headers)

    return routes


# A module script of another site is fetched with CORS; it holds nothing secret.
_EVERYWHERE = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}


def _file(body: str | bytes, content_type: str, seconds: int, headers: dict[str, str] | None = None) -> HTTPResponse:
    """Return a file that may be kept for so many seconds."""
    kept = "no-cache" if not seconds else f"public, max-age={seconds}" + (", immutable" if seconds == _YEAR else "")
    data = body.encode() if isinstance(body, str) else body
    return raw(data, 200, {**ALWAYS, "Cache-Control": kept, **(headers or {})}, content_type)
