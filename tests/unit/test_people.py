"""Who a message is about."""

from __future__ import annotations

import pytest

from isobot.safety.detector import detector
from isobot.safety.people import is_about_another, takes_it, under_18


@pytest.mark.parametrize(
    "text",
    ["im 14 and sad", "I'm 16", "my son, 15, is on it", "my 17 year old", "15yo here", "she's only 13", "year 10"],
)
def test_under_18(text: str) -> None:
    assert under_18(text)


@pytest.mark.parametrize(
    "text",
    ["I'm 40 mg a day", "im 23", "for 16 weeks", "20 year old male", "i am 60kg", "10 years ago", "it is 12 weeks"],
)
def test_not_under_18(text: str) -> None:
    assert not under_18(text)


@pytest.mark.parametrize(
    ("text", "takes"),
    [
        ("my mate collapsed, he's on roaccutane", True),
        ("my brother takes accutane and hears voices", True),
        ("my sister is pregnant and I take accutane", False),
        ("my friend got sad, I'm on accutane", False),
        ("my cousin had it in 2015", False),
    ],
)
def test_a_relative_counts_when_they_take_the_medicine(text: str, takes: bool) -> None:
    assert takes_it(detector().words.sentences(text)) is takes


def test_a_helper_writes() -> None:
    assert is_about_another(detector().words.sentences("my son has a rash"))
    assert not is_about_another(detector().words.sentences("I have a rash"))
