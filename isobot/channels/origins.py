"""Which web pages may use the assistant: those of its own host, and those that the clinic lists in clinic.yml."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit


def is_allowed(origin: str | None, host: str, websites: Collection[str]) -> bool:
    """Return whether a request may be answered.

    Args:
        origin: the header of that name; None for what is no page of another site (a terminal, a page of this host).
        host: the header of that name.
        websites: the origins that clinic.yml lists: "https://www.example.org".
    """
    return origin is None or origin in websites or urlsplit(origin).netloc == host


def cors_headers(origin: str | None, host: str, websites: Collection[str]) -> dict[str, str]:
    """Return what lets an allowed page of another host read the answer; `Vary` keeps caches from mixing them up."""
    if origin is None or not is_allowed(origin, host, websites):
        return {"Vary": "Origin"}
    return {
        "Vary": "Origin",
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Methods": "GET, POST, DELETE",
        "Access-Control-Allow-Headers": "authorization, content-type",
        "Access-Control-Expose-Headers": "retry-after",
        "Access-Control-Max-Age": "600",
    }
