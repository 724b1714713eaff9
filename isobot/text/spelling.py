"""Repairs misspelt words and text-message shorthand before a message is understood (no Rasa import).

Only words that neither English nor the training phrasings know are touched, and only towards words of the phrasings:
"acutane tretment" becomes what people ask this bot about, not what is frequent elsewhere.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import OSA
from spellchecker import SpellChecker

from isobot.content.reference import ROOT, read_checked

SHORTHAND_FILE = ROOT / "data" / "shorthand.yml"
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["shorthand", "does_for_dose_after"],
    "additionalProperties": False,
    "properties": {
        "shorthand": {"type": "object", "additionalProperties": {"type": "string", "minLength": 1}},
        "does_for_dose_after": {"type": "array", "items": {"type": "string"}, "minItems": 1},
    },
}
_WORD = re.compile(r"w/o?(?=\s)|[^\W_]+(?:'[^\W_]+)*")
_MIN_LENGTH = 4  # shorter words are one slip away from too many others
_LONG = 7  # from here on two slips are repaired
_KNOWN_FROM = 2  # a word in so many places of the phrasings is no slip
_GOOD_FROM = 3  # a word in so many places of the phrasings is worth repairing towards
_ENGLISH_FROM = 50  # occurrences in the English word list; rarer ones are often slips themselves
_MOST_REPAIRS = 0.4  # a text of some words in which more than this share would change is in another language
_SOME_WORDS = 5
_MOST_LOOKUPS = 60  # more unknown words than any post has; bounds the cost of a hostile message


@lru_cache(maxsize=1)
def shorthand() -> dict[str, str]:
    """Return shorthand to what it stands for.

    Raises:
        TableError: when data/shorthand.yml is not as it must be.
    """
    table: dict[str, str] = read_checked(SHORTHAND_FILE, _SCHEMA)["shorthand"]
    return table


@lru_cache(maxsize=1)
def _english() -> frozenset[str]:
    words = SpellChecker().word_frequency
    return frozenset(w for w in words.words() if words[w] >= _ENGLISH_FROM)


@lru_cache(maxsize=1)
def _dose_for_does() -> re.Pattern[str]:
    """Return what finds "dose" where "does" is meant: "how long dose it take"."""
    before: list[str] = read_checked(SHORTHAND_FILE, _SCHEMA)["does_for_dose_after"]
    return re.compile(rf"\b({'|'.join(before)}) dose\b(?! of\b)", re.IGNORECASE)


class Speller:
    """Repairs texts towards the words of the training phrasings."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        """Create a speller.

        Args:
            counts: how often each word (lower case) stands in the phrasings.
        """
        self._counts = dict(counts)
        self._known = {w for w, n in counts.items() if n >= _KNOWN_FROM}
        self._good = [w for w, n in counts.items() if n >= _GOOD_FROM and len(w) >= _MIN_LENGTH]

    @classmethod
    def fit(cls, texts: Iterable[str]) -> Speller:
        """Learn the words of the phrasings."""
        return cls(Counter(w for t in texts for w in _WORD.findall(_plain(t).lower())))

    def repair(self, text: str) -> str:
        """Return `text` with shorthand written out and misspelt words repaired; as it is where most would change."""
        written_out = _WORD.sub(lambda m: shorthand().get(m.group(0).lower(), m.group(0)), _plain(text))
        written_out = _dose_for_does().sub(r"\1 does", written_out)
        words = _WORD.findall(written_out)
        unknown = [w for w in dict.fromkeys(words) if not self._is_known(w.lower())][:_MOST_LOOKUPS]
        repairs = {w: fixed for w in unknown if (fixed := self._nearest(w.lower())) != w.lower()}
        if len(words) >= _SOME_WORDS and sum(w in repairs for w in words) > _MOST_REPAIRS * len(words):
            return text
        return _WORD.sub(lambda m: repairs.get(m.group(0), m.group(0)), written_out)

    def knows_a_word_of(self, text: str) -> bool:
        """Return whether `text` holds a word of English or of the phrasings; keyboard mashing does not."""
        words = [w.lower() for w in _WORD.findall(_plain(text))]
        return any(w in self._counts or w in _english() or w in shorthand() for w in words)

    def _is_known(self, word: str) -> bool:
        """Return whether `word` is to be left alone."""
        return len(word) < _MIN_LENGTH or not word.isalpha() or word in self._known or word in _english()

    def _nearest(self, word: str) -> str:
        """Return the word of the phrasings that an unknown `word` most likely is, or `word`."""
        slips = 1 if len(word) < _LONG else 2
        near = process.extract(word, self._good, scorer=OSA.distance, score_cutoff=slips, limit=8)
        # The first letter is rarely the wrong one; in short words nothing else tells the right repair.
        near = [hit for hit in near if hit[0][0] == word[0]] or (near if len(word) > _MIN_LENGTH + 1 else [])
        return min(near, key=lambda hit: (hit[1], -self._counts[hit[0]]), default=(word, 0, 0))[0]

    def save(self, folder: Path) -> None:
        """Write the words into `folder`."""
        (folder / "words.json").write_text(json.dumps(self._counts, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Speller:
        """Read what `save` wrote."""
        return cls(json.loads((folder / "words.json").read_text(encoding="utf-8")))


def _plain(text: str) -> str:
    """Return `text` with typewriter apostrophes."""
    return text.replace("\u2019", "'")
