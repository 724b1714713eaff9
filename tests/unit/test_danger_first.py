"""Danger goes before everything else in a turn."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from isobot.dialogue.danger_first import (
    ACTION_ESCALATE,
    UTTER_POSSIBLE,
    UTTER_SOFT_CHECK,
    UTTER_SUPPORT,
    UTTER_UNSURE,
    response_of,
    settles,
)
from isobot.dialogue.state import Choice, Memory, Raised, Turn
from isobot.dialogue.turn import Content, plan
from isobot.safety.danger import Danger, Finding
from isobot.safety.urgency import Urgency

CRISIS = Danger((Finding("RF-01", Urgency.EMERGENCY),))
HEAD = Danger((Finding("RF-05", Urgency.EMERGENCY), Finding("RF-13", Urgency.URGENT)))
EYES = Danger((Finding("RF-13", Urgency.URGENT),))
ABROAD = Danger((Finding("RF-30", Urgency.SOON),))
CONTENT = Content(
    [response_of(r, u) for r in ("RF-01", "RF-05", "RF-13", "RF-30") for u in Urgency if u is not Urgency.NONE]
)
DRINK = {"intent": "alcohol.can_i_drink", "title": "Can I drink?", "confidence": 0.9}


def parsed(danger: Danger, *, asks: bool = False) -> dict[str, Any]:
    question = {"intent": DRINK["intent"], "candidates": [DRINK], "understood": asks, "confidence": 0.9}
    return {"red_flags": danger.as_dict(), "questions": [question]}


def say(text: str, danger: Danger, memory: Memory | None = None, *, asks: bool = False) -> Turn:
    return plan(text, parsed(danger, asks=asks), memory or Memory(), CONTENT)


def test_an_emergency_is_answered_alone() -> None:
    turn = say("worst headache ever. can I drink?", HEAD, asks=True)
    assert turn.actions == ("utter_red_flag.rf_05.emergency", ACTION_ESCALATE)
    assert turn.danger
    assert turn.raised == Raised("emergency", ("RF-05", "RF-13"))


def test_what_is_urgent_goes_before_the_answer_to_a_question_beside_it() -> None:
    turn = say("blurry. can I drink?", EYES, asks=True)
    assert turn.actions == ("utter_red_flag.rf_13.urgent", "utter_alcohol.can_i_drink", ACTION_ESCALATE)


def test_nothing_is_asked_back_beside_danger() -> None:
    assert say("blurry, hm", EYES).actions == ("utter_red_flag.rf_13.urgent", ACTION_ESCALATE)


def test_danger_after_stop_and_in_reply_to_a_choice() -> None:
    memory = Memory(offered=(Choice("a.b", "Something else?"),))
    assert say("1 but i want to die", CRISIS, memory).actions[0] == "utter_red_flag.rf_01.emergency"
    assert say("stop. i want to die", CRISIS, memory).actions[0] == "utter_red_flag.rf_01.emergency"


def test_a_choice_in_our_own_words_is_no_danger() -> None:
    memory = Memory(offered=(Choice("pregnancy.might_be", "Might I be pregnant?"),))
    assert plan("Might I be pregnant?", parsed(EYES), memory, CONTENT).actions == ("utter_pregnancy.might_be",)


def test_the_same_flag_twice_is_not_the_same_wall_of_text_twice() -> None:
    memory = Memory(raised=Raised("emergency", ("RF-05",)))
    assert say("still the headache", HEAD, memory).actions == ("utter_red_flag.again.emergency", ACTION_ESCALATE)
    crisis = Memory(raised=Raised("emergency", ("RF-01",)))
    assert say("i still want to die", CRISIS, crisis).actions[0] == "utter_red_flag.again.crisis"


def test_another_flag_gets_its_own_text() -> None:
    memory = Memory(raised=Raised("emergency", ("RF-10",)))
    assert say("worst headache", HEAD, memory).actions[0] == "utter_red_flag.rf_05.emergency"


@pytest.mark.parametrize(
    "text", ["ok thanks", "it's better now", "just kidding", "lol jk", "im fine now dont worry", "ok"]
)
def test_what_settles_it_gets_a_careful_reply(text: str) -> None:
    assert settles(text)
    memory = Memory(raised=Raised("emergency", ("RF-01",)))
    turn = say(text, Danger(), memory)
    assert turn.actions == ("utter_red_flag.after.crisis",)
    assert turn.raised is not None
    assert turn.raised.settled
    assert "after" in say(text, Danger(), replace(memory, raised=turn.raised)).actions[0], "a crisis is never closed"
    other = Memory(raised=Raised("emergency", ("RF-05",), settled=True))
    assert "after" not in say(text, Danger(), other).actions[0]


@pytest.mark.parametrize("text", ["is it ok to drink?", "can I take ibuprofen now", "what about my lips"])
def test_a_question_settles_nothing(text: str) -> None:
    assert not settles(text)


def test_an_ordinary_question_soon_after_an_emergency_gets_a_reminder_first() -> None:
    memory = Memory(raised=Raised("emergency", ("RF-05",)))
    turn = say("can I drink?", Danger(), memory, asks=True)
    assert turn.actions == ("utter_red_flag.reminder.emergency", "utter_alcohol.can_i_drink")
    later = Memory(raised=Raised("emergency", ("RF-05",), turns=9))
    assert say("can I drink?", Danger(), later, asks=True).actions == ("utter_alcohol.can_i_drink",)


def test_a_question_about_a_danger_gets_the_line_for_if_it_happens() -> None:
    turn = say("can it blind me?", Danger(asked_about=("RF-13",)), asks=True)
    assert turn.actions == ("utter_alcohol.can_i_drink", "utter_red_flag.if_now.emergency")
    support = say("does it make people suicidal?", Danger(asked_about=("RF-01",)), asks=True)
    assert support.actions[-1] == UTTER_SUPPORT


def test_what_is_only_possible_raises_nothing_but_is_told_what_to_do_if_it_is_bad() -> None:
    urgent = say("hm, sort of grey. can I drink?", Danger(possible=Finding("RF-13", Urgency.URGENT)), asks=True)
    assert urgent.actions == ("utter_alcohol.can_i_drink", UTTER_POSSIBLE)
    assert urgent.raised is None
    emergency = say("hm. can I drink?", Danger(possible=Finding("RF-05", Urgency.EMERGENCY)), asks=True)
    assert emergency.actions == (UTTER_POSSIBLE, "utter_alcohol.can_i_drink")
    crisis = say("hm. can I drink?", Danger(possible=Finding("RF-01", Urgency.EMERGENCY)), asks=True)
    assert crisis.actions == (UTTER_SUPPORT, "utter_alcohol.can_i_drink")
    unclear = say("hm, sort of grey", Danger(possible=Finding("RF-13", Urgency.URGENT)))
    assert unclear.choices
    assert unclear.actions[:2] == (UTTER_POSSIBLE, "utter_clarify"), "the choices stay under the question"
    soft = say("it kills me", Danger(possible=Finding("RF-01", Urgency.EMERGENCY), soft_check=True), asks=True)
    assert soft.actions == (UTTER_SOFT_CHECK, "utter_alcohol.can_i_drink")


def test_the_soft_check_goes_first() -> None:
    turn = say("this purge makes me want to die", Danger(soft_check=True), asks=True)
    assert turn.actions == (UTTER_SOFT_CHECK, "utter_alcohol.can_i_drink")


def test_a_broken_detector_gets_the_safe_reply() -> None:
    assert say("anything", Danger(failed=True), asks=True).actions == (UTTER_UNSURE,)


def test_a_level_without_a_text_takes_the_next_higher_one() -> None:
    only_emergency = Content(["utter_red_flag.rf_10.emergency"])
    turn = plan("x", parsed(Danger((Finding("RF-10", Urgency.URGENT),))), Memory(), only_emergency)
    assert turn.actions[0] == "utter_red_flag.rf_10.emergency"


def test_soon_does_not_end_a_guided_answer_but_urgent_does() -> None:
    assert say("bought it abroad", ABROAD).raised == Raised("soon", ("RF-30",))
