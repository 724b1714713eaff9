"""Reads Matrix events: which of a transaction can be trusted to be whole, and what a message says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from isobot.channels.messaging.messenger import TEXT

_KINDS = {
    "m.image": "picture",
    "m.video": "picture",
    "m.audio": "voice",
    "m.file": "file",
    "m.location": "place",
}
_WORDS = ("m.text", "m.emote")
_NEEDED = ("type", "sender", "room_id", "event_id")


def readable_events(body: bytes | Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """Return the events of a transaction that have what an event must have, or None where it is no transaction.

    Args:
        body: the request's JSON, or what it says.
    """
    if isinstance(body, bytes):
        try:
            body = json.loads(body)
        except ValueError:
            return None
    events = body.get("events") if isinstance(body, Mapping) else None
    if not isinstance(events, list):
        return None
    return [e for e in events if isinstance(e, dict) and _is_whole(e)]


def _is_whole(event: Mapping[str, Any]) -> bool:
    return all(isinstance(event.get(key), str) for key in _NEEDED) and isinstance(event.get("content"), dict)


def message_of(event: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return a message's kind (a key of texts.yml, or "text") and its words; None where it needs no answer.

    Notices are what programs write; they are never answered. An edited message counts with its new words.
    """
    if event["type"] == "m.room.encrypted":
        return "encrypted", ""
    if event["type"] == "m.sticker":
        return "sticker", ""
    if event["type"] != "m.room.message":
        return None
    content = event["content"]
    if isinstance(content.get("m.new_content"), dict):
        content = content["m.new_content"]
    kind, body = content.get("msgtype"), content.get("body")
    body = body if isinstance(body, str) else ""
    if kind in _WORDS:
        return TEXT, without_quotation(body)
    if kind in _KINDS:
        filename = content.get("filename")
        return _KINDS[kind], body if isinstance(filename, str) and filename != body else ""
    return None


def is_arrival(event: Mapping[str, Any]) -> bool:
    """Return whether somebody has come into a room; a new display name is told by the same kind of event."""
    before = (event.get("unsigned") or {}).get("prev_content") or event.get("prev_content") or {}
    if event["type"] != "m.room.member" or event["content"].get("membership") != "join":
        return False
    return bool(before.get("membership") != "join")


def without_quotation(body: str) -> str:
    """Return a reply without the lines that it quotes: those are the assistant's words."""
    lines = body.split("\n")
    quoted = next((n for n, line in enumerate(lines) if not line.startswith("> ")), len(lines))
    return "\n".join(lines[quoted:]).strip() if quoted else body
