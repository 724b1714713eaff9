"""Finds the country that a person says they are in, or asks about (no Rasa import).

A country only counts where the words around it say that it is the writer's ("I'm in the UK", "what about Ireland?");
"my friend sent it from India" does not.
"""

from __future__ import annotations

import re
from functools import lru_cache

from isobot.content.reference import countries

_HERE = r"(?:i'?\s?a?m|we'?\s?a?re|i live|we live|based|located|here)"
_LEAD_INS = (
    rf"\b(?:{_HERE}\s+(?:currently\s+|now\s+|over\s+|living\s+|based\s+)?in|moved to|from .{{1,30}} to)\s+(?:the\s+)?",
    r"\b(?:i'?\s?a?m|we'?\s?a?re)\s+from\s+(?:the\s+)?",
    r"\b(?:what|how) about (?:in |for |if i'?m in )?(?:the\s+)?",
    r"\b(?:rules?|law|advice|answer|laws) (?:in|for) (?:the\s+)?",
    r"^\W*(?:and\s+|ok\s+|so\s+)?(?:in|for|from)\s+(?:the\s+)?",
    r"\b(?:country|location|region)\s*(?::|=|is)\s*(?:the\s+)?",
    r"^\W*(?:the\s+)?",  # a bare name, checked below to be (nearly) the whole message
    r"[,(]\s*(?:in\s+)?(?:the\s+)?",  # "..., uk" or "(UK)" at the end
)
_AFTER = (
    r"",
    r"",
    r"",
    r"",
    r"",
    r"",
    r"\s*(?:please|thanks|now|here|based|patient|user|resident|guy|girl)?\W*$",
    r"\s*(?:based|here|patient|please)?\s*\)?\W*$",
)


@lru_cache(maxsize=1)
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """Return all patterns with their country's code; the clearest ways of saying it come first."""
    shapes = [(before, "names", after) for before, after in zip(_LEAD_INS, _AFTER, strict=True)]
    shapes += [(r"\bi'?\s?a?m (?:an? )?", "people", ""), (r"(?<!\w)", "names", r"[ -]based\b")]
    found = []
    for before, kind, after in shapes:
        for country in countries().values():
            words = "|".join(re.escape(w) for w in sorted(getattr(country, kind), key=len, reverse=True))
            found.append((re.compile(rf"{before}(?P<name>{words})(?!\w){after}", re.IGNORECASE), country.code))
    return found


def find_country(text: str) -> tuple[str, int, int] | None:
    """Return (code, start, end) of the country that `text` names as the writer's own, or None."""
    # "us" is a word of its own: only capitals, or a clear lead-in, make it a country.
    for pattern, code in _patterns():
        match = pattern.search(text)
        if match and not _is_pronoun(match, text):
            return code, match.start("name"), match.end("name")
    return None


def _is_pronoun(match: re.Match[str], text: str) -> bool:
    name = match.group("name")
    if name.lower() != "us" or name == "US":
        return False
    return not text[: match.start("name")].lower().endswith("the ")
