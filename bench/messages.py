"""Reads the messages that benchmarks send: tests/understanding/calibration.jsonl, never the test set."""

from __future__ import annotations

import json
from dataclasses import dataclass

from bench.workspace import ROOT
from isobot.channels.message import clean

FILE = ROOT / "tests" / "understanding" / "calibration.jsonl"
_NO_TOPIC = {"out_of_scope", "chitchat"}


@dataclass(frozen=True)
class LabelledMessage:
    """A message and what it asks.

    Attributes:
        text: cleaned as every channel does.
        topics: the right topics.
        questions: the right leaf questions.
        kind: how it is put, "multi" for several questions.
    """

    text: str
    topics: tuple[str, ...]
    questions: tuple[str, ...]
    kind: str

    @property
    def is_one_question(self) -> bool:
        """Whether it asks one thing that the bot has answers on."""
        return self.kind != "multi" and not _NO_TOPIC & set(self.topics)


def read_messages() -> list[LabelledMessage]:
    """Return all messages, in the order of the file."""
    rows = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [LabelledMessage(clean(r["text"]), tuple(r["topics"]), tuple(r["questions"]), r["kind"]) for r in rows]


def short_texts(count: int, max_words: int = 25) -> list[str]:
    """Return the texts of `count` messages of at most `max_words` words, spread over the whole file."""
    texts = [m.text for m in read_messages() if len(m.text.split()) <= max_words]
    count = min(count, len(texts))
    return [texts[i * len(texts) // count] for i in range(count)]
