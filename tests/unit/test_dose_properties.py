"""What holds for any weight, dose, number of days and message."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from fractions import Fraction

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from isobot.dose.arithmetic import KG_PER_LB, Period
from isobot.dose.conversation import Talk, begin, go_on, outcome_of
from isobot.dose.label import Product
from isobot.dose.outcome import Ask, Figures, Missing, Refused, as_result, judge
from isobot.dose.reader import read
from isobot.dose.said import Problem, Refusal, Said, Unit, Weight, Wish
from isobot.dose.wording import Mode, result_text, understood

TODAY = date(2026, 11, 24)
HALF_A_TENTH = Decimal("0.05")

doses = st.integers(min_value=20, max_value=120).map(lambda mg: mg - mg % 5)
pounds = st.decimals(min_value=80, max_value=390, places=1)
kilograms = st.decimals(min_value=35, max_value=180, places=1)
few_days = st.integers(min_value=1, max_value=90)
fewer_days = st.integers(min_value=1, max_value=40)  # twice that is no unlikely total at any weight


def figures(message: str) -> Figures:
    found = judge(read(message, TODAY), confirmed=True)
    assert isinstance(found, Figures), (message, found)
    return found


def plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


@settings(deadline=None)
@given(pounds, doses)
def test_a_weight_gives_the_same_result_in_pounds_and_in_stone(weight: Decimal, mg: int) -> None:
    stone, rest = divmod(weight, 14)
    one = figures(f"I weigh {plain(weight)} lb and take {mg} mg a day")
    other = figures(f"I weigh {plain(stone)} st {plain(rest)} lb and take {mg} mg a day")
    assert one.weight.kg == other.weight.kg == weight * KG_PER_LB
    assert as_result(one) == as_result(other)


@settings(deadline=None)
@given(pounds, doses)
def test_a_weight_gives_the_same_result_in_kilograms_within_rounding(weight: Decimal, mg: int) -> None:
    one = figures(f"I weigh {plain(weight)} lb and take {mg} mg a day")
    other = figures(f"I weigh {weight * KG_PER_LB:.1f} kg and take {mg} mg a day")
    assert abs(one.weight.kg - other.weight.kg) <= HALF_A_TENTH
    assert one.mg_per_kg_day is not None
    assert other.mg_per_kg_day is not None
    assert abs(one.mg_per_kg_day - other.mg_per_kg_day) <= Fraction(mg) * Fraction(HALF_A_TENTH) / 35**2
    for mine, theirs in zip(one.label_mg_per_day, other.label_mg_per_day, strict=True):
        assert abs(mine - theirs) <= 2 * Fraction(HALF_A_TENTH)


@settings(deadline=None)
@given(st.integers(min_value=6, max_value=25), st.integers(min_value=0, max_value=13))
def test_stone_may_be_written_in_many_ways(stone: int, rest: int) -> None:
    forms = (f"{stone} st {rest} lb", f"{stone}st{rest}lb", f"{stone} stone {rest} pounds", f"{stone} stone {rest}")
    weights = {read(form, TODAY).weights[0].kg for form in forms}
    assert weights == {(stone * 14 + rest) * KG_PER_LB}


@settings(deadline=None)
@given(kilograms)
def test_a_decimal_comma_is_a_decimal_point(weight: Decimal) -> None:
    with_comma = f"{weight:f} kg".replace(".", ",")
    assert read(with_comma, TODAY).weights[0].kg == read(f"{weight:f} kg", TODAY).weights[0].kg == weight


@settings(deadline=None)
@given(kilograms, doses, few_days, few_days)
def test_more_days_are_never_a_smaller_total(weight: Decimal, mg: int, one: int, other: int) -> None:
    assume(mg * max(one, other) < 300 * weight)  # more is asked back
    totals = [figures(f"{plain(weight)} kg, {mg} mg for {days} days").taken_mg for days in sorted((one, other))]
    assert totals[0] is not None
    assert totals[1] is not None
    assert totals[0] <= totals[1]


@settings(deadline=None)
@given(doses, doses, few_days, few_days)
def test_another_period_adds_to_the_total(mg: int, then: int, one: int, other: int) -> None:
    first = f"110 kg, {mg} mg for {one} days"
    alone, both = figures(first), figures(f"{first}, then {then} mg for {other} days")
    assert alone.taken_mg == mg * one
    assert both.taken_mg == mg * one + then * other


@settings(deadline=None)
@given(doses, few_days, few_days)
def test_days_that_were_missed_never_add_to_the_total(mg: int, days: int, missed: int) -> None:
    found = judge(read(f"100 kg, {mg} mg for {days} days, missed {missed} days", TODAY))
    if missed >= days:
        assert found == Ask(Missing.DOSE, Problem.MISSED_TOO_MANY)
    else:
        assert isinstance(found, Figures)
        assert found.taken_mg == mg * (days - missed)


@settings(deadline=None)
@given(st.integers(min_value=35, max_value=180), doses, few_days, few_days)
def test_more_days_taken_never_leave_more_days(weight: int, mg: int, one: int, other: int) -> None:
    lefts = [figures(f"{weight} kg, {mg} mg for {days} days").days_left for days in sorted((one, other))]
    assert lefts[0] is not None
    assert lefts[1] is not None
    assert lefts[0] >= lefts[1]


weighed = st.one_of(
    kilograms.map(lambda kg: f"{plain(kg)} kg"),
    pounds.map(lambda lb: f"{plain(lb)} lb"),
    st.tuples(st.integers(min_value=6, max_value=25), st.integers(min_value=0, max_value=13)).map(
        lambda w: f"{w[0]} st {w[1]} lb"
    ),
)
dosed = st.one_of(
    doses.map(lambda mg: f"{mg} mg a day"),
    doses.map(lambda mg: f"{2 * mg} mg every other day"),
    st.tuples(doses, st.integers(min_value=1, max_value=80)).map(lambda p: f"{p[0]} mg for {p[1]} days"),
    st.tuples(doses, doses, fewer_days, fewer_days).map(
        lambda p: f"{p[0]} mg for {p[2]} days, then {p[1]} mg for {p[3]} days"
    ),
)


@settings(deadline=None)
@given(weighed, dosed)
def test_what_was_understood_reads_as_the_same_again(weight: str, dose: str) -> None:
    talk = begin(f"{weight}, {dose}", TODAY)
    again = read(understood({"talk": talk.as_dict()}), TODAY)
    assert again.weights == talk.said.weights
    assert again.mg_per_day == talk.said.mg_per_day
    assert again.periods == talk.said.periods


@settings(deadline=None)
@given(weighed, dosed)
def test_the_sum_that_is_printed_reads_as_the_same_weight_and_dose(weight: str, dose: str) -> None:
    said = read(f"{weight}, {dose}", TODAY)
    found = figures(f"{weight}, {dose}")
    printed = result_text(found, said.periods, None).split("That is ")[0]
    again = read(printed, TODAY)
    assert len(again.weights) == 1
    assert abs(again.weights[0].kg - found.weight.kg) <= HALF_A_TENTH
    assert again.mg_per_day == found.mg_per_day


@settings(deadline=None)
@given(kilograms, st.decimals(min_value=Decimal("0.1"), max_value=2, places=2))
def test_a_rate_that_is_printed_reads_as_the_same_rate(weight: Decimal, rate: Decimal) -> None:
    found = figures(f"{plain(weight)} kg, {plain(rate)} mg/kg")
    again = read(result_text(found, (), None).split("That is ")[0], TODAY)
    assert found.given_rate
    assert (again.mg_per_kg_day, again.weights[-1].kg) == (rate, weight)


def survives(message: str) -> None:
    """Read and judge a message, and all that follows from it."""
    said = read(message, TODAY)
    for confirmed in (False, True):
        found = judge(said, confirmed=confirmed)
        assert isinstance(found, Ask | Refused | Figures)
        assert as_result(found)["status"] in ("ask", "refused", "calculated")
        if isinstance(found, Figures):
            for mode in (Mode.FULL, Mode.TABLE):
                assert result_text(found, said.periods, None, mode)
    assert Said.from_dict(json.loads(json.dumps(said.as_dict()))) == said


@settings(max_examples=300, deadline=None)
@given(st.text())
def test_any_text_is_read_and_judged(message: str) -> None:
    survives(message)


PIECES = (
    "70", "0", "-5", "1,200", "70,5", ".5", "½", "9" * 30, "kg", "lb", "st", "stone", "mg", "mcg", "g", "mg/kg", "%",
    "x", "*", "/", "-", "+", "to", "for", "at", "and", "then", "days", "weeks", "months", "years", "fortnights",
    "a", "one", "half", "missed", "since", "from", "until", "1 March", "31/02/2026", "2026-02-30", "29 Feb", "May",
    "now", "today", "every other day", "twice a day", "mon", "fri", "weekends", "capsules", "boxes of", "target",
    "so far", "left", "age", "years old", "my son", "pregnant", "not", "5'8", "172 cm", ",", ".", "?", "\n",
    "absorica ld",
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=14), st.sampled_from((" ", "")))
def test_any_words_of_a_sum_are_read_and_judged(pieces: list[str], between: str) -> None:
    survives(between.join(pieces))


talks = st.sampled_from(
    ["40 mg, mg per kg?", "I weigh 70", "60 kg or 82 kg?", "32 kg", "my son is 38 kg", "60 kg, 20 mg, 30 mg",
     "70 kg, 40 mg", "60 kg, how many days left to my target?", "60 kg, on it for 90 days, how much so far?"]
)  # fmt: skip


@settings(deadline=None)
@given(talks, st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=6).map(" ".join)))
def test_any_reply_is_taken_or_left(first: str, message: str) -> None:
    _, talk = outcome_of(begin(first, TODAY))
    following = go_on(talk, message, TODAY)
    if following is not None:
        outcome, then = outcome_of(following)
        assert isinstance(outcome, Ask | Refused | Figures)
        assert Talk.from_dict(json.loads(json.dumps(then.as_dict()))) == then


decimals = st.decimals(min_value=Decimal("0.001"), max_value=10_000, places=8)
fractions = st.fractions(min_value=0, max_value=10_000)
said = st.builds(
    Said,
    weights=st.lists(st.builds(Weight, decimals, st.text(), st.sampled_from(Unit)), max_size=3).map(tuple),
    weight_number=st.none() | decimals,
    mg_per_day=st.none() | fractions,
    mg_per_kg_day=st.none() | decimals,
    periods=st.lists(st.builds(Period, fractions, st.integers(min_value=0, max_value=9999)), max_size=3).map(tuple),
    mg_taken=st.none() | fractions,
    target_mg_per_kg=st.none() | decimals,
    target_mg=st.none() | decimals,
    wants_target=st.booleans(),
    age=st.none() | st.integers(min_value=0, max_value=120),
    of_a_child=st.booleans(),
    product=st.none() | st.sampled_from(Product),
    mixed_products=st.booleans(),
    wishes=st.lists(st.sampled_from(Wish), max_size=3).map(tuple),
    refusals=st.lists(st.sampled_from(Refusal), max_size=3).map(tuple),
    problems=st.lists(st.sampled_from(Problem), max_size=3).map(tuple),
    weight_changed=st.booleans(),
    numbers=st.lists(decimals, max_size=3).map(tuple),
    days_only=st.integers(min_value=0, max_value=9999),
    unclear=st.booleans(),
)


@settings(deadline=None)
@given(said)
def test_what_was_said_survives_json(said: Said) -> None:
    assert Said.from_dict(json.loads(json.dumps(said.as_dict()))) == said


@settings(deadline=None)
@given(
    st.builds(Talk, said, st.none() | st.sampled_from(Missing), st.booleans(), st.integers(min_value=0, max_value=9))
)
def test_a_talk_survives_json(talk: Talk) -> None:
    assert Talk.from_dict(json.loads(json.dumps(talk.as_dict()))) == talk


@settings(deadline=None)
@given(said, st.booleans())
def test_anything_that_was_said_is_judged(said: Said, confirmed: bool) -> None:
    found = judge(said, confirmed=confirmed)
    assert isinstance(found, Ask | Refused | Figures)
    if {Refusal.PREGNANCY, Refusal.BREASTFEEDING}.intersection(said.refusals) or (said.age or 12) < 12:
        assert isinstance(found, Refused)
    if not said.weights:
        assert not isinstance(found, Figures)
