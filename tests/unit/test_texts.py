"""The checks that every patient text must pass can fail, and fail for the right reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isobot.content import texts


@pytest.mark.parametrize(
    "text",
    [
        "It is completely safe.",
        "Don't worry about it.",
        "This is normal.",
        "You can stop in two weeks.",
        "This will cure your acne.",
        "Your dose should be higher.",
        "Take 40 mg a day.",
        "There is no need to call your doctor.",
        "It is a reset button for your skin.",
        "Double your dose tomorrow.",
        "You probably have hepatitis.",
    ],
)
def test_wording_that_promises_diagnoses_or_doses_is_refused(text: str) -> None:
    assert texts.banned_phrases(text)


@pytest.mark.parametrize(
    "text",
    [
        "The leaflet says to stop the capsules and call your doctor today.",
        "You don't have to fast.",
        "If you have any questions, ask your pharmacist.",
        "Please tell your prescriber about any other condition.",
    ],
)
def test_plain_advice_is_not_refused(text: str) -> None:
    assert texts.banned_phrases(text) == []


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("The usual dose is 0.5 to 1 mg per kg a day.", 1.0),
        ("Up to 2 mg/kg per day in some adults.", 2.0),
        ("They take 120-150 mg/kg each day.", 150.0),
        ("A common total is 120 to 150 mg per kg over the whole course.", None),
        ("It is taken twice a day.", None),
    ],
)
def test_daily_doses_are_told_from_totals(text: str, rate: float | None) -> None:
    assert texts.highest_daily_rate_mg_per_kg(text) == rate


def test_a_daily_dose_above_every_label_is_a_problem() -> None:
    assert any("daily dose" in p for p in texts.problems("People take 3 mg per kg a day."))


def test_the_medicines_names_do_not_make_a_text_hard() -> None:
    assert texts.reading_grade("You take isotretinoin with food.") == texts.reading_grade("You take drug with food.")


def test_long_words_and_sentences_are_too_hard() -> None:
    hard = "Concomitant administration necessitates individualized multidisciplinary pharmacological consideration."
    assert any("grade" in p for p in texts.problems(hard))


def test_a_text_message_counts_extended_characters_twice() -> None:
    assert texts.gsm7_units("a€") == 3
    assert texts.gsm7_units("smile 😀") is None
    assert any("306" in p for p in texts.problems("go " * 103, sms=True))


@given(st.text(alphabet="abc xyz.,", max_size=400))
def test_units_of_plain_text_are_its_length(text: str) -> None:
    assert texts.gsm7_units(text) == len(text)
