"""From probabilities to questions: which segments of a message ask something that the bot knows (no Rasa import)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from isobot.nlu.thresholds import Thresholds

MAX_QUESTIONS = 3
_RANKED = 10
_NOT_A_PART = ("chitchat", "out_of_scope")
_DANGER = "red_flag"
_OPENERS = (
    "can could should may might do does did is are am was were will would has have how what whats what's when where "
    "why which who whose any anyone anybody wondering question"
)
_ASKS = re.compile(
    rf"\?|^(?:so|and|but|also|ok|hi|hey|hello|please|pls)?[,\s]*(?:{'|'.join(_OPENERS.split())})\b", re.I
)


@dataclass(frozen=True)
class Candidate:
    """One intent that a text might mean."""

    intent: str
    title: str
    confidence: float


@dataclass(frozen=True)
class Question:
    """What one segment (or a whole message) most likely asks.

    Attributes:
        text: the segment.
        candidates: the likeliest intents, best first; at least one.
        topic_confidence: the probability of the best intent's whole topic. Two leaves of one topic may be close to
            each other without either being wrong, so thresholds look at this, not at the single leaf.
        margin: how far that topic is ahead of the next one.
        understood: whether both reach the thresholds, so that it may be answered.
    """

    text: str
    candidates: tuple[Candidate, ...]
    topic_confidence: float
    margin: float
    understood: bool = False

    @property
    def intent(self) -> str:
        """The likeliest intent."""
        return self.candidates[0].intent

    @property
    def confidence(self) -> float:
        """Its probability."""
        return self.candidates[0].confidence

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON-ready data, with the best intent and its confidence written out."""
        return {**asdict(self), "intent": self.intent, "confidence": self.confidence}


def topic_of(intent: str) -> str:
    """Return the topic of a leaf question: the part of its name before the dot."""
    return intent.split(".", 1)[0]


def asks(text: str) -> bool:
    """Return whether `text` has the shape of a question."""
    return bool(_ASKS.search(text.strip()))


def judge(text: str, probabilities: Sequence[float], intents: Sequence[str], titles: Mapping[str, str]) -> Question:
    """Return the question that `text` asks.

    Args:
        text: the segment.
        probabilities: one for each of `intents`.
        intents: the classifier's classes.
        titles: intent to the question in human words.
    """
    topics: dict[str, float] = {}
    for probability, intent in zip(probabilities, intents, strict=True):
        topics[topic_of(intent)] = topics.get(topic_of(intent), 0.0) + float(probability)
    (topic, first), *others = sorted(topics.items(), key=lambda item: -item[1])
    # The best leaf of the best topic comes first, the rest by their own probability.
    ranked = sorted(zip(probabilities, intents, strict=True), key=lambda pair: (-float(pair[0]), pair[1]))
    best = next(pair for pair in ranked if topic_of(pair[1]) == topic)
    ordered = [best, *(pair for pair in ranked if pair is not best)][:_RANKED]
    candidates = tuple(Candidate(i, titles.get(i, i), round(float(p), 4)) for p, i in ordered)
    return Question(text, candidates, round(first, 4), round(first - (others[0][1] if others else 0.0), 4))


def choose(whole: Question, parts: Sequence[Question], limits: Thresholds) -> list[Question]:
    """Return the questions of a message, in the order asked, at most three.

    A message is judged as a whole, which finds the question in a story better than any single sentence of it does;
    only where two or more of its sentences clearly ask about different topics are they answered one by one.

    Args:
        whole: the message judged as one text.
        parts: its segments judged one by one; empty for a message of one segment.
        limits: from when on a question counts as understood.
    """
    danger = [p for p in parts if topic_of(p.intent) == _DANGER and p.topic_confidence >= limits.part]
    if danger:  # said in passing or asked, it goes first
        rest = choose(whole, [p for p in parts if p not in danger], limits)
        others = [q for q in rest if topic_of(q.intent) != _DANGER]
        return [replace(danger[0], understood=True), *others][:MAX_QUESTIONS]
    distinct: dict[str, Question] = {}
    for part in parts:
        if asks(part.text) and part.topic_confidence >= limits.part and topic_of(part.intent) not in _NOT_A_PART:
            distinct.setdefault(topic_of(part.intent), replace(part, understood=True))
    several = list(distinct.values())
    if len(several) > 1:
        return several[:MAX_QUESTIONS]
    if whole.topic_confidence >= limits.confidence and whole.margin >= limits.margin:
        return [replace(whole, understood=True)]
    return several or [whole]
