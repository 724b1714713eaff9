"""Cleans what a person sent before anything understands it; every channel and `make evaluate` uses this."""

from __future__ import annotations

import html
import re
import unicodedata

MAX_CHARACTERS = 20_000  # far beyond any question; a body larger than this is refused by the channel

_TAG = re.compile(r"</?[a-zA-Z!][^<>]{0,300}>")
_KEPT_CONTROLS = "\n\t"


def clean(text: str) -> str:
    """Return `text` as the bot reads it.

    - Control, private-use and unpaired surrogate characters go, line breaks stay; the rest is normalized (NFKC).
    - HTML tags go, their text stays.
    - Leading slashes go: Rasa takes "/intent{...}" for a command that skips understanding and fills slots.
    """
    text = unicodedata.normalize("NFKC", html.unescape(text))
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2019", "'")
    text = "".join(c for c in text if c in _KEPT_CONTROLS or unicodedata.category(c) not in ("Cc", "Cs", "Co", "Cn"))
    text = _TAG.sub(" ", text)
    return text[:MAX_CHARACTERS].strip().lstrip("/ \t\n")
