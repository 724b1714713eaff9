"""Number words, fractions and decimal commas become digits; other words stay as they are."""

from __future__ import annotations

import pytest

from isobot.dose.numbers import in_digits


@pytest.mark.parametrize(
    ("message", "digits"),
    [
        ("seventy kilos", "70 kilos"),
        ("Seventy-Two Kilos", "72 kilos"),
        ("sixty two point five", "62.5"),
        ("ninety nine", "99"),
        ("forty milligrams", "40 milligrams"),
        ("eleven stone four", "11 stone 4"),
        ("eighty to ninety kilos", "80 to 90 kilos"),
        ("a hundred kilos", "100 kilos"),
        ("a hundred and ten pounds", "110 pounds"),
        ("one hundred and fifty pounds", "150 pounds"),
        ("two hundred and twenty lbs", "220 lbs"),
        ("hundred and one pounds", "101 pounds"),
        ("a couple of weeks", "2 weeks"),
        ("a dozen capsules", "12 capsules"),
        ("two twenties and three tens", "2 20s and 3 10s"),
        ("I am twenty one years old", "i am 21 years old"),
    ],
)
def test_number_words_become_digits(message: str, digits: str) -> None:
    assert in_digits(message) == digits


@pytest.mark.parametrize(
    ("message", "digits"),
    [
        ("seventy and a half kilos", "70.5 kilos"),
        ("eleven and a half stone", "11.5 stone"),
        ("two and a half months", "2.5 months"),
        ("six months and a half", "6.5 months"),
        ("3 years and a half", "3.5 years"),
        ("a month and a half", "1.5 months"),
        ("a week and a half", "1.5 weeks"),
        ("half a mg", "0.5 mg"),
        ("half a milligram per kilo", "0.5 milligram per kilo"),
        ("half mg", "0.5 mg"),
        ("half a year", "0.5 year"),
        ("½ mg", "0.5 mg"),
        ("70½ kg", "70.5 kg"),
        ("70 ½ kg", "70.5 kg"),
        ("¾ stone", "0.75 stone"),
        ("¼ mg", "0.25 mg"),
        (".5 mg/kg", "0.5 mg/kg"),
        ("nought point five mg per kg", "0.5 mg per kg"),
        ("oh point eight", "0.8"),
        ("point five mg per kilo", "0.5 mg per kilo"),
    ],
)
def test_fractions_become_decimals(message: str, digits: str) -> None:
    assert in_digits(message) == digits


@pytest.mark.parametrize(
    ("message", "digits"),
    [
        ("70,5 kg", "70.5 kg"),
        ("67,25 kg", "67.25 kg"),
        ("0,5 mg/kg", "0.5 mg/kg"),
        ("I weigh 112,4 lb, he 80,5", "i weigh 112.4 lb, he 80.5"),
    ],
)
def test_a_decimal_comma_becomes_a_point(message: str, digits: str) -> None:
    assert in_digits(message) == digits


@pytest.mark.parametrize(
    "message",
    [
        "one day",
        "one day i will",
        "no one told me",
        "someone",
        "one of the capsules",
        "one capsule",
        "the first week",
        "second dose",
        "half an hour",
        "half dose",
        "1,200 kg",
        "1,2,3",
        "70, 40 mg",
        "i weigh 70 , 5 foot 8",
        "11st 4",
        "60.5 kg",
        "",
        "nothing to read here",
    ],
)
def test_other_words_are_left_alone(message: str) -> None:
    assert in_digits(message) == message


@pytest.mark.parametrize(
    ("message", "folded"),
    [
        ("5’8", "5'8"),
        ("5′8″", "5'8\""),
        ("20 mg × 30", "20 mg x 30"),
        ("60–70 kg", "60-70 kg"),
        ("−70 kg", "-70 kg"),
        ("70\u00a0kg", "70 kg"),
    ],
)
def test_typographic_marks_become_plain_ones(message: str, folded: str) -> None:
    assert in_digits(message) == folded


def test_lines_are_kept_apart() -> None:
    assert in_digits("sixty kilos\nforty mg") == "60 kilos\n40 mg"


def test_a_text_with_digits_reads_the_same_again() -> None:
    once = in_digits("Seventy and a half kilos, two twenties, 0,5 mg")
    assert in_digits(once) == once == "70.5 kilos, 2 20s, 0.5 mg"
