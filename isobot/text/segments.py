"""Splits a message into the pieces that may each hold a question of their own (no Rasa import)."""

import re
from collections.abc import Sequence
from functools import lru_cache

import spacy
from spacy.language import Language

MAX_SEGMENTS = 40  # more than any post needs; bounds the cost of a hostile message
_MIN_WORDS = 2
# "... and can I", "... also do I": a second question without a full stop before it.
_JOINED_QUESTION = re.compile(
    r"(?:,\s*|\s+)(?:and(?: also)?|also|plus|but)\s+"
    r"(?=(?:can|could|should|may|do|does|did|is|are|am|will|would|how|what|when|where|why|which|who)\b)",
    re.IGNORECASE,
)
# "No, I meant the blood test": what comes after it is what the person asks.
_CORRECTION = re.compile(
    r"^\W*(?:(?:no|nope|nah|sorry|oops|wait|hold on|not that(?: one)?|that'?s not (?:it|what i (?:meant|asked)))"
    r"[\s,.!:;-]+)*"
    r"i(?: actually| just)? (?:meant?|was (?:asking|talking) about)\b[\s,:]*(?:about\s+)?",
    re.IGNORECASE,
)
# "Is it from the tablets?" says little without the sentence before it.
_LEANS_BACK = re.compile(r"\b(?:it|its|this|that|they|them|those|these|there|either|both|one|so|then)\b", re.IGNORECASE)
_LEANING_WORDS = 8  # a longer one says enough by itself


@lru_cache(maxsize=1)
def _sentencizer() -> Language:
    language = spacy.blank("en")
    language.add_pipe("sentencizer")
    language.max_length = 100_000
    return language


def split(text: str) -> list[str]:
    """Return the sentences and joined questions of `text`, in order, at most `MAX_SEGMENTS`.

    A message of one sentence gives one segment: the whole message, without the "no, I meant" of a correction.
    """
    text = _CORRECTION.sub("", text) or text
    segments: list[str] = []
    for line in text.splitlines():
        if not line.strip():
            continue
        for sentence in _sentencizer()(line.strip()).sents:
            parts = _JOINED_QUESTION.split(sentence.text)
            segments.extend(part.strip() for part in parts if len(part.split()) >= _MIN_WORDS)
    if len(segments) > MAX_SEGMENTS:  # the question of a long post stands at its start or, more often, at its end
        half = MAX_SEGMENTS // 2
        segments = segments[:half] + segments[-half:]
    return segments or [text.strip()]


def in_context(segments: Sequence[str]) -> list[str]:
    """Return each segment as it should be read: a short one that leans on the one before it, together with that."""
    return [
        f"{segments[i - 1]} {segment}"
        if i and len(segment.split()) <= _LEANING_WORDS and _LEANS_BACK.search(segment)
        else segment
        for i, segment in enumerate(segments)
    ]
