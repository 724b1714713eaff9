"""Short replies to what the bot has just asked: a number, the words of a choice, yes, no, not sure, stop."""

from __future__ import annotations

import re
import string
from collections.abc import Sequence

from isobot.dialogue.state import Choice

_NUMBER = re.compile(r"^\W*(?:number|no\.?|option|choice)?\s*(\d|one|two|three)\W*$", re.IGNORECASE)
_NUMBER_WORDS = {"one": 1, "two": 2, "three": 3}
_MAX_WORDS = 6  # a longer text says more than yes or no
_LEAD = r"^(?:oh |um+ |well )?"
_SOMEBODY = r"(?:it|they|i|he|she|we)"
_VERB = r"(?:does|do|did|has|have|is|are|can|could|was|were)"
_YES = re.compile(
    rf"{_LEAD}(?:y|ya|ye|yes|yeah|yep|yup|yea|aye|sure|correct|right|of course|definitely|absolutely|i think so"
    rf"|(?:yes )?{_SOMEBODY} {_VERB})\b"
)
_NO = re.compile(
    rf"{_LEAD}(?:n|no|nope|nah|naw|never|not (?:at all|really|yet)|i don'?t think so|none|negative"
    rf"|{_SOMEBODY} {_VERB}(?:n'?t| not))\b"
)
_UNSURE = re.compile(
    rf"{_LEAD}(?:i'?m |im )?(?:not sure|unsure|no idea|(?:i )?(?:don'?t|do not) know|dunno|idk|maybe|perhaps|possibly"
    r"|hard to say|can'?t (?:say|tell)|how (?:do|would|can) i (?:know|tell|check)|no clue)\b"
)
_STOP = re.compile(
    r"^(?:please )?(?:stop|cancel|quit|exit|leave|never ?mind|forget|enough|skip|i'?m done|let'?s stop"
    r"|no more questions)(?: (?:it|this|that|now|please|thanks|here|asking|checking|all|of|the|questions?))*$"
)


def fold(text: str) -> str:
    """Return `text` in lower case, without punctuation and double spaces."""
    return " ".join(text.lower().translate(str.maketrans("", "", string.punctuation)).split())


def picked(text: str, offered: Sequence[Choice]) -> str | None:
    """Return the intent of the offered choice that `text` picks by number or by its words."""
    if match := _NUMBER.match(text):
        word = match.group(1).lower()
        number = _NUMBER_WORDS.get(word) or int(word)
        return offered[number - 1].intent if 1 <= number <= len(offered) else None
    return next((c.intent for c in offered if fold(c.title) == fold(text)), None)


def yes_no(text: str) -> str | None:
    """Return "yes", "no" or "unsure" where `text` says just that, else None."""
    said = text.lower().replace("\u2019", "'").strip(" \t\n.!,;:-")
    if not said or len(said.split()) > _MAX_WORDS:
        return None
    for reply, pattern in (("unsure", _UNSURE), ("no", _NO), ("yes", _YES)):
        if pattern.match(said):
            return reply
    return None


def stops(text: str) -> bool:
    """Return whether `text` asks to leave what is going on."""
    return bool(_STOP.match(text.lower().replace("\u2019", "'").strip(" \t\n.!,;:-")))
