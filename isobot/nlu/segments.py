"""Splits a message into the pieces that may each hold a question of their own (no Rasa import)."""

import re
from functools import lru_cache

import spacy
from spacy.language import Language

MAX_SEGMENTS = 40  # more than any post needs; bounds the cost of a hostile message
_MIN_WORDS = 2
# "... and can I", "... also do I": a second question without a full stop before it.
_JOINED_QUESTION = re.compile(
    r"(?:,\s*|\s+)(?:and(?: also)?|also|plus|or|but)\s+"
    r"(?=(?:can|could|should|may|do|does|did|is|are|am|will|would|how|what|when|where|why|which|who)\b)",
    re.IGNORECASE,
)


@lru_cache(maxsize=1)
def _sentencizer() -> Language:
    language = spacy.blank("en")
    language.add_pipe("sentencizer")
    language.max_length = 100_000
    return language


def split(text: str) -> list[str]:
    """Return the sentences and joined questions of `text`, in order, at most `MAX_SEGMENTS`.

    A message of one sentence gives one segment: the whole message.
    """
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
