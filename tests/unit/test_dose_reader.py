"""What a message says about weight, doses, days, ages and targets, in many people's wordings."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from isobot.dose.reader import read
from isobot.dose.said import Said, Unit

TODAY = date(2026, 11, 24)


def said(message: str) -> Said:
    return read(message, TODAY)


def fields(message: str) -> dict[str, Any]:
    """All that is not empty; weights in kg with one decimal more than shown, periods as "mg x days"."""
    found = said(message).as_dict()
    if "weights" in found:
        found["weights"] = [f"{Decimal(w['kg']):.2f}" for w in found["weights"]]
    if "periods" in found:
        found["periods"] = [f"{p['mg_per_day']} x {p['days']}" for p in found["periods"]]
    return found


def weighing(kg: str, **others: Any) -> dict[str, Any]:
    return {"weights": [kg], **others}


@pytest.mark.parametrize(
    ("message", "kg", "unit"),
    [
        ("My weight is 64 kg.", "64.00", Unit.KG),
        ("I weigh 64.5 kilos", "64.50", Unit.KG),
        ("weighing in at 58,4 kg these days", "58.40", Unit.KG),
        ("eighty-two kilograms", "82.00", Unit.KG),
        ("a hundred and five kg", "105.00", Unit.KG),
        ("73kgs", "73.00", Unit.KG),
        ("70 killos", "70.00", Unit.KG),
        ("5 ft 7 and 61 kg", "61.00", Unit.KG),
        ("1.75 m, 70 kg", "70.00", Unit.KG),
        ("I'm 143 lbs", "64.86", Unit.LB),
        ("around 200 pounds", "90.72", Unit.LB),
        ("one hundred and fifty pounds", "68.04", Unit.LB),
        ("132lb 8oz on the scale", "60.10", Unit.LB),
        ("165# on the scale", "74.84", Unit.LB),
        ("I am 9 stone", "57.15", Unit.STONE),
        ("9 st 7", "60.33", Unit.STONE),
        ("9st7lb", "60.33", Unit.STONE),
        ("nine stone seven pounds", "60.33", Unit.STONE),
        ("11st4", "71.67", Unit.STONE),
        ("12.5 stone", "79.38", Unit.STONE),
        ("ten and a half stone", "66.68", Unit.STONE),
        ("8 stone 13.5 lb", "56.93", Unit.STONE),
        ("5'8\" and 11 stone", "69.85", Unit.STONE),
    ],
)
def test_a_weight_is_read_in_its_unit(message: str, kg: str, unit: Unit) -> None:
    assert fields(message) == weighing(kg)
    assert said(message).weights[0].unit is unit


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("70", {"numbers": ["70"]}),
        ("seventy", {"numbers": ["70"]}),
        ("I weigh 70", {"weight_number": "70"}),
        ("I weigh 150, on 40 mg", {"weight_number": "150", "mg_per_day": "40"}),
        ("70 mg", {"mg_per_day": "70"}),
    ],
)
def test_a_number_without_a_unit_is_no_weight(message: str, expected: dict[str, Any]) -> None:
    assert fields(message) == expected


@pytest.mark.parametrize(
    ("message", "problem"),
    [
        ("I'm 172 cm tall", "height"),
        ("5'8 or 172cm", "height"),
        ("my height is 5 ft 8", "height"),
        ("11 st 16 lb", "stone_pounds"),
        ("-70 kg", "not_positive"),
        ("minus 70 kg", "not_positive"),
        ("0 kg", "not_positive"),
        ("1,200 kg", "separator"),
        ("1,200 lb", "separator"),
        ("70000 g", "grams"),
        ("11'4 st", "stone_pounds"),
    ],
)
def test_what_can_be_no_weight_is_a_problem(message: str, problem: str) -> None:
    assert fields(message) == {"problems": [problem]}


@pytest.mark.parametrize(
    ("message", "mg"),
    [
        ("I swallow 40 mg every day", "40"),
        ("80 mg/day", "80"),
        ("thirty milligrams once daily", "30"),
        ("2 x 20 mg capsules daily", "40"),
        ("two 20 mg capsules a day", "40"),
        ("three 10mg tablets each day", "30"),
        ("20 mg twice a day", "40"),
        ("20 mg bd", "40"),
        ("10 mg three times a day", "30"),
        ("20 mg in the morning and 40 mg at night", "60"),
        ("40 mg at breakfast, 20 mg with dinner", "60"),
        ("one 20 mg capsule a day", "20"),
        ("17.5 mg a day", "35/2"),
        ("a 20 and a 10 every day", "30"),
    ],
)
def test_a_daily_dose_is_read(message: str, mg: str) -> None:
    assert fields(f"70 kg, {message}") == weighing("70.00", mg_per_day=mg)


@pytest.mark.parametrize(
    ("message", "mg"),
    [
        ("30 mg every other day", "15"),
        ("20 mg on alternate days", "10"),
        ("40 mg eod", "20"),
        ("20 mg one day, 40 mg the next", "30"),
        ("one day 20 mg, next day 40 mg", "30"),
        ("alternating 20 and 40 mg", "30"),
        ("20 mg even days 40 mg odd days", "30"),
        ("2 days of 20 mg, one day of 40 mg", "80/3"),
        ("30 mg every third day", "10"),
        ("20 mg three times a week", "60/7"),
        ("10 mg once a week", "10/7"),
        ("40 mg monday to friday", "200/7"),
        ("40 mg on weekdays and 20 mg at weekends", "240/7"),
    ],
)
def test_a_dose_that_alternates_is_averaged(message: str, mg: str) -> None:
    assert fields(f"60 kg, {message}") == weighing("60.00", mg_per_day=mg)


@pytest.mark.parametrize(
    ("message", "rate"),
    [
        ("0.5 mg/kg", "0.5"),
        ("0,8 mg/kg", "0.8"),
        ("0.75 mg per kilo", "0.75"),
        ("1 mg/kg/day", "1"),
        ("half a mg per kg", "0.5"),
        ("2mg/kg please", "2"),
    ],
)
def test_a_rate_is_read(message: str, rate: str) -> None:
    assert fields(f"54 kg, {message}") == weighing("54.00", mg_per_kg_day=rate)


@pytest.mark.parametrize(
    ("message", "periods"),
    [
        ("40 mg for 90 days", ["40 x 90"]),
        ("90 days at 40 mg", ["40 x 90"]),
        ("20 mg for 30 days, then 40 mg for 60 days", ["20 x 30", "40 x 60"]),
        ("20x30, 40x30, 60x60", ["20 x 30", "40 x 30", "60 x 60"]),
        ("30 mg for 4 weeks then 60 mg for 12 weeks", ["30 x 28", "60 x 84"]),
        ("20 mg for two months and 40 mg for three months", ["20 x 61", "40 x 92"]),
        ("40 mg for a fortnight", ["40 x 14"]),
        ("40 mg for half a year", ["40 x 184"]),
        ("I am on day 45 of 40 mg", ["40 x 45"]),
        ("40 mg from 1 March to 31 May", ["40 x 92"]),
    ],
)
def test_doses_and_days_become_periods(message: str, periods: list[str]) -> None:
    last = periods[-1].split()[0]
    assert fields(f"{message}, I weigh 70 kg") == weighing("70.00", periods=periods, mg_per_day=last)


@pytest.mark.parametrize(
    ("message", "periods"),
    [
        ("40 mg since 1 September, 70 kg, how much have I had so far", ["40 x 85"]),
        ("70 kg, 40mg a day, 13 weeks so far", ["40 x 91"]),
        ("started 20 mg on 1 October, 40 mg from 1 November, 70 kg, total so far?", ["20 x 31", "40 x 24"]),
        ("a couple of weeks on 20 mg, 70 kg, total so far", ["20 x 14"]),
    ],
)
def test_the_sum_so_far_is_asked_for(message: str, periods: list[str]) -> None:
    found = fields(message)
    assert found["periods"] == periods
    assert "taken" in found["wishes"]


def test_days_without_a_dose_wait_for_one() -> None:
    found = fields("I have been on it for 90 days, 60 kg, how much have I taken so far?")
    assert found == weighing("60.00", wishes=["had", "taken"], days_only=90)


@pytest.mark.parametrize(
    ("message", "mg"),
    [
        ("had 30 capsules of 20 mg so far, 60 kg", "600"),
        ("2 boxes of 30 capsules of 20 mg in total, 60 kg", "1200"),
        ("60 kg. I've had 3600 mg so far", "3600"),
    ],
)
def test_a_total_may_be_counted_in_capsules_or_told(message: str, mg: str) -> None:
    assert fields(message)["mg_taken"] == mg
    assert said(message).mg_per_day is None


@pytest.mark.parametrize(
    ("message", "days"),
    [
        ("40 mg for 100 days, missed 7 days", 93),
        ("40 mg for 100 days but I skipped 7 doses", 93),
        ("40 mg for 10 weeks, forgot 3 of them", 67),
        ("40 mg x 100 days, 7 missed", 93),
        ("40 mg for four months, missed two weeks", 109),
    ],
)
def test_missed_days_are_taken_off(message: str, days: int) -> None:
    assert fields(f"{message}, 75 kg") == weighing("75.00", mg_per_day="40", periods=[f"40 x {days}"])


@pytest.mark.parametrize(
    ("message", "problem"),
    [
        ("40 mg for 10 days, missed 12 days", "missed_too_many"),
        ("40 mg for 10 days, missed 10 days", "missed_too_many"),
        ("40 mg for 800 days", "too_long"),
        ("40 mg for 400 days, then 20 mg for 331 days", "too_long"),
        ("40 mg for -5 days", "not_positive"),
        ("40 mg for 0 days", "not_positive"),
        ("-20 mg", "not_positive"),
        ("40 mcg daily", "micrograms"),
    ],
)
def test_days_and_doses_that_cannot_be_are_problems(message: str, problem: str) -> None:
    assert fields(f"75 kg, {message}")["problems"] == [problem]


def test_seven_hundred_and_thirty_days_are_no_problem() -> None:
    assert said("75 kg, 40 mg for 730 days").problems == ()


@pytest.mark.parametrize(
    ("message", "age"),
    [
        ("aged 16, 45 kg", 16),
        ("45 kg, 16 years old", 16),
        ("45 kg, 16 yo", 16),
        ("I'm 17, 45 kg", 17),
        ("45 kg, age: 11", 11),
        ("my daughter is 15, 45 kg", 15),
        ("my son is 9, he weighs 45 kg", 9),
        ("16f 45 kg", 16),
        ("I am twenty one years old, 45 kg", 21),
    ],
)
def test_an_age_is_read_and_is_no_dose(message: str, age: int) -> None:
    assert fields(message) == weighing("45.00", age=age)


def test_a_child_may_be_spoken_of_without_an_age() -> None:
    assert fields("my son weighs 38 kg") == weighing("38.00", of_a_child=True)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("my doctor's target is 120 mg/kg, 65 kg", weighing("65.00", target_mg_per_kg="120", wishes=["course"])),
        ("aiming for 150, 65 kg, 40 mg", weighing("65.00", target_mg_per_kg="150", mg_per_day="40")),
        ("65 kg. my goal is 135 mg per kg", weighing("65.00", target_mg_per_kg="135")),
        ("65 kg, target of 9000 mg", weighing("65.00", target_mg="9000")),
        ("65 kg, my target is set but I lost the note", weighing("65.00", wants_target=True)),
        ("120 to 150 mg/kg at 65 kg", weighing("65.00", wishes=["course"])),
    ],
)
def test_a_target_is_read_where_it_is_named(message: str, expected: dict[str, Any]) -> None:
    assert fields(message) == expected


@pytest.mark.parametrize(
    ("message", "kg"),
    [
        ("80 kg, sorry, 78 kg", "78.00"),
        ("78 kg... actually 76 kg", "76.00"),
        ("70 kg, no wait, 72 kg", "72.00"),
        ("I weigh 70 pounds, I mean 70 kg", "70.00"),
    ],
)
def test_a_corrected_weight_counts(message: str, kg: str) -> None:
    assert fields(message) == weighing(kg)


@pytest.mark.parametrize(
    ("message", "kg", "changed"),
    [
        ("either 150 or 160 lb", ["68.04", "72.57"], False),
        ("60 kg or 82 kg?", ["60.00", "82.00"], False),
        ("I was 80 kg, now I am 74 kg", ["80.00", "74.00"], True),
        ("I used to weigh 95 kg and now 88 kg", ["95.00", "88.00"], True),
        ("70 kg (154 lb)", ["70.00"], False),
        ("my brother is 90 kg and I'm 65 kg", ["65.00"], False),
        ("I weigh 60 kg, my friend weighs 82 kg", ["60.00"], False),
        ("I bench 100 kg and weigh 72 kg", ["72.00"], False),
    ],
)
def test_of_two_weights_the_ones_that_count_are_kept(message: str, kg: list[str], changed: bool) -> None:
    found = fields(message)
    assert found.pop("weight_changed", False) is changed
    assert found == {"weights": kg}


@pytest.mark.parametrize(
    ("message", "unclear"),
    [("60 kg, 20 mg, 30 mg", True), ("60 kg, 20 mg before, now 30 mg", False), ("60 kg, 20 mg", False)],
)
def test_two_doses_are_unclear_unless_one_is_the_present_one(message: str, unclear: bool) -> None:
    assert said(message).unclear is unclear


def test_capsules_that_were_prescribed_are_no_total() -> None:
    found = fields("prescribed 30 capsules of 20 mg, 60 kg, what is that per kg")
    assert found["unclear"] is True
    assert "mg_taken" not in found


@pytest.mark.parametrize(
    ("message", "product", "mixed"),
    [
        ("Absorica LD 32 mg, 50 kg", "absorica_ld", False),
        ("claravis 40 mg daily, 50 kg", "ordinary", False),
        ("Absorica 40 mg daily, 50 kg", "ordinary", False),
        ("Absorica LD 32 mg for 30 days then claravis 40 mg for 30 days, 70 kg", "ordinary", True),
        ("40 mg daily, 50 kg", None, False),
    ],
)
def test_the_product_is_read(message: str, product: str | None, mixed: bool) -> None:
    assert (said(message).product, said(message).mixed_products) == (product, mixed)


@pytest.mark.parametrize(
    ("message", "wishes", "refusals"),
    [
        ("what dose should I take at 70 kg", ["choice"], ["no_prescriber"]),
        ("which is better 40 or 60 for me, 70 kg", ["choice"], ["no_prescriber"]),
        ("can I go up to 60 mg, 70 kg", ["choice"], ["no_prescriber"]),
        ("I missed a week, tell me how to double up to reach 150", ["catch_up"], ["no_prescriber"]),
        ("99 lb, pregnant", [], ["pregnancy"]),
        ("I am breastfeeding, 60 kg, 40 mg", [], ["breastfeeding"]),
        ("I'm not pregnant, 60 kg, 40 mg", [], []),
        ("my dog weighs 30 kg and takes 20 mg", [], ["not_human"]),
        ("doxycycline 100 mg a day at 70 kg", [], ["other_drug"]),
        ("bought it online, 70 kg, 40 mg", [], ["no_prescriber"]),
        ("60 kg, 40 mg a day, how many days left", ["left"], []),
        ("60 kg, 40 mg a day, is that within the label?", [], []),
    ],
)
def test_wishes_and_refusals_are_read(message: str, wishes: list[str], refusals: list[str]) -> None:
    assert (list(said(message).wishes), list(said(message).refusals)) == (wishes, refusals)


@pytest.mark.parametrize("message", ["", "   ", "hello there", "what helps dry lips", "???", "\n\n"])
def test_a_message_without_quantities_says_nothing(message: str) -> None:
    assert said(message) == Said()


def test_what_was_said_is_kept_for_repeating_it() -> None:
    assert said("I weigh Eleven stone 4 lb").weights[0].words == "11 stone 4 lb"


@pytest.mark.parametrize(
    "message",
    [
        "I had 20 mg for 30 days. Then 40 mg for 60 days. 60 mg was mentioned, too. I'm 70 kg, total so far?",
        "70 kg, 40 mg for a while, then 60 mg for 56 days, total so far?",
        "70 kg, 20 mg for 30 days, 40 mg for 60 days, missed 5 days, total so far?",
        "My sister had 9000 mg on her course. I've had 40 mg for 99 days, 61 kg, how much so far?",
    ],
)
def test_a_total_out_of_a_story_is_read_back(message: str) -> None:
    assert said(message).read_back


@pytest.mark.parametrize(
    "message",
    [
        "70 kg, 40 mg for 90 days, total so far?",
        "I'm 70 kg. I had 20 mg for 30 days, then 40 mg for 60 days, still on 40. How much so far?",
        "52 kg, 20 mg for 60 days, 30 mg for 45 days, and now I'm on 40 mg a day, how much so far?",
        "75 kg, 40 mg for 100 days but missed 7, total?",
        "I was 80 kg. Now I'm 74 kg on 40 mg a day.",
        "I'm 65 kg and had 40 mg a day for 90 days. I still take 40 mg a day. How much so far?",
    ],
)
def test_a_plain_list_is_not_read_back(message: str) -> None:
    assert not said(message).read_back


@pytest.mark.parametrize(
    ("message", "unclear"),
    [
        ("Lost 5 kg, down to 66 kg. 40 mg a day, mg/kg?", False),
        ("I lost 6 kg and now weigh 70 kg. 35 mg a day, mg per kg?", False),
        ("put on 4 kg since spring, so 59 kg now, 25 mg a day", False),
        ("I was 80 kg, lost 5 kg, 40 mg", True),
        ("lost 5 kg, now 66 kg, and my sister lost 3 kg, 40 mg", True),
        ("40 mg a day instead of the 20 mg I was on, 60 kg", False),
        ("I used to take 60 mg, it's 20 mg a day, 75 kg", False),
        ("20 mg or 40 mg, 75 kg", True),
    ],
)
def test_a_change_is_clear_where_its_outcome_is_told(message: str, unclear: bool) -> None:
    found = said(message)
    assert found.unclear is unclear
    assert len(found.weights) == 1


@pytest.mark.parametrize(
    ("message", "problem"),
    [
        ("58 kg, 30 mg a day, commenced 7 September 2026, cumulative dose to date?", "unclear_days"),
        ("59 kg, 30 mg a day since 15/08, missed 3 days in June, how much so far?", "unclear_days"),
        ("63 kg, 30 days at 40 mg. Second bottle, same. How much so far?", "unclear_days"),
        ("71 kg, most days 40 mg, for 90 days, total so far?", "unclear_days"),
        ("box says 20mg. I take two with dinner. 71 kg, mg per kg?", "unread"),
    ],
)
def test_what_is_told_but_not_read_is_asked_back(message: str, problem: str) -> None:
    assert problem in fields(message).get("problems", ())


def test_several_a_day_of_a_strength_that_is_not_told_are_not_clear() -> None:
    assert said("70 kg, he put me on two a day, mg/kg?").unclear
