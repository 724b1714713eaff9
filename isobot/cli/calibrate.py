"""Sets the thresholds of understanding on the calibration messages: `python -m isobot.cli.calibrate`.

Fits the temperature (so that a confidence of 0.8 is right eight times in ten), then looks for the thresholds with the
most right answers, where a wrong answer outweighs `COST_OF_A_WRONG_ANSWER` right ones. Prints the trade-off as a table
and writes isobot/nlu/thresholds.yml.
"""

from __future__ import annotations

import itertools
import json
import sys
import tarfile
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.table import Table

from isobot.cli.train import MODEL
from isobot.nlu import thresholds
from isobot.nlu.encoder import SentenceEncoder
from isobot.nlu.question_model import QuestionModel, softmax
from isobot.nlu.questions import Question, choose, judge, topic_of
from isobot.nlu.scope import believable, rescope
from isobot.nlu.tfidf import WordCharTfidf
from isobot.nlu.thresholds import Thresholds
from isobot.text.medicines import Mentions, find_medicines
from isobot.text.segments import in_context, split
from isobot.text.spelling import Speller

COST_OF_A_WRONG_ANSWER = 3.0  # in right answers; asking back costs nothing and gains nothing
BINS = 10
_OUT = ("out_of_scope", "chitchat")


@dataclass(frozen=True)
class Judged:
    """A calibration message with what the model makes of it before any threshold.

    Attributes:
        topics: the topics that would be right.
        in_scope: it asks about isotretinoin.
        one: it asks one question.
    """

    topics: frozenset[str]
    in_scope: bool
    one: bool
    whole: Question
    parts: tuple[Question, ...]
    mentions: Mentions


def read_messages(file: Path = thresholds.CALIBRATION_FILE) -> list[dict[str, Any]]:
    """Return the messages of a held-out set, by default those of the calibration set."""
    return [json.loads(line) for line in file.read_text(encoding="utf-8").split("\n") if line]


@dataclass(frozen=True)
class Reader:
    """The parts of a trained model that read a text, in the order of the pipeline."""

    speller: Speller
    encoder: SentenceEncoder
    tfidf: WordCharTfidf
    model: QuestionModel

    @classmethod
    def open(cls, model: Path) -> Reader:
        """Read them from a model archive."""
        with tempfile.TemporaryDirectory() as temporary, tarfile.open(model) as archive:
            archive.extractall(temporary, filter="data")
            components = Path(temporary) / "components"

            def folder(name: str) -> Path:
                return next(p for p in components.iterdir() if p.is_dir() and name in p.name)

            return cls(
                Speller.load(folder("SpellingRepairer")),
                SentenceEncoder.load(folder("SentenceEncoderFeaturizer")),
                WordCharTfidf.load(folder("TfidfFeaturizer")),
                QuestionModel.load(folder("QuestionClassifier")),
            )

    def scores(self, texts: list[str]) -> npt.NDArray[np.float32]:
        """Return the scores before the softmax, shape (texts, intents)."""
        repaired = [self.speller.repair(text) for text in texts]
        return self.model.scores(self.encoder.encode(repaired), self.tfidf.transform(repaired))


def fit_temperature(scores: npt.NDArray[np.float32], right: npt.NDArray[np.bool_]) -> float:
    """Return the temperature with the highest likelihood of the right intents (Guo et al. 2017).

    Args:
        scores: shape (messages, intents).
        right: the same shape, true where an intent's topic would be right.
    """
    grid = np.arange(0.5, 3.01, 0.05)
    losses = [-np.log((softmax(scores, t) * right).sum(axis=1) + 1e-9).mean() for t in grid]
    return round(float(grid[int(np.argmin(losses))]), 2)


def best_temperature(reader: Reader) -> float:
    """Return the temperature that fits a model to the calibration messages with one question."""
    single = [m for m in read_messages() if m["topics"][0] not in _OUT and m["kind"] != "multi"]
    right = np.array([[topic_of(i) in m["topics"] for i in reader.model.intents] for m in single])
    return fit_temperature(reader.scores([m["text"] for m in single]), right)


def calibration_error(confidences: npt.NDArray[np.float64], right: npt.NDArray[np.bool_]) -> float:
    """Return the expected calibration error over `BINS` bins of equal width (Naeini et al. 2015)."""
    which = np.minimum((confidences * BINS).astype(int), BINS - 1)
    gaps = [
        abs(confidences[which == b].mean() - right[which == b].mean()) * (which == b).mean()
        for b in range(BINS)
        if (which == b).any()
    ]
    return float(sum(gaps))


