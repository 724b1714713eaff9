"""A daily dose above every label, told with the body weight, is noticed in any message."""

import pytest

from isobot.dose.overdose import is_above_every_label


@pytest.mark.parametrize(
    "message",
    [
        "I took 200 mg today, 70 kg",
        "72 kg, 160 mg/day",
        "my dose is 150mg a day and I weigh 154 lb, lips so dry",
        "11 stone and on four 40mg capsules a day",
        "50 kg Absorica LD 90 mg a day",
        "I had 40 mg for 30 days. Then it went up to 200 mg a day, 20 days of that. I'm 70 kg, how much so far?",
    ],
)
def test_a_dose_above_every_label_is_noticed(message: str) -> None:
    assert is_above_every_label(message)


@pytest.mark.parametrize(
    "message",
    [
        "70 kg, 140 mg/day",
        "72 kg on 40 mg, is that a lot?",
        "I took 1000 mg paracetamol and weigh 70 kg",
        "what would 3 mg/kg be at 70 kg",
        "200 mg",
        "I weigh 70 kg",
        "my dog is 20 kg and got 100 mg",
        "",
    ],
)
def test_other_messages_are_left_alone(message: str) -> None:
    assert not is_above_every_label(message)
