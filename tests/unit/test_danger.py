"""How findings add up: the highest level wins, and the learned detector raises and never lowers."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import numpy as np
import pytest

from isobot.nlu.danger_model import DangerLimits, DangerModel
from isobot.nlu.encoder import SentenceEncoder
from isobot.nlu.question_model import FloatArray
from isobot.nlu.second_reading import SecondReader
from isobot.safety.danger import BY_LEARNED, Danger, Finding
from isobot.safety.urgency import Urgency

URGENT = Finding("RF-13", Urgency.URGENT)
EMERGENCY = Finding("RF-05", Urgency.EMERGENCY)
LEARNED = Finding("RF-11", Urgency.URGENT, by=BY_LEARNED)
LIMITS = DangerLimits(
    whole=(0.9, 0.9, 0.9), part=(0.9, 0.9, 0.9), beside_a_sign=(0.9, 0.2, 0.9), beside_a_denial=(1, 1, 1), possible=0.2
)


def test_the_highest_level_wins() -> None:
    danger = Danger((URGENT,)).with_learned([EMERGENCY])
    assert danger.level is Urgency.EMERGENCY
    assert danger.rules == ("RF-05", "RF-13")


@pytest.mark.parametrize("learned", [[], [LEARNED], None])
def test_the_learned_detector_never_lowers(learned: list[Finding] | None) -> None:
    assert Danger((EMERGENCY,)).with_learned(learned).level is Urgency.EMERGENCY


def test_weak_signs_count_only_where_the_learned_detector_cannot_be_asked() -> None:
    danger = Danger(weak=(URGENT,))
    assert danger.with_learned([]).level is Urgency.NONE
    assert danger.with_learned(None).level is Urgency.URGENT


def test_it_survives_json_without_the_words() -> None:
    danger = Danger((EMERGENCY, LEARNED), asked_about=("RF-07",), possible=LEARNED, soft_check=True, under_18=True)
    assert Danger.from_dict(danger.as_dict()) == danger


def model() -> DangerModel:
    """Three labels that look at one number of the vector each."""
    head = np.zeros((384, 3), dtype=np.float32)
    head[0, 0] = head[1, 1] = head[2, 2] = 1
    levels = np.zeros((384, 3), dtype=np.float32)
    levels[0] = [0.3, 0.3, -1]
    levels[1] = [-1, -1, -1]
    levels[2] = [-1, -1, -1]
    return DangerModel(
        ("RF-11@urgent", "RF-11@look", "alcohol"),
        (head, np.zeros(3, dtype=np.float32)),
        (levels, np.zeros(3, dtype=np.float32)),
    )


def vector(column: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    row = np.zeros((1, 384), dtype=np.float32)
    row[0, column] = 1
    return row


def test_the_learned_detector_names_the_rule_and_the_level() -> None:
    assert model().read(vector(0)).findings(LIMITS) == [LEARNED]
    assert model().read(vector(1)).findings(LIMITS) == []
    assert model().read(vector(2)).findings(LIMITS) == []


def test_one_part_of_a_message_is_enough() -> None:
    assert model().read(np.vstack([vector(2), vector(0)])).findings(LIMITS) == [LEARNED]


def test_a_weak_sign_lowers_what_is_needed() -> None:
    half = (vector(0) + vector(1)) / 2
    assert model().read(half).findings(LIMITS) == []
    assert model().read(half).findings(LIMITS, Danger(weak=(URGENT,))) == [LEARNED]


def test_what_is_too_unsure_for_a_level_is_held_possible() -> None:
    half = (vector(0) + vector(1)) / 2
    assert model().read(half).findings(LIMITS) == []
    assert model().read(half).possible(LIMITS) == LEARNED
    assert model().read(half).possible(LIMITS, Danger(denied=("RF-11",))) is None
    assert model().read(vector(1)).possible(LIMITS) is None


def test_a_denial_of_the_very_danger_raises_what_is_needed() -> None:
    assert model().read(vector(0)).findings(LIMITS, Danger(denied=("RF-11",))) == []
    assert model().read(vector(0)).findings(LIMITS, Danger(denied=("RF-05",))) == [LEARNED]


def test_two_readings_are_averaged_where_there_are_two() -> None:
    first = model().read(np.vstack([vector(0), vector(0)]))
    both = first.with_second([1], model().read(vector(2)))
    assert both.levels[0].tolist() == first.levels[0].tolist()
    assert both.levels[1, 1] == pytest.approx((first.levels[1, 1] + model().read(vector(2)).levels[0, 1]) / 2)
    assert both.labels[1].sum() == pytest.approx(1, abs=1e-5)


def test_readings_of_other_labels_are_not_mixed() -> None:
    first = model().read(vector(0))
    with pytest.raises(ValueError, match="other labels"):
        first.with_second([0], replace(first, names=("a", "b", "c")))


class _Encoder:
    """Notes what is encoded."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def encode_outputs(self, texts: list[str], outputs: list[str]) -> list[FloatArray]:
        self.texts += texts
        return [np.vstack([vector(2) for _ in texts])]


def test_only_what_is_not_plainly_harmless_is_read_again() -> None:
    encoder = _Encoder()
    reader = SecondReader(cast(SentenceEncoder, encoder), model())
    first = model().read(np.vstack([vector(2), vector(0), vector(2)]))
    both = reader.read_again(first, ["fine", "danger", "fine too"])
    assert encoder.texts == ["danger"]
    assert both.levels[1, 0] < first.levels[1, 0]
    harmless = model().read(vector(2))
    assert reader.read_again(harmless, ["fine"]) is harmless
