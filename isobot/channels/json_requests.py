"""Reads JSON out of requests and refuses with JSON, for the channels that speak it."""

from __future__ import annotations

from typing import Any

from sanic.request import Request
from sanic.response import HTTPResponse, json


def json_object(request: Request) -> dict[str, Any] | None:
    """Return the request's JSON object, or None where it is none."""
    try:
        body = request.json
    except Exception:  # Sanic raises its own InvalidUsage, or a decoding error
        return None
    return body if isinstance(body, dict) else None


def refusal(status: int, message: str) -> HTTPResponse:
    """Return an answer that says what to do next."""
    return json({"error": message}, status)
