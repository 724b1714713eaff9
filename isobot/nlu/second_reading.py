"""Reads a second time what is not plainly harmless, with an encoder of its own for danger (no Rasa import).

The first reading shares the question encoder's lower layers, which costs little in every message. What it can't tell
apart is worth a whole encoding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from isobot.nlu.danger_model import DangerModel, Reading
from isobot.nlu.encoder import DANGER_VECTOR, SECOND_GRAPH_FILE, SentenceEncoder
from isobot.nlu.encoder_build import READER_FILE

# The first reading's probability of any level from which on a text is read again. `make calibrate-danger` prints how
# much danger of the calibration messages is below it, and `make danger` how many ordinary messages are above.
READ_AGAIN = 0.15


@dataclass(frozen=True)
class SecondReader:
    """The second encoder and its heads."""

    encoder: SentenceEncoder
    model: DangerModel

    @classmethod
    def load(cls, folder: Path, heads: Path = READER_FILE) -> SecondReader:
        """Open the reader whose graph and tokenizer are in `folder`.

        Raises:
            EncoderMissingError: when they are not there.
            OSError, ValueError, KeyError, safetensors.SafetensorError: when the heads are missing or broken.
        """
        return cls(SentenceEncoder.load(folder, SECOND_GRAPH_FILE), DangerModel.load(heads))

    def read_again(self, first: Reading, texts: Sequence[str]) -> Reading:
        """Return a reading with what was unsure in it read again.

        Args:
            first: the first reading of `texts`, a row each.
            texts: the message as a whole, and its sentences.
        """
        rows = unsure(first)
        if not rows:
            return first
        vectors = self.encoder.encode_outputs([texts[row] for row in rows], [DANGER_VECTOR])[0]
        return first.with_second(rows, self.model.read(vectors))


def unsure(reading: Reading) -> list[int]:
    """Return the rows of a first reading that are not plainly harmless."""
    found: list[int] = np.flatnonzero(reading.levels.max(axis=1) >= READ_AGAIN).tolist()
    return found
