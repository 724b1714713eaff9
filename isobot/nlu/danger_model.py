"""The learned danger detector's arithmetic: danger vectors in, findings out (no Rasa import).

Two linear heads on the encoder's danger vector, trained with its branch (finetuning/fine_tune_danger.py): one over the
red flags by level, their look-alikes and ordinary topics, one over the three levels. Their mean decides. It sees what
no rule foresees; it may raise what the rules found and never lowers it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load

from isobot.nlu.question_model import FloatArray, softmax
from isobot.safety.danger import BY_LEARNED, Danger, Finding
from isobot.safety.urgency import Urgency

LEVELS = (Urgency.SOON, Urgency.URGENT, Urgency.EMERGENCY)
_SCALE = 16.0  # the heads were trained on vectors of this length


NOTHING_SEEN = Danger()
ByLevel = tuple[float, float, float]  # for each of `LEVELS`


@dataclass(frozen=True)
class DangerLimits:
    """From which probability on a level counts.

    Attributes:
        whole: of the message read as one text.
        part: of one of its sentences.
        beside_a_sign: of the message as one text, where a rule sees a weak sign of that level.
        beside_a_denial: of either, where the rules see the very danger denied, supposed, past or somebody else's.
        possible: of the message as one text; of being urgent or more, so that the reply says what to do if it is bad.
    """

    whole: ByLevel
    part: ByLevel
    beside_a_sign: ByLevel
    beside_a_denial: ByLevel
    possible: float


@dataclass(frozen=True)
class DangerModel:
    """The two heads.

    Attributes:
        labels: "RF-05@urgent", "RF-05@look" (its look-alikes), "alcohol" (an ordinary topic), in the order of columns.
        head: weights of shape (384, labels), and bias of shape (labels,).
        levels: weights of shape (384, 3), and bias of shape (3,).
    """

    labels: tuple[str, ...]
    head: tuple[FloatArray, FloatArray]
    levels: tuple[FloatArray, FloatArray]

    @classmethod
    def load(cls, file: Path) -> DangerModel:
        """Read the heads from the file that fine-tuning wrote.

        Raises:
            OSError, ValueError, KeyError, safetensors.SafetensorError: when the file is missing or broken.
        """
        data = file.read_bytes()
        arrays = {k: v.astype(np.float32) for k, v in load(data).items() if k.startswith("head.")}
        header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])  # its length comes first
        labels = tuple(json.loads(header["__metadata__"]["labels"]))
        head = np.ascontiguousarray(arrays["head.labels.weight"].T), arrays["head.labels.bias"]
        levels = np.ascontiguousarray(arrays["head.levels.weight"].T), arrays["head.levels.bias"]
        if head[0].shape != (384, len(labels)) or levels[0].shape != (384, len(LEVELS)):
            raise ValueError(
                f"{file}: the heads have the wrong shape. Run 'make fine-tune-danger' or restore the file."
            )
        return cls(labels, head, levels)

    def probabilities(self, vectors: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the probability of each level or more, shape (texts, 3), and of each label, shape (texts, labels)."""
        labels = softmax((vectors @ self.head[0] + self.head[1]) * _SCALE, 1.0)
        levels = 1 / (1 + np.exp(-(vectors @ self.levels[0] + self.levels[1]) * _SCALE))
        by_label = np.stack([labels[:, self._label_levels >= level].sum(axis=1) for level in LEVELS], axis=1)
        return np.asarray((levels + by_label) / 2, dtype=np.float32), labels

    @cached_property
    def _label_levels(self) -> npt.NDArray[np.int64]:
        """The level of each column's label."""
        return np.array([_level_of(label) for label in self.labels])

    def findings(self, vectors: FloatArray, limits: DangerLimits, danger: Danger = NOTHING_SEEN) -> list[Finding]:
        """Return what a message tells, at most one finding.

        Args:
            vectors: of the message as a whole and, below it, of its parts, shape (texts, 384).
            limits: from when on a level counts.
            danger: what the rules see in it.
        """
        levels, labels = self.probabilities(vectors)
        for k in reversed(range(len(LEVELS))):
            whole = limits.beside_a_sign[k] if danger.weak_level >= LEVELS[k] else limits.whole[k]
            rows = [row for row, value in enumerate(levels[:, k]) if value >= (limits.part[k] if row else whole)]
            if not rows:
                continue
            surest = max(rows, key=levels[:, k].__getitem__)
            rule = self.likeliest(labels[surest], LEVELS[k])
            if rule and (rule not in danger.denied or levels[surest, k] >= limits.beside_a_denial[k]):
                return [Finding(rule, LEVELS[k], by=BY_LEARNED)]
        return []

    def possible(self, vectors: FloatArray, limits: DangerLimits, danger: Danger = NOTHING_SEEN) -> Finding | None:
        """Return what a message may tell that is not sure enough to be a finding, or None (arguments as `findings`)."""
        levels, labels = self.probabilities(vectors[:1])
        reached = [level for k, level in enumerate(LEVELS) if levels[0, k] >= limits.possible and level > Urgency.SOON]
        rule = self.likeliest(labels[0], max(reached)) if reached else None
        return Finding(rule, max(reached), by=BY_LEARNED) if rule and rule not in danger.denied else None

    def likeliest(self, labels: FloatArray, level: Urgency) -> str | None:
        """Return the likeliest red flag at this level, or None where no red flag comes to it."""
        columns = np.flatnonzero(self._label_levels == level)
        return self.labels[columns[labels[columns].argmax()]].split("@")[0] if columns.size else None


def _level_of(label: str) -> Urgency:
    """Return the level of a label; none for look-alikes and ordinary topics."""
    level = label.partition("@")[2]
    return Urgency.of(level) if level.upper() in Urgency.__members__ else Urgency.NONE
