"""Reads a message out of the JSON that a client sent."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from isobot.content.reference import countries

_MESSAGE_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")


@dataclass(frozen=True)
class Incoming:
    """A message as a client sent it.

    Attributes:
        text: what the person wrote; empty where a choice was picked.
        choice: the id of that choice, or None.
        message_id: the client's id for it, or None.
        country: a country code, or None.
    """

    text: str
    choice: str | None
    message_id: str | None
    country: str | None

    @classmethod
    def of(cls, body: Any) -> Incoming | None:
        """Return the message that a request's JSON holds, or None where it holds none."""
        if not isinstance(body, dict):
            return None
        text, choice, message_id = body.get("text"), body.get("choice"), body.get("id")
        text = text if choice is None else ""
        if not isinstance(text, str) or not isinstance(choice, str | None):
            return None
        if message_id is not None and not (isinstance(message_id, str) and _MESSAGE_ID.fullmatch(message_id)):
            return None
        return cls(text, choice, message_id, country_of(body.get("country")))


def country_of(told: Any) -> str | None:
    """Return the code of a country that has rules of its own, or None."""
    code = str(told or "").upper()
    return code if code in countries() else None
