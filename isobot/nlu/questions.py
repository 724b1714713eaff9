"""From probabilities to questions: which segments of a message ask something that the bot knows (no Rasa import)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

MAX_QUESTIONS = 3
_OPENERS = (
    "can could should may might do does did is are am was were will would has have how what whats what's when where "
    "why which who whose any anyone anybody wondering question"
)
_ASKS = re.compile(
    rf"\?|^(?:so|and|but|also|ok|hi|hey|hello|please|pls)?[,\s]*(?:{'|'.join(_OPENERS.split())})\b", re.I
)

Aside = Literal["chitchat"]


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
        understood: whether confidence and margin reach the thresholds, so that it may be answered.
    """

    text: str
    candidates: tuple[Candidate, ...]
    understood: bool

    @property
    def intent(self) -> str:
        """The likeliest intent."""
        return self.candidates[0].intent

    @property
    def confidence(self) -> float:
        """Its probability."""
        return self.candidates[0].confidence

    @property
    def margin(self) -> float:
        """How far it is ahead of the next intent."""
        return self.confidence - (self.candidates[1].confidence if len(self.candidates) > 1 else 0.0)

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON-ready data, with confidence and margin written out."""
        return {**asdict(self), "intent": self.intent, "confidence": self.confidence, "margin": self.margin}


@dataclass(frozen=True)
class Thresholds:
    """From which confidence and margin on a question is answered, not asked back."""

    confidence: float
    margin: float


def topic_of(intent: str) -> str:
    """Return the topic of a leaf question: the part of its name before the dot."""
    return intent.split(".", 1)[0]


def asks(text: str) -> bool:
    """Return whether `text` has the shape of a question."""
    return bool(_ASKS.search(text.strip()))


def judge(
    text: str, probabilities: Sequence[float], intents: Sequence[str], titles: Mapping[str, str], limits: Thresholds
) -> Question:
    """Return the question that `text` asks.

    Args:
        text: the segment.
        probabilities: one for each of `intents`.
        intents: the classifier's classes.
        titles: intent to the question in human words.
        limits: from when on it counts as understood. Two leaves of one topic may be close to each other without
            either being wrong, so the margin is taken to the best intent of another topic.
    """
    ranked = sorted(zip(probabilities, intents, strict=True), reverse=True)[:10]
    candidates = tuple(Candidate(i, titles.get(i, i), round(float(p), 4)) for p, i in ranked)
    topic = topic_of(candidates[0].intent)
    rival = next((c.confidence for c in candidates if topic_of(c.intent) != topic), 0.0)
    topic_confidence = sum(float(p) for p, i in zip(probabilities, intents, strict=True) if topic_of(i) == topic)
    understood = topic_confidence >= limits.confidence and topic_confidence - rival >= limits.margin
    return Question(text, candidates, understood)


def choose(whole: Question, parts: Sequence[Question]) -> list[Question]:
    """Return the questions of a message, in the order asked, at most three; where none is understood, the best guess.

    Args:
        whole: the message judged as one text.
        parts: its segments judged one by one; empty for a message of one segment.
    """
    asked = [p for p in parts if p.understood and asks(p.text) and topic_of(p.intent) != "chitchat"]
    distinct: dict[str, Question] = {}
    for part in asked:
        distinct.setdefault(part.intent, part)
    if len(distinct) > 1 or (distinct and not whole.understood):
        return list(distinct.values())[:MAX_QUESTIONS]
    if whole.understood:
        return [whole]
    stated = [p for p in parts if p.understood and topic_of(p.intent) not in ("chitchat", "out_of_scope")]
    if stated:
        return [max(stated, key=lambda p: p.confidence)]
    return [max([whole, *(p for p in parts if asks(p.text))], key=lambda p: p.confidence)]
