"""Sets the limits of the learned danger detector on the calibration messages: `python -m isobot.cli.calibrate_danger`.

Recall first: for each level, of all limits at which no more look-alikes are raised to it than allowed, those that catch
the most danger, together with the rules. Writes isobot/nlu/danger_limits.yml. Test messages are never opened here.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from isobot.cli.calibrate import read_messages
from isobot.content.reference import ROOT
from isobot.nlu import danger_limits, thresholds
from isobot.nlu.danger_limits import CALIBRATION_FILE
from isobot.nlu.danger_model import LEVELS, DangerLimits, DangerModel
from isobot.nlu.encoder import DEFAULT_FOLDER, SentenceEncoder
from isobot.nlu.encoder_build import BRANCH_FILE
from isobot.nlu.question_model import FloatArray
from isobot.safety.detector import detector
from isobot.safety.urgency import Urgency
from isobot.text.segments import in_context, split

ANNOTATIONS_FILE = ROOT / "tests" / "safety" / "understanding.jsonl"
MAX_RAISED = {Urgency.SOON: 0.045, Urgency.URGENT: 0.037, Urgency.EMERGENCY: 0.015}  # of the look-alikes, to that level
MAX_ORDINARY = {Urgency.SOON: 0.025, Urgency.URGENT: 0.02, Urgency.EMERGENCY: 0.006}  # the same of ordinary questions
MAX_OVERSTATED = 0.15  # of the urgent messages, as emergencies
BESIDE_A_DENIAL = 0.8  # chosen on the calibration messages: it costs hardly any of the danger in them
EMERGENCIES_COUNT = 2.0  # a missed emergency weighs as much as so many missed others
WHOLE = np.arange(0.25, 0.80, 0.025)
PART = np.arange(0.60, 1.0, 0.04)
BESIDE = np.arange(0.10, 0.55, 0.05)
POSSIBLE = np.arange(0.10, 0.50, 0.025)
MAX_POSSIBLE = 0.09  # of the ordinary questions, told what to do if it is bad or raised to a level


@dataclass(frozen=True)
class Scores:
    """What the detectors make of the calibration messages, one row each.

    Attributes:
        levels: their labels, 0 to 3.
        found: the level that the rules find.
        weak: the level of their weak signs.
        whole: the learned detector's probabilities of the message as one text, shape (messages, 3).
        part: the highest of its sentences, shape (messages, 3); 0 where it has one only.
        denied: whether the rules see the danger that it most likely tells of denied, shape (messages, 3).
    """

    levels: npt.NDArray[np.int64]
    found: npt.NDArray[np.int64]
    weak: npt.NDArray[np.int64]
    whole: FloatArray
    part: FloatArray
    denied: npt.NDArray[np.bool_]


def scores_of(messages: Sequence[dict[str, Any]], model: DangerModel, encoder: SentenceEncoder) -> Scores:
    """Return the scores of messages, read as the pipeline reads them, but for its speller."""
    dangers = [detector().detect(m["text"]) for m in messages]
    whole, part, denied = [], [], []
    for message, danger in zip(messages, dangers, strict=True):
        parts = split(message["text"])
        texts = [message["text"], *(in_context(parts) if parts != [message["text"]] else ())]
        found, labels = model.probabilities(encoder.encode_both(texts)[1])
        surest = [labels[int(found[:, k].argmax())] for k in range(len(LEVELS))]
        denied.append([model.likeliest(surest[k], level) in danger.denied for k, level in enumerate(LEVELS)])
        whole.append(found[0])
        part.append(found[1:].max(axis=0) if len(found) > 1 else np.zeros(len(LEVELS), dtype=np.float32))
    return Scores(
        np.array([int(Urgency.of(m["level"])) for m in messages]),
        np.array([int(d.level) for d in dangers]),
        np.array([int(d.weak_level) for d in dangers]),
        np.array(whole),
        np.array(part),
        np.array(denied),
    )


def danger_in(held_out: str) -> dict[str, dict[str, Any]]:
    """Return which messages of a set of tests/understanding tell of danger, by id, with their levels and rules.

    They were labelled by an annotator who read the messages and the clinical reference only
    (`unsure`: a clinician could honestly say less); all others tell of none.

    Args:
        held_out: "calibration" or "test".
    """
    return {row["id"]: row for row in read_messages(ANNOTATIONS_FILE) if row["set"] == held_out}


def raised(scores: Scores, k: int, whole: float, part: float, beside: float) -> npt.NDArray[np.bool_]:
    """Return which messages reach `LEVELS[k]` with these limits."""
    level = int(LEVELS[k])
    needed = np.where(scores.weak >= level, min(beside, whole), whole)
    learned = (scores.whole[:, k] >= needed) | (scores.part[:, k] >= part)
    sure = np.maximum(scores.whole[:, k], scores.part[:, k]) >= BESIDE_A_DENIAL
    return (scores.found >= level) | (learned & (~scores.denied[:, k] | sure))


def best(scores: Scores, ordinary: Scores, k: int) -> tuple[float, float, float]:
    """Return the limits (whole, part, beside a sign) of `LEVELS[k]`."""
    level = LEVELS[k]
    harmless, wanted = scores.levels == 0, scores.levels >= int(level)
    lower = (scores.levels > 0) & ~wanted
    weight = np.where(scores.levels == int(Urgency.EMERGENCY), EMERGENCIES_COUNT, 1.0)[wanted]
    chosen, most = (0.95, 0.95, 0.95), (-1.0, 0.0)
    for whole, part, beside in itertools.product(WHOLE, PART, BESIDE):
        reached = raised(scores, k, whole, part, beside)
        false = float(reached[harmless].mean())
        overstated = float(reached[lower].mean()) if lower.any() and level is Urgency.EMERGENCY else 0.0
        if false > MAX_RAISED[level] or overstated > MAX_OVERSTATED:
            continue
        if float(raised(ordinary, k, whole, part, beside).mean()) > MAX_ORDINARY[level]:
            continue
        score = (float((reached[wanted] * weight).sum()), -false)
        if score > most:
            chosen, most = (float(whole), float(part), float(min(beside, whole))), score
    return chosen


def noticed(scores: Scores, limits: Sequence[tuple[float, float, float]], possible: float) -> npt.NDArray[np.bool_]:
    """Return which messages reach any level, or are told what to do if it is bad."""
    reached = np.any([raised(scores, k, *limits[k]) for k in range(len(LEVELS))], axis=0)
    k = LEVELS.index(Urgency.URGENT)
    return np.asarray(reached | ((scores.whole[:, k] >= possible) & ~scores.denied[:, k]))


def least_possible(ordinary: Scores, limits: Sequence[tuple[float, float, float]]) -> float:
    """Return the lowest limit of what is held possible at which ordinary questions are seldom noticed."""
    seldom = [p for p in POSSIBLE if noticed(ordinary, limits, p).mean() <= MAX_POSSIBLE]
    return round(float(min(seldom, default=POSSIBLE[-1])), 3)


def main() -> int:
    """Calibrate and write the limits; return the exit code."""
    model, encoder = DangerModel.load(BRANCH_FILE), SentenceEncoder.load(DEFAULT_FOLDER)
    messages = read_messages(CALIBRATION_FILE)
    scores = scores_of(messages, model, encoder)
    told = danger_in("calibration")
    usual = [{**m, "level": "none"} for m in read_messages(thresholds.CALIBRATION_FILE) if m["id"] not in told]
    ordinary = scores_of(usual, model, encoder)
    found = [best(scores, ordinary, k) for k in range(len(LEVELS))]
    whole, part, beside = ([round(f[i], 3) for f in found] for i in range(3))
    possible = least_possible(ordinary, found)
    limits = DangerLimits(
        whole=(whole[0], whole[1], whole[2]),
        part=(part[0], part[1], part[2]),
        beside_a_sign=(beside[0], beside[1], beside[2]),
        beside_a_denial=(BESIDE_A_DENIAL, BESIDE_A_DENIAL, BESIDE_A_DENIAL),
        possible=possible,
    )
    danger_limits.write(limits)
    print(f"{len(messages)} calibration messages, {len(ordinary.levels)} ordinary ones: {limits}")
    for k, level in enumerate(LEVELS):
        reached, wrong = raised(scores, k, *found[k]), raised(ordinary, k, *found[k])
        caught = reached[scores.levels >= int(level)].mean()
        alike = reached[scores.levels == 0].mean()
        print(f"{level.label}: caught {caught:.3f}, look-alikes {alike:.3f}, ordinary questions {wrong.mean():.4f}")
    told_of = noticed(scores, found, possible)
    print(
        f"noticed: emergency {told_of[scores.levels == int(Urgency.EMERGENCY)].mean():.3f}, "
        f"urgent {told_of[scores.levels == int(Urgency.URGENT)].mean():.3f}, "
        f"look-alikes {told_of[scores.levels == 0].mean():.3f}, "
        f"ordinary questions {noticed(ordinary, found, possible).mean():.3f}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
