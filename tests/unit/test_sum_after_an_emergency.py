"""While an emergency is fresh no sum is done: it is said why, and the numbers are kept until the person asks again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from isobot.dialogue.dose_turn import PER_KG, Calculator
from isobot.dialogue.state import Memory, Turn
from isobot.dialogue.turn import Content, plan
from isobot.dose.wording import Mode
from isobot.safety.danger import Danger, Finding
from isobot.safety.urgency import Urgency

CONTENT = Content(calculator=Calculator(Mode.FULL, date(2026, 11, 24)))
EMERGENCY = Danger((Finding("RF-08", Urgency.EMERGENCY),))
WAITING, REMINDER = "utter_dose_calc.waiting", "utter_red_flag.reminder.emergency"
ASKS = "what is my mg per kg?"


def parsed(danger: Danger, intent: str, *, understood: bool) -> dict[str, Any]:
    question = {"intent": intent, "understood": understood, "confidence": 0.8, "candidates": []}
    return {"questions": [question], "entities": [], "red_flags": danger.as_dict()}


def talk(*messages: str, content: Content = CONTENT, dose: Mapping[str, Any] | None = None) -> list[Turn]:
    """The turns of a conversation; "!" is an emergency."""
    memory, turns = Memory(dose=dose), []
    for message in messages:
        danger = EMERGENCY if message == "!" else Danger()
        sums = "mg per kg" in message
        intent = PER_KG if sums else "alcohol.can_i_drink"
        turn = plan(message, parsed(danger, intent, understood=sums or message.endswith("?")), memory, content)
        memory = replace(memory, raised=turn.raised, dose=turn.dose, offered=turn.choices)
        turns.append(turn)
    return turns


def last(*messages: str, content: Content = CONTENT) -> Turn:
    return talk(*messages, content=content)[-1]


def test_it_is_said_why_no_sum_is_done() -> None:
    for turn in talk("!", "70 kg on 40 mg a day", "70 kg", ASKS)[1:]:
        assert turn.actions == (REMINDER, WAITING)
        assert not turn.answered


def test_another_question_is_answered_as_ever() -> None:
    turn = last("!", "40 mg a day", "can I drink?")
    assert turn.actions == (REMINDER, "utter_alcohol.can_i_drink")


def test_what_was_told_meanwhile_is_known_when_it_is_over() -> None:
    turn = last("!", "70 kg", "40 mg a day", "thanks, already called", ASKS)
    assert turn.dose is not None
    assert turn.dose["result"]["mg_per_kg_day"] == 0.57


def test_what_was_told_before_is_known_too() -> None:
    turn = last("what is 40 mg a day in mg per kg for me, calculate it", "!", "thanks", "70 kg")
    assert turn.dose is not None
    assert turn.dose["result"]["mg_per_kg_day"] == 0.57


def test_no_figure_is_worked_out_while_it_is_fresh() -> None:
    for turn in talk("70 kg on 40 mg a day", "!", "no, 72 kg", "and at 60 mg?")[1:]:
        assert turn.dose is not None
        assert turn.dose["result"] == {"status": "aside"}
        assert "action_calculate_dose" not in turn.actions


def test_the_numbers_are_not_kept_for_ever() -> None:
    turns = talk("70 kg on 40 mg a day", "!", *["can I drink?"] * 9)
    assert turns[7].dose is not None
    assert turns[-1].dose is None


def test_stop_forgets_them() -> None:
    assert last("70 kg on 40 mg a day", "!", "thanks", "stop").dose is None


def test_a_refusal_that_lasts_outlives_an_emergency() -> None:
    turn = last("70 kg and pregnant, 20 mg, mg per kg?", "!", "70 kg on 40 mg", "thanks", "70 kg on 40 mg a day")
    assert "utter_dose_calc.refused.pregnancy" in turn.actions


def test_a_refusal_that_lasts_may_be_told_meanwhile() -> None:
    turn = last("!", "70 kg and pregnant, 20 mg, mg per kg?", "thanks", "70 kg on 40 mg a day")
    assert "utter_dose_calc.refused.pregnancy" in turn.actions


def test_where_no_sums_are_done_nothing_is_said_of_them() -> None:
    off = Content(calculator=Calculator(Mode.OFF, date(2026, 11, 24)))
    for turn in talk("!", "70 kg on 40 mg a day", "70 kg", content=off):
        assert WAITING not in turn.actions
        assert turn.dose is None
