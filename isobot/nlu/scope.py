"""Keeps a question about another medicine from being answered as if it were about isotretinoin (no Rasa import)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from isobot.nlu.medicines import Mentions, find_medicines
from isobot.nlu.question_model import FloatArray
from isobot.nlu.questions import Candidate, Question, asks, topic_of
from isobot.nlu.segments import split

OTHER_MEDICINE = "out_of_scope.other_medicine"
INTERACTIONS = "interactions"
_BARE_WORDS = 4  # "ibuprofen ok?" asks this bot about the two together
_SURE = 0.85  # below it, "another medicine" without the name of one is asked back
_DOUBTFUL = 0.5  # below it, "another medicine" without the name of one is not believed at all


def believable(probabilities: FloatArray, intents: Sequence[str], mentions: Mentions) -> FloatArray:
    """Return `probabilities` without "another medicine" where nobody named one and the classifier is not sure of it.

    Args:
        probabilities: one row for each text, shape (texts, intents).
        intents: the classifier's classes.
        mentions: the medicines that the whole message names.
    """
    if mentions.answers or OTHER_MEDICINE not in intents:
        return probabilities
    column = list(intents).index(OTHER_MEDICINE)
    doubtful = probabilities[:, column] < _DOUBTFUL
    kept = probabilities.copy()
    kept[doubtful, column] = 0
    return np.asarray(kept / kept.sum(axis=1, keepdims=True), dtype=probabilities.dtype)


def _asked_about(text: str) -> tuple[str, ...]:
    """Return the other medicines that the asking part of `text` names; a story may name many in passing."""
    parts = split(text)
    asking = [p for p in parts if asks(p)] or parts
    return tuple(dict.fromkeys(a for p in asking for a in find_medicines(p).answers))


def rescope(question: Question, whole: Mentions, titles: dict[str, str]) -> Question:
    """Return `question` as it is, or as one about another medicine, or about the two together.

    Args:
        question: what the classifier made of a segment or a message.
        whole: the medicines that the whole message names.
        titles: intent to the question in human words.
    """
    others = _asked_about(question.text)
    out_of_scope = topic_of(question.intent) == "out_of_scope"
    if not others:
        if question.intent == OTHER_MEDICINE and not whole.answers and question.confidence < _SURE:
            rest = tuple(c for c in question.candidates if c.intent != OTHER_MEDICINE)
            return replace(question, candidates=rest or question.candidates, understood=False)
        return question
    if whole.own or whole.together:
        return _as(question, others[0], titles) if out_of_scope else question
    bare = len(question.text.split()) <= _BARE_WORDS
    if bare and topic_of(question.intent) == INTERACTIONS:
        return question
    return _as(question, OTHER_MEDICINE, titles)


def _as(question: Question, intent: str, titles: dict[str, str]) -> Question:
    """Return `question` with `intent` put first, as sure as what it replaces."""
    if question.intent == intent:
        return replace(question, understood=True)
    first = Candidate(intent, titles.get(intent, intent), question.confidence)
    rest = tuple(c for c in question.candidates if c.intent != intent)
    return replace(question, candidates=(first, *rest), understood=True)
