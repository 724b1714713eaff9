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
_LEAST_SECOND = 0.12  # a less likely second topic is not worth the reading
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

    A message is judged as a whole, which finds the question in a story better than any single sentence of it does.
    Where several of its sentences clearly ask about different topics, they are answered one by one; where one asks
    about another topic than the whole is about, both are. Where two topics are likely, both are answered rather than
    neither.

    Args:
        whole: the message judged as one text.
        parts: its segments judged one by one; empty where the message is one segment as it is.
        limits: from when on a question counts as understood.
    """
    if len(parts) == 1:  # what is left of the message without a greeting or "no, I meant"
        return choose(parts[0], (), limits)
    distinct: dict[str, Question] = {}
    for part in parts:
        if asks(part.text) and part.topic_confidence >= limits.part and _answerable(part):
            distinct.setdefault(topic_of(part.intent), replace(part, understood=True))
    asked = list(distinct.values())
    if len(asked) > 1:
        return asked[:MAX_QUESTIONS]
    understood = replace(whole, understood=True)
    sure = whole.topic_confidence >= limits.confidence
    if sure and asked and _answerable(whole) and topic_of(asked[0].intent) != topic_of(whole.intent):
        return [understood, *asked]
    if second := _second(whole, limits):
        return [understood, second]
    return [understood] if sure else asked or [whole]


def _answerable(question: Question) -> bool:
    """Return whether a question has an answer of its own, so that it may stand beside another."""
    return topic_of(question.intent) not in _NOT_A_PART


def _second(whole: Question, limits: Thresholds) -> Question | None:
    """Return the question on the second likeliest topic where it is to be answered beside the likeliest one."""
    if whole.topic_confidence >= limits.alone or not _answerable(whole):
        return None
    first = topic_of(whole.intent)
    runner_up = next((c for c in whole.candidates if topic_of(c.intent) != first), None)
    if runner_up is None or topic_of(runner_up.intent) in _NOT_A_PART:
        return None
    topic_confidence = whole.topic_confidence - whole.margin  # the margin is the distance to the second topic
    if topic_confidence < _LEAST_SECOND or whole.topic_confidence + topic_confidence < limits.pair:
        return None
    others = tuple(c for c in whole.candidates if c is not runner_up)
    return replace(
        whole,
        candidates=(runner_up, *others),
        topic_confidence=round(topic_confidence, 4),
        margin=-whole.margin,
        understood=True,
    )
