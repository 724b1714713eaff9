"""What people and attackers send is cleaned without losing their words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isobot.channels.message import MAX_CHARACTERS, clean


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("can I drink?", "can I drink?"),
        ("/greet", "greet"),
        ('/alcohol.can_i_drink{"country": "US"}', 'alcohol.can_i_drink{"country": "US"}'),
        (" // /restart", "restart"),
        ("<b>can I drink?</b>", "can I drink?"),
        ("<script>alert(1)</script>lips", "alert(1) lips"),
        ("is 3 < 4 and 5 > 2?", "is 3 < 4 and 5 > 2?"),
        ("dry\x00 lips\x07", "dry lips"),
        ("don\u2019t know", "don't know"),
        ("\ud800 half a pair", "half a pair"),
        ("first\r\nsecond", "first\nsecond"),
        ("&lt;b&gt;bold", "bold"),
        ("   ", ""),
    ],
)
def test_clean(sent: str, read: str) -> None:
    assert clean(sent) == read


@given(st.text(max_size=300))
def test_nothing_that_is_cleaned_can_be_a_command(text: str) -> None:
    assert not clean(text).startswith("/")
    assert clean(clean(text)).lstrip("/ ") == clean(clean(text))


def test_a_flood_is_cut() -> None:
    assert len(clean("a" * (MAX_CHARACTERS * 2))) == MAX_CHARACTERS
