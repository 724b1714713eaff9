"""The rules of the conversation, one by one."""

from typing import Any

import pytest

from isobot.dialogue.state import Choice, Memory
from isobot.dialogue.turn import (
    ACTION_NOTE_UNANSWERED,
    UTTER_CLARIFY,
    UTTER_COUNTRY_SET,
    UTTER_EMPTY,
    UTTER_NO_ANSWER,
    UTTER_SAME_FOR_ADULT,
    UTTER_SAME_FOR_SOMEONE,
    UTTER_SAME_FOR_TEEN,
    Content,
    plan,
)

DRINK = Choice("alcohol.can_i_drink", "Can I drink alcohol?")
PARTY = Choice("alcohol.one_occasion", "Can I have one drink at a party?")


def asked(intent: str, *, understood: bool = True, confidence: float = 0.8) -> dict[str, Any]:
    candidates = [
        {"intent": intent, "title": f"About {intent}?", "confidence": confidence},
        {"intent": "sun.sunbed", "title": "Can I use a sunbed?", "confidence": 0.1},
    ]
    return {"intent": intent, "candidates": candidates, "understood": understood, "confidence": confidence}


def parsed(*questions: dict[str, Any], country: str | None = None) -> dict[str, Any]:
    entities = [{"entity": "country", "value": country, "start": 0, "end": 0}] if country else []
    return {"questions": list(questions), "entities": entities}


def test_a_question_is_answered() -> None:
    turn = plan("can I drink?", parsed(asked("alcohol.can_i_drink")), Memory())
    assert turn.actions == ("utter_alcohol.can_i_drink",)
    assert turn.answered == ("alcohol.can_i_drink",)


def test_several_questions_are_answered_in_order() -> None:
    turn = plan("a? b?", parsed(asked("sun.protection"), asked("alcohol.can_i_drink")), Memory())
    assert turn.actions == ("utter_sun.protection", "utter_alcohol.can_i_drink")


def test_small_talk_beside_a_question_is_not_answered() -> None:
    turn = plan("hi! can I drink?", parsed(asked("chitchat.greet"), asked("alcohol.can_i_drink")), Memory())
    assert turn.actions == ("utter_alcohol.can_i_drink",)


@pytest.mark.parametrize("text", ["", "   ", "😀😀", "?!..."])
def test_no_words_get_a_short_reply(text: str) -> None:
    assert plan(text, parsed(), Memory()).actions == (UTTER_EMPTY,)


@pytest.mark.parametrize("text", ["2", "2.", "number 2", "two", "option 2", " 2 ", "can i have one drink at a party"])
def test_a_choice_is_picked_by_number_or_by_its_words(text: str) -> None:
    memory = Memory(offered=(DRINK, PARTY))
    assert plan(text, parsed(asked("x.y", understood=False)), memory).actions == ("utter_alcohol.one_occasion",)


@pytest.mark.parametrize("text", ["3", "0", "9"])
def test_a_number_that_was_not_offered_is_not_a_choice(text: str) -> None:
    turn = plan(text, parsed(asked("x.y", understood=False)), Memory(offered=(DRINK, PARTY)))
    assert not turn.understood


def test_not_understood_offers_the_nearest_questions_and_notes_it() -> None:
    turn = plan("hm", parsed(asked("alcohol.can_i_drink", understood=False)), Memory())
    assert turn.actions == (UTTER_CLARIFY, ACTION_NOTE_UNANSWERED)
    assert [c.intent for c in turn.choices] == ["alcohol.can_i_drink", "sun.sunbed"]
    assert turn.answered == ()


def test_the_second_time_in_a_row_gives_the_clinics_contact() -> None:
    turn = plan("hm", parsed(asked("alcohol.can_i_drink", understood=False)), Memory(misses=1))
    assert turn.actions == (UTTER_NO_ANSWER, ACTION_NOTE_UNANSWERED)


