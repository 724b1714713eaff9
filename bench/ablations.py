"""What each part of understanding is worth: `python -m bench.ablations` leaves one out at a time.

Every row is judged on the calibration messages, with the temperature fitted anew and the shipped thresholds; the table
is kept in docs/understanding.md. Takes about five minutes.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from bench import report
from isobot.cli import calibrate
from isobot.cli.calibrate import Judged, Reader
from isobot.cli.train import MODEL
from isobot.content.importer import TopicFileImporter
from isobot.content.reference import ROOT
from isobot.nlu import encoder_build, thresholds
from isobot.nlu.encoder import SentenceEncoder
from isobot.nlu.question_classifier import QuestionClassifier
from isobot.nlu.question_model import QuestionModel
from isobot.nlu.thresholds import Thresholds
from isobot.text.segments import in_context
from isobot.text.spelling import Speller

DOCUMENT = ROOT / "docs" / "understanding.md"
Read = Callable[[Sequence[str]], Sequence[str]]


class NoSpeller(Speller):
    """Leaves every text as it is."""

    def repair(self, text: str) -> str:
        """Return `text`."""
        return text


def phrasings() -> tuple[list[str], list[str]]:
    """Return the training phrasings and their intents."""
    examples = TopicFileImporter(training_data_paths=str(ROOT / "data")).get_nlu_data().intent_examples
    return [e.get("text") for e in examples], [e.get("intent") for e in examples]


def trained(reader: Reader, *, regularization: float | None = None, terms: bool = True) -> Reader:
    """Return `reader` with its classifier trained anew.

    Args:
        reader: the parts before the classifier.
        regularization: scikit-learn's C; the shipped one where None.
        terms: with TF-IDF; without, its features are all zero.
    """
    texts, intents = phrasings()
    config = QuestionClassifier.get_default_config()
    sparse = reader.tfidf.transform(texts)
    model = QuestionModel.fit(
        reader.encoder.encode_many(texts),
        sparse if terms else sparse * 0,
        intents,
        inverse_regularization=regularization or config["inverse_regularization"],
        directions=config["directions"],
    )
    if not terms:
        model = replace(model, projection=np.zeros_like(model.projection))
    return replace(reader, model=model)


def published(reader: Reader) -> Reader:
    """Return `reader` with the encoder as it was published, without our adapter."""
    with tempfile.TemporaryDirectory() as folder:
        encoder_build.build(encoder_build.find_weights(), Path(folder), adapter=None)
        return replace(reader, encoder=SentenceEncoder.load(Path(folder)))


def row(name: str, reader: Reader, limits: Thresholds, read: Read = in_context) -> list[str]:
    """Return a row of the table: what a variant makes of the calibration messages."""
    report.say(f"{name} ...")
    temperature = calibrate.best_temperature(reader)
    judged = calibrate.judge_all(reader, temperature, read)
    first, error, _ = calibrate.first_guess(judged)
    right, wrong = calibrate.outcome([j for j in judged if j.in_scope], limits)
    _, mistaken = calibrate.outcome([j for j in judged if "out_of_scope" in j.topics], limits)
    shares = [f"{100 * share:.1f}" for share in (first, right, wrong, 1 - right - wrong, mistaken)]
    return [name, *shares, f"{error:.3f}"]


def counted(judged: list[Judged]) -> str:
    """Return what the calibration set holds, in words."""
    inside = sum(j.in_scope for j in judged)
    outside = sum("out_of_scope" in j.topics for j in judged)
    return f"{inside} messages about isotretinoin, {outside} out of scope."


def main() -> int:
    """Make the table and keep it; return the exit code."""
    reader, limits = Reader.open(MODEL), thresholds.read()
    plain = published(reader)
    rows = [
        row("all of it (shipped)", reader, limits),
        row("without repaired spelling", replace(reader, speller=NoSpeller({})), limits),
        row("without our adapter in the encoder", trained(plain), limits),
        row("without TF-IDF", trained(reader, terms=False), limits),
        row("classifier less regularized (C = 20)", trained(reader, regularization=20.0), limits),
        row("sentences read without the one before", reader, limits, read=list),
        row("never a second likely topic", reader, replace(limits, alone=0.0)),
    ]
    table = report.Table(
        "What each part of understanding is worth",
        [
            "",
            "right topic first %",
            "right answer %",
            "wrong answer %",
            "asked back %",
            "out of scope answered %",
            "ECE",
        ],
        rows,
        counted(calibrate.judge_all(reader, limits.temperature)),
    )
    report.show(table)
    report.keep(table, "ablations", "python -m bench.ablations", DOCUMENT)
    return 0


if __name__ == "__main__":
    sys.exit(main())
