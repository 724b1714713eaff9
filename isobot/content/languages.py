"""Tells a person who writes in another language, in that language, that only English is spoken and whom to call."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from isobot.content.emergency import help_in
from isobot.content.reference import ROOT, read_checked

_ENOUGH_WORDS = 2  # one alone may be an English word
LANGUAGES_FILE = ROOT / "data" / "languages.yml"
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["languages"],
    "additionalProperties": False,
    "properties": {
        "languages": {
            "type": "object",
            "propertyNames": {"pattern": "^[a-z]{2}$"},
            "additionalProperties": {
                "type": "object",
                "required": ["name", "text"],
                "additionalProperties": False,
                "properties": {
                    "name": {"type": "string"},
                    "text": {"type": "string", "pattern": r"\{numbers\}"},
                    "latin_words": {"type": "array", "items": {"type": "string"}},
                },
            },
        }
    },
}


@lru_cache(maxsize=1)
def _languages() -> dict[str, dict[str, Any]]:
    table: dict[str, dict[str, Any]] = read_checked(LANGUAGES_FILE, _SCHEMA)["languages"]
    return table


@lru_cache(maxsize=1)
def _classify() -> Callable[[str], tuple[str, float]]:
    import py3langid  # here, as it takes a moment and most conversations never need it

    py3langid.set_languages([*_languages(), "en"])
    classify: Callable[[str], tuple[str, float]] = py3langid.classify
    return classify


def in_their_language(text: str, country: str | None) -> str:
    """Return what to tell the writer of `text` in their own language; in Spanish and French where it is not known.

    Args:
        text: a message that is not English.
        country: the person's country, or None.
    """
    known = _languages().get(_language_of(text))
    wanted = [known] if known else [_languages()["es"], _languages()["fr"]]
    numbers = help_in(country).emergency.replace(" or ", " / ")
    return "\n\n".join(w["text"].replace("{numbers}", numbers) for w in wanted)


def _language_of(text: str) -> str:
    """Return the code of the language that `text` is written in."""
    words = set(text.lower().split())
    for code, row in _languages().items():
        if len(words.intersection(row.get("latin_words", ()))) >= _ENOUGH_WORDS:
            return code
    return _classify()(text)[0]
