"""Understands messages that make sense only after the last answer: "how long does that last?", "and for my son, 15?".

Pure pattern matching, on short messages only: anything longer says enough by itself and is left to the classifier.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from isobot.content.reference import ROOT, read_checked

TABLE_FILE = ROOT / "data" / "follow_up_table.yml"
_LEAF = {"type": "string", "pattern": r"^[a-z_]+\.[a-z0-9_]+$"}
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["how_long"],
    "additionalProperties": False,
    "properties": {
        "how_long": {
            "type": "object",
            "propertyNames": {"pattern": r"^[a-z_]+(\.[a-z0-9_]+)?$"},
            "additionalProperties": _LEAF,
        }
    },
}

ADULT_AGE = 18
YOUNGEST_AGE = 12  # the age from which isotretinoin is licensed in the US, the UK and the EU
_MAX_AGE = 110
_MAX_WORDS = 14
_FILLERS = r"(?:and|but|so|ok|okay|oh|hm+|well|then|also|please|thanks|thank you|btw)"
_THAT = r"(?:that|this|it|they|these|those)"
_HOW_LONG = re.compile(
    rf"^(?:{_FILLERS}[,\s]+)*(?:for )?(?:how long|how many (?:days|weeks|months)|until when|till when)"
    rf"(?:[\s,]+(?:does|do|will|would|is|are|did|should|must|can|might|'?ll|has|have|to|i|we|he|she|my \w+|{_THAT}"
    r"|usually|normally|typically|generally|go|goes|going|on|last|lasts|lasting|take|takes|stay|stays|be|for|get|like"
    r"|have|need|keep|doing|do|wait|before|stops?|ends?|away|then|though|tho|anyway))*\W*$",
    re.IGNORECASE,
)
_BEFORE_PERSON = (
    r"(?:for|what about|how about|and|what if|but|so|same|is (?:it|that) the same"
    r"|does (?:it|that|this) (?:apply|count|hold|go))"
)
_PEOPLE = (
    r"son|daughter|kid|child|teen(?:ager)?|boy|girl|brother|sister|nephew|niece|cousin|grandson|granddaughter|stepson"
    r"|stepdaughter|wife|husband|partner|boyfriend|girlfriend|friend|mum|mom|mother|dad|father|fianc[eé]e?"
)
_TEENS = ("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen")
_AGE = re.compile(
    r"\b(?P<age>\d{1,3})(?=\s*(?:-?\s*(?:yo|y/o|y\.o\.?|years?|yrs?|year)\b|[\s\W]*$|\s*(?:btw|tho|though|now)\b))"
    rf"|\b(?P<word>{'|'.join(_TEENS)})\b",
    re.IGNORECASE,
)
_PERSON = re.compile(rf"\b(?:my|our|a|an|the|her|his)\s+(?:[\w-]+\s+){{0,4}}?(?P<who>{_PEOPLE})s?\b", re.IGNORECASE)
_SOMEBODY = re.compile(r"\b(?:i'?m|i am|if i was|if i were|s?he'?s|s?he is|they'?re)\b", re.IGNORECASE)
_LED_IN = re.compile(rf"^(?:{_FILLERS}[,\s]+)*{_BEFORE_PERSON}\b.*\b(?:{_PEOPLE})s?\b", re.IGNORECASE)
# What may stand in such a message beside the person and the age; any other word makes it a question of its own.
_LEFTOVER = re.compile(
    rf"\b(?:{_BEFORE_PERSON}|{_FILLERS}|for|with|about|it'?s|its|it|is|that|the|a|an|my|our|he|she|they|him|her|them|'s"
    r"|he'?s|she'?s|i'?m|im|i|am|if|was|were|only|just|who|years?|yrs?|yr|yo|y|o|old|aged?|too|as well|different|be"
    r"|same|olds|would|does|do|are|not|year|answer|advice|rules?|then|now|turned|turning|nearly|almost|little|own|asking|ask)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class SomeoneElse:
    """Whom the last answer shall be given for; `age` in years, or None where it was not said."""

    age: int | None


@lru_cache(maxsize=1)
def _table() -> dict[str, str]:
    table: dict[str, str] = read_checked(TABLE_FILE, _SCHEMA)["how_long"]
    return table


def how_long(text: str, answered: str) -> str | None:
    """Return the question on duration that "how long does that last?" means, or None where `text` is not that.

    Args:
        text: the message.
        answered: the leaf question that was answered last.
    """
    if len(text.split()) > _MAX_WORDS or not _HOW_LONG.match(text.strip().replace("\u2019", "'")):
        return None
    return _table().get(answered) or _table().get(answered.split(".", 1)[0])


def someone_else(text: str) -> SomeoneElse | None:
    """Return for whom `text` asks the last question again ("and for my son, he's 15?"), or None where it does not."""
    said = text.strip().replace("\u2019", "'")
    if len(said.split()) > _MAX_WORDS:
        return None
    age = _AGE.search(said)
    person = _PERSON.search(said)
    with_age = age and (_SOMEBODY.search(said) or re.search(rf"^\W*(?:{_FILLERS}\s+)*{_BEFORE_PERSON}\b", said, re.I))
    if not (person or with_age or _LED_IN.search(said)):
        return None
    rest = _PERSON.sub(" ", _AGE.sub(" ", said))
    rest = re.sub(rf"\b(?:{_PEOPLE})s?\b", " ", rest, flags=re.IGNORECASE)
    if re.sub(r"[\W_\d]+", "", _LEFTOVER.sub(" ", rest)):
        return None
    if age is None:
        return SomeoneElse(None)
    word = age.group("word")
    years = 10 + _TEENS.index(word.lower()) if word else int(age.group("age"))
    return SomeoneElse(years) if years <= _MAX_AGE else None
