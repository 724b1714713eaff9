"""Yes, no, not sure and stop, as people write them."""

from __future__ import annotations

import pytest

from isobot.dialogue.replies import stops, yes_no


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("Yes", "yes"),
        ("yeah it does", "yes"),
        ("Yup!", "yes"),
        ("it is", "yes"),
        ("no", "no"),
        ("nope, nothing", "no"),
        ("it doesn’t", "no"),
        ("it does not", "no"),
        ("i don't think so", "no"),
        ("not yet", "no"),
        ("not sure", "unsure"),
        ("I don't know", "unsure"),
        ("idk", "unsure"),
        ("maybe?", "unsure"),
        ("can I drink alcohol?", None),
        ("no periods for three months now, am I pregnant", None),
        ("yesterday", None),
        ("nobody told me", None),
        ("", None),
    ],
)
def test_yes_no(text: str, reply: str | None) -> None:
    assert yes_no(text) == reply


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("stop", True),
        ("never mind", True),
        ("forget it", True),
        ("stop bleeding how", False),
        ("can I stop taking it", False),
    ],
)
def test_stops(text: str, left: bool) -> None:
    assert stops(text) is left
