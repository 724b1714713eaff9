"""Finds the phone numbers of our own tables and of the clinic in a reply, so that a page can offer to dial them."""

from __future__ import annotations

import re
from functools import lru_cache

from isobot.content.clinic import clinic
from isobot.content.emergency import help_in
from isobot.content.reference import countries

_NUMBER = re.compile(r"(?<![\w.,/-])\+?\d[\d -]{1,16}\d(?![\w%/]|[.,]\d)")
# 112.5, 112 mg, 999 days: an amount, no number to dial.
_NO_AMOUNT = r"(?![\w%/-]|[.,]\d| ?(?:mg|kg|g|lb|ml|days?|weeks?|months?|hours?|people|of)\b)"
_VERB = re.compile(r"\b(call or text|call|text)\b", re.IGNORECASE)


@lru_cache(maxsize=1)
def known_numbers() -> tuple[str, ...]:
    """Return the numbers that may be dialled, as written, the longest first; those for texts only are left out.

    Raises:
        TableError: when data/emergency_numbers.yml or clinic.yml is not as it must be.
    """
    found = {clinic().phone} - {""}
    for country in (None, *countries()):
        whom = help_in(country)
        for words in filter(None, (whom.emergency, whom.crisis, whom.young, whom.out_of_hours, whom.poison)):
            for match in _NUMBER.finditer(words):
                verbs = _VERB.findall(words[: match.start()])
                if not verbs or verbs[-1].lower() != "text":
                    found.add(match.group())
    return tuple(sorted(found, key=lambda number: (-len(number), number)))


def phones_in(text: str) -> list[dict[str, str]]:
    """Return the numbers in `text` that may be dialled: `text` as they stand there, `tel` what to dial."""
    found = []
    rest = text
    for number in known_numbers():
        standing = re.compile(rf"(?<![\w+.,-]){re.escape(number)}{_NO_AMOUNT}")
        if standing.search(rest):
            found.append({"text": number, "tel": dialled(number)})
            rest = standing.sub(" ", rest)
    return found


def dialled(number: str) -> str:
    """Return what to dial: digits, and a plus before them where there is one."""
    return re.sub(r"(?!^\+)\D", "", number)
