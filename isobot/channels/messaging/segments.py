"""Plain text for phones: no Markdown, GSM-7 characters where they say the same, cut where a sentence ends."""

from __future__ import annotations

import bisect
import re
import unicodedata

import smsutil

LONGEST = 1600  # characters that Twilio takes in one message
SEGMENT_UNITS = 153  # GSM-7 units in each part of a text of several parts (3GPP TS 23.040)
_LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")
_BOLD = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)
# One character outside GSM-7 turns a whole text into UCS-2, with 67 characters a segment in place of 153.
_SAME_IN_GSM7 = str.maketrans(
    {"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2013": "-", "\u2014": "-", "\u2026": "...",
     "\u2022": "-", "\u00a0": " ", "\u2265": ">=", "\u2264": "<=", "\u00d7": "x", "\u00f7": "/", "\u2212": "-",
     "\u2192": "->", "\u2248": "about ", "\u00bd": "1/2", "\u00bc": "1/4", "\u00be": "3/4", "\u00b5": "u",
     "\u2009": " ", "\u202f": " ", "\t": " ", "`": "'"}
)  # fmt: skip


def plain_text(markdown: str) -> str:
    """Return an answer as a phone shows it."""
    text = _LINK.sub(lambda link: link[1] if link[2] in link[1] else f"{link[1]} ({link[2]})", markdown)
    text = re.sub(r"^[ \t]*\* ", "- ", _BOLD.sub(r"\1", text), flags=re.MULTILINE)
    return re.sub(r"\n{3,}", "\n\n", in_gsm7(text)).strip()


def in_gsm7(text: str) -> str:
    """Return a text with the characters of GSM-7 that say the same, as far as there are such."""
    return unicodedata.normalize("NFC", text).translate(_SAME_IN_GSM7)


def segments(text: str) -> int:
    """Return how many segments a text message is charged as."""
    return len(smsutil.split(text).parts) or 1


def fits(text: str, most_segments: int) -> bool:
    """Return whether a text takes no more segments than that and is taken by Twilio."""
    return len(text) <= LONGEST and segments(text) <= most_segments


def cut(text: str, most_segments: int) -> tuple[str, str]:
    """Return the part of `text` that fits, up to the end of a paragraph, list item or sentence, and the rest of it.

    Where that would leave more than half of the room empty, it is cut between words; where there are none, anywhere.
    """
    if fits(text, most_segments):
        return text, ""
    room = max(1, bisect.bisect_left(range(1, len(text)), True, key=lambda end: not fits(text[:end], most_segments)))
    for pattern in (r"\n+", r"(?<=[.!?])\s+", r"\s+"):
        places = [m for m in re.finditer(pattern, text[: room + 1]) if m.start() > room // 2]
        if places:
            return text[: places[-1].start()], text[places[-1].start() :].lstrip()
    return text[:room], text[room:]


def parts(text: str) -> list[str]:
    """Return a text as messages that Twilio takes, nothing left out."""
    most = LONGEST // SEGMENT_UNITS
    found = []
    while text:
        head, text = cut(text, most)
        found.append(head)
    return found
