"""How findings add up: the highest level wins, and the learned detector raises and never lowers."""

from __future__ import annotations

import numpy as np
import pytest

from isobot.nlu.danger_model import DangerLimits, DangerModel
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
    assert model().findings(vector(0), LIMITS) == [LEARNED]
    assert model().findings(vector(1), LIMITS) == []
    assert model().findings(vector(2), LIMITS) == []


def test_one_part_of_a_message_is_enough() -> None:
    assert model().findings(np.vstack([vector(2), vector(0)]), LIMITS) == [LEARNED]


def test_a_weak_sign_lowers_what_is_needed() -> None:
    half = (vector(0) + vector(1)) / 2
    assert model().findings(half, LIMITS) == []
    assert model().findings(half, LIMITS, Danger(weak=(URGENT,))) == [LEARNED]


def test_what_is_too_unsure_for_a_level_is_held_possible() -> None:
    half = (vector(0) + vector(1)) / 2
    assert model().findings(half, LIMITS) == []
    assert model().possible(half, LIMITS) == LEARNED
    assert model().possible(half, LIMITS, Danger(denied=("RF-11",))) is None
    assert model().possible(vector(1), LIMITS) is None


def test_a_denial_of_the_very_danger_raises_what_is_needed() -> None:
    assert model().findings(vector(0), LIMITS, Danger(denied=("RF-11",))) == []
    assert model().findings(vector(0), LIMITS, Danger(denied=("RF-05",))) == [LEARNED]
