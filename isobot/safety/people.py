"""Who a message is about: the writer, somebody in their care, a relative or friend, and whether they are under 18."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from isobot.content.reference import read_checked
from isobot.safety.words import MEDICINE

PEOPLE_FILE = Path(__file__).with_name("people.yml")
_WORDS = {"type": "array", "minItems": 1, "items": {"type": "string"}}
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["care", "relatives", "young"],
    "additionalProperties": False,
    "properties": {"care": _WORDS, "relatives": _WORDS, "young": _WORDS},
}
ADULT_AGE = 18
_TAKES = frozenset(["on", "take", "start", "use", "swallow", "begin", "try"])
_FIRST = frozenset(["i", "me", "my"])
_BEFORE = 8  # words between a person and the medicine that they take
_NO_AGE = (  # what may follow a number that is no age
    r"(?!\s*(?:mg|kg|weeks?|wks?|months?|mths?|days?|lbs?|pounds?|stone|percent|%|hours?|min"
    r"|year[s ]*(?:since|ago|on)))"
)
_AGES = (
    re.compile(
        r"\b(?:i'?m|i am|he'?s|he is|she'?s|she is|aged?|am|turned|turning|just|only|be|is|who'?s)\s+"
        rf"(?:only\s+|just\s+|nearly\s+|almost\s+)?(\d{{1,2}})\b{_NO_AGE}"
    ),
    re.compile(r"\b(\d{1,2})\s*-?\s*(?:yr|yrs|year|years|yo|y/o|y\.o)\b[\s-]*(?:old|o)?\b(?!\s*(?:ago|since|on))"),
    re.compile(r"\b(\d{1,2})\s*(?:yo|y/o|m|f)\b"),
    re.compile(r"(?:son|daughter|sister|brother|boy|girl|kid|she|he)\s*[,(]\s*(?:aged?\s*)?(\d{1,2})\s*[,).]"),
)


@lru_cache(maxsize=1)
def _people() -> dict[str, frozenset[str]]:
    return {key: frozenset(words) for key, words in read_checked(PEOPLE_FILE, _SCHEMA).items()}


@lru_cache(maxsize=1)
def _young() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(re.escape(w) for w in sorted(_people()['young'], key=len, reverse=True))})\b")


def under_18(text: str) -> bool:
    """Return whether the person that `text` is about is said to be under 18."""
    lowered = text.lower().replace("\u2019", "'").replace("-", " ")
    ages = [int(m.group(1)) for pattern in _AGES for m in pattern.finditer(lowered)]
    return any(1 <= age < ADULT_AGE for age in ages) or bool(_young().search(lowered))


def is_about_another(sentences: Iterable[Sequence[str]]) -> bool:
    """Return whether a message is written by a helper: it speaks of somebody else and does not begin with "I"."""
    words = [w for s in sentences for w in s]
    others = _people()["care"] | _people()["relatives"]
    return bool(others.intersection(words)) and "i" not in words[:2]


def takes_it(sentences: Iterable[Sequence[str]]) -> bool:
    """Return whether a message says that a relative or friend takes the medicine now.

    "he's on roaccutane", "my mate takes accutane"; not "my sister is pregnant and I take accutane".
    """
    others = _people()["care"] | _people()["relatives"] | {"they", "who"}
    return any(
        _is_taken(words, place, others)
        for words in sentences
        for place, word in enumerate(words)
        if word in (MEDICINE, "it")
    )


def _is_taken(words: Sequence[str], place: int, others: frozenset[str]) -> bool:
    """Return whether the medicine at this place of a sentence is somebody else's."""
    before = words[max(0, place - _BEFORE) : place]
    if words[place] == "it" and not ("on" in before[-1:] and others.intersection(before[-4:])):
        return False
    people = [w for w in before if w in others or w in _FIRST]
    if people:
        return people[-1] not in _FIRST and (bool(_TAKES.intersection(before)) or people[-1] in ("his", "her"))
    return bool(_TAKES.intersection(before)) and not _FIRST.intersection(words[:place])
