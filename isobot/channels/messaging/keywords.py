"""Tells the words that steer the channel itself (STOP, START, HELP, MORE) from questions; the words: keywords.yml."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from isobot.content.reference import read_checked

KEYWORDS_FILE = Path(__file__).with_name("keywords.yml")
_LIST = {"type": "array", "minItems": 1, "items": {"type": "string", "minLength": 1}}
_KEYS = ("stop", "start", "start_when_stopped", "help", "more", "auto_reply", "auto_reply_anywhere")
_SCHEMA = {
    "type": "object",
    "required": list(_KEYS),
    "additionalProperties": False,
    "properties": dict.fromkeys(_KEYS, _LIST),
}
_BEGINS_WITH_STOP = re.compile(r"\s*(STOP|STOPALL|UNSUBSCRIBE)\b\s*[.,:;!\-\n]")


_AROUND = re.compile(r"^[\W_]+|[\W_]+$")  # punctuation, quotation marks, emoji


class Keyword(StrEnum):
    """What a message asks of the channel."""

    STOP = "stop"
    START = "start"
    HELP = "help"
    MORE = "more"


@lru_cache(maxsize=1)
def _table() -> dict[str, tuple[str, ...]]:
    """Return keywords.yml, folded.

    Raises:
        TableError: when a key is missing or unknown.
    """
    return {key: tuple(_folded(w) for w in words) for key, words in read_checked(KEYWORDS_FILE, _SCHEMA).items()}


def keyword_of(text: str, *, stopped: bool = False) -> Keyword | None:
    """Return what `text` asks of the channel, or None where it is for the assistant.

    Args:
        text: the message.
        stopped: the person has said STOP before.
    """
    folded = _folded(text)
    if not folded:
        return None
    if _BEGINS_WITH_STOP.match(text):
        return Keyword.STOP
    if stopped and folded in _table()["start_when_stopped"]:
        return Keyword.START
    return next((keyword for keyword in Keyword if folded in _table()[keyword]), None)


def without_stop(text: str) -> str:
    """Return what a message says beside the STOP that it begins with."""
    return _BEGINS_WITH_STOP.sub("", text, count=1).strip()


def is_auto_reply(text: str) -> bool:
    """Return whether an answering machine seems to have written `text`."""
    folded = _folded(text)
    anywhere = _table()["auto_reply_anywhere"]
    return folded.startswith(_table()["auto_reply"]) or any(piece in folded for piece in anywhere)


def _folded(text: str) -> str:
    """Return `text` in lower case, with one kind of apostrophe and without what stands around its words."""
    text = unicodedata.normalize("NFKC", text).replace("\u2019", "'").casefold().strip()
    return " ".join((_AROUND.sub("", text) or text).split())
