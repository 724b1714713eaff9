"""Keeps a question about another medicine from being answered as if it were about isotretinoin (no Rasa import)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from isobot.nlu.question_model import FloatArray
from isobot.nlu.questions import Candidate, Question, asks, topic_of
from isobot.text.medicines import Mentions, find_medicines
from isobot.text.segments import split

OTHER_MEDICINE = "out_of_scope.other_medicine"
INTERACTIONS = "interactions"
_NOT_OURS = ("out_of_scope.other_disease", "out_of_scope.off_topic")
_TINY = 1e-9
_RARELY_MEANT = 0.3  # set on the calibration messages, like the others here
_TOGETHER_BY_NATURE = ("what_is", "maintenance")  # topics that name other products in their questions
_SURE_OF_BOTH = 0.9  # from here on such a topic is believed although another medicine is named alone
_BARE_WORDS = 6  # "ibuprofen ok?" asks this bot about the two together
_DOUBTED = (OTHER_MEDICINE, *_NOT_OURS)
_SURE = 0.9  # below it, such a message that names no other medicine is asked back
_LIKELY_THE_SAME = 0.15  # "I take citalopram. How do I come off it?": from here on "it" is the other medicine
_DOUBTFUL = 0.5  # below it, "another medicine" without the name of one is not believed at all


def believable(probabilities: FloatArray, intents: Sequence[str], mentions: Mentions) -> FloatArray:
    """Return `probabilities` without what the medicines named in the message rule out.

    "Another medicine" where nobody named one and the classifier is not sure of it. Another illness or another subject
    where isotretinoin is named; they count less in any case, as whoever writes to this bot mostly means isotretinoin.

    Args:
        probabilities: one row for each text, shape (texts, intents).
        intents: the classifier's classes.
        mentions: the medicines that the whole message names.
    """
    kept = probabilities.copy()
    columns = {intent: column for column, intent in enumerate(intents)}
    for intent in _NOT_OURS:
        if intent in columns:
            kept[:, columns[intent]] *= 0 if mentions.own else _RARELY_MEANT
    if not mentions.answers and OTHER_MEDICINE in columns:
        column = columns[OTHER_MEDICINE]
        kept[probabilities[:, column] < _DOUBTFUL, column] = 0
    totals = kept.sum(axis=1, keepdims=True)
    return np.asarray(np.where(totals > 0, kept / np.maximum(totals, _TINY), probabilities), dtype=probabilities.dtype)


def _asked_about(text: str) -> tuple[str, ...]:
    """Return the other medicines that the asking part of `text` is about; a story may name many in passing."""
    parts = split(text)
    asking = [p for p in parts if asks(p)] or parts
    found = [find_medicines(p) for p in asking]
    return tuple(dict.fromkeys(a for m in found if not m.in_passing for a in m.answers))


def rescope(question: Question, whole: Mentions, titles: dict[str, str]) -> Question:
    """Return `question` as it is, or as one about another medicine, or about the two together.

    Args:
        question: what the classifier made of a segment or a message.
        whole: the medicines that the whole message names.
        titles: intent to the question in human words.
    """
    others = _asked_about(question.text) if whole.answers else ()
    out_of_scope = topic_of(question.intent) == "out_of_scope"
    if whole.own or whole.together:
        return _as(question, (others or whole.answers)[0], titles) if out_of_scope and whole.answers else question
    if not others:
        return _without_a_name(question, whole, titles)
    bare = len(question.text.split()) <= _BARE_WORDS
    if bare and topic_of(question.intent) == INTERACTIONS:
        return question
    if topic_of(question.intent) in _TOGETHER_BY_NATURE and question.topic_confidence >= _SURE_OF_BOTH:
        return question
    return _as(question, OTHER_MEDICINE, titles)


def _without_a_name(question: Question, whole: Mentions, titles: dict[str, str]) -> Question:
    """Return a question that names no other medicine itself; the message around it may."""
    chance = next((c.confidence for c in question.candidates if c.intent == OTHER_MEDICINE), 0.0)
    if whole.answers and not whole.in_passing and chance >= _LIKELY_THE_SAME:
        return _as(question, OTHER_MEDICINE, titles)
    if question.intent in _DOUBTED and not whole.answers and question.confidence < _SURE:
        rest = tuple(c for c in question.candidates if c.intent != question.intent)
        return replace(question, candidates=rest or question.candidates, understood=False)
    return question


def _as(question: Question, intent: str, titles: dict[str, str]) -> Question:
    """Return `question` with `intent` put first, as sure as what it replaces."""
    if question.intent == intent:
        return replace(question, understood=True)
    first = Candidate(intent, titles.get(intent, intent), question.confidence)
    rest = tuple(c for c in question.candidates if c.intent != intent)
    return replace(question, candidates=(first, *rest), understood=True)
