"""Takes out what a message only quotes: a leaflet, a lesson, a song, a test of this bot.

A quotation of a person ("my son says 'I want to die'") stays: only words that name such a source take it out.
"""

from __future__ import annotations

import re

_QUOTED = re.compile(r"\"[^\"]{4,400}\"|\u201c[^\u201d]{4,400}\u201d|(?<![a-z])'[^'\n]{6,300}'(?![a-z])", re.IGNORECASE)
_SOURCE = re.compile(
    r"\b(?:leaflet|booklet|guide|section \d|page \d|slide|revision|exam|homework|textbook|poster|label|consent form"
    r"|questionnaire|article|headline|pamphlet|brochure|warning|lyrics?|song|chapter|novel|poem|presentation|flashcard"
    r"|translat\w+|podcast|documentary|safety video|the (?:box|app|website|form|insert|paper|study|list)"
    r"|(?:someone|somebody|a user|user|a pupil|a patient|a person|people) (?:typed|types|wrote|writes|said|says|asks)"
    r"|pretend|test(?:ing)?(?: the| this)?(?: bot| chat)?|bot (?:test|check)|checking (?:the|this) bot|demo)\b",
    re.IGNORECASE,
)


def without_quotations(text: str) -> str:
    """Return `text` without quotations whose source is named in the message."""
    if not _SOURCE.search(text):
        return text
    return _QUOTED.sub(" ", text)