def outcome(judged: list[Judged], limits: Thresholds) -> tuple[float, float]:
    """Return the shares of in-scope messages with a right topic among the answers, and with none but wrong ones."""
    right = wrong = 0
    for message in judged:
        chosen = [rescope(q, message.mentions, {}) for q in choose(message.whole, message.parts, limits)]
        answered = {topic_of(q.intent) for q in chosen if q.understood}
        right += bool(answered & message.topics)
        wrong += bool(answered) and not answered & message.topics
    return right / len(judged), wrong / len(judged)


def judge_all(
    reader: Reader, temperature: float, read: Callable[[Sequence[str]], Sequence[str]] = in_context
) -> list[Judged]:
    """Return what the model makes of each calibration message.

    Args:
        reader: the model.
        temperature: what its scores are divided by.
        read: segments to what each is read as.
    """
    judged = []
    intents = reader.model.intents
    for message in read_messages():
        segments = split(message["text"])
        if segments == [message["text"]]:
            segments = []
        mentions = find_medicines(message["text"])
        scores = reader.scores([message["text"], *read(segments)])
        rows = believable(softmax(scores, temperature), intents, mentions)
        texts = [message["text"], *segments]
        questions = [judge(t, row, intents, {}) for t, row in zip(texts, rows, strict=True)]
        judged.append(
            Judged(
                frozenset(message["topics"]),
                message["topics"][0] not in _OUT,
                message["kind"] != "multi",
                questions[0],
                tuple(questions[1:]),
                mentions,
            )
        )
    return judged


def first_guess(judged: list[Judged]) -> tuple[float, float, int]:
    """Return how often the likeliest topic of a single question is right, the calibration error, and of how many."""
    wholes = [j for j in judged if j.in_scope and j.one]
    confidences = np.array([j.whole.topic_confidence for j in wholes])
    correct = np.array([topic_of(j.whole.intent) in j.topics for j in wholes])
    return float(correct.mean()), calibration_error(confidences, correct), len(wholes)


def best_limits(judged: list[Judged], temperature: float) -> Thresholds:
    """Return the thresholds with the most right answers less the cost of the wrong ones, out of a grid.

    An answer to a message that is out of scope is as wrong as a wrong answer to one that is not.
    """
    inside = [j for j in judged if j.in_scope]
    outside = [j for j in judged if "out_of_scope" in j.topics]

    def value(limits: Thresholds) -> float:
        right, wrong = outcome(inside, limits)
        _, mistaken = outcome(outside, limits)
        return len(inside) * right - COST_OF_A_WRONG_ANSWER * (len(inside) * wrong + len(outside) * mistaken)

    grid = itertools.product(np.arange(0.4, 0.91, 0.05), (0.6, 0.7, 0.8), (0.75, 0.85, 0.95), (0.6, 0.7, 0.8, 0.9))
    options = (
        Thresholds(round(float(confidence), 2), part, alone, pair, temperature)
        for confidence, part, alone, pair in grid
    )
    return max(options, key=value)


def table(judged: list[Judged], limits: Thresholds) -> Table:
    """Return the trade-off around `limits`, and what happens to messages out of scope."""
    shown = Table("confidence from", "right", "wrong", "asked back", "out of scope: answered as isotretinoin")
    in_scope = [j for j in judged if j.in_scope]
    outside = [j for j in judged if "out_of_scope" in j.topics]
    for confidence in sorted({0.2, 0.4, 0.5, 0.6, 0.7, limits.confidence}):
        here = replace(limits, confidence=confidence)
        right, wrong = outcome(in_scope, here)
        _, mistaken = outcome(outside, here)
        mark = " *" if confidence == limits.confidence else ""
        shown.add_row(
            f"{confidence:.2f}{mark}", f"{right:.1%}", f"{wrong:.1%}", f"{1 - right - wrong:.1%}", f"{mistaken:.1%}"
        )
    return shown


def main() -> int:
    """Calibrate; return the exit code."""
    reader = Reader.open(MODEL)
    temperature = best_temperature(reader)
    judged = judge_all(reader, temperature)
    limits = best_limits(judged, temperature)
    thresholds.write(limits)
    console = Console()
    console.print(table(judged, limits))
    accuracy, error, count = first_guess(judged)
    console.print(f"right topic first, before thresholds: {accuracy:.1%} of {count} single questions")
    console.print(f"temperature {temperature}, expected calibration error {error:.3f}")
    console.print(f"wrote {thresholds.THRESHOLDS_FILE.name}: {limits}. It is read when the model is loaded.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