@pytest.mark.parametrize("intent", ["out_of_scope.other_medicine", "chitchat.greet"])
def test_some_things_are_never_a_choice(intent: str) -> None:
    turn = plan("hm", parsed(asked(intent, understood=False)), Memory())
    assert intent not in [c.intent for c in turn.choices]


def test_a_country_repeats_the_last_answer_for_it() -> None:
    memory = Memory(answered=("missed_dose.one",))
    turn = plan("I'm in the UK", parsed(asked("chitchat.country"), country="UK"), memory)
    assert turn.actions == (UTTER_COUNTRY_SET, "utter_missed_dose.one")


def test_a_short_question_with_a_country_is_answered() -> None:
    entity = {"entity": "country", "value": "UK", "start": 21, "end": 23}
    parse_data = {"questions": [asked("alcohol.can_i_drink")], "entities": [entity]}
    assert plan("Can I drink alcohol (UK)?", parse_data, Memory()).actions == ("utter_alcohol.can_i_drink",)


def test_a_country_inside_a_question_is_not_all_there_is() -> None:
    text = "can I give blood after my course, I'm in the UK"
    turn = plan(text, parsed(asked("blood_donation.how_long_after"), country="UK"), Memory())
    assert turn.actions == ("utter_blood_donation.how_long_after",)


LONGER = Content(responses={"utter_alcohol.can_i_drink.more"})


@pytest.mark.parametrize("intent", ["chitchat.more", "chitchat.why"])
def test_more_and_why_give_the_longer_answer(intent: str) -> None:
    memory = Memory(answered=("alcohol.can_i_drink",))
    turn = plan("more", parsed(asked(intent)), memory, LONGER)
    assert turn.actions == ("utter_alcohol.can_i_drink.more",)
    assert plan("more", parsed(asked(intent)), Memory(answered=("sun.sunbed",)), LONGER).actions == ("utter_no_more",)
    assert plan("more", parsed(asked(intent)), Memory(), LONGER).actions == (f"utter_{intent}",)


def test_who_says_gives_the_sources_of_the_last_answer() -> None:
    turn = plan("who says?", parsed(asked("chitchat.who_says")), Memory(answered=("alcohol.can_i_drink",)), LONGER)
    assert turn.actions == ("utter_sources",)


def test_asking_the_same_again_gets_the_longer_answer_with_it() -> None:
    memory = Memory(answered=("alcohol.can_i_drink",))
    turn = plan("can I drink?", parsed(asked("alcohol.can_i_drink")), memory, LONGER)
    assert turn.actions == ("utter_alcohol.can_i_drink", "utter_alcohol.can_i_drink.more")


def test_another_medicine_is_not_answered_as_isotretinoin() -> None:
    turn = plan("can I drink on metronidazole", parsed(asked("out_of_scope.other_medicine")), Memory())
    assert turn.actions == ("utter_out_of_scope.other_medicine",)
    assert turn.answered == ()


AFTER_HAIR = Memory(answered=("hair.loss",))


@pytest.mark.parametrize(
    ("text", "actions"),
    [
        ("how long does that last?", ("utter_hair.grow_back",)),
        ("and for my son, he's 15?", (UTTER_SAME_FOR_TEEN, "utter_teens.is_it_ok")),
        ("what about my 9 year old?", ("utter_teens.min_age",)),
        ("and my wife?", (UTTER_SAME_FOR_SOMEONE,)),
        ("what if I'm 34", (UTTER_SAME_FOR_ADULT,)),
    ],
)
def test_a_message_that_leans_on_the_last_answer(text: str, actions: tuple[str, ...]) -> None:
    assert plan(text, parsed(asked("x.y", understood=False)), AFTER_HAIR).actions == actions


def test_the_same_words_without_a_last_answer_are_asked_back() -> None:
    turn = plan("how long does that last?", parsed(asked("x.y", understood=False)), Memory())
    assert turn.actions[0] == UTTER_CLARIFY
