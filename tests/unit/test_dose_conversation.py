"""A calculation goes on: replies to each question, corrections, changes; what it remembers travels as JSON."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from isobot.dose.arithmetic import Period
from isobot.dose.conversation import Talk, begin, go_on, outcome_of
from isobot.dose.label import Product
from isobot.dose.outcome import Ask, Figures, Missing, Outcome, Refused
from isobot.dose.said import Problem, Refusal, Said, Unit, Weight, Wish

TODAY = date(2026, 11, 24)
TARGET_ASKED = "70 kg, 40 mg for 90 days, how many days left to my target?"
CHILD = "my son is 38 kg, 20 mg"
LIGHT = "32 kg, 15 mg"
NO_WEIGHT = "40 mg a day. How many mg per kg?"
NO_UNIT = "I weigh 70, on 40 mg"
NO_DOSE = "60 kg, I have been on it for 90 days, how much so far?"
TWO_DOSES = "60 kg, 20 mg, 30 mg"
TWO_WEIGHTS = "60 kg or 82 kg? I'm on 40 mg"
RESULT = "70 kg, 40 mg"
STORY = (
    "I was on 20 mg for 30 days. Then it went to 40 mg, 60 days of that. 60 mg was mentioned, too. "
    "I'm 70 kg. How much so far?"
)


def after(*messages: str) -> tuple[Outcome, Talk]:
    """What comes of some messages, each of which is understood."""
    outcome, talk = outcome_of(begin(messages[0], TODAY))
    for message in messages[1:]:
        following = go_on(talk, message, TODAY)
        assert following is not None, message
        outcome, talk = outcome_of(following)
    return outcome, talk


def figures(*messages: str) -> Figures:
    outcome, _ = after(*messages)
    assert isinstance(outcome, Figures), outcome
    return outcome


def is_no_reply(first: str, message: str) -> bool:
    _, talk = after(first)
    return go_on(talk, message, TODAY) is None


@pytest.mark.parametrize(
    ("message", "missing"),
    [
        (NO_WEIGHT, Missing.WEIGHT),
        ("5'8 or 172cm, 40 mg", Missing.WEIGHT),
        ("11 st 16 lb, 40 mg", Missing.WEIGHT),
        (NO_UNIT, Missing.UNIT),
        ("70", Missing.UNIT),
        (TWO_WEIGHTS, Missing.WHICH_WEIGHT),
        (LIGHT, Missing.CONFIRM_WEIGHT),
        ("400 lb", Missing.CONFIRM_WEIGHT),
        ("1,200 kg", Missing.CONFIRM_WEIGHT),
        (CHILD, Missing.AGE),
        (TWO_DOSES, Missing.DOSE),
        (NO_DOSE, Missing.DOSE),
        ("60 kg, 2 mg", Missing.DOSE),
        ("60 kg, 40 mcg", Missing.DOSE),
        (TARGET_ASKED, Missing.TARGET),
        (STORY, Missing.DOSE),
    ],
)
def test_what_is_missing_is_asked(message: str, missing: Missing) -> None:
    outcome, talk = after(message)
    assert isinstance(outcome, Ask)
    assert outcome.missing is talk.asked is missing


def test_nothing_is_asked_after_a_result() -> None:
    outcome, talk = after(RESULT)
    assert isinstance(outcome, Figures)
    assert talk.asked is None


@pytest.mark.parametrize(
    ("first", "replies", "kg"),
    [
        (NO_WEIGHT, ["68 kg"], "68"),
        (NO_WEIGHT, ["I'm about 150 lb"], "68.03885550"),
        (NO_WEIGHT, ["10 st 4"], "65.31730128"),
        (NO_WEIGHT, ["sixty-eight kilos"], "68"),
        (NO_WEIGHT, ["68", "kilos"], "68"),
        (NO_WEIGHT, ["150", "lb"], "68.03885550"),
        (NO_UNIT, ["kg"], "70"),
        (NO_UNIT, ["kg please"], "70"),
        (NO_UNIT, ["it's in kilos"], "70"),
        (NO_UNIT, ["70 kg"], "70"),
        (NO_UNIT, ["sorry, 72", "kg"], "72"),
        ("I weigh 154, on 40 mg", ["make that pounds"], "69.85322498"),
        ("I weigh 11, on 40 mg", ["stone please"], "69.85322498"),
        (TWO_WEIGHTS, ["82"], "82"),
        (TWO_WEIGHTS, ["60 kg"], "60"),
        ("either 150 or 160 lb, 40 mg", ["160"], "72.57477920"),
        ("5'8 or 172cm, 40 mg", ["66 kg"], "66"),
        ("11 st 16 lb, 40 mg", ["11 st 6"], "72.57477920"),
        ("1,200 kg, 40 mg", ["120 kg"], "120"),
        ("-70 kg, 40 mg", ["70 kg"], "70"),
    ],
)
def test_a_reply_gives_the_weight_and_the_dose_is_kept(first: str, replies: list[str], kg: str) -> None:
    result = figures(first, *replies)
    assert (result.weight.kg, result.mg_per_day) == (Decimal(kg), Fraction(40))


@pytest.mark.parametrize("reply", ["yes", "Yes.", "yep", "yeah that's right", "correct", "ok"])
def test_an_unlikely_weight_may_be_confirmed(reply: str) -> None:
    outcome, talk = after(LIGHT, reply)
    assert isinstance(outcome, Figures)
    assert talk.confirmed
    assert outcome.weight.kg == 32


@pytest.mark.parametrize("reply", ["no", "nope", "wrong", "No!"])
def test_an_unlikely_weight_that_is_wrong_is_asked_again(reply: str) -> None:
    outcome, talk = after(LIGHT, reply)
    assert outcome == Ask(Missing.WEIGHT)
    assert talk.said.weights == ()
    assert figures(LIGHT, reply, "52 kg").mg_per_day == 15


def test_a_no_may_bring_the_right_weight() -> None:
    assert figures(LIGHT, "no, 52 kg").weight.kg == 52


def test_another_unlikely_weight_is_asked_back_again() -> None:
    outcome, talk = after(LIGHT, "no, 31 kg")
    assert (outcome, talk.confirmed) == (Ask(Missing.CONFIRM_WEIGHT), False)
    assert figures(LIGHT, "yes", "no, 42 kg").weight.kg == 42


def test_a_confirmed_weight_stays_so_when_the_dose_follows() -> None:
    assert figures("400 lb", "yes", "40 mg").mg_per_day == 40


@pytest.mark.parametrize(
    ("reply", "age"),
    [("13", 13), ("he's 14", 14), ("fifteen", 15), ("16 years old", 16), ("over 12", 12), ("yes", None)],
)
def test_an_age_of_twelve_or_more_goes_on(reply: str, age: int | None) -> None:
    assert figures(CHILD, reply).age == age


@pytest.mark.parametrize("reply", ["11", "no", "eleven", "he is 9 years old", "nope", "under"])
def test_an_age_under_twelve_is_refused(reply: str) -> None:
    assert after(CHILD, reply)[0] == Refused(Refusal.UNDER_12)


@pytest.mark.parametrize("reply", ["not yet", "11.5", "what?"])
def test_what_is_no_age_is_no_reply(reply: str) -> None:
    assert is_no_reply(CHILD, reply)


@pytest.mark.parametrize("reply", ["120", "120 mg/kg", "my target is 120", "a hundred and twenty"])
def test_a_reply_gives_the_target(reply: str) -> None:
    result = figures(TARGET_ASKED, reply)
    assert (result.target_mg, result.target_days) == (8400, 120)


@pytest.mark.parametrize("reply", ["I don't know", "no target", "not sure", "never said", "no idea"])
def test_a_target_may_be_unknown(reply: str) -> None:
    result = figures(TARGET_ASKED, reply)
    assert result.target_mg is None
    assert result.days_left == (120, 173)


@pytest.mark.parametrize(
    ("first", "reply", "mg"),
    [
        (TWO_DOSES, "20", 20),
        (TWO_DOSES, "30 mg", 30),
        (TWO_DOSES, "thirty", 30),
        ("60 kg, 2 mg", "20", 20),
        ("60 kg, 40 mcg", "40 mg", 40),
        ("60 kg, 40 mcg", "40", 40),
        ("60 kg, 600 mg", "60 mg", 60),
        ("60 kg, -20 mg", "20 mg", 20),
    ],
)
def test_a_reply_gives_the_dose(first: str, reply: str, mg: int) -> None:
    assert figures(first, reply).mg_per_day == mg


def test_a_dose_after_the_days_makes_the_period() -> None:
    _, talk = after(NO_DOSE, "40 mg")
    assert talk.said.periods == (Period(Fraction(40), 90),)
    assert talk.said.days_only == 0
    assert figures(NO_DOSE, "40 mg").taken_mg == 3600


def test_make_that_pounds_changes_the_unit() -> None:
    result = figures("154 kg, 40 mg", "make that pounds")
    assert result.weight == Weight(Decimal("69.85322498"), "154 lb", Unit.LB)
    assert result.mg_per_day == 40


@pytest.mark.parametrize(
    "message", ["make that pounds", "Make it lb", "in pounds", "sorry, pounds", "no, lbs", "lb", "pounds, sorry"]
)
def test_a_unit_alone_is_the_weights_unit(message: str) -> None:
    assert figures("154 kg, 40 mg", message).weight.unit is Unit.LB


def test_a_weight_in_another_unit_is_asked_back_where_it_is_unlikely() -> None:
    assert after("400 lb", "yes", "make that kg")[0] == Refused(Refusal.IMPLAUSIBLE_WEIGHT)
    assert after(RESULT, "make that pounds")[0] == Ask(Missing.CONFIRM_WEIGHT)


def test_a_unit_without_any_number_is_no_reply() -> None:
    assert is_no_reply(NO_WEIGHT, "kg")


@pytest.mark.parametrize(
    ("message", "kg", "mg"),
    [
        ("no, 72 kg", 72, 40),
        ("what about 80 kg", 80, 40),
        ("and at 90 kg?", 90, 40),
        ("what if I weighed 65 kg", 65, 40),
        ("75 kg", 75, 40),
        ("actually 60 mg", 70, 60),
        ("what about 30 mg?", 70, 30),
        ("sorry, 0.8 mg/kg", 70, 56),
        ("no, 72 kg and 50 mg", 72, 50),
        ("20 mg every other day, I meant", 70, 10),
    ],
)
def test_after_a_result_a_quantity_is_changed(message: str, kg: int, mg: int) -> None:
    result = figures(RESULT, message)
    assert (result.weight.kg, result.mg_per_day) == (kg, mg)


def test_changes_follow_one_another() -> None:
    result = figures("154 kg, 40 mg", "make that pounds", "no, 72 kg", "what about 80 kg", "what if 30 mg")
    assert (result.weight.kg, result.mg_per_day) == (80, 30)


def test_a_dose_replaces_a_rate_and_a_rate_a_dose() -> None:
    assert figures("70 kg, 0.8 mg/kg", "sorry, 40 mg").given_rate is False
    assert figures(RESULT, "sorry, 0.5 mg/kg").given_rate is True


def test_a_new_weight_leaves_the_periods() -> None:
    result = figures("154 lb, 30 mg for 28 days, 60 mg for 84 days, how much so far?", "no, 72 kg")
    assert (result.weight.kg, result.taken_mg) == (72, 5880)


def test_a_target_may_follow_a_result() -> None:
    assert figures("65 kg, 40 mg for 90 days", "my target is 120 mg/kg").target_days == 105


@pytest.mark.parametrize(
    ("first", "message", "reason"),
    [
        (RESULT, "I am pregnant", Refusal.PREGNANCY),
        (RESULT, "oh, I am breastfeeding", Refusal.BREASTFEEDING),
        (NO_WEIGHT, "I'm pregnant", Refusal.PREGNANCY),
        (NO_WEIGHT, "60 kg, I might be pregnant", Refusal.PREGNANCY),
        (RESULT, "no, 20 kg", Refusal.IMPLAUSIBLE_WEIGHT),
        (RESULT, "no, 500 mg", Refusal.IMPLAUSIBLE_DOSE),
        (RESULT, "should I go up to 60 mg?", Refusal.NO_PRESCRIBER),
        (NO_WEIGHT, "45 kg, age 11", Refusal.UNDER_12),
    ],
)
def test_what_forbids_a_result_is_heard_later_too(first: str, message: str, reason: Refusal) -> None:
    assert after(first, message)[0] == Refused(reason)


def test_a_young_age_is_not_forgotten_when_the_weight_changes() -> None:
    assert after("150 lbs, 40 mg, age 11", "sorry, 160 lbs")[0] == Refused(Refusal.UNDER_12)


@pytest.mark.parametrize(
    ("first", "message"),
    [
        (first, message)
        for first in (NO_WEIGHT, LIGHT, CHILD, TWO_DOSES, RESULT)
        for message in ("stop", "cancel", "never mind", "thanks", "what is the weather", "can I drink beer?", "")
    ],
)
def test_stop_and_other_topics_are_not_handled_here(first: str, message: str) -> None:
    assert is_no_reply(first, message)


def test_a_bare_number_after_a_result_is_no_change() -> None:
    assert is_no_reply(RESULT, "40")
    assert is_no_reply(RESULT, "no")


def test_a_long_story_after_a_result_is_no_change() -> None:
    assert is_no_reply(RESULT, "my sister once told me that her own doctor put her on 60 mg for her back")


def test_misses_are_counted_only_while_the_same_is_asked() -> None:
    _, talk = after(NO_WEIGHT)
    missed = Talk(talk.said, talk.asked, talk.confirmed, 1)
    assert outcome_of(missed)[1].misses == 1
    assert outcome_of(Talk(begin(NO_UNIT, TODAY).said, talk.asked, False, 1))[1].misses == 0


def test_the_month_first_reaches_a_reply() -> None:
    _, talk = after(RESULT)
    message = "no, 40 mg from 03/04/2026 to 05/04/2026"
    days = [
        following.said.periods[0].days
        for month_first in (False, True)
        if (following := go_on(talk, message, TODAY, month_first=month_first))
    ]
    assert days == [3, 62]


FULL = Said(
    weights=(Weight(Decimal("71.66759446"), "11 st 4 lb", Unit.STONE), Weight(Decimal(70), "70 kg", Unit.KG)),
    weight_number=Decimal("70.5"),
    mg_per_day=Fraction(60, 7),
    mg_per_kg_day=Decimal("0.75"),
    periods=(Period(Fraction(20), 30), Period(Fraction(80, 3), 61)),
    mg_taken=Fraction(3600),
    target_mg_per_kg=Decimal(120),
    target_mg=Decimal(9000),
    wants_target=True,
    age=16,
    of_a_child=True,
    product=Product.ABSORICA_LD,
    mixed_products=True,
    wishes=tuple(Wish),
    refusals=tuple(Refusal),
    problems=tuple(Problem),
    weight_changed=True,
    numbers=(Decimal(1), Decimal("2.5")),
    days_only=90,
    unclear=True,
    read_back=True,
)


@pytest.mark.parametrize("said", [Said(), FULL])
@pytest.mark.parametrize(("asked", "confirmed", "misses"), [(None, False, 0), (Missing.TARGET, True, 1)])
def test_a_talk_survives_json(said: Said, asked: Missing | None, confirmed: bool, misses: int) -> None:
    talk = Talk(said, asked, confirmed, misses)
    data: dict[str, Any] = json.loads(json.dumps(talk.as_dict()))
    assert Talk.from_dict(data) == talk
    assert Said.from_dict(json.loads(json.dumps(said.as_dict()))) == said


def test_what_is_empty_is_not_stored() -> None:
    assert Said().as_dict() == {}
    assert Said(days_only=3).as_dict() == {"days_only": 3}


@pytest.mark.parametrize(
    "first", [NO_WEIGHT, NO_UNIT, LIGHT, CHILD, TARGET_ASKED, TWO_DOSES, TWO_WEIGHTS, NO_DOSE, RESULT]
)
def test_a_stored_talk_goes_on_as_the_live_one(first: str) -> None:
    _, talk = after(first)
    stored = Talk.from_dict(json.loads(json.dumps(talk.as_dict())))
    for message in ("62 kg", "30 mg", "yes", "no", "14", "make that pounds", "stop"):
        assert go_on(stored, message, TODAY) == go_on(talk, message, TODAY)


@pytest.mark.parametrize(
    "messages",
    [
        ("I'm pregnant, 60 kg, 40 mg", "no, 62 kg"),
        ("60 kg, 40 mg", "I am pregnant", "what about 62 kg"),
        ("32 kg, 15 mg", "yes but I am pregnant"),
        ("60 kg, 20 mg, 30 mg", "20, and I am pregnant"),
        ("I weigh 60, on 40 mg", "60 and I am pregnant"),
    ],
)
def test_a_pregnancy_ends_the_sum_wherever_it_is_told(messages: tuple[str, ...]) -> None:
    talk: Talk | None = begin(messages[0], TODAY)
    for message in messages[1:]:
        assert talk is not None
        _, talk = outcome_of(talk)
        talk = go_on(talk, message, TODAY)
    assert talk is not None
    assert outcome_of(talk)[0] == Refused(Refusal.PREGNANCY)


@pytest.mark.parametrize(
    ("first", "reply"),
    [
        ("32 kg, 15 mg", "yes, she is 10"),
        ("my son is 38 kg, 20 mg", "under 12"),
        ("my son is 38 kg, 20 mg", "he is 11 and weighs 38 kg"),
        ("70 kg, 60 mg", "he is 10 years old"),
        ("40 mg a day, mg per kg?", "she is 11 years old, 40 kg"),
    ],
)
def test_a_child_under_12_ends_the_sum_wherever_it_is_told(first: str, reply: str) -> None:
    _, talk = outcome_of(begin(first, TODAY))
    following = go_on(talk, reply, TODAY)
    assert following is not None
    assert outcome_of(following)[0] == Refused(Refusal.UNDER_12)


def test_a_target_may_be_told_in_mg() -> None:
    _, talk = outcome_of(begin("65 kg, 40 mg, how many days to my target", TODAY))
    following = go_on(talk, "9000", TODAY)
    assert following is not None
    assert following.said.target_mg == 9000


def test_days_may_be_corrected_and_added() -> None:
    _, talk = outcome_of(begin("70 kg, 40 mg for 60 days, how much so far", TODAY))
    longer = go_on(talk, "make that 90 days", TODAY)
    more = go_on(talk, "and 60 mg for 30 days", TODAY)
    assert longer is not None
    assert more is not None
    assert [(p.mg_per_day, p.days) for p in longer.said.periods] == [(40, 90)]
    assert [(p.mg_per_day, p.days) for p in more.said.periods] == [(40, 60), (60, 30)]


def test_a_story_without_a_weight_is_asked_for_it_first() -> None:
    assert after("40 mg a day. That's been 90 days. 60 mg was mentioned, too. How much so far?")[0] == Ask(
        Missing.WEIGHT
    )
    outcome, _ = after("40 mg a day. That's been 90 days. 60 mg was mentioned, too. How much so far?", "70 kg")
    assert outcome == Ask(Missing.DOSE, Problem.READ_BACK)


@pytest.mark.parametrize("reply", ["yes", "Yes.", "that's right", "correct", "ok"])
def test_a_total_is_worked_out_when_it_was_read_right(reply: str) -> None:
    assert figures(STORY, reply).taken_mg == 3000


@pytest.mark.parametrize("reply", ["no", "No.", "that's wrong", "wrong"])
def test_doses_and_days_are_asked_again_when_they_were_read_wrong(reply: str) -> None:
    outcome, talk = after(STORY, reply)
    assert outcome == Ask(Missing.DOSE, Problem.UNCLEAR_DAYS)
    assert (talk.said.periods, talk.said.mg_per_day) == ((), None)
    assert figures(STORY, reply, "20 mg for 30 days, then 40 mg for 45 days").taken_mg == 2400


@pytest.mark.parametrize(
    ("reply", "mg"),
    [
        ("no, 40 for 50 days", 2600),
        ("no the 40 was 50 days", 2600),
        ("the 20 mg was for 28 days", 2960),
        ("no, 30 mg for 30 days", 3300),
        ("no, 60 mg for 60 days", 4200),
        ("yes but I missed 3 days", 2880),
        ("no, 72 kg", 3000),
    ],
)
def test_a_correction_is_read_back_again(reply: str, mg: int) -> None:
    assert after(STORY, reply)[0] == Ask(Missing.DOSE, Problem.READ_BACK)
    assert figures(STORY, reply, "yes").taken_mg == mg


def test_a_whole_list_instead_needs_no_second_look() -> None:
    assert figures(STORY, "no, it was 20 mg for 28 days and 40 mg for 60 days").taken_mg == 2960


def test_another_dose_for_the_only_days_is_read_back_again() -> None:
    first = "I was on 40 mg. 11 weeks of that so far. 60 mg was mentioned, too. 70 kg. total?"
    assert after(first, "no it was 50 mg")[0] == Ask(Missing.DOSE, Problem.READ_BACK)
    assert figures(first, "no it was 50 mg", "yes").taken_mg == 3850


def test_days_alone_say_nothing_of_several_doses() -> None:
    assert after(STORY, "no, 45 days")[0] == Ask(Missing.DOSE, Problem.UNCLEAR_DAYS)
    assert figures(STORY, "no, 45 days", "40 for 45 days", "yes").taken_mg == 2400


@pytest.mark.parametrize("message", ["what?", "60", "can I drink alcohol?"])
def test_what_says_neither_yes_nor_no_is_no_reply(message: str) -> None:
    assert is_no_reply(STORY, message)


def test_missed_days_of_several_doses_are_read_back() -> None:
    first = "70 kg, 20 mg for 30 days, then 40 mg for 60 days, total so far?"
    assert after(first, "missed 3 days")[0] == Ask(Missing.DOSE, Problem.READ_BACK)
